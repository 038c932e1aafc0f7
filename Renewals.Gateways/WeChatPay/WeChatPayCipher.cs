using System.Security.Cryptography;
using System.Text;

namespace Renewals.Gateways.WeChatPay;

/// <summary>The rail's two ciphers: API v3 resources, and <c>req_info</c> of API v2 refund callbacks. Pure functions, both directions.</summary>
public static class WeChatPayCipher
{
    /// <summary>The one algorithm of API v3 resources and certificates.</summary>
    public const string AeadAlgorithm = "AEAD_AES_256_GCM";

    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const int KeyBytes = 32;

    /// <summary>Encrypts a resource (WeChat Pay API v3, "certificate and callback decryption").</summary>
    /// <param name="apiV3Key">The API v3 key: 32 ASCII characters.</param>
    /// <param name="nonce">12 ASCII characters, never twice under one key.</param>
    /// <param name="associatedData">Bound to the text, not encrypted; may be empty.</param>
    /// <param name="plain">What is encrypted.</param>
    /// <returns>Base 64 of the data followed by its 16-byte tag.</returns>
    public static string EncryptAead(string apiV3Key, string nonce, string? associatedData, ReadOnlySpan<byte> plain)
    {
        using var aes = new AesGcm(Encoding.UTF8.GetBytes(apiV3Key), TagBytes);
        var result = new byte[plain.Length + TagBytes];
        aes.Encrypt(
            Encoding.UTF8.GetBytes(nonce), plain, result.AsSpan(0, plain.Length), result.AsSpan(plain.Length),
            Encoding.UTF8.GetBytes(associatedData ?? ""));
        return Convert.ToBase64String(result);
    }

    /// <summary>Decrypts a resource and checks its tag.</summary>
    /// <returns>Null when a length is wrong or the tag is: then not a byte of the text is used.</returns>
    /// <inheritdoc cref="EncryptAead"/>
    /// <param name="apiV3Key">The API v3 key.</param>
    /// <param name="nonce">12 ASCII characters.</param>
    /// <param name="associatedData">As sent; may be missing.</param>
    /// <param name="ciphertext">Base 64 of data and tag.</param>
    public static byte[]? TryDecryptAead(string apiV3Key, string nonce, string? associatedData, string ciphertext)
    {
        var key = Encoding.UTF8.GetBytes(apiV3Key);
        var iv = Encoding.UTF8.GetBytes(nonce);
        if (key.Length != KeyBytes || iv.Length != NonceBytes || TryFromBase64(ciphertext) is not { Length: >= TagBytes } data)
            return null;
        var plain = new byte[data.Length - TagBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(iv, data.AsSpan(0, plain.Length), data.AsSpan(plain.Length), plain, Encoding.UTF8.GetBytes(associatedData ?? ""));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>The key of <c>req_info</c>: the lower-case hexadecimal MD5 of the API v2 key, used as 32 ASCII bytes.</summary>
    public static string ReqInfoKey(string apiV2Key) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(apiV2Key)));

    /// <summary>Encrypts <c>req_info</c>: AES-256-ECB with PKCS#7 (WeChat Pay API v2, refund result notification).</summary>
    public static string EncryptReqInfo(string apiV2Key, ReadOnlySpan<byte> plain)
    {
        using var aes = ReqInfoAes(apiV2Key);
        return Convert.ToBase64String(aes.EncryptEcb(plain, PaddingMode.PKCS7));
    }

    /// <summary>Decrypts <c>req_info</c>. ECB has no tag: what comes out is only as true as it is well formed and ours.</summary>
    /// <returns>Null when the text is not base 64 or its padding is wrong.</returns>
    public static byte[]? TryDecryptReqInfo(string apiV2Key, string reqInfo)
    {
        if (TryFromBase64(reqInfo) is not { Length: > 0 } data)
            return null;
        try
        {
            using var aes = ReqInfoAes(apiV2Key);
            return aes.DecryptEcb(data, PaddingMode.PKCS7);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static Aes ReqInfoAes(string apiV2Key)
    {
        var aes = Aes.Create();
        aes.Key = Encoding.ASCII.GetBytes(ReqInfoKey(apiV2Key));
        return aes;
    }

    private static byte[]? TryFromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
