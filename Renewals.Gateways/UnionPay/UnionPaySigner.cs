using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;

namespace Renewals.Gateways.UnionPay;

/// <summary>How messages of both sides are signed (签名方法, <c>signMethod</c>).</summary>
public enum UnionPaySignMethod
{
    /// <summary>01: RSA with certificates.</summary>
    Rsa = 1,

    /// <summary>11: SHA-256 with a shared key (密钥).</summary>
    Sha256 = 11,

    /// <summary>12: SM3 (GB/T 32905) with a shared key.</summary>
    Sm3 = 12,
}

/// <summary>Signs and verifies messages of the Online ACP gateway (全渠道), versions 5.1.0 and 5.0.0.</summary>
/// <remarks>
/// Pure functions, the same for the merchant's side and the rail's. Version, method and character set are always the caller's: a message
/// never chooses how it is verified. Values are taken as they stand: nothing is dropped or trimmed here.
/// </remarks>
public static class UnionPaySigner
{
    /// <summary>The name of the signature field; it is never part of what is signed.</summary>
    public const string SignatureField = "signature";

    /// <summary>The version whose hash is SHA-256. All others, 5.0.0 among them, take SHA-1.</summary>
    public const string Version510 = "5.1.0";

    /// <summary>The older version, still live for some merchants.</summary>
    public const string Version500 = "5.0.0";

    /// <summary>The method's two digits on the wire.</summary>
    public static string WireName(this UnionPaySignMethod method) => method switch
    {
        UnionPaySignMethod.Rsa => "01",
        UnionPaySignMethod.Sha256 => "11",
        UnionPaySignMethod.Sm3 => "12",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "There are three methods."),
    };

    /// <summary>The text that is hashed: all fields but the signature, by name in ordinal order, raw.</summary>
    public static string StringToSign(IEnumerable<KeyValuePair<string, string>> fields) => string.Join('&', fields
        .Where(field => field.Key != SignatureField)
        .OrderBy(field => field.Key, StringComparer.Ordinal)
        .Select(field => $"{field.Key}={field.Value}"));

    /// <summary>The lower-case hexadecimal hash of a text: the RSA signature is made over these characters, which hashes twice.</summary>
    /// <param name="text">What <see cref="StringToSign"/> made.</param>
    /// <param name="version">The protocol's version.</param>
    /// <param name="encoding">The message's character set.</param>
    public static string Digest(string text, string version, Encoding encoding)
    {
        var bytes = encoding.GetBytes(text);
        return Convert.ToHexStringLower(version == Version510 ? SHA256.HashData(bytes) : SHA1.HashData(bytes));
    }

    /// <summary>The RSA signature (method 01), base64.</summary>
    /// <param name="fields">The message; a signature in it is ignored.</param>
    /// <param name="key">The signer's private key.</param>
    /// <param name="version">The protocol's version.</param>
    /// <param name="encoding">The message's character set.</param>
    public static string SignRsa(IEnumerable<KeyValuePair<string, string>> fields, RSA key, string version, Encoding encoding) =>
        Convert.ToBase64String(key.SignData(DigestBytes(fields, version, encoding), HashOf(version), RSASignaturePadding.Pkcs1));

    /// <summary>Whether a message carries the one RSA signature it must carry.</summary>
    /// <returns>False too when the signature is missing or no base64.</returns>
    /// <inheritdoc cref="SignRsa"/>
    public static bool VerifyRsa(IReadOnlyDictionary<string, string> fields, RSA key, string version, Encoding encoding)
    {
        var signature = new byte[1024];
        return fields.TryGetValue(SignatureField, out var text)
            && Convert.TryFromBase64String(text, signature, out var length)

            // Base64 has more than one text for the same bytes; only the one that is written is taken.
            && Convert.ToBase64String(signature.AsSpan(0, length)) == text
            && key.VerifyData(DigestBytes(fields, version, encoding), signature.AsSpan(0, length), HashOf(version), RSASignaturePadding.Pkcs1);
    }

    /// <summary>The signature with a shared key (methods 11 and 12), lower-case hexadecimal.</summary>
    /// <param name="fields">The message; a signature in it is ignored.</param>
    /// <param name="method">11 or 12.</param>
    /// <param name="secureKey">The shared key, not empty.</param>
    /// <param name="encoding">The message's character set.</param>
    public static string SignSecure(IEnumerable<KeyValuePair<string, string>> fields, UnionPaySignMethod method, string secureKey, Encoding encoding)
    {
        ArgumentException.ThrowIfNullOrEmpty(secureKey);
        return Hash(encoding.GetBytes($"{StringToSign(fields)}&{Hash(encoding.GetBytes(secureKey), method)}"), method);
    }

    /// <summary>Whether a message carries the one shared-key signature it must carry.</summary>
    /// <returns>False too when the key is empty. The comparison takes the same time wherever the texts differ.</returns>
    /// <inheritdoc cref="SignSecure"/>
    public static bool VerifySecure(
        IReadOnlyDictionary<string, string> fields, UnionPaySignMethod method, string secureKey, Encoding encoding) =>
        secureKey.Length > 0
        && fields.TryGetValue(SignatureField, out var signature)
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(SignSecure(fields, method, secureKey, encoding)));

    /// <summary>SHA-256 or SM3, lower-case hexadecimal.</summary>
    public static string Hash(byte[] bytes, UnionPaySignMethod method) => Convert.ToHexStringLower(method switch
    {
        UnionPaySignMethod.Sha256 => SHA256.HashData(bytes),
        UnionPaySignMethod.Sm3 => Sm3(bytes),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "Only 11 and 12 have a shared key."),
    });

    private static byte[] Sm3(byte[] bytes)
    {
        var digest = new SM3Digest();
        var hash = new byte[digest.GetDigestSize()];
        digest.BlockUpdate(bytes, 0, bytes.Length);
        digest.DoFinal(hash, 0);
        return hash;
    }

    private static HashAlgorithmName HashOf(string version) => version == Version510 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;

    private static byte[] DigestBytes(IEnumerable<KeyValuePair<string, string>> fields, string version, Encoding encoding) =>
        Encoding.ASCII.GetBytes(Digest(StringToSign(fields), version, encoding));
}
