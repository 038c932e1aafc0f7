using System.Security.Cryptography;
using System.Text;

namespace Renewals.Gateways.WeChatPay;

/// <summary>The two signature methods of API v2 (签名方式).</summary>
public enum WeChatPaySignType
{
    /// <summary>MD5, the rail's default.</summary>
    Md5 = 0,

    /// <summary>HMAC-SHA256 keyed with the API v2 key.</summary>
    HmacSha256 = 1,
}

/// <summary>Signs and verifies API v2 messages (WeChat Pay API v2, "signature algorithm").</summary>
/// <remarks>
/// Pure functions, the same for the merchant's side and the rail's. The method is always the caller's: a message never chooses how it is
/// verified. The key is the API v2 key (API密钥), never the API v3 key.
/// </remarks>
public static class WeChatPaySigner
{
    /// <summary>The name of the signature parameter; it is never part of what is signed.</summary>
    public const string SignField = "sign";

    /// <summary>The word of a method in <c>sign_type</c> and <c>signType</c>.</summary>
    public static string WireName(this WeChatPaySignType type) => type switch
    {
        WeChatPaySignType.Md5 => "MD5",
        WeChatPaySignType.HmacSha256 => "HMAC-SHA256",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There are two methods."),
    };

    /// <summary>The text that is signed: all parameters with a value, by name in ordinal order, then the key.</summary>
    /// <param name="parameters">Raw values: neither URL-encoded nor XML-escaped. Empty values and <c>sign</c> are left out.</param>
    /// <param name="apiV2Key">The API v2 key, 32 characters.</param>
    public static string StringToSign(IEnumerable<KeyValuePair<string, string>> parameters, string apiV2Key)
    {
        var text = new StringBuilder();

        // Ordinal, because a culture would order "_" and the case of letters differently and give another signature.
        foreach (var (name, value) in parameters.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (name != SignField && !string.IsNullOrEmpty(value))
                text.Append(name).Append('=').Append(value).Append('&');
        }

        return text.Append("key=").Append(apiV2Key).ToString();
    }

    /// <summary>The signature, upper-case hexadecimal: 32 characters with MD5, 64 with HMAC-SHA256.</summary>
    /// <inheritdoc cref="StringToSign"/>
    /// <param name="parameters">Raw values.</param>
    /// <param name="apiV2Key">The API v2 key.</param>
    /// <param name="type">The method.</param>
    public static string Sign(IEnumerable<KeyValuePair<string, string>> parameters, string apiV2Key, WeChatPaySignType type)
    {
        var text = Encoding.UTF8.GetBytes(StringToSign(parameters, apiV2Key));
        return Convert.ToHexString(type switch
        {
            WeChatPaySignType.Md5 => MD5.HashData(text),
            WeChatPaySignType.HmacSha256 => HMACSHA256.HashData(Encoding.UTF8.GetBytes(apiV2Key), text),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There are two methods."),
        });
    }

    /// <summary>The parameters in their order, followed by their signature.</summary>
    /// <inheritdoc cref="Sign"/>
    public static IReadOnlyList<KeyValuePair<string, string>> Signed(
        IEnumerable<KeyValuePair<string, string>> parameters, string apiV2Key, WeChatPaySignType type)
    {
        var all = parameters.Where(pair => pair.Key != SignField).ToList();
        all.Add(new(SignField, Sign(all, apiV2Key, type)));
        return all;
    }

    /// <summary>Whether a message carries the one signature it must carry.</summary>
    /// <returns>False too when the signature is missing or empty. The comparison takes the same time wherever the texts differ.</returns>
    /// <param name="message">The whole message, unknown parameters included.</param>
    /// <param name="apiV2Key">The API v2 key.</param>
    /// <param name="type">The configured method; no other is tried.</param>
    public static bool Verify(IReadOnlyDictionary<string, string> message, string apiV2Key, WeChatPaySignType type) =>
        message.TryGetValue(SignField, out var sign)
        && sign.Length > 0
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sign), Encoding.UTF8.GetBytes(Sign(message, apiV2Key, type)));
}
