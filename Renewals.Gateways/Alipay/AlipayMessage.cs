using NodaTime;

namespace Renewals.Gateways.Alipay;

/// <summary>A call of one method before it is signed: what it is about and nothing of when it is sent.</summary>
/// <param name="Method">The rail's name of it: <c>alipay.trade.pay</c>.</param>
/// <param name="Content">The business parameters (<c>biz_content</c>), JSON. Built from the order alone: a repeat has the same bytes.</param>
/// <param name="Notifies">Whether the address for notifications goes with it.</param>
/// <param name="Returns">Whether the address a browser returns to goes with it.</param>
public sealed record AlipayMessage(string Method, string Content, bool Notifies = false, bool Returns = false)
{
    /// <summary>Without the content: it holds what is sold to whom.</summary>
    public override string ToString() => Method;
}

/// <summary>Signs messages of one app: adds the common parameters, encrypts the content where that is set, and signs last.</summary>
/// <remarks>
/// The timestamp is the time of sending, not the order's: the rail may refuse a stale one. What it compares between repeats is the content,
/// which is the same. Repeats within one call are the same bytes, timestamp included.
/// </remarks>
public sealed class AlipaySealer
{
    private readonly AlipayOptions options;
    private readonly AlipayKey key;
    private readonly (string App, string Root)? serials;

    /// <summary>Reads the keys of valid options.</summary>
    /// <exception cref="ArgumentException">A key or certificate cannot be read.</exception>
    public AlipaySealer(AlipayOptions options)
    {
        this.options = options;
        ArgumentException Unreadable(string field) => new($"{field} cannot be read.", nameof(options));
        key = AlipayKey.TryPrivate(options.AppPrivateKey) ?? throw Unreadable(nameof(options.AppPrivateKey));
        if (!options.UsesCertificates)
            return;
        var app = AlipayCertificate.TryReadAll(options.AppCertificatePem) ?? throw Unreadable(nameof(options.AppCertificatePem));
        var roots = AlipayCertificate.TryReadAll(options.RootCertificatesPem) ?? throw Unreadable(nameof(options.RootCertificatesPem));
        serials = (app[0].Serial, AlipayCertificate.RootSerial(roots));
    }

    /// <summary>All parameters of a call, signed.</summary>
    /// <param name="message">The call.</param>
    /// <param name="at">The timestamp.</param>
    public IReadOnlyDictionary<string, string> Seal(AlipayMessage message, Instant at)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["app_id"] = options.AppId,
            ["method"] = message.Method,
            ["format"] = "JSON",
            ["charset"] = "utf-8",
            [AlipaySigner.SignTypeField] = AlipaySigner.SignType,
            ["timestamp"] = AlipayWire.Time(at),
            ["version"] = "1.0",
            ["biz_content"] = options.AesKey is { } aes ? AlipayCipher.Encrypt(aes, message.Content, AlipayWire.Utf8) : message.Content,
        };
        if (options.AesKey is not null)
            parameters["encrypt_type"] = AlipayCipher.EncryptType;
        if (serials is var (app, root))
            (parameters["app_cert_sn"], parameters["alipay_root_cert_sn"]) = (app, root);
        if (options.AppAuthToken is { } token)
            parameters["app_auth_token"] = token;
        if (message.Notifies)
            parameters["notify_url"] = options.NotifyUrl!.OriginalString;
        if (message.Returns && options.ReturnUrl is { } back)
            parameters["return_url"] = back.OriginalString;
        parameters[AlipaySigner.SignField] = key.Sign(AlipaySigner.StringToSign(parameters), AlipayWire.Utf8);
        return parameters;
    }
}
