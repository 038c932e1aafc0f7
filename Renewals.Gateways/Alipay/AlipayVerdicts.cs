using System.Diagnostics;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Charging.ChargeOutcome;

namespace Renewals.Gateways.Alipay;

/// <summary>What the rail's answers mean: pure functions of an answer and the order it is about, without HTTP.</summary>
/// <remarks>
/// Nothing but a signed answer that names our order settles one. A refused deduction may leave an open order that can still be paid, so
/// every refusal for the member's sake is a reason to ask; only a closed order is declined. Codes and states that are not in the tables
/// are asked about, never acted upon.
/// </remarks>
public static partial class AlipayVerdicts
{
    /// <summary>The answer to a deduction (<c>alipay.trade.pay</c>).</summary>
    public static ChargeAnswer JudgePay(AlipayReply reply, ChargeOrder order) => reply switch
    {
        AlipayReply.NotSent notSent => new(new NotSent(notSent.Why)),
        AlipayReply.Message { Code: "10000" } paid => IsOf(paid.Node, order.Number) is { } fault ? Ask(fault) : Paid(paid.Node, "gmt_payment"),
        AlipayReply.Message { Code: "10003" } accepted => IsOf(accepted.Node, order.Number) is { } fault ? Ask(fault) : new(new Pending("10003")),

        // The refusal of a repeat says nothing of the lost first try, which may have been taken.
        AlipayReply.Message { Repeated: true } or AlipayReply.UnsignedError { Repeated: true } => Ask($"a repeat was refused: {WhyOf(reply)}"),
        AlipayReply.Message { Code: "40004" } refused when !AlipayCodes.IsBusy(refused.Code, refused.SubCode) => OfPayCode(refused),
        AlipayReply.Message or AlipayReply.UnsignedError => OfGateway(reply) is var (code, why) ? new(new Refused(code, why)) : Ask(WhyOf(reply)),
        AlipayReply.Unclear => Ask(WhyOf(reply)),
        _ => throw new UnreachableException(),
    };

    /// <summary>The answer to a question for an order (<c>alipay.trade.query</c>).</summary>
    /// <remarks>
    /// A closed order was either never paid, or paid and given back in full. It was paid where the answer has a time of payment, a sum paid
    /// or a sum given back: then it is reported as paid and given back, so that no period is renewed without money.
    /// </remarks>
    public static ChargeAnswer JudgeQuery(AlipayReply reply, OrderNumber order) => reply switch
    {
        AlipayReply.Message { Code: "10000" } message => IsOf(message.Node, order) is { } fault ? Ask(fault) : OfStatus(message.Node),
        AlipayReply.Message { Code: "40004" } message when AlipayCodes.IsNoOrder(message.SubCode) => NamesAnother(message.Node, order) is { } fault
            ? Ask(fault)
            : new(new Missing()),

        // Any other refusal is of the question. It says nothing of the order.
        _ => Ask(WhyOf(reply)),
    };

    /// <summary>The answer to closing an order that is not paid (<c>alipay.trade.close</c>).</summary>
    /// <returns><see cref="Declined"/> once it is closed; else only a reason to ask.</returns>
    public static ChargeAnswer JudgeClose(AlipayReply reply, OrderNumber order) => reply is AlipayReply.Message { Code: "10000" } message
        ? IsOf(message.Node, order) is { } fault ? Ask(fault) : new(new Declined(DeclineReason.OrderClosed, "CLOSED"))
        : Ask($"the order was not closed: {WhyOf(reply)}");

    /// <summary>The answer to cancelling an order (<c>alipay.trade.cancel</c>).</summary>
    /// <returns>
    /// <see cref="Declined"/> when it was closed unpaid. When the rail says that it was paid and gives the money back
    /// (<c>action=refund</c>) that is no decline: it is asked about, and the query reports it as paid and given back.
    /// </returns>
    public static ChargeAnswer JudgeCancel(AlipayReply reply, OrderNumber order) => reply switch
    {
        AlipayReply.Message { Code: "10000" } message when IsOf(message.Node, order) is { } fault => Ask(fault),
        AlipayReply.Message { Code: "10000" } message => (message.Node.Text("action"), message.Node.Text("retry_flag")) switch
        {
            ("close", not "Y") => new(new Declined(DeclineReason.OrderClosed, "CANCELLED")),
            ("refund", _) => Ask("the order had been paid, and cancelling it gives the money back"),
            var (action, retry) => Ask($"cancel: action {(action.Length == 0 ? "absent" : RailWords.Code(action))}, retry_flag {RailWords.Code(retry)}"),
        },
        _ => Ask($"the order was not cancelled: {WhyOf(reply)}"),
    };

