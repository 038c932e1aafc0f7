using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Renewals.Host.Service;

namespace Renewals.Host.Webhooks;

/// <summary>Signs what is sent by the Standard Webhooks convention (standardwebhooks.com), version v1: HMAC-SHA256 of id, time and body.</summary>
internal static class StandardWebhooks
{
    /// <summary>Names the message; a repeat has the same.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>When it was sent, in seconds since 1970; a repeat has its own.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>A signature for each secret, separated by spaces.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>Adds the three headers.</summary>
    /// <param name="request">The request; its content is <paramref name="body"/>.</param>
    /// <param name="id">Names the message.</param>
    /// <param name="at">Now.</param>
    /// <param name="body">As it goes over the wire.</param>
    /// <param name="secrets">What signs; none: no signature.</param>
    public static void Sign(HttpRequestMessage request, string id, Instant at, ReadOnlySpan<byte> body, IReadOnlyList<WebhookSecret> secrets)
    {
        var seconds = at.ToUnixTimeSeconds();
        request.Headers.Add(IdHeader, id);
        request.Headers.Add(TimestampHeader, seconds.ToString(CultureInfo.InvariantCulture));
        if (secrets.Count > 0)
            request.Headers.Add(SignatureHeader, SignatureOf(id, seconds, body, secrets));
    }

    /// <summary>The value of the signature's header.</summary>
    public static string SignatureOf(string id, long seconds, ReadOnlySpan<byte> body, IReadOnlyList<WebhookSecret> secrets)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{seconds}.")), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{secret.Sign(signed)}"));
    }
}

/// <summary>What signs. Tells nothing of itself.</summary>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int FewestBytes = 24;
    private const int MostBytes = 64;

    private readonly byte[] key;

    private WebhookSecret(byte[] key) => this.key = key;

    /// <summary>Reads one.</summary>
    /// <param name="place">The setting, for the message.</param>
    /// <param name="text"><c>whsec_</c> and base64.</param>
    /// <exception cref="CannotRunException">It is none; the message names the setting and not the secret.</exception>
    public static WebhookSecret Read(string place, string text)
    {
        var key = new byte[MostBytes];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) && length >= FewestBytes
            ? new(key[..length])
            : throw new CannotRunException($"{place} is no secret: write {Prefix} and base64 of {FewestBytes} to {MostBytes} random bytes, such as the output of: echo \"{Prefix}$(openssl rand -base64 32)\"");
    }

    /// <summary>The signature in base64.</summary>
    public string Sign(ReadOnlySpan<byte> content) => Convert.ToBase64String(HMACSHA256.HashData(key, content));

    /// <summary>Tells nothing.</summary>
    public override string ToString() => "a secret";
}
