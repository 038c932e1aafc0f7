using System.Globalization;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Simulation.Rails;

/// <summary>Alipay's rules in its own words, judged by the adapter's verdicts: charge dates of its own, and orders that end by themselves.</summary>
internal sealed class AlipayRail(SimWorld world, string seller) : SimRail(world, new("alipay", seller), new AlipayOptions().Traits())
{
    private RailPlanRule Plan => Traits.Plan!;

    public override ChargeAnswer Charge(ChargeOrder order, bool repeated) => AlipayVerdicts.JudgePay(Message(Pay(order), repeated), order);

    public override ChargeAnswer ChargeUnclear(ChargeOrder order, string why) => AlipayVerdicts.JudgePay(new AlipayReply.Unclear(why), order);

    public override ChargeAnswer Query(ChargeOrder order) => AlipayVerdicts.JudgeQuery(Message(OrderQuery(order.Number.ToString())), order.Number);

    public override ChargeAnswer QueryUnclear(ChargeOrder order, string why) => AlipayVerdicts.JudgeQuery(new AlipayReply.Unclear(why), order.Number);

    // As the adapter does it: closing never touches a paid order; only what is open and unpaid is cancelled, and here closing that always works.
    public override ChargeAnswer Stop(ChargeOrder order)
    {
        var number = order.Number.ToString();
        if (Find(number) is not { Stage: OrderStage.Open } open)
            return Query(order);
        (open.Stage, open.FailCode, open.EndedAt) = (OrderStage.Failed, "CLOSED", Now);
        return AlipayVerdicts.JudgeClose(Message(Ok(("out_trade_no", number))), order.Number);
    }

    public override RefundAnswer Refund(RefundOrder refund) => AlipayVerdicts.JudgeRefund(Message(TakeRefund(refund) switch
    {
        RefundWish.Taken => Ok(("out_trade_no", refund.Number.OfAttempt.ToString()), ("fund_change", "Y")),
        RefundWish.NoPayment => No("ACQ.TRADE_NOT_EXIST"),
        RefundWish.ShortFunds => No("ACQ.SELLER_BALANCE_NOT_ENOUGH"),
        RefundWish.AccountClosed => No("ACQ.BUYER_NOT_EXIST"),
        RefundWish.TooMuch => No("ACQ.REASON_TRADE_REFUND_FEE_ERR"),
        _ => throw new InvalidOperationException("No such wish."),
    }), refund);

    public override RefundAnswer QueryRefund(RefundOrder refund)
    {
        var (order, number) = (refund.Number.OfAttempt.ToString(), refund.Number.ToString());
        return AlipayVerdicts.JudgeRefundQuery(
            Message(Find(order) is not { } paid ? No("TRADE_NOT_EXIST")
                : paid.Refunds.Find(r => r.Number == number) is not { Done: true } known ? Ok(("out_trade_no", order), ("out_request_no", number))
                : Ok(
                    ("out_trade_no", order), ("out_request_no", number), ("refund_status", "REFUND_SUCCESS"), ("refund_amount", AlipayWire.Yuan(known.Amount)),
                    ("trade_no", paid.Transaction), ("gmt_refund_pay", AlipayWire.Time(known.At)))),
            refund);
    }

    public override AgreementAnswer QueryAgreement(AgreementOrder agreement) =>
        AlipayVerdicts.JudgeAgreementQuery(Message(AgreementNode(agreement)), agreement);

    public override AgreementAnswer Terminate(AgreementOrder agreement)
    {
        if (AgreementOf(agreement) is not { InForce: true } known)
            return QueryAgreement(agreement) is AgreementAnswer.Terminated ended ? ended : AlipayVerdicts.JudgeUnsign(Message(No("USER_AGREEMENT_NOT_EXIST")), agreement);
        (known.EndedAt, known.Mode) = (Now, TerminationMode.Merchant);
        TellEnded(known);
        return AlipayVerdicts.JudgeUnsign(Message(Ok()), agreement);
    }

