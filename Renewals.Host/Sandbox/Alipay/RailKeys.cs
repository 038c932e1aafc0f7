using System.Text;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>The keys of platform and app, read once.</summary>
internal sealed class RailKeys
{
    private readonly AlipayKey app;
    private readonly Dictionary<string, string> issued = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private volatile Signer platform;

    public RailKeys(AlipaySandboxCredentials credentials, AlipayKeyMode mode)
    {
        Mode = mode;
        app = AlipayKey.TryPublic(credentials.AppPublicKey) ?? throw new ArgumentException("The app's key cannot be read.", nameof(credentials));
        AppSerial = First(credentials.AppCertificatePem).Serial;
        RootSerial = AlipayCertificate.RootSerial(AlipayCertificate.TryReadAll(credentials.RootCertificatesPem)!);
        platform = Load(credentials);
    }

    /// <summary>How keys are exchanged.</summary>
    public AlipayKeyMode Mode { get; }

    /// <summary>What <c>app_cert_sn</c> must be.</summary>
    public string AppSerial { get; }

    /// <summary>What <c>alipay_root_cert_sn</c> must be.</summary>
    public string RootSerial { get; }

    /// <summary>The serial answers name; empty in key mode.</summary>
    public string PlatformSerial => Mode == AlipayKeyMode.Certificate ? platform.Serial : "";

    /// <summary>Whether the app signed a text.</summary>
    public bool IsSignedByApp(string text, string signature, Encoding encoding) => app.Verify(text, signature, encoding);

    /// <summary>Signs as the platform.</summary>
    public string Sign(string text, Encoding encoding) => platform.Key.Sign(text, encoding);

    /// <summary>A certificate the platform signs or signed with; null for any other serial.</summary>
    public string? Certificate(string serial)
    {
        lock (gate)
        {
            return issued.GetValueOrDefault(serial);
        }
    }

    /// <summary>From here on another certificate signs; the old one can still be had.</summary>
    public void Rotate(AlipaySandboxCredentials next) => platform = Load(next);

    private Signer Load(AlipaySandboxCredentials from)
    {
        var key = AlipayKey.TryPrivate(from.PlatformPrivateKey) ?? throw new ArgumentException("The platform's key cannot be read.", nameof(from));
        var serial = First(from.PlatformCertificatePem).Serial;
        lock (gate)
        {
            issued[serial] = from.PlatformCertificatePem;
        }

        return new Signer(key, serial);
    }

    private static AlipayCertificate First(string pem) =>
        AlipayCertificate.TryReadAll(pem)?[0] ?? throw new ArgumentException("A certificate cannot be read.", nameof(pem));

    private sealed record Signer(AlipayKey Key, string Serial);
}
