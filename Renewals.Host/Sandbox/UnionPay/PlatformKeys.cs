using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The keys of platform and merchant, loaded once: RSA objects are costly to make and safe to use from many threads.</summary>
internal sealed class PlatformKeys : IDisposable
{
    private readonly UnionPaySandboxOptions options;
    private readonly UnionPaySandboxCredentials credentials;
    private readonly X509Certificate2 merchant;
    private readonly RSA merchantPrivate;
    private readonly RSA merchantPublic;
    private readonly RSA decryption = RSA.Create();
    private readonly List<RSA> retired = [];
    private volatile Signer platform;
    private readonly Signer stranger;

    public PlatformKeys(UnionPaySandboxOptions options, UnionPaySandboxCredentials credentials)
    {
        (this.options, this.credentials) = (options, credentials);
        merchant = X509CertificateLoader.LoadPkcs12(credentials.MerchantPfx, UnionPaySandboxCredentials.PfxPassword);
        (merchantPrivate, merchantPublic) = (merchant.GetRSAPrivateKey()!, merchant.GetRSAPublicKey()!);
        decryption.ImportFromPem(credentials.EncryptionPrivateKeyPem);
        platform = Load(credentials);
        stranger = new Signer(merchantPrivate, WithCrLf(merchant.ExportCertificatePem()), CertIdOf(merchant));
        using var encryption = X509Certificate2.CreateFromPem(credentials.EncryptionCertificatePem);
        EncryptionCertId = CertIdOf(encryption);
    }

    /// <summary>What <c>encryptCertId</c> must be.</summary>
    public string EncryptionCertId { get; }

    /// <summary>The encryption certificate as message text.</summary>
    public string EncryptionCertificate => WithCrLf(credentials.EncryptionCertificatePem);

    /// <summary>From here on another leaf signs.</summary>
    public void Rotate(UnionPaySandboxCredentials next) => platform = Load(next);

    /// <summary>Whether the registered merchant signed a request, by the registered version and method.</summary>
    public bool IsSignedByMerchant(IReadOnlyDictionary<string, string> fields)
    {
        if (fields["version"] != options.Version || fields["signMethod"] != options.SignMethod)
            return false;
        var text = GatewaySignature.TextOf(fields);
        var encoding = GatewayRequest.EncodingOf(fields["encoding"]);
        if (options.SignMethod != "01")
            return GatewaySignature.WithSecureKey(options.SignMethod, text, credentials.SecureKey, encoding) == fields["signature"];
        return fields["certId"] == CertIdOf(merchant)
            && GatewaySignature.Verify(merchantPublic, options.Version, text, encoding, fields["signature"]);
    }

    /// <summary>Signs an answer or a notification; its fields come in an order of their own.</summary>
    public List<KeyValuePair<string, string>> Sign(IReadOnlyDictionary<string, string> fields, NotificationDamage damage)
    {
        var all = new Dictionary<string, string>(fields, StringComparer.Ordinal);
        var by = damage == NotificationDamage.WrongCommonName ? stranger : platform;
        if (options.SignMethod == "01")
            all[options.Version == "5.0.0" ? "certId" : "signPubKeyCert"] = options.Version == "5.0.0" ? by.CertId : by.Certificate;
        var text = GatewaySignature.TextOf(all);
        var encoding = GatewayRequest.EncodingOf(all.GetValueOrDefault("encoding"));
        var forged = damage == NotificationDamage.ForgedSignature
            || (damage == NotificationDamage.WrongCommonName && options.SignMethod != "01");
        if (forged)
            text += "&forged=1";
        all["signature"] = options.SignMethod == "01"
            ? GatewaySignature.Sign(by.Key, options.Version, text, encoding)
            : GatewaySignature.WithSecureKey(options.SignMethod, text, credentials.SecureKey, encoding);
        return [.. all.OrderBy(field => StableId.Hex(8, "order", field.Key, all["signature"]), StringComparer.Ordinal)];
    }

    /// <summary>Opens what a merchant encrypted; null for anything else.</summary>
    public byte[]? Decrypt(string base64)
    {
        try
        {
            return decryption.Decrypt(Convert.FromBase64String(base64), RSAEncryptionPadding.Pkcs1);
        }
        catch (Exception problem) when (problem is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Encrypts to the merchant; null where it has no certificate.</summary>
    public string? ForMerchant(string plain) => options.SignMethod != "01"
        ? null
        : Convert.ToBase64String(merchantPublic.Encrypt(Encoding.ASCII.GetBytes(plain), RSAEncryptionPadding.Pkcs1));

    public void Dispose()
    {
        retired.ForEach(key => key.Dispose());
        decryption.Dispose();
        merchantPublic.Dispose();
        merchantPrivate.Dispose();
        merchant.Dispose();
    }

    private Signer Load(UnionPaySandboxCredentials from)
    {
        var key = RSA.Create();
        key.ImportFromPem(from.PlatformPrivateKeyPem);
        retired.Add(key);
        using var certificate = X509Certificate2.CreateFromPem(from.PlatformCertificatePem);
        return new Signer(key, WithCrLf(from.PlatformCertificatePem), CertIdOf(certificate));
    }

    private static string WithCrLf(string pem) => pem.Trim().ReplaceLineEndings("\r\n");

    // The serial number as an unsigned decimal.
    private static string CertIdOf(X509Certificate2 certificate) =>
        new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true).ToString();

    private sealed record Signer(RSA Key, string Certificate, string CertId);
}
