using System.Security.Cryptography;
using System.Text;

namespace Renewals.Gateways.Alipay;

/// <summary>Signs and verifies with RSA2 (SHA256withRSA, PKCS#1 v1.5), the one method that is accepted (Alipay OpenAPI, "signing").</summary>
/// <remarks>Pure functions, the same for the merchant's side and the rail's. A message never chooses how it is verified.</remarks>
public static class AlipaySigner
{
    /// <summary>The value of <c>sign_type</c>.</summary>
    public const string SignType = "RSA2";

    /// <summary>The name of the signature parameter; it is never part of what is signed.</summary>
    public const string SignField = "sign";

    /// <summary>The name of the method parameter: signed in requests, not in notifications of trades and agreements.</summary>
    public const string SignTypeField = "sign_type";

    /// <summary>The text of a request that is signed: all parameters with a value, by name in ordinal order, <c>sign_type</c> included.</summary>
    /// <param name="parameters">Raw values, not URL-encoded. Empty values and <c>sign</c> are left out.</param>
    public static string StringToSign(IEnumerable<KeyValuePair<string, string>> parameters) =>
        Join(parameters.Where(pair => pair.Key.Length > 0 && pair.Key != SignField && !string.IsNullOrEmpty(pair.Value)));

    /// <summary>All fields by name in ordinal order, as <c>name=value</c> joined with an ampersand.</summary>
    public static string Join(IEnumerable<KeyValuePair<string, string>> fields) =>
        string.Join('&', fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>The signature of a text, base 64 on one line.</summary>
    /// <param name="privateKey">The signer's key.</param>
    /// <param name="text">What is signed.</param>
    /// <param name="encoding">The charset of the message: the bytes that are signed are in it.</param>
    public static string Sign(RSA privateKey, string text, Encoding encoding) =>
        Convert.ToBase64String(privateKey.SignData(encoding.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Whether a signature is the key's over a text.</summary>
    /// <remarks>Only the one base 64 text of a signature is taken: none with spaces, and none with spare bits set.</remarks>
    /// <param name="publicKey">The signer's key.</param>
    /// <param name="text">What was signed.</param>
    /// <param name="signature">Base 64.</param>
    /// <param name="encoding">The charset of the message.</param>
    public static bool Verify(RSA publicKey, string text, string signature, Encoding encoding)
    {
        var bytes = new byte[(signature.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(signature, bytes, out var length) || Convert.ToBase64String(bytes, 0, length) != signature)
            return false;
        return publicKey.VerifyData(encoding.GetBytes(text), bytes.AsSpan(0, length), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}
