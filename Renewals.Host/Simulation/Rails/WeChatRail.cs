using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Simulation.Rails;

/// <summary>WeChat Pay's rules in its own words, judged by the adapter's verdicts: a notice before each charge, or a day's wait after it.</summary>
internal sealed class WeChatRail : SimRail
{
    private const string App = "wx0000000000000000";

    private static readonly LocalDateTimePattern Compact = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMddHHmmss");

    private readonly WeChatPayVerdicts verdicts;
    private readonly Dictionary<string, RailOrder> openByContract = new(StringComparer.Ordinal);

    public WeChatRail(SimWorld world, string number, WeChatPayNoticeMode mode)
        : base(world, new("wechat", number), new WeChatPayOptions { NoticeMode = mode }.Traits()) => verdicts = new(App, number);

    public override ChargeAnswer Charge(ChargeOrder order, bool repeated) => verdicts.JudgeApply(new WeChatPayReply.Message(Apply(order), repeated), order);

    public override ChargeAnswer ChargeUnclear(ChargeOrder order, string why) => verdicts.JudgeApply(new WeChatPayReply.Unclear(why), order);

    public override ChargeAnswer Query(ChargeOrder order) => verdicts.JudgeOrderQuery(new WeChatPayReply.Message(OrderQuery(order)), order);

    public override ChargeAnswer QueryUnclear(ChargeOrder order, string why) => verdicts.JudgeOrderQuery(new WeChatPayReply.Unclear(why), order);

    public override ChargeAnswer Stop(ChargeOrder order)
    {
        if (!order.PaidWhileSigning || Find(order.Number.ToString()) is { Stage: OrderStage.Paid })
            return Query(order);
        Close(order);
        return verdicts.JudgeClose(new WeChatPayReply.Message(Ok(("out_trade_no", order.Number.ToString()))), order.Number.ToString());
    }

    public override RefundAnswer Refund(RefundOrder refund) => verdicts.JudgeRefund(new WeChatPayReply.Message(TakeRefund(refund) switch
    {
        RefundWish.Taken => Ok(("out_trade_no", refund.Number.OfAttempt.ToString()), ("out_refund_no", refund.Number.ToString())),
        RefundWish.NoPayment => No("ORDERNOTEXIST"),
        RefundWish.ShortFunds => No("NOTENOUGH"),
        RefundWish.AccountClosed => No("USER_ACCOUNT_ABNORMAL"),
        RefundWish.TooMuch => No("INVALID_REQUEST"),
        _ => throw new InvalidOperationException("No such wish."),
    }), refund);

    public override RefundAnswer QueryRefund(RefundOrder refund)
    {
        var number = refund.Number.ToString();
        return verdicts.JudgeRefundQuery(
            new WeChatPayReply.Message(Find(refund.Number.OfAttempt.ToString())?.Refunds.Find(r => r.Number == number) is { } known
                ? Ok([("out_trade_no", refund.Number.OfAttempt.ToString()), .. RefundFields(known, "_0")])
                : No("REFUNDNOTEXIST")),
            refund);
    }

    public override AgreementAnswer QueryAgreement(AgreementOrder agreement) =>
        verdicts.JudgeContractQuery(new WeChatPayReply.Message(ContractFields(agreement)), agreement);

    public override AgreementAnswer Terminate(AgreementOrder agreement)
    {
        if (AgreementOf(agreement) is not { InForce: true } known)
            return QueryAgreement(agreement);
        (known.EndedAt, known.Mode) = (Now, TerminationMode.Merchant);
        TellEnded(known);
        return verdicts.JudgeTermination(new WeChatPayReply.Message(Ok(("contract_code", known.Code), ("contract_id", known.Id))), agreement);
    }

    public override RailNoticeAnswer Announce(RailNoticeOrder notice)
    {
        var contract = ByRailId(notice.Agreement.RailAgreementId);
        var refusal = contract is not { InForce: true } ? "the contract is not active"
            : !IsServiceHour() ? "notices are taken from 07:00 to 22:00"
            : contract.Notice is { } open && Today <= open.Day.PlusDays(1 + Traits.Notice!.ChargeableDays) ? "a notice cycle is open"
            : null;
        if (refusal is not null)
            return WeChatPayVerdicts.JudgeNotice(new WeChatPayReply.Json(400, JsonSerializer.SerializeToUtf8Bytes(new { code = "INVALID_REQUEST", message = refusal })));
        (contract!.Notice, contract.EverNoticed) = ((Today, notice.Amount), true);
        World.Reach.Saw(Mark.RailNoticeTaken);
        return WeChatPayVerdicts.JudgeNotice(new WeChatPayReply.Json(204, ReadOnlyMemory<byte>.Empty));
    }

    protected override void TellSigned(RailAgreement agreement) => TellContract(agreement, "ADD", agreement.SignedAt!.Value);

