using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Names and keys of the one merchant of a sandbox, and of its platform. For the sandbox only: they open nothing else.</summary>
public sealed record WeChatPaySandboxCredentials
{
    /// <summary>The app the merchant number is bound to.</summary>
    public required string AppId { get; init; }

    /// <summary>The merchant number (商户号).</summary>
    public required string MchId { get; init; }

    /// <summary>API v2 key (API密钥), 32 characters.</summary>
    public required string ApiV2Key { get; init; }

    /// <summary>API v3 key (APIv3密钥), 32 characters.</summary>
    public required string ApiV3Key { get; init; }

    /// <summary>The merchant's private key, PKCS#8 PEM; signs API v3 requests.</summary>
    public required string MerchantPrivateKeyPem { get; init; }

    /// <summary>Serial of the merchant's certificate, upper-case hexadecimal.</summary>
    public required string MerchantSerial { get; init; }

    /// <summary>The platform's private key, PKCS#8 PEM; a merchant never has it at the real rail.</summary>
    public required string PlatformPrivateKeyPem { get; init; }

    /// <summary>The platform certificate (平台证书), PEM.</summary>
    public required string PlatformCertificatePem { get; init; }

    /// <summary>Serial of the platform certificate, upper-case hexadecimal.</summary>
    public required string PlatformSerial { get; init; }

    /// <summary>The same key as a WeChat Pay public key (微信支付公钥), PEM.</summary>
    public required string PlatformPublicKeyPem { get; init; }

    /// <summary>The id of that public key, <c>PUB_KEY_ID_…</c>.</summary>
    public required string PublicKeyId { get; init; }

    /// <summary>Makes new keys under names that say they are a sandbox's.</summary>
    /// <param name="now">The certificate is valid from a day before until 30 years after.</param>
    /// <param name="mchId">The merchant number, 8 to 10 digits.</param>
    public static WeChatPaySandboxCredentials Generate(Instant now, string mchId = "1900000109")
    {
        var keys = SandboxKeys.Of($"wechat:{mchId}", "merchant", "platform");
        using var merchant = keys[0];
        using var platform = keys[1];
        var serial = StableId.Hex(40, "platform certificate", platform.ExportSubjectPublicKeyInfoPem());
        using var certificate = Certify(platform, now, "5" + serial[1..]);
        return new WeChatPaySandboxCredentials
        {
            AppId = "wx" + StableId.Hex(16, "appid", mchId),
            MchId = mchId,
            ApiV2Key = "sandboxonly" + StableId.Hex(21, "v2", merchant.ExportSubjectPublicKeyInfoPem()),
            ApiV3Key = "sandboxonly" + StableId.Hex(21, "v3", merchant.ExportSubjectPublicKeyInfoPem()),
            MerchantPrivateKeyPem = merchant.ExportPkcs8PrivateKeyPem(),
            MerchantSerial = StableId.Hex(40, "merchant certificate", merchant.ExportSubjectPublicKeyInfoPem()).ToUpperInvariant(),
            PlatformPrivateKeyPem = platform.ExportPkcs8PrivateKeyPem(),
            PlatformCertificatePem = certificate.ExportCertificatePem(),
            PlatformSerial = certificate.SerialNumber,
            PlatformPublicKeyPem = platform.ExportSubjectPublicKeyInfoPem(),
            PublicKeyId = "PUB_KEY_ID_" + StableId.Digits(28, "public key", mchId),
        };
    }

    private static X509Certificate2 Certify(RSA key, Instant now, string serial)
    {
        var name = new X500DistinguishedName("CN=Renewals sandbox platform, O=Sandbox only");
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.Create(
            name, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), (now - Duration.FromDays(1)).ToDateTimeOffset(),
            (now + Duration.FromDays(30 * 365)).ToDateTimeOffset(), Convert.FromHexString(serial));
    }
}
