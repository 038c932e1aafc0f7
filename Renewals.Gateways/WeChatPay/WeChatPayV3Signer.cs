using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Signs and verifies API v3 messages: RSA PKCS#1 v1.5 with SHA-256 (WeChat Pay API v3, "signature generation").</summary>
/// <remarks>Pure functions for both sides: the merchant signs requests, the rail signs answers and callbacks.</remarks>
public static class WeChatPayV3Signer
{
    /// <summary>The scheme's name in the Authorization header.</summary>
    public const string Scheme = "WECHATPAY2-SHA256-RSA2048";

    /// <summary>How the rail's deliberately wrong signatures begin; they must be refused (应答签名探测流量).</summary>
    public const string ProbePrefix = "WECHATPAY/SIGNTEST/";

    /// <summary>From this distance between its timestamp and now a message is stale: 300 seconds, in both directions.</summary>
    public static readonly Duration FreshFor = Duration.FromSeconds(300);

    /// <summary>The bytes a request's signature covers: five lines, each ended by a line feed.</summary>
    /// <param name="method">Upper case.</param>
    /// <param name="pathAndQuery">Exactly as sent.</param>
    /// <param name="timestamp">Epoch seconds.</param>
    /// <param name="nonce">At most 32 characters.</param>
    /// <param name="body">The bytes sent; empty without a body.</param>
    public static byte[] RequestMessage(string method, string pathAndQuery, string timestamp, string nonce, ReadOnlySpan<byte> body) =>
        Lines($"{method}\n{pathAndQuery}\n{timestamp}\n{nonce}\n", body);

    /// <summary>The bytes the signature of an answer or a callback covers; an answer 204 has an empty body line.</summary>
    /// <param name="timestamp">Epoch seconds, from the header.</param>
    /// <param name="nonce">From the header.</param>
    /// <param name="body">The raw bytes as they came.</param>
    public static byte[] ResponseMessage(string timestamp, string nonce, ReadOnlySpan<byte> body) => Lines($"{timestamp}\n{nonce}\n", body);

    /// <summary>The signature in base 64.</summary>
    public static string Sign(RSA privateKey, ReadOnlySpan<byte> message) =>
        Convert.ToBase64String(privateKey.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Whether the signature is the key's over the message.</summary>
    /// <returns>False too for text that is not the one base-64 spelling of its bytes.</returns>
    public static bool Verify(RSA publicKey, ReadOnlySpan<byte> message, string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length)

            // The last digit before the padding has spare bits that decoding ignores: one signature has one spelling.
            && Convert.ToBase64String(bytes.AsSpan(0, length)) == signature
            && publicKey.VerifyData(message, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    /// <summary>Whether a timestamp is less than 300 seconds from now.</summary>
    /// <param name="timestamp">Epoch seconds; anything else is not fresh.</param>
    /// <param name="now">The instant it is judged at.</param>
    public static bool IsFresh(string timestamp, Instant now) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds is > 0 and < 100_000_000_000
        && Duration.FromSeconds(Math.Abs(seconds - now.ToUnixTimeSeconds())) < FreshFor;

    /// <summary>Signs a request and gives its Authorization header.</summary>
    /// <param name="merchant">Merchant number and the serial of the merchant's certificate.</param>
    /// <param name="privateKey">The merchant's private key.</param>
    /// <param name="request">What is sent.</param>
    public static WeChatPayAuthorization Authorize(
        (string MchId, string SerialNo) merchant, RSA privateKey,
        (string Method, string PathAndQuery, string Timestamp, string Nonce, ReadOnlyMemory<byte> Body) request)
    {
        var message = RequestMessage(request.Method, request.PathAndQuery, request.Timestamp, request.Nonce, request.Body.Span);
        return new(merchant.MchId, request.Nonce, Sign(privateKey, message), request.Timestamp, merchant.SerialNo);
    }

    /// <summary>Whether an Authorization header was made for this request by the holder of the key.</summary>
    /// <remarks>Freshness is a check of its own: <see cref="IsFresh"/>.</remarks>
    public static bool Verify(RSA publicKey, WeChatPayAuthorization header, string method, string pathAndQuery, ReadOnlySpan<byte> body) =>
        Verify(publicKey, RequestMessage(method, pathAndQuery, header.Timestamp, header.Nonce, body), header.Signature);

    private static byte[] Lines(string head, ReadOnlySpan<byte> body)
    {
        var message = new byte[Encoding.UTF8.GetByteCount(head) + body.Length + 1];
        var length = Encoding.UTF8.GetBytes(head, message);
        body.CopyTo(message.AsSpan(length));
        message[^1] = (byte)'\n';
        return message;
    }
}
