using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Renewals.Gateways.WeChatPay;

/// <summary>One key the rail signs with: of a platform certificate, or a WeChat Pay public key.</summary>
/// <param name="Serial">The certificate's serial in upper-case hexadecimal, or <c>PUB_KEY_ID_…</c>; <c>Wechatpay-Serial</c> names it.</param>
/// <param name="PublicKey">The key as X.509 SubjectPublicKeyInfo.</param>
/// <param name="ValidFrom">Before this it verifies nothing; null for a public key, which has no dates.</param>
/// <param name="ValidUntil">From this on it verifies nothing; null for a public key.</param>
public sealed record WeChatPayPlatformKey(string Serial, ReadOnlyMemory<byte> PublicKey, Instant? ValidFrom, Instant? ValidUntil)
{
    /// <summary>Whether it verifies messages at an instant.</summary>
    public bool IsValidAt(Instant at) => (ValidFrom is null || at >= ValidFrom) && (ValidUntil is null || at < ValidUntil);

    /// <summary>Whether the signature is this key's.</summary>
    /// <remarks>The key is imported anew for each use: instances of <see cref="RSA"/> promise no safety across threads.</remarks>
    public bool Verify(ReadOnlySpan<byte> message, string signature)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(PublicKey.Span, out _);
        return WeChatPayV3Signer.Verify(key, message, signature);
    }

    /// <summary>A WeChat Pay public key.</summary>
    /// <param name="id"><c>PUB_KEY_ID_…</c>.</param>
    /// <param name="pem">The key.</param>
    /// <exception cref="CryptographicException">The text is not an RSA key.</exception>
    public static WeChatPayPlatformKey FromPublicKey(string id, string pem)
    {
        using var key = RSA.Create();
        key.ImportFromPem(pem);
        return new(id, key.ExportSubjectPublicKeyInfo(), null, null);
    }

    /// <summary>The key of a platform certificate, valid for the certificate's time.</summary>
    /// <returns>Null when the text is not a certificate with an RSA key.</returns>
    public static WeChatPayPlatformKey? TryFromCertificate(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            using var key = certificate.GetRSAPublicKey();
            return key is null ? null : new(
                certificate.SerialNumber, key.ExportSubjectPublicKeyInfo(),
                Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime()), Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime()));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
