using System.Security.Cryptography;
using System.Text;

namespace Renewals.Gateways.Alipay;

/// <summary>Content encryption (接口内容加密): AES-128-CBC, PKCS#7 padding, an IV of zeros. Pure functions, both directions.</summary>
/// <remarks>The IV is fixed by the rail, so equal texts give equal ciphertexts and a repeat stays byte-identical.</remarks>
public static class AlipayCipher
{
    /// <summary>The value of <c>encrypt_type</c>.</summary>
    public const string EncryptType = "AES";

    private const int KeyBytes = 16;
    private static readonly byte[] ZeroIv = new byte[16];

    /// <summary>Whether a text is a key as the console hands it out: base 64 of 16 bytes.</summary>
    public static bool IsKey(string key) => TryFromBase64(key) is { Length: KeyBytes };

    /// <summary>Encrypts a text.</summary>
    /// <param name="key">The key, base 64 of 16 bytes.</param>
    /// <param name="plain">What is encrypted.</param>
    /// <param name="encoding">The charset of the message.</param>
    /// <returns>Base 64.</returns>
    public static string Encrypt(string key, string plain, Encoding encoding)
    {
        using var aes = Aes.Create();
        aes.Key = Convert.FromBase64String(key);
        return Convert.ToBase64String(aes.EncryptCbc(encoding.GetBytes(plain), ZeroIv));
    }

    /// <summary>Decrypts a text.</summary>
    /// <returns>Null when it is not a ciphertext of this key. There is no tag: only the signature over the ciphertext proves it.</returns>
    /// <inheritdoc cref="Encrypt"/>
    /// <param name="key">The key, base 64 of 16 bytes.</param>
    /// <param name="ciphertext">Base 64.</param>
    /// <param name="encoding">The charset of the message; it must throw on bytes that are no text.</param>
    public static string? TryDecrypt(string key, string ciphertext, Encoding encoding)
    {
        if (TryFromBase64(ciphertext) is not { } bytes)
            return null;
        try
        {
            using var aes = Aes.Create();
            aes.Key = Convert.FromBase64String(key);
            return encoding.GetString(aes.DecryptCbc(bytes, ZeroIv));
        }
        catch (Exception fault) when (fault is CryptographicException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static byte[]? TryFromBase64(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
