using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>One batch of due memberships: claim, decide, commit, call, record.</summary>
/// <remarks>
/// <list type="number">
/// <item>Claim rows whose alarm has rung, as many as the rail has permits for. Their locks are held until the commit.</item>
/// <item><see cref="Decide"/> what is due; <see cref="ChargeDesk"/> says which charges may be made; intents (<c>requested</c>) and rows are committed in one transaction.</item>
/// <item>Call the rail and the notifier with no transaction open. A commit whose reply was lost is never followed by a call.</item>
/// <item>What was answered goes through <see cref="OutcomeDoor"/>, in a second transaction.</item>
/// </list>
/// A membership that cannot be decided is parked in a transaction of its own; the rest of its batch goes on. Of a frozen ledger only questions are
/// carried out.
/// </remarks>
internal sealed class Sweep(
    ISubscriptionLedger ledger, RegisteredGateways gateways, ErrandRunner runner, OutcomeDoor door, EngineClock clock, IOptions<EngineOptions> options,
    EngineMetrics metrics, EngineTraces traces, IFreeze freeze, ILogger<Sweep> logger)
{
    /// <summary>How long a membership of a frozen ledger is left alone that has no question: after the adoption it goes on by then.</summary>
    internal static readonly Duration FrozenLook = Duration.FromMinutes(30);

    private static readonly Duration LaterLook = Duration.FromMinutes(1);

    /// <summary>Sweeps one merchant account once.</summary>
    /// <returns>How many memberships were claimed; the batch size means there may be more.</returns>
    public async Task<int> RunAsync(MerchantAccount account, CancellationToken cancellation)
    {
        var gateway = gateways[account];
        if (!clock.MayClaim || gateway.FreePermits(options.Value.BatchSize) is not (> 0 and var permits))
            return 0;
        var claimed = await RunBatchAsync(gateway, Math.Min(permits, options.Value.BatchSize), cancellation);

        // The locks were held, so a refused commit means a row that contradicts its stream. Claimed one by one, it stops only itself.
        for (var alone = 0; claimed.Refused && alone < claimed.Ids.Count; alone++)
            await RunAloneAsync(gateway, cancellation);
        return claimed.Ids.Count;
    }

    private async Task RunAloneAsync(IPaymentGateway gateway, CancellationToken cancellation)
    {
        if (await RunBatchAsync(gateway, 1, cancellation) is not { Refused: true, Ids: [var first] })
            return;
        if (await RunBatchAsync(gateway, 1, cancellation) is { Refused: true, Ids: [var second] } && second == first)
            await door.ParkAsync(gateway.Account, first, new LedgerConflictException("The book's row and the stream contradict each other."), cancellation);
    }

    private async Task<Claimed> RunBatchAsync(IPaymentGateway gateway, int limit, CancellationToken cancellation)
    {
        var account = gateway.Account;
        var stamp = clock.Stamp();
        var traced = traces.Begin(account);
        var claimed = await ClaimAsync(gateway, limit, traced, cancellation);
        using var span = Trace(account, traced, claimed);
        foreach (var (id, fault) in claimed.Poisoned)
            await TryParkAsync(account, id, fault);
        if (claimed.Work.Count > 0)
        {
            // What was committed is carried out and recorded to its end, whoever gives up: the calls may take money.
            metrics.Errands(account, claimed.Work.Sum(w => w.Errands.Count));
            await RecordAsync(await runner.RunAsync(claimed.Work, stamp, CancellationToken.None), Carried(claimed.Work));
        }

        return claimed;
    }

    private Activity? Trace(MerchantAccount account, TracedTransaction? claim, Claimed claimed)
    {
        var span = traces.Sweep(account, claim, claimed.Ids.Count, claimed.Work);
        foreach (var (id, fault) in claimed.Poisoned)
            claim?.Poisoned(id, [], fault);
        claim?.End();
        if (claim?.Fault is { } failed)
            span?.Fail(failed, null);
        else if (claimed.Poisoned.Count > 0)
            span?.Fail("poisoned", null);
        return span;
    }

    // Almost always one account's. Where a membership was answered by the rails of several agreements, its duties are done with the last answer, if
    // those before were stored.
    private async Task RecordAsync(ILookup<MerchantAccount, Outcome> said, ILookup<SubscriptionId, Duty> carried)
    {
        var accounts = said.Select(group => group.Key).ToList();
        HashSet<SubscriptionId> open = [];
        for (var i = 0; i < accounts.Count; i++)
        {
            var unfinished = accounts[(i + 1)..].SelectMany(account => said[account]).Select(outcome => outcome.Subscription).Concat(open).ToHashSet();
            var done = unfinished.Count == 0 ? carried : Without(carried, unfinished);
            if (!await door.RecordAsync(accounts[i], [.. said[accounts[i]]], done, CancellationToken.None))
                open.UnionWith(said[accounts[i]].Select(outcome => outcome.Subscription));
        }
    }

    private static ILookup<SubscriptionId, Duty> Without(ILookup<SubscriptionId, Duty> carried, IReadOnlySet<SubscriptionId> ids) =>
        carried.Where(group => !ids.Contains(group.Key)).SelectMany(group => group.Select(duty => (group.Key, duty))).ToLookup(pair => pair.Key, pair => pair.duty);

    // The calls of the others are owed, also when one membership cannot even be parked.
    private async Task TryParkAsync(MerchantAccount account, SubscriptionId id, Exception fault)
    {
        try
        {
            await door.ParkAsync(account, id, fault, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            EngineLog.SweepFault(logger, e, account.ToString());
        }
    }

    private async Task<Claimed> ClaimAsync(IPaymentGateway gateway, int limit, TracedTransaction? traced, CancellationToken cancellation)
    {
        var now = clock.Now;
        await using var batch = await ledger.ClaimDueAsync(gateway.Account, now, limit, cancellation);
        if (batch.Rows.Count == 0)
            return new([], [], [], false);

        // Looked at with the rows in hand: a machine that stood still meanwhile may hold those of a ledger that was restored.
        var context = EngineClock.Context(now, gateway, options.Value) with { Frozen = await freeze.LookAsync(cancellation) is not null };
        var claimed = new Claimed([.. batch.Rows.Select(row => row.Id)], [], [], false);
        var agreements = await LoadEndingAgreementsAsync(batch, context.Now, cancellation);
        List<Woken> woken = [];
        claimed.Guard(batch.Rows, row => row.Id, row => woken.Add(Wake(row, agreements, context)));
        var asking = woken.Where(w => w.Charges).Select(w => w.Before).ToList();
        var charges = await ChargeDesk.AskAsync(batch, gateway.Account, asking, context.Now, options.Value, cancellation);
        var appended = 0;
        var share = new Share((int)Math.Ceiling(limit * options.Value.VerificationShare));
        claimed.Guard(woken, w => w.Before.Id, w =>
        {
            var decided = charges.Of(w.Before.Id) == Leave.Go ? w : w.Again(agreements, context);
            appended += Write(batch, decided, charges, context, claimed.Work, share);
            traced?.Decided(w.Before, decided.Decision.Events, context.Now);
        });
        charges.WriteTo(batch);

        return await TryCommitAsync(batch, gateway.Account, appended, traced, cancellation) switch
        {
            Committed.Yes => claimed,
            Committed.Refused => new(claimed.Ids, [], [], true),
            Committed.Unknown => new(claimed.Ids, [], [], false),
            _ => throw new InvalidOperationException("No such result of a commit."),
        };
    }

    private static Woken Wake(LockedRow row, IReadOnlyDictionary<AgreementId, Agreement> agreements, DecisionContext context)
    {
        var before = row.State ?? throw new InvalidOperationException("The membership cannot be read.", row.Fault);
        var decision = new RowDecision(before, agreements, context);
        decision.Wake();
        return new(before, decision);
    }

    /// <summary>Writes what was decided of one membership to the batch, and notes what is to be carried out.</summary>
    /// <returns>How many events were decided.</returns>
    private int Write(ILedgerBatch batch, Woken woken, ChargeDesk charges, DecisionContext context, List<Work> work, Share share)
    {
        var (before, decision) = woken;
        var errands = context.Frozen ? Errand.Questions(decision.State, context.Now) : Errand.After(decision.State, decision.Events, context.Now);
        var leave = charges.Of(before.Id);
        var duties = Duty.Of(decision.State).Where(duty => duty.Due <= context.Now && (duty.IsQuestion || !context.Frozen)).ToList();
        var waits = leave != Leave.Go && duties.RemoveAll(duty => duty.Kind == DutyKind.Charge) > 0;

        // What is charged at another account from now on is that account's to carry out.
        if (duties.Count > 0 && errands.Count == 0 && decision.State.Account == context.Account)
            throw new InvalidOperationException($"Duty {duties[0].Kind} is due and nothing comes of it.");
        if (errands.Count == 1 && decision.Events.Count == 0 && duties.All(duty => duty.MayWait(decision.State, context.Now)) && !share.Take())
        {
            decision.WriteTo(batch, before.Version, context.Now + LaterLook);
            return 0;
        }

        // Only the claim lays a charge aside that may not be made: no event, no other alarm, so that the fold knows nothing of it.
        decision.WriteTo(batch, before.Version, errands.Count > 0 ? context.Now + Duration.FromTimeSpan(options.Value.ClaimFor)
            : waits ? charges.LayAside(decision.State, leave)
            : context.Frozen ? context.Now + FrozenLook
            : null);
        if (errands.Count > 0)
            work.Add(new(decision.State, errands, duties));
        return decision.Events.Count;
    }

    private async Task<Committed> TryCommitAsync(ILedgerBatch batch, MerchantAccount account, int appended, TracedTransaction? traced, CancellationToken cancellation)
    {
        try
        {
            await batch.CommitAsync(cancellation);
            metrics.Events(account, appended);
            FuseAlarm.Sound(logger, batch.Blown);
            return Committed.Yes;
        }
        catch (LedgerConflictException e)
        {
            traced?.Failed(e);
            metrics.Fault(account, "conflict");
            EngineLog.Conflict(logger, e, account.ToString());
            return Committed.Refused;
        }
        catch (CommitUnknownException e)
        {
            traced?.Failed(e);
            metrics.Fault(account, "commit-unknown");
            EngineLog.CommitUnknown(logger, e, account.ToString());
            return Committed.Unknown;
        }
    }

    // Few rows end an agreement, at once or because an offer was not agreed to; only those read its stream.
    private static Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadEndingAgreementsAsync(
        ILedgerBatch batch, Instant now, CancellationToken cancellation)
    {
        var ids = batch.Rows.Select(row => row.State).OfType<Subscription>()
            .Where(s => Duty.Of(s).Any(duty => duty.Kind is DutyKind.Terminate or DutyKind.ConcludeOffer or DutyKind.LeaveAgreement && duty.Due <= now))
            .SelectMany(s => s.Backups.Select(backup => backup.Agreement.Id).Prepend(s.Agreement.Id)).ToList();
        return batch.LoadAgreementsAsync(ids, cancellation);
    }

    private static ILookup<SubscriptionId, Duty> Carried(IReadOnlyList<Work> work) =>
        work.SelectMany(w => w.Duties.Select(duty => (w.State.Id, duty))).ToLookup(pair => pair.Id, pair => pair.duty);

    /// <summary>How many looks at agreements a batch makes that nothing waits for yet.</summary>
    private sealed class Share(int left)
    {
        public bool Take() => left-- > 0;
    }

    private enum Committed
    {
        Yes,
        Refused,
        Unknown,
    }

    private sealed record Claimed(IReadOnlyList<SubscriptionId> Ids, List<Work> Work, List<(SubscriptionId Id, Exception Fault)> Poisoned, bool Refused)
    {
        /// <summary>Does something with each; what fails stops only its own membership.</summary>
        public void Guard<T>(IEnumerable<T> items, Func<T, SubscriptionId> idOf, Action<T> act)
        {
            foreach (var item in items)
            {
                try
                {
                    act(item);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Poisoned.Add((idOf(item), e));
                }
            }
        }
    }

    /// <summary>A membership and what its due duties came to.</summary>
    private sealed record Woken(Subscription Before, RowDecision Decision)
    {
        /// <summary>Whether it would be charged by the engine.</summary>
        public bool Charges => Decision.Events.Any(e => e is Requested { Authority: not ChargeAuthority.MemberPresent });

        /// <summary>The same, without a charge.</summary>
        public Woken Again(IReadOnlyDictionary<AgreementId, Agreement> agreements, DecisionContext context)
        {
            var decision = new RowDecision(Before, agreements, context with { MayCharge = false });
            decision.Wake();
            return this with { Decision = decision };
        }
    }
}

/// <summary>What a sweep carries out for one membership.</summary>
/// <param name="State">The membership as committed.</param>
/// <param name="Errands">The calls to make.</param>
/// <param name="Duties">The duties they fulfil, beside those the commit itself fulfilled.</param>
internal sealed record Work(Subscription State, IReadOnlyList<Errand> Errands, IReadOnlyList<Duty> Duties);
