using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.Alipay;

/// <summary>Verifies and reads the rail's notifications (异步通知), and answers in its form. A notification without a proof changes nothing.</summary>
public sealed class AlipayCallbacks(AlipayOptions options, AlipayPlatformKeys keys)
{
    /// <summary>The largest body that is read: 64 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    private const string CertificateField = "alipay_cert_sn";

    // Two clocks that are set by time servers; beyond that the message is not of now.
    private static readonly Duration Ahead = Duration.FromMinutes(10);

    /// <summary>Verifies and reads a notification; nothing of one that fails a check is used.</summary>
    /// <param name="callback">The raw request.</param>
    /// <param name="now">The instant freshness and certificates are judged at.</param>
    public CallbackReading Read(Callback callback, Instant now)
    {
        if (callback.Body.Length > MaxBytes)
            return new CallbackReading.Rejected($"the body has more than {MaxBytes} bytes");
        if (AlipayWire.TryReadForm(callback.Body.Span) is not var (fields, encoding))
            return new CallbackReading.Rejected("the body is no form of its charset");
        return WhyNot(fields, encoding, now) is { } fault ? new CallbackReading.Rejected(fault) : ReadGenuine(fields);
    }

    /// <summary>The answer in the rail's own form: seven lower-case letters, or anything else to be told again.</summary>
    /// <param name="received">False asks the rail to deliver again.</param>
    /// <param name="reason">Short, for the rail's log.</param>
    public static CallbackReply ReplyTo(bool received, string reason) => new(200, "text/plain", received ? "success" : $"fail: {reason}");

    private string? WhyNot(IReadOnlyDictionary<string, string> fields, Encoding encoding, Instant now)
    {
        // The message never chooses its method.
        if (fields.Text(AlipaySigner.SignTypeField) != AlipaySigner.SignType)
            return "the signature is not RSA2";
        if (WhyForged(fields, encoding, now) is { } fault)
            return fault;
        if (fields.Text("app_id") != options.AppId)
            return "for another app";
        if (fields.Text("auth_app_id") is { Length: > 0 } merchantApp && merchantApp != (options.AuthAppId ?? options.AppId))
            return "for another merchant's app";
        if (fields.Text("seller_id") is { Length: > 0 } seller && seller != options.SellerId)
            return "for another seller";
        return AlipayWire.TryTime(fields.Text("notify_time")) is not { } at ? "without a time"
            : at < now - options.NotificationLifetime || at > now + Ahead ? "too old, or ahead of its time"
            : null;
    }

    /// <summary>Which check of the signature failed; null when it is genuine.</summary>
    /// <remarks>
    /// The rail's libraries know variants: messages of some kinds sign <c>sign_type</c> too, and they disagree on fields without a value. Each
    /// variant needs the rail's key, so trying them all lets no stranger in.
    /// </remarks>
    internal string? WhyForged(IReadOnlyDictionary<string, string> fields, Encoding encoding, Instant now)
    {
        var (sign, serial) = (fields.Text(AlipaySigner.SignField), fields.Text(CertificateField));
        var fault = "without a signature";
        if (sign.Length == 0)
            return fault;
        foreach (var text in Variants(fields).Distinct())
        {
            fault = keys.WhyNot(text, sign, serial, encoding, now);
            if (fault is null)
                return null;
        }

        return fault;
    }

    private static IEnumerable<string> Variants(IReadOnlyDictionary<string, string> fields) =>
        from dropped in new[] { AlipaySigner.SignTypeField, "" }
        from certificate in new[] { CertificateField, "" }
        from skipsEmpty in new[] { false, true }
        select AlipaySigner.Join(fields.Where(field =>
            field.Key != AlipaySigner.SignField && field.Key != dropped && field.Key != certificate && !(skipsEmpty && field.Value.Length == 0)));

    private CallbackReading ReadGenuine(IReadOnlyDictionary<string, string> fields) => fields.Text("notify_type") switch
    {
        "trade_status_sync" when fields.Text("seller_id") != options.SellerId => new CallbackReading.Rejected("names no seller"),
        "trade_status_sync" => ReadTrade(fields),
        "dut_user_sign" => OfAgreement(fields, AlipayVerdicts.JudgeSigned(fields)),
        "dut_user_unsign" => OfAgreement(fields, AlipayVerdicts.JudgeUnsigned(fields)),

        var kind => new CallbackReading.NothingForUs($"notify_type {(kind.Length == 0 ? "absent" : RailWords.Code(kind))}"),
    };

    private static CallbackReading ReadTrade(IReadOnlyDictionary<string, string> fields)
    {
        var order = fields.Text("out_trade_no");
        if (order.Length == 0)
            return new CallbackReading.Rejected("no order number");

        // A refund's notification says TRADE_SUCCESS like a payment's: booked as one, the member would be served twice.
        return AlipayVerdicts.IsOfRefund(fields)
            ? new CallbackReading.OfRefund(order, fields.Text("out_biz_no"), AlipayVerdicts.JudgeRefundNotification(fields))
            : new CallbackReading.OfCharge(order, AlipayVerdicts.JudgeNotification(fields));
    }

    // Ours has our number; one without was signed elsewhere. A state that nothing is known of is asked about by the duties.
    private static CallbackReading OfAgreement(IReadOnlyDictionary<string, string> fields, AgreementAnswer? answer) =>
        fields.Text("external_agreement_no") is not { Length: > 0 } code
            ? new CallbackReading.NothingForUs($"{fields.Text("notify_type")} of an agreement without a number of the merchant's")
        : answer is not null ? new CallbackReading.OfAgreement(code, answer)
        : fields.Text("status") is "NORMAL" or "UNSIGN" ? new CallbackReading.Rejected("an agreement message without its number or time")
        : new CallbackReading.NothingForUs($"{fields.Text("notify_type")} that says no state we act upon");
}
