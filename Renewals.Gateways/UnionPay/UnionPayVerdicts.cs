using System.Diagnostics;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Charging.ChargeOutcome;

namespace Renewals.Gateways.UnionPay;

/// <summary>What the rail's answers mean: pure functions of an answer and the order it is about, without HTTP.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>code</term><description>answer to a collection · notification · answer to a query (<c>origRespCode</c>)</description></listheader>
/// <item><term>success</term><description>pending: accepted only · paid, a hint · paid</description></item>
/// <item><term>open</term><description>pending · a reason to ask · pending</description></item>
/// <item><term>unclear, duplicate</term><description>a reason to ask, all three</description></item>
/// <item><term>our defect, merchant's set-up</term><description>refused: nothing was recorded · a reason to ask · declined</description></item>
/// <item><term>platform, funds, card, entrust, identity, failed</term><description>declined, a hint · declined, a hint · declined</description></item>
/// <item><term>money may have left, not in the table</term><description>a reason to ask, all three: the file decides</description></item>
/// </list>
/// Only a query settles an order. "No such transaction" (34) proves nothing by itself, and a query that was refused says nothing.
/// </remarks>
public static partial class UnionPayVerdicts
{
    internal const string CollectionType = "11";

    /// <summary>The answer to a collection (11). Nothing it says but a refusal of the message itself is more than a hint.</summary>
    public static ChargeAnswer JudgeCollection(UnionPayReply reply, UnionPayIdentity order) => reply switch
    {
        UnionPayReply.NotSent notSent => new(new NotSent(notSent.Why)),
        UnionPayReply.Unclear unclear => Ask(unclear.Why),
        UnionPayReply.Message message when WhyForeign(message, order, CollectionType) is { } fault => Ask(fault),
        UnionPayReply.Message message => OfCollectionCode(message),
        _ => throw new UnreachableException(),
    };

    /// <summary>The answer to a question for an order (00/00).</summary>
    /// <remarks>Type and subtype in the answer are the original's. Without a time in it the order's own stands for that of the payment.</remarks>
    public static ChargeAnswer JudgeQuery(UnionPayReply reply, UnionPayIdentity order) => reply switch
    {
        UnionPayReply.NotSent or UnionPayReply.Unclear => Ask(WhyOf(reply)),
        UnionPayReply.Message message when WhyForeign(message, order) is { } fault => Ask(fault),
        UnionPayReply.Message { Code: "34" } => new(new Missing()),
        UnionPayReply.Message { Code: "00" } message when message.Text("txnType") != CollectionType => Ask("the answer is about another kind of transaction"),
        UnionPayReply.Message { Code: "00" } message => OfOriginalCode(message, order),
        UnionPayReply.Message message => Ask($"the question was refused: {message.Why}"),
        _ => throw new UnreachableException(),
    };

    /// <summary>A collection as the rail notifies it: a reason to ask, whatever it says.</summary>
    /// <param name="fields">A verified notification of our merchant number.</param>
    public static ChargeAnswer JudgeNotification(IReadOnlyDictionary<string, string> fields)
    {
        var (code, why) = (fields.Text("respCode"), UnionPayReply.Message.InWords(fields.Text("respCode")));
        return UnionPayCodes.ClassOf(code) == UnionPayCodeClass.Success && UnionPayText.Time(fields.Text("txnTime")) is { } at
            ? Paid(fields, at) with { Evidence = Evidence.Hint }
            : UnionPayCodes.ReasonOf(code) is { } reason ? new(new Declined(reason, code), Evidence.Hint)
            : Ask($"notified: {why}");
    }

    internal static ChargeAnswer Ask(string why) => new(new Unknown(why), Evidence.Hint);

    /// <summary>An answer in words.</summary>
    internal static string WhyOf(UnionPayReply reply) => reply switch
    {
        UnionPayReply.Message { OriginalCode.Length: > 0 } message => message.OriginalWhy,
        UnionPayReply.Message message => message.Why,
        UnionPayReply.Unclear unclear => unclear.Why,
        UnionPayReply.NotSent notSent => $"not asked: {notSent.Why}",
        _ => throw new UnreachableException(),
    };

    /// <summary>Why an answer is not about a transaction: what settles one must name it, its time and its kind.</summary>
    /// <param name="message">The answer.</param>
    /// <param name="about">The transaction.</param>
    /// <param name="type">Its kind; null in the answer to a query, which may name none.</param>
    internal static string? WhyForeign(UnionPayReply.Message message, UnionPayIdentity about, string? type = null) =>
        message.Text("orderId") != about.OrderId || message.Text("txnTime") != UnionPayText.Time(about.At) ? "the answer is for another transaction"
        : type is not null && message.Text("txnType") != type ? "the answer is for another kind of call"
        : null;

    private static ChargeAnswer OfCollectionCode(UnionPayReply.Message message) => UnionPayCodes.ClassOf(message.Code) switch
    {
        UnionPayCodeClass.Success or UnionPayCodeClass.Open => new(new Pending(message.Code)),
        UnionPayCodeClass.OwnDefect or UnionPayCodeClass.MerchantStop => new(new Refused(message.Code, message.Why)),
        _ => UnionPayCodes.ReasonOf(message.Code) is { } reason ? new(new Declined(reason, message.Code), Evidence.Hint) : Ask(message.Why),
    };

    private static ChargeAnswer OfOriginalCode(UnionPayReply.Message message, UnionPayIdentity order) => UnionPayCodes.ClassOf(message.OriginalCode) switch
    {
        UnionPayCodeClass.Success => Paid(message.Fields, order.At),
        UnionPayCodeClass.Open => new(new Pending(message.OriginalCode)),

        // The order is over all the same, and for no fault of the member's: a further try is another order.
        UnionPayCodeClass.OwnDefect or UnionPayCodeClass.MerchantStop => new(new Declined(DeclineReason.BankFault, message.OriginalCode)),
        _ => UnionPayCodes.ReasonOf(message.OriginalCode) is { } reason ? new(new Declined(reason, message.OriginalCode)) : Ask(message.OriginalWhy),
    };

    /// <summary>A payment with all that proves it; without, a reason to ask.</summary>
    private static ChargeAnswer Paid(IReadOnlyDictionary<string, string> fields, Instant sentAt) =>
        fields.Text("currencyCode") == UnionPayText.Yuan && UnionPayText.Fen(fields.Text("txnAmt")) is { } taken
            && fields.Text("queryId") is { Length: > 0 } transaction
            ? new(new Succeeded(taken, transaction, UnionPayText.TimeNear(fields.Text("traceTime"), sentAt) ?? sentAt))
            : Ask("a payment without amount in yuan, or number");
}