    public override RailNoticeAnswer Move(AgreementOrder agreement, LocalDate next)
    {
        if (agreement.RailAgreementId is not { Length: > 0 } number)
            return new RailNoticeAnswer.Refused("AGREEMENT_NO", "the agreement has no agreement_no yet");
        if (ByRailId(number) is not { InForce: true } known)
            return AlipayVerdicts.JudgeMove(Message(No("ILLEGAL_AGREEMENT")), number, next);
        if (next < known.NextDate || next < Today)
            return AlipayVerdicts.JudgeMove(Message(No("ILLEGAL_EXECUTION_TIME")), number, next);

        // A move to where the date is already is a repeat; the adapter reads the date and takes it for done.
        known.NextDate = next;
        World.Reach.Saw(Mark.RailDateMoved);
        return AlipayVerdicts.JudgeMove(Message(Ok(("agreement_no", number), ("deduct_time", AlipayWire.Date(next)))), number, next);
    }

    protected override void TellSigned(RailAgreement agreement)
    {
        var fields = AgreementFields(agreement);
        World.Callbacks.Send(this, () => AlipayVerdicts.JudgeSigned(fields) is { } answer
            ? new CallbackReading.OfAgreement(agreement.Code, answer)
            : new CallbackReading.Rejected("an agreement message that says nothing"));
    }

    protected override void TellEnded(RailAgreement agreement)
    {
        Dictionary<string, string> fields = new() { ["status"] = "UNSIGN", ["unsign_time"] = AlipayWire.Time(agreement.EndedAt!.Value) };
        World.Callbacks.Send(this, () => new CallbackReading.OfAgreement(agreement.Code, AlipayVerdicts.JudgeUnsigned(fields)!));
    }

    // An order that ended unpaid is told of rarely, and the rail says nothing of a deduction it refused at once.
    protected override void TellOrder(RailOrder order)
    {
        Dictionary<string, string> fields = order.Stage == OrderStage.Paid
            ? new()
            {
                ["trade_status"] = "TRADE_SUCCESS", ["total_amount"] = AlipayWire.Yuan(order.Taken), ["trade_no"] = order.Transaction,
                ["gmt_payment"] = AlipayWire.Time(order.EndedAt),
            }
            : new() { ["trade_status"] = "TRADE_CLOSED" };
        World.Callbacks.Send(this, () => new CallbackReading.OfCharge(order.Text, AlipayVerdicts.JudgeNotification(fields)));
    }

    protected override void TellRefund(RailOrder order, RailRefund refund)
    {
        Dictionary<string, string> fields = new() { ["trade_status"] = "TRADE_SUCCESS", ["refund_fee"] = AlipayWire.Yuan(refund.Amount), ["out_biz_no"] = refund.Number };
        World.Callbacks.Send(this, () => new CallbackReading.OfRefund(order.Text, refund.Number, AlipayVerdicts.JudgeRefundNotification(fields)));
    }

    // Its notification of a closed order is only a reason to ask.
    protected override CallbackReading? ContradictionOf(RailOrder order) => null;

    // A success moves the date by one interval, counted from the date itself.
    protected override void OnPaid(RailOrder order)
    {
        if (order.Agreement is { } agreement && !order.AtCashier)
            agreement.NextDate = agreement.Plan.Interval.After(agreement.NextDate, 1);
    }

    protected override string CodeOf(DeclineReason reason) => reason switch
    {
        DeclineReason.InsufficientFunds => "ACQ.BUYER_BALANCE_NOT_ENOUGH",
        DeclineReason.LimitReached => "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
        DeclineReason.AccountAbnormal => "ACQ.BUYER_ENABLE_STATUS_FORBID",
        DeclineReason.AgreementNotInForce => "ACQ.AGREEMENT_NOT_EXIST",
        DeclineReason.BankFault => "ACQ.SYSTEM_ERROR",
        DeclineReason.OrderClosed => "CLOSED",
        DeclineReason.Other => "ACQ.PAYMENT_FAIL",
        _ => throw new InvalidOperationException("No such reason."),
    };

