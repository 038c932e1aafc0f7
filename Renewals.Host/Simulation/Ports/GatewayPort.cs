using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to a rail: calls and answers are lost and late here, and the engine dies here.</summary>
internal sealed class GatewayPort(SimWorld world, SimRail rail, EngineLife life) : IPaymentGateway
{
    public MerchantAccount Account => rail.Account;

    public RailTraits Traits => rail.Traits;

    private Wire Wire => new(world, rail, life);

    public int FreePermits(int wanted) => world.Now < rail.BreakerOpenUntil ? 0 : wanted;

    public Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation)
    {
        world.Checks.Acting(life, null, "the start of a signing");
        return Wire.CallAsync(() => rail.StartSigning(request), why => new SigningAnswer.Unknown(why));
    }

    public Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation) =>
        Wire.CallAsync(() => rail.QueryAgreement(agreement), why => new AgreementAnswer.Unknown(why));

    public Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation)
    {
        world.Checks.Acting(life, Of(agreement), "the end of an agreement");
        return Wire.CallAsync(() => rail.Terminate(agreement), why => new AgreementAnswer.Unknown(why));
    }

    public Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation)
    {
        world.Checks.Acting(life, Of(agreement), "another charge date");
        return Wire.CallAsync(() => rail.Move(agreement, next), why => new RailNoticeAnswer.Unknown(why));
    }

    public Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation)
    {
        world.Checks.Acting(life, Of(notice.Agreement), "a notice at the rail");
        world.Checks.AnnouncingAtRail(life, notice);
        return Wire.CallAsync(() => rail.Announce(notice), why => new RailNoticeAnswer.Unknown(why));
    }

    public async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        if (life.DiesAt(Mark.CrashBeforeSend))
            await EngineLife.Never;
        world.Checks.Acting(life, order.Number.Charge.Subscription, "an order");
        world.Checks.Sending(life, rail, order);
        var (call, repeated) = (Wire, false);
        rail.OrderSent(order.Number);
        var answer = call.CallAsync(
            () => rail.Charge(order, repeated),
            why => rail.ChargeUnclear(order, why),
            new(() => rail.OrderArrived(order.Number), () =>
            {
                // The adapter repeats the same order where that is safe; the answer then says nothing of a lost first try.
                if (rail.Traits.Resend != Resend.SameOrder)
                    return false;
                rail.OrderSent(order.Number);
                world.Reach.Saw(Mark.CallRepeated);
                return repeated = true;
            }));
        if (life.DiesAt(Mark.CrashAfterSend))
            await EngineLife.Never;
        return await answer;
    }

    public Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation) =>
        Wire.CallAsync(() => rail.Query(order), why => rail.QueryUnclear(order, why));

    public Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        if (!order.PaidWhileSigning)
            world.Reach.Saw(Mark.StopAsked);
        world.Checks.Acting(life, order.Number.Charge.Subscription, "the wish to stop an order");
        return Wire.CallAsync(() => rail.Stop(order), why => rail.QueryUnclear(order, why));
    }

    public Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation)
    {
        world.Checks.Acting(life, refund.Number.Charge.Subscription, "a refund");
        return Wire.CallAsync(() => rail.Refund(refund), why => new RefundAnswer.Unknown(why));
    }

    public Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation) =>
        Wire.CallAsync(() => rail.QueryRefund(refund), why => new RefundAnswer.Unknown(why));

    public Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation)
    {
        if (world.Dice.Chance(0.05 * world.Faults[Fault.Wire]))
        {
            world.Reach.Saw(Mark.StatementLate);
            return Task.FromResult<StatementAnswer>(new StatementAnswer.NotReady());
        }

        return Wire.CallAsync(() => rail.ReadStatement(day), why => new StatementAnswer.Failed(why));
    }

    private Core.Subscriptions.SubscriptionId? Of(AgreementOrder agreement) => world.Ledger.MembershipOf(agreement.Agreement);

    // Verified already: what a stranger sends is another matter, tested on the adapters themselves.
    public CallbackReading ReadCallback(Callback callback, Instant now) => world.Callbacks.Read(callback);

    public CallbackReply ReplyTo(Callback callback, bool received, string reason) => new(received ? 200 : 500, "text/plain", reason);
}
