using System.Security.Cryptography;
using System.Text;
using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Signatures of the gateway (UnionPay collection, section 4).</summary>
internal static class GatewaySignature
{
    /// <summary>All fields but the signature, by name, as <c>name=value</c> joined with <c>&amp;</c>.</summary>
    public static string TextOf(IEnumerable<KeyValuePair<string, string>> fields) => string.Join('&', fields
        .Where(field => field.Key != "signature" && field.Value.Length > 0)
        .OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}"));

    public static string Sign(RSA key, string version, string text, Encoding encoding) =>
        Convert.ToBase64String(key.SignData(Digest(version, text, encoding), HashOf(version), RSASignaturePadding.Pkcs1));

    public static bool Verify(RSA key, string version, string text, Encoding encoding, string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && key.VerifyData(Digest(version, text, encoding), bytes.AsSpan(0, length), HashOf(version), RSASignaturePadding.Pkcs1);
    }

    /// <summary>Methods 11 and 12.</summary>
    public static string WithSecureKey(string method, string text, string key, Encoding encoding) =>
        Hex(method, encoding.GetBytes($"{text}&{Hex(method, encoding.GetBytes(key))}"));

    private static string Hex(string method, byte[] bytes) => method switch
    {
        "11" => Convert.ToHexStringLower(SHA256.HashData(bytes)),
        "12" => UnionPaySigner.Hash(bytes, UnionPaySignMethod.Sm3),
        _ => throw new InvalidOperationException($"Method {method} is unknown."),
    };

    // The text of the digest is what is signed, and hashed again.
    private static byte[] Digest(string version, string text, Encoding encoding)
    {
        var bytes = encoding.GetBytes(text);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(version == "5.1.0" ? SHA256.HashData(bytes) : SHA1.HashData(bytes)));
    }

    private static HashAlgorithmName HashOf(string version) => version == "5.1.0" ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;
}