    private Dictionary<string, string> Pay(ChargeOrder order)
    {
        var number = order.Number.ToString();
        if (Find(number) is { } earlier)
        {
            return earlier.Stage switch
            {
                OrderStage.Paid => PaidNode(earlier, "gmt_payment"),
                OrderStage.Open when IsOpen(earlier) => Ok("10003", ("out_trade_no", number)),
                OrderStage.Open or OrderStage.Failed => No("ACQ.TRADE_HAS_CLOSE"),
                _ => throw new InvalidOperationException("No such stage."),
            };
        }

        if (order.ExpiresAt <= Now)
            return No("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR");
        if (ByRailId(order.Agreement.RailAgreementId) is not { InForce: true } agreement)
            return No("ACQ.AGREEMENT_NOT_EXIST");
        if (!RailPlanDates.Holds(Plan, agreement.NextDate, Today))
            return No("ACQ.CYCLE_PAY_DATE_NOT_MATCH");
        if (order.Amount > agreement.Plan.Ceiling)
            return No("ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED");
        return Execute(new(order.Number, agreement, agreement.Member, order.Amount, Now) { ExpiresAt = order.ExpiresAt });
    }

    // Most are paid or refused at once. A refusal may leave an open order, which the member may still pay before it ends.
    private Dictionary<string, string> Execute(RailOrder order)
    {
        var fate = Fate.Of(World.Seed, order.Number);
        if (fate.Decline is { } reason && fate.Shape < 0.5)
        {
            World.Reach.Saw(Mark.Declined);
            return No(CodeOf(reason));
        }

        var leftOpen = fate.Decline is not null;
        Accept(order, leftOpen && fate.Shape > 0.9 ? fate with { Decline = null } : fate, Duration.Zero);
        if (leftOpen)
            return No(CodeOf(fate.Decline!.Value));
        if (fate.Settles > Duration.FromSeconds(7))
            return Ok("10003", ("out_trade_no", order.Text));
        Settle(order, fate);
        return order.Stage == OrderStage.Paid ? PaidNode(order, "gmt_payment") : No(order.FailCode);
    }

    private Dictionary<string, string> OrderQuery(string number) => Find(number) switch
    {
        null => No("ACQ.TRADE_NOT_EXIST"),
        { Stage: OrderStage.Paid } paid => PaidNode(paid, "send_pay_date"),
        { Stage: OrderStage.Open } open when IsOpen(open) => Ok(("out_trade_no", number), ("trade_status", "WAIT_BUYER_PAY")),
        { Stage: OrderStage.Open or OrderStage.Failed } => Ok(("out_trade_no", number), ("trade_status", "TRADE_CLOSED")),
        _ => throw new InvalidOperationException("No such stage."),
    };

    private static Dictionary<string, string> PaidNode(RailOrder order, string time) => Ok(
        ("out_trade_no", order.Text), ("trade_status", "TRADE_SUCCESS"), ("total_amount", AlipayWire.Yuan(order.Taken)), ("trade_no", order.Transaction),
        (time, AlipayWire.Time(order.EndedAt)));

    private Dictionary<string, string> AgreementNode(AgreementOrder asked) => AgreementOf(asked) switch
    {
        { InForce: true } held => AgreementFields(held),
        null or { SignedAt: null } or { EndedAt: not null } => No("USER_AGREEMENT_NOT_EXIST"),
        _ => throw new InvalidOperationException("No such agreement."),
    };

    private static Dictionary<string, string> AgreementFields(RailAgreement held) => Ok(
        ("status", "NORMAL"), ("external_agreement_no", held.Code), ("agreement_no", held.Id), ("alipay_open_id", held.Member),
        ("sign_time", AlipayWire.Time(held.SignedAt!.Value)), ("next_deduct_time", AlipayWire.Date(held.NextDate)));

    private static AlipayReply.Message Message(Dictionary<string, string> fields, bool repeated = false) => new(JsonSerializer.SerializeToElement(fields), repeated);

    private static Dictionary<string, string> Ok(params ReadOnlySpan<(string Name, string Value)> fields) => Ok("10000", fields);

    private static Dictionary<string, string> Ok(string code, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var node = new Dictionary<string, string>(fields.Length + 1, StringComparer.Ordinal) { ["code"] = code };
        foreach (var (name, value) in fields)
            node[name] = value;
        return node;
    }

    private static Dictionary<string, string> No(string subCode) => new(StringComparer.Ordinal)
    {
        ["code"] = subCode == "ACQ.SYSTEM_ERROR" ? "20000" : "40004", ["sub_code"] = subCode, ["sub_msg"] = "as the code says",
    };
}
