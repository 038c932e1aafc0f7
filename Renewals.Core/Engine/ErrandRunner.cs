using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Makes the calls of a sweep, so many at once, and turns every answer into an outcome. No transaction is open meanwhile.</summary>
internal sealed class ErrandRunner(
    RegisteredGateways gateways, IAgreementVault vault, INotifier notifier, OldOrders old, EngineClock clock, IOptions<EngineOptions> options, EngineTraces traces,
    ILogger<ErrandRunner> logger)
{
    /// <summary>Carries out the errands of a batch.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="stamp">A point on the monotonic clock before the batch was decided: what is sent late counts from here.</param>
    /// <param name="cancellation">Given to the calls; giving up loses their answers.</param>
    /// <returns>What became known, by the account whose rail said it.</returns>
    public async Task<ILookup<MerchantAccount, Outcome>> RunAsync(IReadOnlyList<Work> work, long stamp, CancellationToken cancellation)
    {
        var (keys, unreadable) = await KeysAsync(work, cancellation);
        using var free = new SemaphoreSlim(options.Value.CallsAtOnce);
        var calls = work.SelectMany(w => w.Errands.Select(async errand =>
        {
            var (account, agreement) = errand.PlaceIn(w.State);
            if (gateways.Find(account) is not { } gateway)
                return (w.State.Account, new Call(gateways[w.State.Account], w.State, agreement, null, stamp).NotSent(errand, $"no gateway is registered for {account}"));
            var call = new Call(gateway, w.State, agreement, keys.GetValueOrDefault(agreement.Id), stamp);
            return (account, unreadable.Contains(agreement.Id) && errand is not Errand.Tell
                ? call.NotSent(errand, "the agreement's keys cannot be read from the vault")
                : await GuardedAsync(call, errand, free, cancellation));
        }));
        return (await Task.WhenAll(calls.ToList())).ToLookup(said => said.Item1, said => said.Item2);
    }

    private async Task<(IReadOnlyDictionary<AgreementId, RailKeys> Keys, IReadOnlySet<AgreementId> Unreadable)> KeysAsync(
        IReadOnlyList<Work> work, CancellationToken cancellation)
    {
        var ids = work.SelectMany(w => w.Errands.Where(errand => errand is not Errand.Tell).Select(errand => errand.PlaceIn(w.State).Agreement.Id)).Distinct().ToList();
        try
        {
            return (ids.Count > 0 ? await vault.GetAsync(ids, cancellation) : new Dictionary<AgreementId, RailKeys>(), new HashSet<AgreementId>());
        }
        catch (CryptographicException)
        {
            return await ReadableKeysAsync(ids, cancellation);
        }
    }

    // One agreement whose keys cannot be read does not keep the others from theirs.
    private async Task<(IReadOnlyDictionary<AgreementId, RailKeys>, IReadOnlySet<AgreementId>)> ReadableKeysAsync(
        IReadOnlyList<AgreementId> ids, CancellationToken cancellation)
    {
        Dictionary<AgreementId, RailKeys> keys = [];
        HashSet<AgreementId> unreadable = [];
        foreach (var id in ids)
        {
            try
            {
                foreach (var (agreement, found) in await vault.GetAsync([id], cancellation))
                    keys[agreement] = found;
            }
            catch (CryptographicException e)
            {
                EngineLog.KeysUnreadable(logger, e, id.ToString());
                unreadable.Add(id);
            }
        }

        return (keys, unreadable);
    }

    private async Task<Outcome> GuardedAsync(Call call, Errand errand, SemaphoreSlim free, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        Activity? span = null;
        try
        {
            span = traces.Call(call, errand);
            var outcome = await RunAsync(call, errand, cancellation);
            span.Answer(outcome);
            return outcome;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            EngineLog.ErrandFault(logger, QuietFault.Of(e), call.State.Id.ToString());
            span?.Fail(e.GetType().Name, null);
            return call.Unknown(errand, $"our own code failed: {e.GetType().Name}");
        }
        finally
        {
            span?.Dispose();
            free.Release();
        }
    }

    private async Task<Outcome> RunAsync(Call call, Errand errand, CancellationToken cancellation)
    {
        var gateway = call.Gateway;
        return errand switch
        {
            Errand.SendCharge or Errand.SendRailNotice when IsLate(call) =>
                call.NotSent(errand, $"not sent within {options.Value.SendWithin.TotalSeconds:F0} s of the decision"),
            Errand.SendCharge x => call.Charge(x.Order.Order, await gateway.ChargeAsync(call.Order(x.Order), cancellation)),
            Errand.SendRailNotice x => call.RailNotice(x.Notice.Number, await gateway.AnnounceAtRailAsync(new(call.Agreement, x.Notice.Amount), cancellation)),
            Errand.SendRefund x => call.Refund(x.Refund.Refund, await gateway.RefundAsync(call.Order(x.Refund), cancellation)),
            Errand.Tell x when call.NoticeToSend(x, options.Value.Limits) is var notice => call.Notice(notice, await TellAsync(call, notice, cancellation)),
            Errand.AskCharge x => call.Charge(x.Attempt.Order, Asked(await gateway.QueryChargeAsync(call.Order(x.Attempt), cancellation)), HeardBy.Query),
            Errand.StopCharge x => call.Charge(x.Attempt.Order, Asked(await gateway.StopChargeAsync(call.Order(x.Attempt), cancellation))),
            Errand.AskRefund x => call.Refund(x.Refund, await gateway.QueryRefundAsync(call.Order(x.Refund), cancellation)),
            Errand.AskAgreement => call.OfAgreement(await gateway.QueryAgreementAsync(call.Agreement, cancellation), HeardBy.Query),
            Errand.AskStatements => call.Statements(await old.AskAsync(call.State, call.Keys, gateway.Traits, cancellation)),
            Errand.MoveRailDate x => call.RailDate(x.Date, await gateway.MovePlanAsync(call.Agreement, x.Date, cancellation)),
            Errand.Terminate => call.OfAgreement(await gateway.TerminateAgreementAsync(call.Agreement, "renewal was stopped", cancellation), HeardBy.Answer),
            _ => throw new InvalidOperationException($"No call for {errand.GetType().Name}."),
        };
    }

    // However long it waited for its turn here: what is told at night is told to somebody asleep.
    private async Task<NoticeResult> TellAsync(Call call, ChargeNotice notice, CancellationToken cancellation) =>
        call.State.Terms.QuietHours.Cover(clock.Now, call.State.Zone) ? new NoticeResult.NotSent() : await notifier.TellAsync(notice, cancellation);

    // A sender that was stopped or starved must not wake up and charge, nor open a rail's window on another day than was decided.
    private bool IsLate(Call call) => clock.Since(call.Stamp) >= options.Value.SendWithin;

    // A refused question says nothing about the order. An answer that proves nothing is what the question came to: taken for a rumour it would
    // only be a reason to ask, which was done, and the question would stay due.
    internal static ChargeAnswer Asked(ChargeAnswer answer) => answer switch
    {
        { Outcome: ChargeOutcome.Refused refused } => new(new ChargeOutcome.Unknown($"the question was refused: {refused.RailCode} {refused.Why}")),
        { Outcome: ChargeOutcome.NotSent notSent } => new(new ChargeOutcome.Unknown($"the question was not sent: {notSent.Why}")),
        { Evidence: Evidence.Hint, Outcome: ChargeOutcome.Unknown unknown } => new(unknown),
        { Evidence: Evidence.Hint } => new(new ChargeOutcome.Unknown($"the answer proves nothing: {answer.Outcome}")),
        _ => answer,
    };
}
