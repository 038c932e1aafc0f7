using System.Security.Cryptography;
using System.Text;

namespace Renewals.Gateways.UnionPay;

/// <summary>Sensitive fields (敏感信息): card number, <c>customerInfo</c> and PIN block, plain or encrypted to a certificate.</summary>
/// <remarks>
/// Pure functions for both sides. What we encrypt is for the rail's encryption certificate; what the rail encrypts is for our signing one.
/// RSA with PKCS#1 v1.5 padding is the rail's choice; a cipher text differs each time.
/// </remarks>
public static class UnionPayCipher
{
    // The items that are encrypted together, in this order (note on encrypted fields of the ACP SDK).
    private static readonly string[] Sensitive = ["phoneNo", "cvn2", "expired"];

    /// <summary>Encrypts a value; base64.</summary>
    public static string Encrypt(string plain, RSA key, Encoding encoding) => Encrypt(encoding.GetBytes(plain), key);

    /// <summary>Decrypts a value.</summary>
    /// <returns>Null when it is no base64, or was not made for this key.</returns>
    public static string? TryDecrypt(string cipher, RSA key, Encoding encoding)
    {
        try
        {
            return TryDecryptBytes(cipher, key) is { } plain ? encoding.GetString(plain) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Decrypts bytes, such as a PIN block.</summary>
    /// <returns>Null when it is no base64, or was not made for this key.</returns>
    public static byte[]? TryDecryptBytes(string cipher, RSA key)
    {
        try
        {
            return key.Decrypt(Convert.FromBase64String(cipher), RSAEncryptionPadding.Pkcs1);
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The field <c>customerInfo</c>.</summary>
    /// <param name="items">Names and values in their order; empty values are left out.</param>
    /// <param name="encoding">The message's character set.</param>
    /// <param name="key">The rail's encryption key: phone, CVN2 and expiry are then encrypted; null leaves all readable.</param>
    /// <returns>Null when there is nothing to send: the field is then left out.</returns>
    public static string? CustomerInfo(IEnumerable<(string Name, string? Value)> items, Encoding encoding, RSA? key)
    {
        var given = items.Where(item => !string.IsNullOrEmpty(item.Value)).Select(item => (item.Name, Value: item.Value!)).ToList();
        if (given.Count == 0)
            return null;
        var secret = key is null ? [] : given.Where(item => Sensitive.Contains(item.Name)).ToList();
        var open = given.Except(secret).ToList();
        if (key is not null && secret.Count > 0)
            open.Add(("encryptedInfo", Encrypt(Join(secret), key, encoding)));
        return Convert.ToBase64String(encoding.GetBytes($"{{{Join(open)}}}"));
    }

    /// <summary>Reads <c>customerInfo</c>; the items of <c>encryptedInfo</c> stand among the others.</summary>
    /// <param name="text">The field.</param>
    /// <param name="encoding">The message's character set.</param>
    /// <param name="key">Opens <c>encryptedInfo</c>; null refuses a field that has one.</param>
    /// <returns>Null when it cannot be read as a whole.</returns>
    public static IReadOnlyDictionary<string, string>? TryReadCustomerInfo(string text, Encoding encoding, RSA? key)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || TryGetString(bytes.AsSpan(0, length), encoding) is not { } plain)
            return null;
        if (UnionPayWire.TryReadGroup(plain) is not { } read)
            return null;
        var items = new Dictionary<string, string>(read, StringComparer.Ordinal);
        if (!items.Remove("encryptedInfo", out var cipher))
            return items;
        if (key is null || TryDecrypt(cipher, key, encoding) is not { } secret || UnionPayWire.TryReadGroup($"{{{secret}}}") is not { } hidden)
            return null;

        // A foreign cipher text may open into noise: only the names that belong here prove that it was meant for this key.
        return hidden.All(item => Sensitive.Contains(item.Key) && items.TryAdd(item.Key, item.Value)) ? items : null;
    }

    /// <summary>The PIN block, ISO 9564 format 0: the PIN's field and the card number's, combined by exclusive or.</summary>
    /// <param name="pin">4 to 12 digits.</param>
    /// <param name="accNo">The card number, 13 digits or more.</param>
    public static byte[] PinBlock(string pin, string accNo)
    {
        if (pin.Length is < 4 or > 12 || !pin.All(char.IsAsciiDigit))
            throw new ArgumentException("A PIN has 4 to 12 digits.", nameof(pin));
        if (accNo.Length < 13 || !accNo.All(char.IsAsciiDigit))
            throw new ArgumentException("A card number has 13 digits or more.", nameof(accNo));
        var block = Convert.FromHexString($"0{pin.Length:X}{pin}".PadRight(16, 'F'));
        var account = Convert.FromHexString($"0000{accNo[^13..^1]}");
        for (var i = 0; i < block.Length; i++)
            block[i] ^= account[i];
        return block;
    }

    /// <summary>The item <c>pin</c>: always encrypted.</summary>
    /// <inheritdoc cref="PinBlock"/>
    /// <param name="pin">4 to 12 digits.</param>
    /// <param name="accNo">The card number.</param>
    /// <param name="key">The rail's encryption key.</param>
    public static string EncryptPin(string pin, string accNo, RSA key) => Encrypt(PinBlock(pin, accNo), key);

    private static string Encrypt(byte[] plain, RSA key) => Convert.ToBase64String(key.Encrypt(plain, RSAEncryptionPadding.Pkcs1));

    private static string Join(IEnumerable<(string Name, string Value)> items) => string.Join('&', items.Select(item => $"{item.Name}={item.Value}"));

    private static string? TryGetString(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
