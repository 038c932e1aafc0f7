using System.Text;
using System.Text.Json;
using NodaTime;

namespace Renewals.Gateways.Alipay;

/// <summary>Verifies an answer of the gateway and opens it: a pure function of its bytes, the keys and the instant.</summary>
internal static class AlipayReader
{
    /// <summary>The codes of a success: done, or accepted and being paid.</summary>
    public static bool IsSuccess(string code) => code is "10000" or "10003";

    /// <summary>Reads an answer.</summary>
    /// <param name="body">The bytes as they came.</param>
    /// <param name="method">The method that was called.</param>
    /// <param name="keys">The keys the rail signs with.</param>
    /// <param name="aesKey">The key of content encryption; null when it is off.</param>
    /// <param name="now">The instant certificates are judged at.</param>
    /// <param name="repeated">Whether it answers a repeat.</param>
    public static AlipayReply Read(
        ReadOnlySpan<byte> body, string method, AlipayPlatformKeys keys, string? aesKey, Instant now, bool repeated = false)
    {
        try
        {
            if (AlipayEnvelope.TryRead(AlipayWire.Utf8.GetString(body), method) is not { } envelope)
                return new AlipayReply.Unclear("the answer is not one node of the method");
            if (envelope.Sign.Length == 0)
                return ReadUnsigned(envelope.Content, repeated);
            var content = envelope.Content;
            if (keys.WhyNot(content, envelope.Sign, envelope.CertificateSerial, AlipayWire.Utf8, now) is { } fault)
            {
                // The rail's own libraries look a second time: it may have signed before it escaped its slashes.
                content = content.Replace("\\/", "/", StringComparison.Ordinal);
                if (content == envelope.Content || keys.WhyNot(content, envelope.Sign, envelope.CertificateSerial, AlipayWire.Utf8, now) is not null)
                    return new AlipayReply.Unclear(fault);
            }

            return Open(content, aesKey) is { } plain
                ? new AlipayReply.Message(Parse(plain), repeated)
                : new AlipayReply.Unclear("the content cannot be decrypted");
        }
        catch (Exception fault) when (fault is JsonException or DecoderFallbackException)
        {
            return new AlipayReply.Unclear($"broken answer: {fault.GetType().Name}");
        }
    }

    /// <summary>The text of a node, decrypted where it is a ciphertext; null when it cannot be. Verified with its quotes, decrypted without.</summary>
    public static string? Open(string content, string? aesKey) => content[0] != '"' ? content
        : aesKey is not null && AlipayEnvelope.Unquote(content) is { } ciphertext ? AlipayCipher.TryDecrypt(aesKey, ciphertext, AlipayWire.Utf8)
        : null;

    private static AlipayReply ReadUnsigned(string content, bool repeated)
    {
        var message = new AlipayReply.Message(Parse(content));
        return message.Code.Length == 0 || IsSuccess(message.Code)
            ? new AlipayReply.Unclear("a success without a signature")
            : new AlipayReply.UnsignedError(message.Code, message.SubCode, $"{message.Why} (not signed)", repeated);
    }

    private static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.Clone()
            : throw new JsonException("The node is no object.");
    }
}
