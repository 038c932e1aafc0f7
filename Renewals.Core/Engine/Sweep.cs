using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>One batch of due memberships: claim, decide, commit, call, record.</summary>
/// <remarks>
/// <list type="number">
/// <item>Claim rows whose alarm has rung, as many as the rail has permits for. Their locks are held until the commit.</item>
/// <item><see cref="Decide"/> what is due; intents (<c>requested</c>) and rows are committed in one transaction.</item>
/// <item>Call the rail and the notifier with no transaction open. A commit whose reply was lost is never followed by a call.</item>
/// <item>What was answered goes through <see cref="OutcomeDoor"/>, in a second transaction.</item>
/// </list>
/// A membership that cannot be decided is parked in a transaction of its own; the rest of its batch goes on.
/// </remarks>
internal sealed class Sweep(
    ISubscriptionLedger ledger, RegisteredGateways gateways, ErrandRunner runner, OutcomeDoor door, EngineClock clock, IOptions<EngineOptions> options,
    EngineMetrics metrics, ILogger<Sweep> logger)
{
    /// <summary>Sweeps one merchant account once.</summary>
    /// <returns>How many memberships were claimed; the batch size means there may be more.</returns>
    public async Task<int> RunAsync(MerchantAccount account, CancellationToken cancellation)
    {
        var gateway = gateways[account];
        if (gateway.FreePermits(options.Value.BatchSize) is not (> 0 and var permits))
            return 0;
        var stamp = clock.Stamp();
        var (claimed, work, poisoned) = await ClaimAsync(gateway, permits, cancellation);
        foreach (var (id, fault) in poisoned)
            await door.ParkAsync(account, id, fault, cancellation);
        if (work.Count > 0)
        {
            metrics.Errands(account, work.Sum(w => w.Errands.Count));
            var outcomes = await runner.RunAsync(gateway, work, stamp, cancellation);
            await door.RecordAsync(account, outcomes, Carried(work), cancellation);
        }

        return claimed;
    }

    private async Task<(int Claimed, List<Work> Work, List<(SubscriptionId, Exception)> Poisoned)> ClaimAsync(
        IPaymentGateway gateway, int permits, CancellationToken cancellation)
    {
        var context = EngineClock.Context(clock.Now, gateway, options.Value);
        await using var batch = await ledger.ClaimDueAsync(gateway.Account, context.Now, Math.Min(permits, options.Value.BatchSize), cancellation);
        List<Work> work = [];
        List<(SubscriptionId, Exception)> poisoned = [];
        var appended = 0;
        var agreements = await LoadEndingAgreementsAsync(batch, context.Now, cancellation);
        foreach (var row in batch.Rows)
        {
            try
            {
                var decision = new RowDecision(row.State ?? throw new InvalidOperationException("The membership cannot be read.", row.Fault), agreements, context);
                decision.Wake();
                appended += decision.Events.Count;
                var errands = Errand.After(decision.State, decision.Events, context.Now);
                var duties = Duty.Of(decision.State).Where(duty => duty.Due <= context.Now).ToList();
                if (duties.Count > 0 && errands.Count == 0)
                    throw new InvalidOperationException($"Duty {duties[0].Kind} is due and nothing comes of it.");
                decision.WriteTo(batch, row.State.Version, errands.Count > 0 ? context.Now + Duration.FromTimeSpan(options.Value.ClaimFor) : null);
                if (errands.Count > 0)
                    work.Add(new(decision.State, errands, duties));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                poisoned.Add((row.Id, e));
            }
        }

        return await TryCommitAsync(batch, gateway.Account, appended, cancellation) ? (batch.Rows.Count, work, poisoned) : (batch.Rows.Count, [], []);
    }

    private async Task<bool> TryCommitAsync(ILedgerBatch batch, MerchantAccount account, int appended, CancellationToken cancellation)
    {
        try
        {
            await batch.CommitAsync(cancellation);
            metrics.Events(account, appended);
            return true;
        }
        catch (LedgerConflictException e)
        {
            metrics.Fault(account, "conflict");
            EngineLog.Conflict(logger, e, account.ToString());
        }
        catch (CommitUnknownException e)
        {
            metrics.Fault(account, "commit-unknown");
            EngineLog.CommitUnknown(logger, e, account.ToString());
        }

        return false;
    }

    // Few rows end an agreement; only those read its stream.
    private static Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadEndingAgreementsAsync(
        ILedgerBatch batch, Instant now, CancellationToken cancellation)
    {
        var ids = batch.Rows.Where(row => row.State is not null && Duty.Of(row.State).Any(duty => duty.Kind == DutyKind.Terminate && duty.Due <= now))
            .Select(row => row.State!.Agreement.Id).ToList();
        return batch.LoadAgreementsAsync(ids, cancellation);
    }

    private static ILookup<SubscriptionId, Duty> Carried(List<Work> work) =>
        work.SelectMany(w => w.Duties.Select(duty => (w.State.Id, duty))).ToLookup(pair => pair.Id, pair => pair.duty);
}

/// <summary>What a sweep carries out for one membership.</summary>
/// <param name="State">The membership as committed.</param>
/// <param name="Errands">The calls to make.</param>
/// <param name="Duties">The duties they fulfil, beside those the commit itself fulfilled.</param>
internal sealed record Work(Subscription State, IReadOnlyList<Errand> Errands, IReadOnlyList<Duty> Duties);
