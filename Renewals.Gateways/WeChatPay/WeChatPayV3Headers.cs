using System.Security.Cryptography;

namespace Renewals.Gateways.WeChatPay;

/// <summary>The Authorization header of an API v3 request; the order of its items is free.</summary>
/// <param name="MchId">Merchant number.</param>
/// <param name="Nonce">The request's random text.</param>
/// <param name="Signature">Base 64.</param>
/// <param name="Timestamp">Epoch seconds.</param>
/// <param name="SerialNo">Serial of the merchant's certificate.</param>
public sealed record WeChatPayAuthorization(string MchId, string Nonce, string Signature, string Timestamp, string SerialNo)
{
    private static readonly string[] Names = ["mchid", "nonce_str", "signature", "timestamp", "serial_no"];

    /// <summary>The items alone, without the scheme.</summary>
    public string Parameter =>
        $"mchid=\"{MchId}\",nonce_str=\"{Nonce}\",signature=\"{Signature}\",timestamp=\"{Timestamp}\",serial_no=\"{SerialNo}\"";

    /// <summary>The header's value, scheme included.</summary>
    public override string ToString() => $"{WeChatPayV3Signer.Scheme} {Parameter}";

    /// <summary>Reads a header's value.</summary>
    /// <returns>Null when it is of another scheme, or an item is missing, unknown, twice or not quoted.</returns>
    public static WeChatPayAuthorization? TryParse(string? header)
    {
        const string start = WeChatPayV3Signer.Scheme + " ";
        if (header is null || !header.StartsWith(start, StringComparison.Ordinal))
            return null;
        var items = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in header[start.Length..].Split(','))
        {
            if (item.Trim().Split('=', 2) is not [var name, ['"', .. var value, '"']] || value.Contains('"') || !items.TryAdd(name, value))
                return null;
        }

        return items.Count == Names.Length && Array.TrueForAll(Names, items.ContainsKey)
            ? new(items["mchid"], items["nonce_str"], items["signature"], items["timestamp"], items["serial_no"])
            : null;
    }
}

/// <summary>The four headers that sign an API v3 answer or callback.</summary>
/// <param name="Timestamp">Epoch seconds (<c>Wechatpay-Timestamp</c>).</param>
/// <param name="Nonce">Random text (<c>Wechatpay-Nonce</c>).</param>
/// <param name="Serial">Which platform key signed (<c>Wechatpay-Serial</c>).</param>
/// <param name="Signature">Base 64 (<c>Wechatpay-Signature</c>).</param>
public sealed record WeChatPaySignedHeaders(string Timestamp, string Nonce, string Serial, string Signature)
{
    /// <summary>Name of the header with the time.</summary>
    public const string TimestampName = "Wechatpay-Timestamp";

    /// <summary>Name of the header with the random text.</summary>
    public const string NonceName = "Wechatpay-Nonce";

    /// <summary>Name of the header with the key's serial; in a request, the serial the answer should be signed with.</summary>
    public const string SerialName = "Wechatpay-Serial";

    /// <summary>Name of the header with the signature.</summary>
    public const string SignatureName = "Wechatpay-Signature";

    /// <summary>The headers by name, ready to be sent.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() => new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [TimestampName] = Timestamp, [NonceName] = Nonce, [SerialName] = Serial, [SignatureName] = Signature,
    };

    /// <summary>Signs a body, as the rail does.</summary>
    /// <param name="platformKey">The platform's private key.</param>
    /// <param name="serial">The serial it is known under.</param>
    /// <param name="timestamp">Epoch seconds.</param>
    /// <param name="nonce">Random text.</param>
    /// <param name="body">The bytes that are sent; empty for 204.</param>
    public static WeChatPaySignedHeaders Sign(RSA platformKey, string serial, string timestamp, string nonce, ReadOnlySpan<byte> body) =>
        new(timestamp, nonce, serial, WeChatPayV3Signer.Sign(platformKey, WeChatPayV3Signer.ResponseMessage(timestamp, nonce, body)));

    /// <summary>Reads the headers.</summary>
    /// <param name="header">Gives a header's value by its name, null when it is absent.</param>
    /// <returns>Null when one is missing or empty.</returns>
    public static WeChatPaySignedHeaders? TryRead(Func<string, string?> header) =>
        (header(TimestampName), header(NonceName), header(SerialName), header(SignatureName)) is
            ({ Length: > 0 } timestamp, { Length: > 0 } nonce, { Length: > 0 } serial, { Length: > 0 } signature)
            ? new(timestamp, nonce, serial, signature)
            : null;
}
