using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.UnionPay;

/// <summary>Verifies and reads the rail's background notifications (后台通知). A notification without a proof changes nothing.</summary>
/// <remarks>
/// They carry no nonce and no time of sending: a repeat is told apart by nothing, and harmless, because whatever they say of money is only a
/// reason to ask.
/// </remarks>
public sealed class UnionPayCallbacks(UnionPayOptions options, UnionPayVerifier verifier)
{
    /// <summary>The largest body that is read: 64 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    // Two clocks that are set by time servers; a transaction of later than that was never sent.
    private static readonly Duration Ahead = Duration.FromMinutes(10);

    private readonly Encoding encoding = UnionPayWire.EncodingOf(options.Encoding);

    /// <summary>Verifies and reads a notification; nothing of one that fails a check is used.</summary>
    /// <param name="callback">The raw request. What stands in its address is not looked at.</param>
    /// <param name="now">The instant certificates are judged at.</param>
    public CallbackReading Read(Callback callback, Instant now)
    {
        if (callback.Body.Length > MaxBytes)
            return new CallbackReading.Rejected($"the body has more than {MaxBytes} bytes");
        if (!UnionPayWire.TryReadForm(callback.Body.Span, encoding, out var read, out var why))
            return new CallbackReading.Rejected(why);

        // The rail signs no empty fields; what added them on the way added nothing.
        var fields = read.Where(field => field.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
        return WhyNot(fields, now) is { } fault ? new CallbackReading.Rejected(fault) : ReadGenuine(fields);
    }

    /// <summary>The answer: the rail looks at the status alone, and delivers again after any but 200.</summary>
    /// <param name="received">False asks the rail to deliver again.</param>
    /// <param name="reason">Short; nobody reads it.</param>
    public static CallbackReply ReplyTo(bool received, string reason) => new(received ? 200 : 500, "text/plain", received ? "ok" : reason);

    private string? WhyNot(IReadOnlyDictionary<string, string> fields, Instant now) =>
        verifier.WhyNot(fields, now) is { } forged ? forged
        : fields.Text("merId") != options.MerId ? "for another merchant"
        : fields.Text("orderId").Length == 0 ? "no order number"
        : fields.Text("respCode").Length == 0 ? "no result"
        : UnionPayText.Time(fields.Text("txnTime")) is not { } at ? "without a time"
        : at > now + Ahead ? "ahead of its time"
        : null;

    private CallbackReading ReadGenuine(IReadOnlyDictionary<string, string> fields)
    {
        var order = fields.Text("orderId");
        return fields.Text("txnType") switch
        {
            UnionPayVerdicts.CollectionType or UnionPayVerdicts.RefundType or UnionPayVerdicts.VoidType when WhyNoMoney(fields) is { } fault =>
                new CallbackReading.Rejected(fault),
            UnionPayVerdicts.CollectionType => new CallbackReading.OfCharge(order, UnionPayVerdicts.JudgeNotification(fields)),
            UnionPayVerdicts.RefundType or UnionPayVerdicts.VoidType =>
                new CallbackReading.OfRefund(order, order, UnionPayVerdicts.JudgeRefundNotification(fields)),
            UnionPayVerdicts.EstablishType => new CallbackReading.OfAgreement(order, UnionPayVerdicts.JudgeSigned(fields, options)),

            // Genuine and about nothing here, the removals we asked for and were answered among them: it is counted, and not wanted again.
            var type => new CallbackReading.OfCharge("", UnionPayVerdicts.Ask($"txnType {RailWords.Code(type)}")),
        };
    }

    private static string? WhyNoMoney(IReadOnlyDictionary<string, string> fields) =>
        fields.Text("currencyCode") != UnionPayText.Yuan ? "not in yuan"
        : UnionPayText.Fen(fields.Text("txnAmt")) is { MinorUnits: > 0 } ? null
        : "no amount";
}
