using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Renewals.Gateways.UnionPay;

/// <summary>What certificates say on this rail: their number on the wire, their owner, their time.</summary>
public static class UnionPayCertificates
{
    /// <summary>The third part of the common name of the platform's own certificates. Merchants' certificates come from the same authority.</summary>
    public const string PlatformOwner = "中国银联股份有限公司";

    /// <summary>The third part in the certificates of the old test platform.</summary>
    public const string TestOwner = "00040000:SIGN";

    private const string CommonNameOid = "2.5.4.3";

    /// <summary>Reads one certificate in PEM form, with any line ends.</summary>
    /// <returns>Null when the text is not exactly one certificate.</returns>
    public static X509Certificate2? TryParse(string pem)
    {
        try
        {
            if (!PemEncoding.TryFind(pem, out var found) || pem.AsSpan(found.Label) is not "CERTIFICATE")
                return null;
            if (!pem.AsSpan(0, found.Location.Start.Value).IsWhiteSpace() || !pem.AsSpan(found.Location.End.Value).IsWhiteSpace())
                return null;
            var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(pem[found.Base64Data]));

            // Dates are read late and may be no dates: whoever holds a certificate can rely on having some.
            return Validity(certificate) is var (from, until) && from <= until ? certificate : null;
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The certificate's number on the wire (<c>certId</c>): its serial as an unsigned decimal number.</summary>
    public static string CertId(X509Certificate2 certificate) => CertId(certificate.SerialNumberBytes.Span);

    /// <summary>A serial as an unsigned decimal number.</summary>
    /// <param name="serial">Big-endian; it may exceed 64 bits.</param>
    public static string CertId(ReadOnlySpan<byte> serial) =>
        new BigInteger(serial, isUnsigned: true, isBigEndian: true).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether a certificate of this common name is the platform's.</summary>
    /// <param name="commonName">The whole name, parts separated by <c>@</c>.</param>
    /// <param name="strict">False also accepts the old test platform's.</param>
    public static bool IsPlatform(string commonName, bool strict) =>
        commonName.Split('@') is [_, _, var owner, ..] && (owner == PlatformOwner || (!strict && owner == TestOwner));

    /// <summary>The one common name of a certificate's subject.</summary>
    /// <returns>Null when there is none, or more than one.</returns>
    public static string? CommonName(X509Certificate2 certificate)
    {
        try
        {
            var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false)
                .Where(name => !name.HasMultipleElements && name.GetSingleElementType().Value == CommonNameOid)
                .Select(name => name.GetSingleElementValue()).ToList();
            return names is [{ } only] ? only : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The certificate's time: from its first moment to its last.</summary>
    public static (Instant From, Instant Until) Validity(X509Certificate2 certificate) =>
        (Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime()), Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime()));

    /// <summary>Whether an instant lies inside the certificate's time.</summary>
    public static bool IsValidAt(X509Certificate2 certificate, Instant at) => Validity(certificate) is var (from, until) && at >= from && at <= until;

    /// <summary>The certificate's RSA key, as a key that anybody may import.</summary>
    /// <returns>Null when it has another kind of key.</returns>
    public static byte[]? PublicKey(X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPublicKey();
        return key?.ExportSubjectPublicKeyInfo();
    }
}
