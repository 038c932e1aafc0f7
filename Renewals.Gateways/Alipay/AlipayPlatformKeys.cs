using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NodaTime;

namespace Renewals.Gateways.Alipay;

/// <summary>One key the rail signs with.</summary>
/// <param name="Serial">The serial of its certificate; empty in key mode.</param>
/// <param name="Key">The public key.</param>
/// <param name="ValidFrom">Before this it verifies nothing; null in key mode.</param>
/// <param name="ValidUntil">From this on it verifies nothing; null in key mode.</param>
public sealed record AlipayPlatformKey(string Serial, AlipayKey Key, Instant? ValidFrom, Instant? ValidUntil)
{
    /// <summary>Whether it verifies messages at an instant.</summary>
    public bool IsValidAt(Instant at) => (ValidFrom is null || at >= ValidFrom) && (ValidUntil is null || at < ValidUntil);
}

/// <summary>The keys the rail signs with: one public key in key mode, platform certificates by serial in certificate mode.</summary>
/// <remarks>Configured certificates are trusted as they are. A downloaded one must lead to a configured root.</remarks>
public sealed class AlipayPlatformKeys
{
    // More than the rail ever has in force at once. A stranger can name serials, but only a true certificate is kept.
    private const int MostDownloaded = 64;

    private readonly IReadOnlyList<AlipayCertificate> roots;
    private FrozenDictionary<string, AlipayPlatformKey> bySerial;
    private string? missed;

    private AlipayPlatformKeys(IEnumerable<AlipayPlatformKey> keys, IReadOnlyList<AlipayCertificate> roots)
    {
        this.roots = roots;
        bySerial = keys.ToFrozenDictionary(key => key.Serial, StringComparer.Ordinal);
    }

    /// <summary>The keys of an account's options.</summary>
    /// <exception cref="ArgumentException">A key or certificate cannot be read.</exception>
    public static AlipayPlatformKeys Of(AlipayOptions options) => options.UsesCertificates
        ? new(
            options.AlipayCertificatesPem.Select(pem => TryRead(pem) ?? throw Unreadable(nameof(options.AlipayCertificatesPem)))
                .DistinctBy(key => key.Serial),
            AlipayCertificate.TryReadAll(options.RootCertificatesPem) ?? throw Unreadable(nameof(options.RootCertificatesPem)))
        : new([new("", AlipayKey.TryPublic(options.AlipayPublicKey) ?? throw Unreadable(nameof(options.AlipayPublicKey)), null, null)], []);

    /// <summary>Whether a key of this serial is held, in force or not.</summary>
    public bool Knows(string serial) => Volatile.Read(ref bySerial).ContainsKey(serial);

    /// <summary>A serial that a message named and that is not held, once; null when there was none since this was last asked.</summary>
    public string? TakeMissed() => Interlocked.Exchange(ref missed, null);

    /// <summary>Verifies a text: with the key of a serial, or with any key in force when the message names none.</summary>
    /// <param name="text">What was signed.</param>
    /// <param name="signature">Base 64.</param>
    /// <param name="serial">The serial the message names; empty for none.</param>
    /// <param name="encoding">The charset of the message.</param>
    /// <param name="now">The instant certificates are judged at.</param>
    /// <returns>Null when it is genuine; else which check failed.</returns>
    public string? WhyNot(string text, string signature, string serial, Encoding encoding, Instant now)
    {
        var keys = Volatile.Read(ref bySerial);
        if (serial.Length > 0 && !keys.ContainsKey("") && !keys.ContainsKey(serial))
        {
            if (serial.Length == 32 && serial.All(char.IsAsciiHexDigitLower))
                Volatile.Write(ref missed, serial);
            return "the certificate is not known";
        }

        var inForce = keys.Values.Where(key => (serial.Length == 0 || key.Serial.Length == 0 || key.Serial == serial) && key.IsValidAt(now)).ToList();
        return inForce.Count == 0 ? "no certificate is in force"
            : inForce.Exists(key => key.Key.Verify(text, signature, encoding)) ? null
            : "the signature is wrong";
    }

    /// <summary>Takes a downloaded certificate (<c>alipay.open.app.alipaycert.download</c>), if it leads to a configured root.</summary>
    /// <param name="serial">The serial it was asked for by.</param>
    /// <param name="pem">The certificate, and those between it and the root after it.</param>
    /// <param name="now">The instant certificates are judged at.</param>
    /// <returns>Null when taken; else why nothing changed.</returns>
    public string? Take(string serial, string pem, Instant now)
    {
        if (AlipayCertificate.TryReadAll(pem) is not { } chain || TryRead(pem) is not { } key)
            return "the certificate cannot be read";
        if (key.Serial != serial)
            return "the certificate has another serial";
        if (!LeadsToRoot(chain, now))
            return "the certificate leads to no root of ours";
        var keys = Volatile.Read(ref bySerial);
        if (keys.Count >= MostDownloaded)
            return $"{keys.Count} certificates are held already";
        var all = keys.Values.Where(other => other.Serial != serial).Append(key);
        Volatile.Write(ref bySerial, all.ToFrozenDictionary(one => one.Serial, StringComparer.Ordinal));
        return null;
    }

    /// <summary>The key of a platform certificate; of a chain, the first counts.</summary>
    /// <returns>Null when the text is not a certificate with an RSA key.</returns>
    internal static AlipayPlatformKey? TryRead(string pem)
    {
        if (AlipayCertificate.TryReadAll(pem) is not [var first, ..] || !first.IsSignedWithRsa)
            return null;
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(first.Der.Span);
            using var key = certificate.GetRSAPublicKey();
            return key is null ? null : new(
                first.Serial, AlipayKey.Of(key), Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime()),
                Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime()));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ArgumentException Unreadable(string field) => new($"{field} holds a text that cannot be read.");

    private bool LeadsToRoot(IReadOnlyList<AlipayCertificate> certificates, Instant now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.ToDateTimeUtc();
        var loaded = new List<X509Certificate2>();
        X509Certificate2 Load(AlipayCertificate one)
        {
            loaded.Add(X509CertificateLoader.LoadCertificate(one.Der.Span));
            return loaded[^1];
        }

        try
        {
            // Roots of other algorithms are left out: their keys cannot be read everywhere.
            foreach (var root in roots.Where(root => root.IsSignedWithRsa))
                chain.ChainPolicy.CustomTrustStore.Add(Load(root));
            foreach (var between in certificates.Skip(1).Where(between => between.IsSignedWithRsa))
                chain.ChainPolicy.ExtraStore.Add(Load(between));
            return chain.Build(Load(certificates[0]));
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (var element in chain.ChainElements)
                element.Certificate.Dispose();
            loaded.ForEach(certificate => certificate.Dispose());
        }
    }
}
