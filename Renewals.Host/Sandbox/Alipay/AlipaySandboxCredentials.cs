using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Names and keys of the one seller and app of a sandbox, and of its platform. For the sandbox only: they open nothing else.</summary>
public sealed record AlipaySandboxCredentials
{
    private const string RootName = "Renewals sandbox root";

    /// <summary>The app (<c>app_id</c>), 16 digits.</summary>
    public required string AppId { get; init; }

    /// <summary>The seller (pid), 16 digits that begin with 2088.</summary>
    public required string SellerId { get; init; }

    /// <summary>The app's private key (应用私钥), PKCS#8, base 64.</summary>
    public required string AppPrivateKey { get; init; }

    /// <summary>The app's public key as it was uploaded, base 64.</summary>
    public required string AppPublicKey { get; init; }

    /// <summary>The app's certificate (应用公钥证书), PEM.</summary>
    public required string AppCertificatePem { get; init; }

    /// <summary>The platform's private key, PKCS#8, base 64; a merchant never has it at the real rail.</summary>
    public required string PlatformPrivateKey { get; init; }

    /// <summary>The platform's public key (支付宝公钥), base 64.</summary>
    public required string PlatformPublicKey { get; init; }

    /// <summary>The platform's certificate (支付宝公钥证书), PEM.</summary>
    public required string PlatformCertificatePem { get; init; }

    /// <summary>The root certificates (支付宝根证书), PEM: as at the real rail, not all of them of RSA.</summary>
    public required string RootCertificatesPem { get; init; }

    /// <summary>The key of the RSA root, PKCS#8 PEM, to issue the next certificate.</summary>
    public required string RootPrivateKeyPem { get; init; }

    /// <summary>The key of content encryption (接口内容加密), base 64 of 16 bytes.</summary>
    public required string AesKey { get; init; }

    /// <summary>Makes new keys under names that say they are a sandbox's.</summary>
    /// <param name="now">The certificates are valid from a day before until 30 years after.</param>
    /// <param name="sellerId">The seller, 16 digits that begin with 2088.</param>
    public static AlipaySandboxCredentials Generate(Instant now, string sellerId = "2088000000000109")
    {
        var keys = SandboxKeys.Of($"alipay:{sellerId}", "app", "platform", "root");
        using var app = keys[0];
        using var platform = keys[1];
        using var root = keys[2];
        var authority = new CertificateAuthority(now);
        var name = CertificateAuthority.Name(RootName);
        using var rootCertificate = authority.Issue(name, root, name, root, isAuthority: true);
        using var appCertificate = authority.Issue(name, root, CertificateAuthority.Name($"Renewals sandbox app of {sellerId}"), app);
        using var platformCertificate = authority.Issue(name, root, CertificateAuthority.Name("Renewals sandbox platform 1"), platform);
        return new AlipaySandboxCredentials
        {
            AppId = "2021" + StableId.Digits(12, "app", sellerId),
            SellerId = sellerId,
            AppPrivateKey = Convert.ToBase64String(app.ExportPkcs8PrivateKey()),
            AppPublicKey = Convert.ToBase64String(app.ExportSubjectPublicKeyInfo()),
            AppCertificatePem = appCertificate.ExportCertificatePem(),
            PlatformPrivateKey = Convert.ToBase64String(platform.ExportPkcs8PrivateKey()),
            PlatformPublicKey = Convert.ToBase64String(platform.ExportSubjectPublicKeyInfo()),
            PlatformCertificatePem = platformCertificate.ExportCertificatePem(),
            RootCertificatesPem = $"{CurveRoot(now)}\n{rootCertificate.ExportCertificatePem()}\n",
            RootPrivateKeyPem = root.ExportPkcs8PrivateKeyPem(),
            AesKey = Convert.ToBase64String(StableId.Hash("aes", app.ExportSubjectPublicKeyInfoPem())[..16]),
        };
    }

    /// <summary>The same merchant, and a platform that signs with another certificate of the same root.</summary>
    /// <param name="now">As at <see cref="Generate"/>.</param>
    /// <param name="number">Which certificate, for its name.</param>
    internal AlipaySandboxCredentials WithNextPlatformCertificate(Instant now, int number)
    {
        using var root = RSA.Create();
        root.ImportFromPem(RootPrivateKeyPem);
        using var platform = SandboxKeys.Of($"alipay:{SellerId}", $"platform {number}")[0];
        using var certificate = new CertificateAuthority(now).Issue(
            CertificateAuthority.Name(RootName), root, CertificateAuthority.Name($"Renewals sandbox platform {number}"), platform);
        return this with
        {
            PlatformPrivateKey = Convert.ToBase64String(platform.ExportPkcs8PrivateKey()),
            PlatformPublicKey = Convert.ToBase64String(platform.ExportSubjectPublicKeyInfo()),
            PlatformCertificatePem = certificate.ExportCertificatePem(),
        };
    }

    private static string CurveRoot(Instant now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest(CertificateAuthority.Name("Renewals sandbox curve root"), key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(
            (now - Duration.FromDays(1)).ToDateTimeOffset(), (now + Duration.FromDays(30 * 365)).ToDateTimeOffset());
        return certificate.ExportCertificatePem();
    }
}
