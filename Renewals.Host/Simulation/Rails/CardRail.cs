using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Simulation.Rails;

/// <summary>A rail with UnionPay's traits: a repeat proves nothing, and only two days' statements prove that an order was never taken.</summary>
internal sealed class CardRail(SimWorld world, string merchant)
    : SimRail(world, new("unionpay", merchant), new UnionPayOptions { Generation = UnionPayGeneration.A }.Traits())
{
    public override ChargeAnswer Charge(ChargeOrder order, bool repeated)
    {
        if (Find(order.Number.ToString()) is not null)
            return Ask("12 a repeat");
        if (ByRailId(order.Agreement.RailAgreementId) is not { InForce: true } agreement)
            return new(new ChargeOutcome.Declined(DeclineReason.AgreementNotInForce, "entrust"), Evidence.Hint);
        Accept(new(order.Number, agreement, agreement.Member, order.Amount, Now), Fate.Of(World.Seed, order.Number), Duration.Zero);
        return new(new ChargeOutcome.Pending("00"));
    }

    public override ChargeAnswer ChargeUnclear(ChargeOrder order, string why) => Ask(why);

    public override ChargeAnswer Query(ChargeOrder order) => Find(order.Number.ToString()) switch
    {
        null => new(new ChargeOutcome.Missing()),
        { Stage: OrderStage.Open } => new(new ChargeOutcome.Pending("03")),
        { } ended => Final(ended),
    };

    public override ChargeAnswer QueryUnclear(ChargeOrder order, string why) => Ask(why);

    public override ChargeAnswer Stop(ChargeOrder order) => Query(order);

    public override RefundAnswer Refund(RefundOrder refund) => TakeRefund(refund) switch
    {
        RefundWish.Taken => new RefundAnswer.Pending("00"),
        RefundWish.NoPayment => new RefundAnswer.Refused("34", "no such payment"),
        RefundWish.ShortFunds => new RefundAnswer.Refused("36", "short of funds"),
        RefundWish.AccountClosed => new RefundAnswer.Impossible("14", "the card is gone"),
        RefundWish.TooMuch => new RefundAnswer.Unknown("36"),
        _ => throw new InvalidOperationException("No such wish."),
    };

    public override RefundAnswer QueryRefund(RefundOrder refund)
    {
        var number = refund.Number.ToString();
        return Find(refund.Number.OfAttempt.ToString())?.Refunds.Find(r => r.Number == number) switch
        {
            null => new RefundAnswer.Missing(),
            { Done: true } done => new RefundAnswer.Refunded(done.Amount, done.Id, done.At),
            { } => new RefundAnswer.Pending("03"),
        };
    }

    public override AgreementAnswer QueryAgreement(AgreementOrder agreement) => AgreementOf(agreement.Agreement.SigningCode) switch
    {
        null or { SignedAt: null } => new AgreementAnswer.NotFound(),
        { InForce: true } held => new AgreementAnswer.Active(held.Id, held.Member, held.SignedAt.Value, null),
        { } ended => new AgreementAnswer.Terminated(ended.Mode, ended.EndedAt),
    };

    public override AgreementAnswer Terminate(AgreementOrder agreement)
    {
        if (AgreementOf(agreement.Agreement.SigningCode) is { InForce: true } known)
        {
            (known.EndedAt, known.Mode) = (Now, TerminationMode.Merchant);
            TellEnded(known);
        }

        return QueryAgreement(agreement);
    }

    protected override void TellSigned(RailAgreement agreement) => World.Callbacks.Send(
        this, () => new CallbackReading.OfAgreement(agreement.Code, new AgreementAnswer.Active(agreement.Id, agreement.Member, agreement.SignedAt!.Value, null)));

    protected override void TellEnded(RailAgreement agreement) => World.Callbacks.Send(
        this, () => new CallbackReading.OfAgreement(agreement.Code, new AgreementAnswer.Terminated(agreement.Mode, agreement.EndedAt)));

    // Only what succeeded is told.
    protected override void TellOrder(RailOrder order)
    {
        if (order.Stage != OrderStage.Paid)
            return;
        var answer = Final(order);
        World.Callbacks.Send(this, () => new CallbackReading.OfCharge(order.Text, answer));
    }

    protected override void TellRefund(RailOrder order, RailRefund refund)
    {
        var answer = new RefundAnswer.Refunded(refund.Amount, refund.Id, refund.At);
        World.Callbacks.Send(this, () => new CallbackReading.OfRefund(order.Text, refund.Number, answer));
    }

    protected override CallbackReading? ContradictionOf(RailOrder order) =>
        new CallbackReading.OfCharge(order.Text, new(new ChargeOutcome.Declined(DeclineReason.Other, "05")));

    protected override string CodeOf(DeclineReason reason) => reason.ToString();

    private static ChargeAnswer Final(RailOrder order) => order.Stage == OrderStage.Paid
        ? new(new ChargeOutcome.Succeeded(order.Taken, order.Transaction, order.EndedAt))
        : new(new ChargeOutcome.Declined(Enum.Parse<DeclineReason>(order.FailCode), "61"));

    private static ChargeAnswer Ask(string why) => new(new ChargeOutcome.Unknown(why), Evidence.Hint);
}
