using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NodaTime;

namespace Renewals.Gateways.UnionPay;

/// <summary>Whether a message is the platform's. Version, method, character set and chain are the configuration's; a message chooses nothing.</summary>
/// <remarks>A message that names another method would else be checked with a key that is not configured, that is, with none.</remarks>
public sealed class UnionPayVerifier
{
    // Leaves rotate about once a year. A full memory only means that a leaf is checked again.
    private const int MostLeaves = 16;

    private readonly ConcurrentDictionary<string, (X509Certificate2 Certificate, byte[] Key)> leaves = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (X509Certificate2 Certificate, byte[] Key)> platform;
    private readonly UnionPayOptions options;
    private readonly Encoding encoding;
    private readonly UnionPayChain? chain;

    /// <summary>Builds the verifier of an account.</summary>
    /// <param name="options">Valid options; they are not checked again here.</param>
    public UnionPayVerifier(UnionPayOptions options)
    {
        this.options = options;
        encoding = UnionPayWire.EncodingOf(options.Encoding);
        if (options is { SignMethod: UnionPaySignMethod.Rsa, Version: UnionPaySigner.Version510 })
            chain = new(options.MiddleCertificatePem, options.RootCertificatePem, options.AllowSha1Chain);
        platform = options.PlatformCertificatesPem.Select(pem => UnionPayCertificates.TryParse(pem)!)
            .ToDictionary(UnionPayCertificates.CertId, certificate => (certificate, UnionPayCertificates.PublicKey(certificate)!), StringComparer.Ordinal);
    }

    /// <summary>Why a message is not believed; null when it is the platform's.</summary>
    /// <param name="fields">The fields exactly as received.</param>
    /// <param name="now">The instant certificates are judged at.</param>
    public string? WhyNot(IReadOnlyDictionary<string, string> fields, Instant now) =>
        fields.Text("version") != options.Version ? "the version is not the configured one"
        : fields.Text("signMethod") != options.SignMethod.WireName() ? "the signature method is not the configured one"
        : fields.Text("encoding") != options.Encoding ? "the character set is not the configured one"
        : options.SignMethod != UnionPaySignMethod.Rsa
            ? (UnionPaySigner.VerifySecure(fields, options.SignMethod, options.SecureKey, encoding) ? null : "the signature is wrong or missing")
        : options.Version == UnionPaySigner.Version510 ? WhyNotByLeaf(fields, now)
        : WhyNotByNumber(fields, now);

    // The order is the rail's: a certificate, its dates, its chain, its owner, the signature.
    private string? WhyNotByLeaf(IReadOnlyDictionary<string, string> fields, Instant now)
    {
        var pem = fields.Text("signPubKeyCert");
        if (leaves.TryGetValue(pem, out var known))
            return WhyOutdated(known.Certificate, now) ?? chain!.WhyOutdated(now) ?? WhyNotSigned(fields, known.Key);
        if (UnionPayCertificates.TryParse(pem) is not { } leaf)
            return "signPubKeyCert is not one certificate";
        if ((WhyOutdated(leaf, now) ?? chain!.WhyNot(leaf, now)) is { } fault)
            return fault;
        if (UnionPayCertificates.CommonName(leaf) is not { } name || !UnionPayCertificates.IsPlatform(name, options.StrictOwner))
            return "the certificate is not the platform's";
        if (UnionPayCertificates.PublicKey(leaf) is not { } key)
            return "the certificate has no RSA key";
        if (leaves.Count < MostLeaves)
            leaves.TryAdd(pem, (leaf, key));
        return WhyNotSigned(fields, key);
    }

    private string? WhyNotByNumber(IReadOnlyDictionary<string, string> fields, Instant now) =>
        platform.TryGetValue(fields.Text("certId"), out var known)
            ? WhyOutdated(known.Certificate, now) ?? WhyNotSigned(fields, known.Key)
            : "certId names no certificate that is held";

    private static string? WhyOutdated(X509Certificate2 certificate, Instant now) =>
        UnionPayCertificates.IsValidAt(certificate, now) ? null : "the certificate is outside its dates";

    // The key is imported anew for each use: instances of RSA promise no safety across threads.
    private string? WhyNotSigned(IReadOnlyDictionary<string, string> fields, byte[] publicKey)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        return UnionPaySigner.VerifyRsa(fields, key, options.Version, encoding) ? null : "the signature is wrong or missing";
    }
}
