using System.Security.Cryptography.X509Certificates;
using NodaTime;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Security.Certificates;
using Org.BouncyCastle.X509;
using Certificate = Org.BouncyCastle.X509.X509Certificate;

namespace Renewals.Gateways.UnionPay;

/// <summary>The pinned chain: leaf → configured middle certificate → configured root.</summary>
/// <remarks>
/// Three signatures are checked one by one, so that the machine's own policy and store have no say, certificates a peer sends are never
/// used as intermediates, and SHA-1 is taken for this chain only, when an option says so (test platform). Nobody checks revocation.
/// </remarks>
internal sealed class UnionPayChain
{
    private const string Sha1WithRsa = "1.2.840.113549.1.1.5";
    private static readonly string[] Sha2WithRsa = ["1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13"];

    private readonly bool allowSha1;
    private readonly X509Certificate2[] authorities;
    private readonly Certificate middle;

    /// <summary>Takes the two pinned certificates, which must be readable.</summary>
    /// <param name="middlePem">The issuer of leaves.</param>
    /// <param name="rootPem">The trust anchor.</param>
    /// <param name="allowSha1">Whether signatures with SHA-1 are taken.</param>
    public UnionPayChain(string middlePem, string rootPem, bool allowSha1)
    {
        this.allowSha1 = allowSha1;
        authorities = [Parse(middlePem), Parse(rootPem)];
        middle = Portable(authorities[0]);
        var root = Portable(authorities[1]);
        Fault = WhyNotSigned(middle, root, "the middle certificate") ?? WhyNotSigned(root, root, "the root certificate");
    }

    /// <summary>Why the pinned certificates are no chain, their dates apart; null when they are.</summary>
    public string? Fault { get; }

    /// <summary>Why a leaf does not belong to the chain at an instant; null when it does. Its own dates and owner are not looked at.</summary>
    public string? WhyNot(X509Certificate2 leaf, Instant now)
    {
        if ((Fault ?? WhyOutdated(now)) is { } why)
            return why;
        try
        {
            return WhyNotSigned(Portable(leaf), middle, "the certificate");
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            return "the certificate cannot be read";
        }
    }

    /// <summary>Why the pinned certificates verify nothing at an instant; null when they do.</summary>
    public string? WhyOutdated(Instant now) =>
        authorities.All(authority => UnionPayCertificates.IsValidAt(authority, now)) ? null : "a pinned certificate is outside its dates";

    private static X509Certificate2 Parse(string pem) =>
        UnionPayCertificates.TryParse(pem) ?? throw new ArgumentException("This is not one certificate in PEM form.", nameof(pem));

    private static Certificate Portable(X509Certificate2 certificate) => new X509CertificateParser().ReadCertificate(certificate.RawData);

    // What the library says of bytes that are no certificate, or no signature; some are only read when they are needed.
    private static bool IsUnreadable(Exception fault) =>
        fault is GeneralSecurityException or IOException or ArgumentException or InvalidOperationException or InvalidCastException or FormatException;

    private string? WhyNotSigned(Certificate certificate, Certificate issuer, string name)
    {
        if (!certificate.IssuerDN.Equivalent(issuer.SubjectDN))
            return $"{name} has another issuer than the pinned one";
        if (!Sha2WithRsa.Contains(certificate.SigAlgOid) && !(allowSha1 && certificate.SigAlgOid == Sha1WithRsa))
            return $"{name} is signed with an algorithm that is not allowed";
        try
        {
            certificate.Verify(issuer.GetPublicKey());
            return null;
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            return $"{name} is not signed by the pinned issuer";
        }
    }
}