    protected override void TellEnded(RailAgreement agreement) => TellContract(agreement, "DELETE", agreement.EndedAt!.Value);

    protected override void TellOrder(RailOrder order)
    {
        if (order.Agreement is { } contract && openByContract.GetValueOrDefault(contract.Id) == order)
            openByContract.Remove(contract.Id);
        var fields = order.Stage == OrderStage.Paid ? Ok(PaidFields(order)) : FailedFields(order);
        World.Callbacks.Send(this, () => new CallbackReading.OfCharge(
            order.Text, order.AtCashier ? WeChatPayVerdicts.JudgePayment(fields) : WeChatPayVerdicts.JudgeDeduction(fields)));
    }

    protected override void TellRefund(RailOrder order, RailRefund refund)
    {
        var fields = Ok(RefundFields(refund, ""));
        fields["success_time"] = Time(refund.At);
        World.Callbacks.Send(this, () => new CallbackReading.OfRefund(order.Text, refund.Number, WeChatPayVerdicts.JudgeRefundResult(fields)));
    }

    // Of payments under an agreement the statement has the openid.
    protected override string? PayerIn(BankEntry entry) => entry.RefundNumber is null && Find(entry.OrderNumber) is not { AtCashier: true } ? entry.Member : null;

    protected override CallbackReading? ContradictionOf(RailOrder order)
    {
        var fields = Ok(("out_trade_no", order.Text), ("trade_state", "PAY_FAIL"));
        return new CallbackReading.OfCharge(order.Text, WeChatPayVerdicts.JudgeDeduction(fields));
    }

    protected override void OnPaid(RailOrder order)
    {
        if (order.Agreement is { } contract)
            (contract.Notice, contract.EverPaid) = (null, true);
    }

    // An order that waits out its day dies with its contract.
    protected override string? WhyNotNow(RailOrder order) =>
        Traits.ChargeDelay > Duration.Zero && order.Agreement!.EndedAt < order.AcceptedAt + Traits.ChargeDelay ? "CONTRACT_NOT_EXIST" : null;

    protected override string CodeOf(DeclineReason reason) => reason switch
    {
        DeclineReason.InsufficientFunds => "NOTENOUGH",
        DeclineReason.LimitReached => "RULELIMIT",
        DeclineReason.AccountAbnormal => "USER_ACCOUNT_ABNORMAL",
        DeclineReason.AgreementNotInForce => "CONTRACT_NOT_EXIST",
        DeclineReason.BankFault => "BANKERROR",
        DeclineReason.OrderClosed => "ORDERCLOSED",
        DeclineReason.Other => "TRADE_ERROR",
        _ => throw new InvalidOperationException("No such reason."),
    };

    private static string Time(Instant at) => Compact.Format(at.InZone(Beijing).LocalDateTime);

    private static string Fen(long amount) => amount.ToString(CultureInfo.InvariantCulture);

    private Dictionary<string, string> Apply(ChargeOrder order)
    {
        if (Find(order.Number.ToString()) is { } earlier)
        {
            // An identical repeat never charges twice; a number with a result is used up.
            return earlier.Stage switch
            {
                OrderStage.Open => Ok(("out_trade_no", earlier.Text)),
                OrderStage.Paid => No("ORDERPAID"),
                OrderStage.Failed => No("OUT_TRADE_NO_USED"),
                _ => throw new InvalidOperationException("No such stage."),
            };
        }

        if (ByRailId(order.Agreement.RailAgreementId) is not { InForce: true } contract)
            return No("CONTRACT_NOT_EXIST");
        if (openByContract.ContainsKey(contract.Id))
            return No("FREQUENCY_LIMITED");
        var exception = !contract.EverNoticed && !contract.EverPaid && Now < contract.SignedAt + Duration.FromHours(12);
        if (!exception && Traits.Notice is not null && RefusalByNotice(contract, order) is { } refusal)
            return No("INVALID_REQUEST", refusal);
        var accepted = new RailOrder(order.Number, contract, contract.Member, order.Amount, Now);
        openByContract[contract.Id] = accepted;
        Accept(accepted, Fate.Of(World.Seed, order.Number), exception ? Duration.Zero : Traits.ChargeDelay);
        return Ok(("out_trade_no", accepted.Text));
    }

    private string? RefusalByNotice(RailAgreement contract, ChargeOrder order) => contract.Notice is not { } notice ? "the member was not notified"
        : Today < notice.Day.PlusDays(Traits.Notice!.DaysBefore) ? "the waiting period is not over"
        : Today > notice.Day.PlusDays(Traits.Notice.DaysBefore + Traits.Notice.ChargeableDays - 1) ? "the chargeable period is over; notify again"
        : !IsServiceHour() ? "applies are taken from 07:00 to 22:00"
        : order.Amount > notice.Amount ? "the amount is above the estimate of the notice"
        : null;

