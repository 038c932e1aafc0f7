using System.Text.Json;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Gateways.RefundAnswer;

namespace Renewals.Gateways.Alipay;

public static partial class AlipayVerdicts
{
    private const string Done = "REFUND_SUCCESS";

    /// <summary>The answer to a refund (<c>alipay.trade.refund</c>). It never proves one.</summary>
    /// <remarks>10000 is no result, <c>refund_fee</c> is the sum of all refunds, and <c>fund_change</c> speaks of this call only.</remarks>
    public static RefundAnswer JudgeRefund(AlipayReply reply, RefundOrder refund) => reply switch
    {
        AlipayReply.Message { Code: "10000" } message => IsOf(message.Node, refund.Number.OfAttempt) is { } fault
            ? new Unknown(fault)
            : new Pending($"fund_change {(message.Node.Text("fund_change") is { Length: > 0 } change ? change : "absent")}"),

        // The refusal of a repeat says nothing of the lost first try, which may have been taken.
        AlipayReply.Message { Repeated: true } or AlipayReply.UnsignedError { Repeated: true } =>
            new Unknown($"a repeat was refused: {WhyOf(reply)}"),
        AlipayReply.Message { Code: "40004" } message when !AlipayCodes.IsBusy(message.Code, message.SubCode) =>
            OfRefundCode(message.SubCode, message.Why),
        _ => OfGateway(reply) is var (code, why) ? new Refused(code, why) : new Unknown(WhyOf(reply)),
    };

    /// <summary>The answer to a question for a refund (<c>alipay.trade.fastpay.refund.query</c>).</summary>
    /// <remarks>
    /// <c>REFUND_SUCCESS</c> is the only success. Without a status the refund was not received, is under way or failed: the rail's advice for
    /// all three is the same number again. Where the rail leaves out the time it was asked for, the time of our request stands for it.
    /// </remarks>
    public static RefundAnswer JudgeRefundQuery(AlipayReply reply, RefundOrder refund) => reply switch
    {
        AlipayReply.Message { Code: "10000" } message => message.Node.Text("refund_status") switch
        {
            "" => NamesAnotherRefund(message.Node, refund) is { } fault ? new Unknown(fault) : new Missing(),
            Done => OfDone(message.Node, refund),
            var status => new Unknown($"refund_status {RailWords.Code(status)}"),
        },

        // A refusal here is of the question. It says nothing of the refund.
        _ => new Unknown(WhyOf(reply)),
    };

    private static RefundAnswer OfDone(JsonElement node, RefundOrder refund) =>
        (IsOf(node, refund.Number.OfAttempt) ?? NamesAnotherRefund(node, refund)) is { } fault ? new Unknown(fault)
        : node.Text("out_request_no").Length > 0 && AlipayWire.TryYuan(node.Text("refund_amount")) is { } amount
            && node.Text("trade_no") is { Length: > 0 } transaction
            ? new Refunded(amount, transaction, AlipayWire.TryTime(node.Text("gmt_refund_pay")) ?? refund.RequestedAt)
            : new Unknown("a refund without amount or number");

    private static string? NamesAnotherRefund(JsonElement node, RefundOrder refund) => NamesAnother(node, refund.Number.OfAttempt)
        ?? (node.Text("out_request_no") is { Length: > 0 } named && named != refund.Number.ToString() ? "the answer is for another refund" : null);

    private static RefundAnswer OfRefundCode(string code, string why) => code switch
    {
        // The member's account is gone, the time for refunds is over, or the order can have none: a person pays outside.
        "ACQ.BUYER_NOT_EXIST" or "ACQ.BUYER_ERROR" or "ACQ.BUYER_ENABLE_STATUS_FORBID" => new Impossible(code, why),
        "ACQ.CUSTOMER_VALIDATE_ERROR" => new Impossible(code, why),
        "ACQ.USER_NOT_MATCH_ERR" or "ACQ.TRADE_HAS_FINISHED" or "ACQ.TRADE_NOT_ALLOW_REFUND" => new Impossible(code, why),
        "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND" or "ACQ.NOT_ALLOW_PARTIAL_REFUND" => new Impossible(code, why),

        // The merchant's funds or set-up: the same number works once they are right.
        "ACQ.SELLER_BALANCE_NOT_ENOUGH" or "ACQ.REFUND_ACCOUNT_NOT_EXIST" or "ACQ.OVERDRAFT_ASSIGN_ACCOUNT_INVALID" => new Refused(code, why),
        "ACQ.OVERDRAFT_AGREEMENT_NOT_MATCH" or "ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST" => new Refused(code, why),
        "ACQ.REFUNDALLOC_UNAUTH_LIMIT" or "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR" or "ACQ.REASON_TRADE_BEEN_FREEZEN" => new Refused(code, why),

        // Amounts, states and messages that do not fit: people look, nothing was given back by this call.
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" or "ACQ.REFUND_FEE_ERROR" or "ACQ.TRADE_NOT_EXIST" or "ACQ.TRADE_STATUS_ERROR" => new Refused(code, why),
        "ACQ.REASON_TRADE_STATUS_INVALID" or "ACQ.INVALID_PARAMETER" or "ACQ.CURRENCY_NOT_SUPPORT" => new Refused(code, why),
        "ACQ.TRADE_SETTLE_ERROR" => new Refused(code, why),

        // Given back already, by this number or another: the query tells.
        "ACQ.REASON_TRADE_REFUND_FEE_ERR" or "ACQ.DISCORDANT_REPEAT_REQUEST" or "ACQ.TRADE_HAS_CLOSE" => new Unknown(why),
        _ => new Unknown(why),
    };
}
