using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Takes a rail's callbacks: verified first, stored before they are answered, repeated safely.</summary>
/// <remarks>The raw callback is kept too, encrypted, for <see cref="Audit.AuditOptions.KeepDocumentsFor"/>. One whose body is too large is not read.</remarks>
public sealed class CallbackDesk
{
    private readonly ISubscriptionLedger ledger;
    private readonly RegisteredGateways gateways;
    private readonly OutcomeDoor door;
    private readonly CallbackQueue queue;
    private readonly CallbackKeeper keeper;
    private readonly IOrphanAgreements orphans;
    private readonly EngineClock clock;
    private readonly IOptions<EngineOptions> options;
    private readonly EngineMetrics metrics;
    private readonly EngineTraces traces;
    private readonly ILogger<CallbackDesk> logger;
    private readonly CallbackSayings sayings;

    internal CallbackDesk(
        ISubscriptionLedger ledger, RegisteredGateways gateways, OutcomeDoor door, CallbackQueue queue, CallbackKeeper keeper, IOrphanAgreements orphans, EngineClock clock,
        IOptions<EngineOptions> options, EngineMetrics metrics, EngineTraces traces, ILogger<CallbackDesk> logger) =>
        (this.ledger, this.gateways, this.door, this.queue, this.keeper, this.orphans, this.clock, this.options, this.metrics, this.traces, this.logger, sayings) =
        (ledger, gateways, door, queue, keeper, orphans, clock, options, metrics, traces, logger, new(clock, logger));

    /// <summary>Takes one callback.</summary>
    /// <param name="account">The account it came for, from the address it was sent to.</param>
    /// <param name="callback">The raw request.</param>
    /// <param name="cancellation">Gives up; the rail then delivers it again.</param>
    /// <returns>The answer in the rail's own form. It tells nothing about internals.</returns>
    public async Task<CallbackReply> ReceiveAsync(MerchantAccount account, Callback callback, CancellationToken cancellation = default)
    {
        var gateway = gateways[account];
        if (callback.Body.Length > options.Value.MaxCallbackBytes)
            return Refuse(gateway, callback, "body too large");
        var reading = Read(gateway, callback);
        if (reading is CallbackReading.Rejected rejected)
        {
            await keeper.KeepRejectedAsync(account, callback, rejected.Why, clock.Now, cancellation);
            return Refuse(gateway, callback, rejected.Why);
        }

        // A rail that is not told "received" delivers again: what is recorded but not kept is then recorded once and kept.
        var (received, result, membership) = await TakeAsync(account, reading, cancellation);
        received &= await keeper.KeepAsync(account, callback, result, membership, clock.Now, cancellation);
        return gateway.ReplyTo(callback, received, received ? "OK" : "busy");
    }

    private async Task<(bool Received, string Result, SubscriptionId? Membership)> TakeAsync(MerchantAccount account, CallbackReading reading, CancellationToken cancellation)
    {
        if (reading is CallbackReading.NothingForUs nothing)
        {
            metrics.Callback(account, "nothing-for-us");
            EngineLog.CallbackOfNoUse(logger, account.ToString(), nothing.About);
            return (true, "nothing-for-us", null);
        }

        if (await OutcomeOfAsync(account, reading, cancellation) is not { } outcome)
        {
            // Verified, but about nothing of ours: a repeat would bring nothing new. People must look at the count and the log.
            await NoteOrphanAsync(account, reading, cancellation);
            sayings.NotOurs(account);
            if (reading is CallbackReading.OfCharge { OrderNumber: var number } && OrderNumber.TryParse(number, out var order) && !order.IsRefund)
                await door.RecordForeignAsync(account, $"a callback of order {order}, of no membership here", cancellation);
            metrics.Callback(account, "not-ours");
            return (true, "not-ours", null);
        }

        using var span = traces.Callback(account, outcome);
        span?.Tell(outcome);
        var stored = await queue.RecordAsync(account, outcome, cancellation);
        if (!stored)
            span?.Fail("not-stored", null);
        var result = stored ? "stored" : "not-stored";
        metrics.Callback(account, result);
        return (stored, result, outcome.Subscription);
    }

    // Whatever a stranger sends, it is not believed rather than answered with a fault of ours.
    private CallbackReading Read(IPaymentGateway gateway, Callback callback)
    {
        try
        {
            return gateway.ReadCallback(callback, clock.Now);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            EngineLog.CallbackFault(logger, QuietFault.Of(e), gateway.Account.ToString());
            return new CallbackReading.Rejected("the adapter failed on it");
        }
    }

    private CallbackReply Refuse(IPaymentGateway gateway, Callback callback, string why)
    {
        metrics.Callback(gateway.Account, "rejected");
        sayings.Rejected(gateway.Account, why);
        return gateway.ReplyTo(callback, false, "not verified");
    }

    // Whoever else uses the merchant account may sign; what no membership has is never charged, and a person should know of it.
    private async Task NoteOrphanAsync(MerchantAccount account, CallbackReading reading, CancellationToken cancellation)
    {
        if (reading is CallbackReading.OfAgreement { Answer: AgreementAnswer.Active active } signed)
            await orphans.SeenAsync(account, signed.SigningCode, active.RailAgreementId, clock.Now, cancellation);
        else if (reading is CallbackReading.OfAgreement { Answer: AgreementAnswer.Terminated } ended)
            await orphans.EndedAsync(account, ended.SigningCode, cancellation);
    }

    private async Task<Outcome?> OutcomeOfAsync(MerchantAccount account, CallbackReading reading, CancellationToken cancellation)
    {
        switch (reading)
        {
            case CallbackReading.OfCharge x when OrderNumber.TryParse(x.OrderNumber, out var order) && !order.IsRefund:
                return await KnownAsync(account, order, new SubscriptionCommand.RecordCharge(order, x.Answer), cancellation);
            case CallbackReading.OfRefund x when OrderNumber.TryParse(x.OrderNumber, out var order):
                return await KnownAsync(account, order.OfAttempt, new SubscriptionCommand.RecordRefund(order.OfAttempt, x.RefundNumber, x.Answer), cancellation);
            case CallbackReading.OfAgreement x when AgreementId.TryParse(x.SigningCode, out var id) && await ledger.FindAgreementAsync(id, cancellation) is { } agreement && agreement.Account == account:
                return new Outcome.OfAgreement(agreement.Subscription, id, x.Answer, Evidence.Hint) { HeardBy = HeardBy.Callback };
            default:
                return null;
        }
    }

    // What one rail says is no evidence of another's orders; a membership may have agreements at several.
    private async Task<Outcome?> KnownAsync(MerchantAccount account, OrderNumber order, SubscriptionCommand command, CancellationToken cancellation) =>
        await ledger.FindAsync(order.Charge.Subscription, cancellation) is { } known
        && known.HasAgreementAt(account)
            ? new Outcome.OfSubscription(known.Id, command) { HeardBy = HeardBy.Callback }
            : null;
}