    private bool IsServiceHour() => Now.InZone(Beijing).Hour is >= 7 and < 22;

    private void Close(ChargeOrder order)
    {
        if (Find(order.Number.ToString()) is null && AgreementOf(order.Agreement.Agreement.SigningCode) is { } agreement)
            Keep(new(order.Number, agreement, agreement.Member, order.Amount, Now) { AtCashier = true, Stage = OrderStage.Failed, FailCode = "ORDERCLOSED", EndedAt = Now });
    }

    private Dictionary<string, string> OrderQuery(ChargeOrder order) => Find(order.Number.ToString()) switch
    {
        null => No("ORDERNOTEXIST"),
        { Stage: OrderStage.Paid } paid => Ok(PaidFields(paid)),
        { Stage: OrderStage.Failed, AtCashier: true } closed => Ok(("out_trade_no", closed.Text), ("trade_state", "CLOSED")),
        { Stage: OrderStage.Failed } failed => Ok(
            ("out_trade_no", failed.Text), ("trade_state", "PAY_FAIL"), ("err_code", failed.FailCode), ("contract_id", failed.Agreement!.Id)),
        { } open => Ok(("out_trade_no", open.Text), ("trade_state", open.AtCashier ? "NOTPAY" : "ACCEPT"), ("contract_id", open.Agreement!.Id)),
    };

    private static (string, string)[] PaidFields(RailOrder order) =>
    [
        ("out_trade_no", order.Text), ("trade_state", "SUCCESS"), ("total_fee", Fen(order.Taken.MinorUnits)), ("fee_type", "CNY"),
        ("transaction_id", order.Transaction), ("time_end", Time(order.EndedAt)), ("contract_id", order.Agreement?.Id ?? ""),
    ];

    // The three shapes failures have; the last says so little that only a query helps.
    private Dictionary<string, string> FailedFields(RailOrder order) => (int)(Fate.Of(World.Seed, order.Number).Shape * 3) switch
    {
        0 => No(order.FailCode, "", ("out_trade_no", order.Text), ("trade_state", "PAY_FAIL")),
        1 => Ok(("out_trade_no", order.Text), ("trade_state", "PAY_FAIL")),
        _ => No("0", "SUCCESS", ("out_trade_no", order.Text)),
    };

    private static (string, string)[] RefundFields(RailRefund refund, string index) =>
    [
        ("out_refund_no" + index, refund.Number), ("refund_status" + index, refund.Done ? "SUCCESS" : "PROCESSING"),
        ("refund_fee" + index, Fen(refund.Amount.MinorUnits)), ("refund_id" + index, refund.Id),
        ("refund_success_time" + index, refund.Done ? Time(refund.At) : ""),
    ];

    private Dictionary<string, string> ContractFields(AgreementOrder asked) => AgreementOf(asked) switch
    {
        null => No("CONTRACT_NOT_EXIST"),
        { InForce: true } held => Ok(
            ("contract_code", held.Code), ("contract_state", "0"), ("contract_id", held.Id), ("openid", held.Member), ("contract_signed_time", Time(held.SignedAt!.Value))),
        { SignedAt: not null } ended => Ok(
            ("contract_code", ended.Code), ("contract_state", "1"), ("contract_id", ended.Id), ("contract_termination_mode", Fen((int)ended.Mode)),
            ("contract_terminated_time", Time(ended.EndedAt!.Value))),
        { } pending => Ok(("contract_code", pending.Code), ("contract_state", "9")),
    };

    private void TellContract(RailAgreement agreement, string change, Instant at)
    {
        var fields = Ok(
            ("change_type", change), ("contract_code", agreement.Code), ("contract_id", agreement.Id), ("openid", agreement.Member), ("operate_time", Time(at)),
            ("contract_termination_mode", Fen((int)agreement.Mode)));
        World.Callbacks.Send(this, () => WeChatPayVerdicts.JudgeContractChange(fields) is { } answer
            ? new CallbackReading.OfAgreement(agreement.Code, answer)
            : new CallbackReading.Rejected("a contract message that says nothing"));
    }

    private Dictionary<string, string> Ok(params ReadOnlySpan<(string Name, string Value)> fields) => Message("SUCCESS", fields);

    private Dictionary<string, string> No(string code, string text = "", params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var message = Message("FAIL", fields);
        (message["err_code"], message["err_code_des"]) = (code, text);
        return message;
    }

    private Dictionary<string, string> Message(string result, ReadOnlySpan<(string Name, string Value)> fields)
    {
        var message = new Dictionary<string, string>(fields.Length + 5, StringComparer.Ordinal)
        {
            ["appid"] = App, ["mch_id"] = Account.Number, ["result_code"] = result,
        };
        foreach (var (name, value) in fields)
            message[name] = value;
        return message;
    }
}
