using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Puts callbacks into the queue, in the form of their interface.</summary>
internal sealed class Messenger(WeChatPayState state, PlatformKeys keys)
{
    private const string WrongV3Key = "not-the-key-of-this-merchant-000";

    /// <summary>An API v2 callback: signed XML, accepted by <c>return_code</c> SUCCESS.</summary>
    /// <param name="to">The merchant's address, the key that orders items due together, when it happened and what becomes of it.</param>
    /// <param name="plan">The retry plan.</param>
    /// <param name="fields">The message.</param>
    /// <param name="signType">Null sends it unsigned, as refund results are.</param>
    public void TellXml(
        CallbackTo to, IReadOnlyList<Duration> plan, IEnumerable<KeyValuePair<string, string>> fields, WeChatPaySignType? signType)
    {
        List<KeyValuePair<string, string>> all = [.. fields.Where(pair => pair.Value.Length > 0)];
        var good = Xml(all, signType, state.Credentials.ApiV2Key);
        var first = to.Fate.Damage == CallbackDamage.None ? good : Xml(all, signType, "not the merchant's key");
        Enqueue(to, plan, (_, tries) => Request(tries == 0 ? first : good, "text/xml"), AcceptsXml);
    }

    /// <summary>An API v3 callback: an encrypted resource in a signed envelope, accepted by status 200 or 204.</summary>
    /// <inheritdoc cref="TellXml"/>
    /// <param name="to">Where, in which order, when.</param>
    /// <param name="eventType">Such as <c>REFUND.SUCCESS</c>.</param>
    /// <param name="originalType">Such as <c>refund</c>.</param>
    /// <param name="resource">What is encrypted.</param>
    public void TellV3(CallbackTo to, string eventType, string originalType, JsonObject resource)
    {
        var plain = Encoding.UTF8.GetBytes(resource.ToJsonString());
        var good = Envelope(to, eventType, originalType, plain, state.Credentials.ApiV3Key);
        var first = to.Fate.Damage == CallbackDamage.WrongTag ? Envelope(to, eventType, originalType, plain, WrongV3Key) : good;
        Enqueue(
            to, RetryPlans.V3, (now, tries) => tries == 0 ? Signed(first, now, to.Fate.Damage) : Signed(good, now, CallbackDamage.None),
            (status, _) => status is HttpStatusCode.OK or HttpStatusCode.NoContent);
    }

    private static byte[] Xml(List<KeyValuePair<string, string>> fields, WeChatPaySignType? signType, string key) =>
        Encoding.UTF8.GetBytes(WeChatPayXml.Write(signType is { } method ? WeChatPaySigner.Signed(fields, key, method) : fields));

    private static byte[] Envelope(CallbackTo to, string eventType, string originalType, byte[] plain, string key)
    {
        var id = StableId.Hex(32, "event", eventType, to.Key);
        var nonce = id[..12];
        var cipher = WeChatPayCipher.EncryptAead(key, nonce, originalType, plain);
        var envelope = new JsonObject
        {
            ["id"] = id,
            ["create_time"] = BeijingTime.Rfc3339(to.At),
            ["event_type"] = eventType,
            ["resource_type"] = "encrypt-resource",
            ["summary"] = eventType,
            ["resource"] = new JsonObject
            {
                ["original_type"] = originalType,
                ["algorithm"] = WeChatPayCipher.AeadAlgorithm,
                ["ciphertext"] = cipher,
                ["associated_data"] = originalType,
                ["nonce"] = nonce,
            },
        };
        return Encoding.UTF8.GetBytes(envelope.ToJsonString());
    }

    private void Enqueue(
        CallbackTo to, IReadOnlyList<Duration> plan, Func<Instant, int, HttpRequestMessage> write,
        Func<HttpStatusCode, byte[], bool> accepts)
    {
        for (var copy = 1; copy <= to.Fate.Copies && !to.Fate.Lost; copy++)
        {
            var message = new OutgoingCallback(to.Address, write, accepts, plan);
            state.Queue.Add(new DueCallback(to.At + to.Fate.Delay + plan[0], $"{to.Key}#{copy}", message, 0));
        }
    }

    private static HttpRequestMessage Request(byte[] body, string contentType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType) { CharSet = "utf-8" };
        return new HttpRequestMessage { Method = HttpMethod.Post, Content = content };
    }

    private HttpRequestMessage Signed(byte[] body, Instant now, CallbackDamage damage)
    {
        var request = Request(body, "application/json");
        var headers = damage switch
        {
            CallbackDamage.WrongSignature => keys.Sign([.. body, 1], now),
            CallbackDamage.StaleTimestamp => keys.Sign(body, now - Duration.FromMinutes(6)),
            CallbackDamage.SignatureProbe => Probe(keys.Sign(body, now)),
            CallbackDamage.None or CallbackDamage.WrongTag => keys.Sign(body, now),
            _ => throw new InvalidOperationException($"Damage {damage} is unknown."),
        };
        foreach (var (name, value) in headers.ToDictionary())
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static WeChatPaySignedHeaders Probe(WeChatPaySignedHeaders real) =>
        real with { Signature = WeChatPayV3Signer.ProbePrefix + real.Signature };

    private static bool AcceptsXml(HttpStatusCode status, byte[] body) =>
        status == HttpStatusCode.OK && WeChatPayXml.TryRead(body, out var fields, out _)
        && fields.GetValueOrDefault("return_code") == "SUCCESS";
}

/// <summary>Where a callback goes.</summary>
/// <param name="Address">The merchant's address.</param>
/// <param name="Key">Orders callbacks due together: the order number, contract code or refund number, and what it tells.</param>
/// <param name="At">When it happened.</param>
/// <param name="Fate">What becomes of it.</param>
internal sealed record CallbackTo(Uri Address, string Key, Instant At, CallbackFate Fate);
