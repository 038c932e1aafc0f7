using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Simulation.Rails;

/// <summary>
/// UnionPay's rules in its own words, judged by the adapter's verdicts: a repeat proves nothing, callbacks are rumours, nobody tells of an entrust that
/// ended, and only two days' statements prove that an order or a refund never arrived.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="merchant">The merchant number.</param>
/// <param name="answers">False: it cannot be asked whether an agreement is in force, as generations B and C.</param>
internal sealed class UnionPayRail(SimWorld world, string merchant, bool answers)
    : SimRail(world, new("unionpay", merchant), Options.Traits() with { CanAskForAgreements = answers })
{
    private static readonly UnionPayOptions Options = new() { Generation = UnionPayGeneration.A };

    private readonly Dictionary<string, string> failedRefunds = new(StringComparer.Ordinal);

    public override ChargeAnswer Charge(ChargeOrder order, bool repeated)
    {
        var (about, code) = (Of(order), "00");
        if (Find(about.OrderId) is not null)
            code = "12";
        else if (Entrust(order.Agreement.RailAgreementId) is not { InForce: true } entrust)
            code = "72";
        else
            Accept(new(order.Number, entrust, entrust.Member, order.Amount, Now), Fate.Of(World.Seed, order.Number), Duration.Zero);
        return UnionPayVerdicts.JudgeCollection(Answer(about, "11", code), about);
    }

    public override ChargeAnswer ChargeUnclear(ChargeOrder order, string why) => UnionPayVerdicts.JudgeCollection(new UnionPayReply.Unclear(why), Of(order));

    public override ChargeAnswer Query(ChargeOrder order)
    {
        var about = Of(order);
        return UnionPayVerdicts.JudgeQuery(
            Find(about.OrderId) switch
            {
                null => Answer(about, "11", "34"),
                { Stage: OrderStage.Open } => Answer(about, "11", "00", ("origRespCode", "05")),
                { Stage: OrderStage.Paid } paid => Answer(about, "11", "00", [("origRespCode", "00"), .. Money(paid)]),
                { } failed => Answer(about, "11", "00", ("origRespCode", failed.FailCode)),
            },
            about);
    }

    public override ChargeAnswer QueryUnclear(ChargeOrder order, string why) => UnionPayVerdicts.JudgeQuery(new UnionPayReply.Unclear(why), Of(order));

    // As the adapter does it unless an option says otherwise: what the rail has accepted is followed to its end.
    public override ChargeAnswer Stop(ChargeOrder order) => Query(order);

    // What the answer says of a refund proves nothing; that it failed only a question tells.
    public override RefundAnswer Refund(RefundOrder refund)
    {
        var about = Of(refund);
        var code = TakeRefund(refund) switch
        {
            RefundWish.Taken => "00",
            RefundWish.NoPayment => "35",
            RefundWish.ShortFunds => "64",
            RefundWish.AccountClosed => "61",
            RefundWish.TooMuch => "36",
            _ => throw new InvalidOperationException("No such wish."),
        };
        failedRefunds[about.OrderId] = code;
        return UnionPayVerdicts.JudgeRefund(Answer(about, "04", code), about, isVoid: false);
    }

    public override RefundAnswer QueryRefund(RefundOrder refund)
    {
        var about = Of(refund);
        var known = Find(refund.Number.OfAttempt.ToString())?.Refunds.Find(r => r.Number == about.OrderId);
        return UnionPayVerdicts.JudgeRefundQuery(
            (known, failedRefunds.GetValueOrDefault(about.OrderId)) switch
            {
                ({ Done: true } done, _) => Answer(
                    about, "04", "00", ("origRespCode", "00"), ("currencyCode", UnionPayText.Yuan), ("txnAmt", UnionPayText.Fen(done.Amount)),
                    ("queryId", done.Id), ("traceTime", UnionPayText.Time(done.At)[4..])),
                ({ }, _) => Answer(about, "04", "00", ("origRespCode", "05")),
                (null, null or "00") => Answer(about, "04", "34"),
                (null, var failed) => Answer(about, "04", "00", ("origRespCode", failed)),
            },
            about, isVoid: false);
    }

    public override AgreementAnswer QueryAgreement(AgreementOrder agreement)
    {
        var about = new UnionPayIdentity(agreement.Agreement.SigningCode, Now);
        return UnionPayVerdicts.JudgeBindingQuery(
            Answer(about, "75", AgreementOf(agreement) is { InForce: true } ? "00" : "72"), about, agreement, Options);
    }

    public override AgreementAnswer Terminate(AgreementOrder agreement)
    {
        var about = new UnionPayIdentity(agreement.Agreement.SigningCode, Now);
        var held = AgreementOf(agreement) is { InForce: true } known ? known : null;
        if (held is not null)
            (held.EndedAt, held.Mode) = (Now, TerminationMode.Merchant);
        return UnionPayVerdicts.JudgeRemoval(Answer(about, "74", held is null ? "72" : "00"), about);
    }

    protected override void TellSigned(RailAgreement agreement)
    {
        Dictionary<string, string> fields = new()
        {
            ["respCode"] = "00", ["orderId"] = agreement.Code, ["bindId"] = agreement.Id, ["txnTime"] = UnionPayText.Time(agreement.SignedAt!.Value),
        };
        World.Callbacks.Send(this, () => new CallbackReading.OfAgreement(agreement.Code, UnionPayVerdicts.JudgeSigned(fields, Options)));
    }

    // The rail tells nobody: whoever wants to know asks.
    protected override void TellEnded(RailAgreement agreement)
    {
    }

    // Only what succeeded is told.
    protected override void TellOrder(RailOrder order)
    {
        if (order.Stage != OrderStage.Paid)
            return;
        var fields = Fields([("respCode", "00"), ("txnTime", UnionPayText.Time(order.AcceptedAt)), .. Money(order)]);
        World.Callbacks.Send(this, () => new CallbackReading.OfCharge(order.Text, UnionPayVerdicts.JudgeNotification(fields)));
    }

    protected override void TellRefund(RailOrder order, RailRefund refund)
    {
        var fields = Fields([("respCode", "00")]);
        World.Callbacks.Send(this, () => new CallbackReading.OfRefund(order.Text, refund.Number, UnionPayVerdicts.JudgeRefundNotification(fields)));
    }

    // Whatever a notification says, it is only a reason to ask.
    protected override CallbackReading? ContradictionOf(RailOrder order) => null;

    protected override string CodeOf(DeclineReason reason) => reason switch
    {
        DeclineReason.InsufficientFunds => "64",
        DeclineReason.LimitReached => "33",
        DeclineReason.AccountAbnormal => "62",
        DeclineReason.AgreementNotInForce => "72",
        DeclineReason.BankFault => "06",
        DeclineReason.OrderClosed => "69",
        DeclineReason.Other => "01",
        _ => throw new InvalidOperationException("No such reason."),
    };

    // The name of a binding is the merchant's own where the rail does not repeat its own.
    private RailAgreement? Entrust(string? name) => name is null ? null : AgreementOf(name) ?? ByRailId(name);

    private static IEnumerable<(string, string)> Money(RailOrder paid) =>
    [
        ("currencyCode", UnionPayText.Yuan), ("txnAmt", UnionPayText.Fen(paid.Taken)), ("queryId", paid.Transaction),
        ("traceTime", UnionPayText.Time(paid.EndedAt)[4..]),
    ];

    private static UnionPayIdentity Of(ChargeOrder order) => new(order.Number.ToString(), order.RequestedAt);

    private static UnionPayIdentity Of(RefundOrder refund) => new(refund.Number.ToString(), refund.RequestedAt);

    private static UnionPayReply.Message Answer(UnionPayIdentity about, string type, string code, params IEnumerable<(string, string)> more) =>
        new(Fields([("orderId", about.OrderId), ("txnTime", UnionPayText.Time(about.At)), ("txnType", type), ("respCode", code), .. more]));

    private static Dictionary<string, string> Fields(IEnumerable<(string Name, string Value)> fields) =>
        fields.ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
}
