using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using NodaTime;

namespace Renewals.Gateways.WeChatPay;

/// <summary>The keys the rail signs with, by serial: certificates and public keys side by side, as both arrive while the rail changes over.</summary>
/// <remarks>Always selected by the received serial. Configured keys stay; downloaded ones are replaced by each download.</remarks>
public sealed class WeChatPayPlatformKeys
{
    private readonly IReadOnlyList<WeChatPayPlatformKey> configured;
    private FrozenDictionary<string, WeChatPayPlatformKey> bySerial;
    private int missed;

    /// <summary>Starts with the configured keys.</summary>
    public WeChatPayPlatformKeys(IEnumerable<WeChatPayPlatformKey> configured)
    {
        this.configured = [.. configured];
        bySerial = Index(this.configured);
    }

    /// <summary>The keys of an account's options.</summary>
    public static WeChatPayPlatformKeys Of(WeChatPayOptions options) => new(
    [
        .. options.PlatformCertificatesPem.Select(pem => WeChatPayPlatformKey.TryFromCertificate(pem)
            ?? throw new ArgumentException("PlatformCertificatesPem holds a text that is no certificate.", nameof(options))),
        .. options.PlatformPublicKeysPem.Select(pair => WeChatPayPlatformKey.FromPublicKey(pair.Key, pair.Value)),
    ]);

    /// <summary>The keys that are held.</summary>
    public IReadOnlyList<WeChatPayPlatformKey> Held => [.. Volatile.Read(ref bySerial).Values];

    /// <summary>How many keys are held.</summary>
    public int Count => Volatile.Read(ref bySerial).Count;

    /// <summary>The serial we ask the rail to sign with: a public key where we hold one, else none.</summary>
    public string? Preferred => configured.FirstOrDefault(key => key.ValidFrom is null)?.Serial;

    /// <summary>Whether a key of this serial is held, in force or not.</summary>
    public bool Knows(string serial) => Volatile.Read(ref bySerial).ContainsKey(serial);

    /// <summary>Whether a message named a serial that is not held since this was last asked: time to download.</summary>
    public bool TakeMissed() => Interlocked.Exchange(ref missed, 0) != 0;

    /// <summary>Verifies an answer or a callback: a held key, in force, the signature its own, the time fresh.</summary>
    /// <param name="headers">The four headers; null when one was missing.</param>
    /// <param name="body">The raw bytes.</param>
    /// <param name="now">The instant certificates and freshness are judged at.</param>
    /// <returns>Null when it is genuine; else which check failed.</returns>
    public string? WhyNot(WeChatPaySignedHeaders? headers, ReadOnlySpan<byte> body, Instant now)
    {
        if (headers is null)
            return "a signature header is missing";
        if (headers.Signature.StartsWith(WeChatPayV3Signer.ProbePrefix, StringComparison.Ordinal))
            return "a probe of the rail with a wrong signature";
        if (!WeChatPayV3Signer.IsFresh(headers.Timestamp, now))
            return "the timestamp is 300 s or more away";
        if (!Volatile.Read(ref bySerial).TryGetValue(headers.Serial, out var key))
        {
            Volatile.Write(ref missed, 1);
            return $"the serial {headers.Serial} is not known";
        }

        if (!key.IsValidAt(now))
            return $"the certificate {headers.Serial} is not in force";
        return key.Verify(WeChatPayV3Signer.ResponseMessage(headers.Timestamp, headers.Nonce, body), headers.Signature)
            ? null
            : "the signature is wrong";
    }

    /// <summary>Takes the certificates of a download, if the download itself proves genuine.</summary>
    /// <remarks>
    /// The first download cannot be verified with a key held before: it is verified with a certificate just decrypted, and the
    /// decryption with the API v3 key is what proves that one.
    /// </remarks>
    /// <param name="headers">The headers of the answer.</param>
    /// <param name="body">The body of <c>GET /v3/certificates</c>.</param>
    /// <param name="apiV3Key">The API v3 key.</param>
    /// <param name="now">The instant everything is judged at.</param>
    /// <returns>Null when taken; else why nothing changed.</returns>
    public string? Take(WeChatPaySignedHeaders? headers, ReadOnlySpan<byte> body, string apiV3Key, Instant now)
    {
        if (Decrypt(body, apiV3Key) is not { Count: > 0 } downloaded)
            return "the certificates cannot be decrypted with the API v3 key";
        var candidate = new WeChatPayPlatformKeys([.. configured, .. downloaded]);
        if (candidate.WhyNot(headers, body, now) is { } fault)
            return fault;
        Volatile.Write(ref bySerial, candidate.bySerial);
        return null;
    }

    /// <summary>Decrypts a list of platform certificates (WeChat Pay API v3, "download platform certificates").</summary>
    /// <returns>Null when the document or one entry of it is broken: a list is taken whole or not at all.</returns>
    public static IReadOnlyList<WeChatPayPlatformKey>? Decrypt(ReadOnlySpan<byte> body, string apiV3Key)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            var keys = new List<WeChatPayPlatformKey>();
            foreach (var entry in document.RootElement.GetProperty("data").EnumerateArray())
            {
                if (Decrypt(entry, apiV3Key) is not { } key)
                    return null;
                keys.Add(key);
            }

            return keys;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static WeChatPayPlatformKey? Decrypt(JsonElement entry, string apiV3Key)
    {
        var sealedBox = entry.GetProperty("encrypt_certificate");
        if (sealedBox.Text("algorithm") != WeChatPayCipher.AeadAlgorithm)
            return null;
        var pem = WeChatPayCipher.TryDecryptAead(
            apiV3Key, sealedBox.Text("nonce"), sealedBox.Text("associated_data"), sealedBox.Text("ciphertext"));
        return pem is not null && WeChatPayPlatformKey.TryFromCertificate(Encoding.UTF8.GetString(pem)) is { } key
            && key.Serial == entry.Text("serial_no")
            ? key
            : null;
    }

    private static FrozenDictionary<string, WeChatPayPlatformKey> Index(IEnumerable<WeChatPayPlatformKey> keys) =>
        keys.GroupBy(key => key.Serial).ToFrozenDictionary(group => group.Key, group => group.Last(), StringComparer.Ordinal);
}
