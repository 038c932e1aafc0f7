using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Names and keys of the one merchant of a sandbox, and of its platform. For the sandbox only: they open nothing else.</summary>
public sealed record UnionPaySandboxCredentials
{
    /// <summary>The password of <see cref="MerchantPfx"/>, as in the rail's test environment.</summary>
    public const string PfxPassword = "000000";

    // The format authorities use. The password is known to all, so rounds would protect nothing and take time in every client that starts.
    private static readonly PbeParameters Packing = new(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, iterationCount: 1);

    /// <summary>The merchant number (<c>merId</c>), 15 characters.</summary>
    public required string MerId { get; init; }

    /// <summary>The merchant's signing certificate and key, PKCS#12.</summary>
    public required byte[] MerchantPfx { get; init; }

    /// <summary>The secure key of sign methods 11 and 12.</summary>
    public required string SecureKey { get; init; }

    /// <summary>The root certificate, PEM.</summary>
    public required string RootCertificatePem { get; init; }

    /// <summary>The middle certificate, PEM; it issued all that follow, the merchant's too.</summary>
    public required string MiddleCertificatePem { get; init; }

    /// <summary>The platform's signing certificate, PEM, with the common name of production.</summary>
    public required string PlatformCertificatePem { get; init; }

    /// <summary>The certificate card data is encrypted with, PEM.</summary>
    public required string EncryptionCertificatePem { get; init; }

    /// <summary>The platform's signing key, PKCS#8 PEM; a merchant never has it at the real rail.</summary>
    public required string PlatformPrivateKeyPem { get; init; }

    /// <summary>The platform's decryption key, PKCS#8 PEM; a merchant never has it at the real rail.</summary>
    public required string EncryptionPrivateKeyPem { get; init; }

    /// <summary>The key of the middle certificate, PKCS#8 PEM, to issue the next signing certificate.</summary>
    public required string MiddlePrivateKeyPem { get; init; }

    /// <summary>Makes new keys under names that say they are a sandbox's.</summary>
    /// <param name="now">The certificates are valid from a day before until 30 years after.</param>
    /// <param name="merId">The merchant number, 15 letters and digits.</param>
    public static UnionPaySandboxCredentials Generate(Instant now, string merId = "700000000000001")
    {
        var keys = SandboxKeys.Of($"unionpay:{merId}", "root", "middle", "platform", "encryption", "merchant");
        using var root = keys[0];
        using var middle = keys[1];
        using var platform = keys[2];
        using var encryption = keys[3];
        using var merchant = keys[4];
        var authority = new CertificateAuthority(now);
        var rootName = CertificateAuthority.Name("Renewals sandbox root");
        var middleName = CertificateAuthority.Name("Renewals sandbox middle");
        using var rootCertificate = authority.Issue(rootName, root, rootName, root, isAuthority: true);
        using var middleCertificate = authority.Issue(rootName, root, middleName, middle, isAuthority: true);
        using var platformCertificate = authority.IssuePlatform(middle, platform, 1);
        using var encryptionCertificate = authority.Issue(
            middleName, middle, CertificateAuthority.Name("041@Z2099-01-01@00040000:SIGN@00000003"), encryption);
        using var merchantCertificate = authority.Issue(
            middleName, middle, CertificateAuthority.Name($"041@Z2099-01-01@{merId}:SIGN@00000004"), merchant);
        using var merchantWithKey = merchantCertificate.CopyWithPrivateKey(merchant);
        return new UnionPaySandboxCredentials
        {
            MerId = merId,
            MerchantPfx = merchantWithKey.ExportPkcs12(Packing, PfxPassword),
            SecureKey = "sandboxonly" + StableId.Hex(21, "secure key", merchant.ExportSubjectPublicKeyInfoPem()),
            RootCertificatePem = rootCertificate.ExportCertificatePem(),
            MiddleCertificatePem = middleCertificate.ExportCertificatePem(),
            PlatformCertificatePem = platformCertificate.ExportCertificatePem(),
            EncryptionCertificatePem = encryptionCertificate.ExportCertificatePem(),
            PlatformPrivateKeyPem = platform.ExportPkcs8PrivateKeyPem(),
            EncryptionPrivateKeyPem = encryption.ExportPkcs8PrivateKeyPem(),
            MiddlePrivateKeyPem = middle.ExportPkcs8PrivateKeyPem(),
        };
    }

    /// <summary>The same merchant and authority, with a new signing certificate of the platform: the leaf rotates.</summary>
    /// <param name="now">It is valid from a day before.</param>
    /// <param name="number">Which one it is, from 2; stands at the end of its common name.</param>
    public UnionPaySandboxCredentials WithNextPlatformCertificate(Instant now, int number)
    {
        using var middle = RSA.Create();
        middle.ImportFromPem(MiddlePrivateKeyPem);
        using var platform = SandboxKeys.Of($"unionpay:{MerId}", $"platform {number}")[0];
        using var certificate = new CertificateAuthority(now).IssuePlatform(middle, platform, number);
        return this with
        {
            PlatformCertificatePem = certificate.ExportCertificatePem(), PlatformPrivateKeyPem = platform.ExportPkcs8PrivateKeyPem(),
        };
    }
}
