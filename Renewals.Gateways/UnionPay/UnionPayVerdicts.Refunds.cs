using System.Diagnostics;
using Renewals.Core.Gateways;
using static Renewals.Core.Gateways.RefundAnswer;

namespace Renewals.Gateways.UnionPay;

/// <content>
/// <list type="table">
/// <listheader><term>code</term><description>answer to a refund or void · answer to a query (<c>origRespCode</c>)</description></listheader>
/// <item><term>success</term><description>pending: accepted only · refunded</description></item>
/// <item><term>open</term><description>pending · pending</description></item>
/// <item><term>our defect, merchant's set-up</term><description>refused: nothing was recorded · refused</description></item>
/// <item><term>platform, funds, failed, original in a wrong state (35)</term><description>unknown · refused</description></item>
/// <item><term>card, entrust, identity, original given back or not matching</term><description>unknown · impossible</description></item>
/// <item><term>unclear, none such, money may have left, not in the table</term><description>unknown · unknown</description></item>
/// </list>
/// </content>
public static partial class UnionPayVerdicts
{
    internal const string RefundType = "04";
    internal const string VoidType = "31";

    /// <summary>The answer to a refund or void. It never proves one, and that it failed only a query tells.</summary>
    public static RefundAnswer JudgeRefund(UnionPayReply reply, UnionPayIdentity refund, bool isVoid) => reply switch
    {
        // Nothing left this machine: the same number later.
        UnionPayReply.NotSent notSent => new Refused("NOT_SENT", notSent.Why),
        UnionPayReply.Unclear unclear => new Unknown(unclear.Why),
        UnionPayReply.Message message when WhyForeign(message, refund, isVoid ? VoidType : RefundType) is { } fault => new Unknown(fault),
        UnionPayReply.Message message => UnionPayCodes.ClassOf(message.Code) switch
        {
            UnionPayCodeClass.Success or UnionPayCodeClass.Open => new Pending(message.Code),
            UnionPayCodeClass.OwnDefect or UnionPayCodeClass.MerchantStop => new Refused(message.Code, message.Why),
            _ => new Unknown(message.Why),
        },
        _ => throw new UnreachableException(),
    };

    /// <summary>The answer to a question for a refund or void (00/00).</summary>
    /// <remarks>"No such transaction" is never taken for a missing refund: sent again under a new time, both might be done.</remarks>
    public static RefundAnswer JudgeRefundQuery(UnionPayReply reply, UnionPayIdentity refund, bool isVoid) => reply switch
    {
        UnionPayReply.NotSent or UnionPayReply.Unclear => new Unknown(WhyOf(reply)),
        UnionPayReply.Message message when WhyForeign(message, refund) is { } fault => new Unknown(fault),
        UnionPayReply.Message { Code: "34" } => new Unknown("the rail knows of no such refund, which proves nothing here"),
        UnionPayReply.Message { Code: "00" } message when message.Text("txnType") != (isVoid ? VoidType : RefundType) =>
            new Unknown("the answer is about another kind of transaction"),
        UnionPayReply.Message { Code: "00" } message => OfOriginalRefund(message, refund),
        UnionPayReply.Message message => new Unknown($"the question was refused: {message.Why}"),
        _ => throw new UnreachableException(),
    };

    /// <summary>A refund as the rail notifies it: a reason to ask.</summary>
    /// <param name="fields">A verified notification of our merchant number.</param>
    public static RefundAnswer JudgeRefundNotification(IReadOnlyDictionary<string, string> fields) =>
        new Pending($"notified: {fields.Text("respCode")}");

    private static RefundAnswer OfOriginalRefund(UnionPayReply.Message message, UnionPayIdentity refund)
    {
        var (code, why) = (message.OriginalCode, message.OriginalWhy);
        return (UnionPayCodes.ClassOf(code), code) switch
        {
            (UnionPayCodeClass.Success, _) => OfDone(message, refund),
            (UnionPayCodeClass.Open, _) => new Pending(code),
            (UnionPayCodeClass.OwnDefect or UnionPayCodeClass.MerchantStop or UnionPayCodeClass.Platform, _) => new Refused(code, why),
            (UnionPayCodeClass.Funds or UnionPayCodeClass.Failed, _) or (UnionPayCodeClass.Original, "35") => new Refused(code, why),
            (UnionPayCodeClass.Card or UnionPayCodeClass.Entrust or UnionPayCodeClass.Identity or UnionPayCodeClass.Original, _) => new Impossible(code, why),
            (UnionPayCodeClass.Unknown or UnionPayCodeClass.Unclear or UnionPayCodeClass.NoneSuch, _) => new Unknown(why),
            (UnionPayCodeClass.MoneyMayHaveLeft or UnionPayCodeClass.NoFile, _) => new Unknown(why),
            _ => throw new UnreachableException(),
        };
    }

    private static RefundAnswer OfDone(UnionPayReply.Message message, UnionPayIdentity refund) =>
        message.Text("currencyCode") == UnionPayText.Yuan && UnionPayText.Fen(message.Text("txnAmt")) is { } amount
            && message.Text("queryId") is { Length: > 0 } transaction
            ? new Refunded(amount, transaction, UnionPayText.TimeNear(message.Text("traceTime"), refund.At) ?? refund.At)
            : new Unknown("a refund without amount in yuan, or number");
}