    /// <summary>Code and words of a fault of our message or set-up, when the gateway refused the call itself; null for anything else.</summary>
    internal static (string Code, string Why)? OfGateway(AlipayReply reply) => reply switch
    {
        AlipayReply.Message message when AlipayCodes.IsGatewayFault(message.Code) => (Finest(message.Code, message.SubCode), message.Why),
        AlipayReply.UnsignedError error when AlipayCodes.IsGatewayFault(error.Code) => (Finest(error.Code, error.SubCode), error.Why),
        _ => null,
    };

    /// <summary>An answer in words.</summary>
    internal static string WhyOf(AlipayReply reply) => reply switch
    {
        AlipayReply.Message message => message.Why,
        AlipayReply.UnsignedError error => error.Why,
        AlipayReply.Unclear unclear => unclear.Why,
        AlipayReply.NotSent notSent => $"not asked: {notSent.Why}",
        _ => throw new UnreachableException(),
    };

    /// <summary>A payment with all that proves it; without, a reason to ask.</summary>
    internal static ChargeAnswer Paid(string amount, string transaction, string time) =>
        AlipayWire.TryYuan(amount) is { } taken && transaction.Length > 0 && AlipayWire.TryTime(time) is { } at
            ? new(new Succeeded(taken, transaction, at))
            : Ask("a payment without amount, number or time");

    internal static ChargeAnswer Ask(string why) => new(new Unknown(why), Evidence.Hint);

    private static ChargeAnswer OfPayCode(AlipayReply.Message refused) => AlipayCodes.ReasonOf(refused.SubCode) is { } reason
        ? new(new Declined(reason, refused.SubCode), Evidence.Hint)
        : AlipayCodes.ClassOf(refused.SubCode) switch
        {
            AlipayCodeClass.RequestBug or AlipayCodeClass.MerchantStop or AlipayCodeClass.NotApplicable or AlipayCodeClass.AttemptCap =>
                new(new Refused(refused.SubCode, refused.Why)),
            AlipayCodeClass.AlreadyPaid or AlipayCodeClass.NewOrderNumber or AlipayCodeClass.Unknown => Ask(refused.Why),
            _ => throw new UnreachableException(),
        };

    private static ChargeAnswer OfStatus(JsonElement node) => node.Text("trade_status") switch
    {
        "TRADE_SUCCESS" or "TRADE_FINISHED" => Paid(node, "send_pay_date"),
        "WAIT_BUYER_PAY" => new(new Pending("WAIT_BUYER_PAY")),
        "TRADE_CLOSED" when WasPaid(node) => Reversed(Paid(node, "send_pay_date")),
        "TRADE_CLOSED" => new(new Declined(DeclineReason.OrderClosed, "TRADE_CLOSED")),
        var status => Ask($"trade_status {(status.Length == 0 ? "absent" : RailWords.Code(status))}"),
    };

    // The rail says neither when it gave the money back nor under which number.
    private static ChargeAnswer Reversed(ChargeAnswer paid) => paid.Outcome is Succeeded x ? new(new Reversed(x.Amount, x.RailTransaction, x.PaidAt)) : paid;

    private static bool WasPaid(JsonElement node) => node.Text("send_pay_date").Length > 0 || node.Text("gmt_payment").Length > 0
        || IsSome(node.Text("buyer_pay_amount")) || IsSome(node.Text("receipt_amount")) || IsSome(node.Text("refund_fee"))
        || IsSome(node.Text("send_back_fee"));

    private static bool IsSome(string amount) => amount.Length > 0 && AlipayWire.TryYuan(amount) is not { MinorUnits: 0 };

    private static ChargeAnswer Paid(JsonElement node, string timeField) =>
        Paid(node.Text("total_amount"), node.Text("trade_no"), node.Text(timeField));

    /// <summary>Why an answer is not about an order: what settles one must name it.</summary>
    private static string? IsOf(JsonElement node, OrderNumber order) =>
        node.Text("out_trade_no") is { Length: > 0 } ? NamesAnother(node, order) : "the answer names no order";

    private static string? NamesAnother(JsonElement node, OrderNumber order) =>
        node.Text("out_trade_no") is { Length: > 0 } named && named != order.ToString() ? "the answer is for another order" : null;

    private static string Finest(string code, string subCode) => subCode.Length > 0 ? subCode : code;
}
