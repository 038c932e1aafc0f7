using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>Issues the certificates of a sandbox.</summary>
internal sealed class CertificateAuthority(Instant now)
{
    /// <summary>The third part of the common name of whatever UnionPay signs.</summary>
    private const string Owner = "中国银联股份有限公司";

    /// <summary>A distinguished name; the common name may hold any character.</summary>
    public static X500DistinguishedName Name(string commonName)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddOrganizationName("Sandbox only");
        builder.AddCommonName(commonName);
        return builder.Build();
    }

    /// <summary>A signing certificate of the platform, issued by the middle certificate.</summary>
    public X509Certificate2 IssuePlatform(RSA middle, RSA key, int number) =>
        Issue(Name("Renewals sandbox middle"), middle, Name($"041@8310000000000000@{Owner}@{number:00000000}"), key);

    public X509Certificate2 Issue(
        X500DistinguishedName issuer, RSA issuerKey, X500DistinguishedName subject, RSA key, bool isAuthority = false)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            isAuthority
                ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign
                : X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DataEncipherment,
            true));

        // 80 bits: longer than any machine integer, as the real ones; positive, first byte not zero.
        var serial = StableId.Hash("serial", key.ExportSubjectPublicKeyInfoPem())[..10];
        serial[0] = (byte)(0x10 | (serial[0] & 0x6F));
        return request.Create(
            issuer, X509SignatureGenerator.CreateForRSA(issuerKey, RSASignaturePadding.Pkcs1), (now - Duration.FromDays(1)).ToDateTimeOffset(),
            (now + Duration.FromDays(30 * 365)).ToDateTimeOffset(), serial);
    }
}
