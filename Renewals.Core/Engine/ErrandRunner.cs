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
    IAgreementVault vault, INotifier notifier, EngineClock clock, IOptions<EngineOptions> options, ILogger<ErrandRunner> logger)
{
    /// <summary>Carries out the errands of a batch.</summary>
    /// <param name="gateway">The rail.</param>
    /// <param name="work">What to do.</param>
    /// <param name="stamp">A point on the monotonic clock before the batch was decided: what is sent late counts from here.</param>
    /// <param name="cancellation">Stops new calls; calls under way are waited for.</param>
    public async Task<IReadOnlyList<Outcome>> RunAsync(IPaymentGateway gateway, IReadOnlyList<Work> work, long stamp, CancellationToken cancellation)
    {
        var keys = await KeysAsync(work, cancellation);
        using var free = new SemaphoreSlim(options.Value.CallsAtOnce);
        var calls = work.SelectMany(w => w.Errands.Select(errand => GuardedAsync(new Call(gateway, w.State, keys.GetValueOrDefault(w.State.Agreement.Id), stamp), errand, free, cancellation)));
        return await Task.WhenAll(calls.ToList());
    }

    private async Task<IReadOnlyDictionary<AgreementId, RailKeys>> KeysAsync(IReadOnlyList<Work> work, CancellationToken cancellation)
    {
        var ids = work.Where(w => w.Errands.Any(errand => errand is not Errand.Tell)).Select(w => w.State.Agreement.Id).ToList();
        return ids.Count > 0 ? await vault.GetAsync(ids, cancellation) : new Dictionary<AgreementId, RailKeys>();
    }

    private async Task<Outcome> GuardedAsync(Call call, Errand errand, SemaphoreSlim free, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        try
        {
            return await RunAsync(call, errand, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            EngineLog.ErrandFault(logger, e, call.State.Id.ToString());
            return call.Unknown(errand, $"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            free.Release();
        }
    }

    private async Task<Outcome> RunAsync(Call call, Errand errand, CancellationToken cancellation)
    {
        var gateway = call.Gateway;
        return errand switch
        {
            Errand.SendCharge x => call.Charge(x.Order.Order, IsLate(call) ?? await gateway.ChargeAsync(call.Order(x.Order), cancellation)),
            Errand.SendRailNotice x => call.RailNotice(x.Notice.Number, await gateway.AnnounceAtRailAsync(new(call.Agreement, x.Notice.Amount), cancellation)),
            Errand.SendRefund x => call.Refund(x.Refund.Refund, await gateway.RefundAsync(new(x.Refund.Refund, x.Refund.Paid, x.Refund.Amount, x.Refund.Reason), cancellation)),
            Errand.Tell x => call.Notice(x.NoticeId, await notifier.TellAsync(call.NoticeToSend(x.NoticeId), cancellation)),
            Errand.AskCharge x => call.Charge(x.Attempt.Order, Asked(await AskAsync(call, x.Attempt, cancellation))),
            Errand.AskRefund x => call.Refund(x.Refund, await gateway.QueryRefundAsync(call.Order(x.Refund), cancellation)),
            Errand.AskAgreement => call.OfAgreement(await gateway.QueryAgreementAsync(call.Agreement, cancellation)),
            Errand.Terminate => call.OfAgreement(await gateway.TerminateAgreementAsync(call.Agreement, "renewal was stopped", cancellation)),
            _ => throw new InvalidOperationException($"No call for {errand.GetType().Name}."),
        };
    }

    // A sender that was stopped or starved must not wake up and charge.
    private ChargeAnswer? IsLate(Call call) => clock.Since(call.Stamp) >= options.Value.SendWithin
        ? new ChargeAnswer(new ChargeOutcome.NotSent($"not sent within {options.Value.SendWithin.TotalSeconds:F0} s of the decision"))
        : null;

    // Nobody finishes a payment at the cashier after the time to sign: the order is closed, so that it cannot be paid later.
    private Task<ChargeAnswer> AskAsync(Call call, Attempt attempt, CancellationToken cancellation) =>
        attempt.AtCashier && clock.Now >= call.State.SignBy
            ? call.Gateway.StopChargeAsync(call.Order(attempt), cancellation)
            : call.Gateway.QueryChargeAsync(call.Order(attempt), cancellation);

    // A refused question says nothing about the order.
    private static ChargeAnswer Asked(ChargeAnswer answer) => answer.Outcome switch
    {
        ChargeOutcome.Refused refused => new(new ChargeOutcome.Unknown($"the question was refused: {refused.RailCode} {refused.Why}")),
        ChargeOutcome.NotSent notSent => new(new ChargeOutcome.Unknown($"the question was not sent: {notSent.Why}")),
        _ => answer,
    };
}
