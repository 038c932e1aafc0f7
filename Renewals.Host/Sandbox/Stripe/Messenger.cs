using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Gateways.Stripe;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Tells the merchant what happened: events as snapshots, signed anew in every try.</summary>
internal sealed class Messenger(StripeState state)
{
    // Stripe tries for three days with growing gaps and does not publish them (docs.stripe.com/webhooks#automatic-retries).
    private static readonly IReadOnlyList<Duration> Plan =
    [
        Duration.Zero, Duration.FromMinutes(5), Duration.FromMinutes(30), Duration.FromHours(2), Duration.FromHours(5), Duration.FromHours(10),
        Duration.FromHours(10), Duration.FromHours(20), Duration.FromHours(20),
    ];

    /// <summary>Tells of an event.</summary>
    /// <param name="type">Such as <c>payment_intent.succeeded</c>.</param>
    /// <param name="about">The object as it is now.</param>
    /// <param name="at">When it happened.</param>
    /// <param name="copies">How often it is delivered; 0 loses it.</param>
    public void Tell(string type, JsonObject about, Instant at, int copies = 1)
    {
        if (state.MerchantNotifyUrl is not { } address)
            return;
        var id = state.NewId("evt", $"{type}/{about["id"]}");
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["id"] = id, ["object"] = "event", ["api_version"] = "2025-03-31.basil", ["created"] = at.ToUnixTimeSeconds(), ["livemode"] = false,
            ["pending_webhooks"] = 1, ["type"] = type, ["data"] = new JsonObject { ["object"] = about },
        }.ToJsonString());
        var message = new OutgoingCallback(address, (now, _) => Request(body, now), (status, _) => (int)status is >= 200 and < 300, Plan);
        for (var copy = 1; copy <= copies; copy++)
            state.Queue.Add(new DueCallback(at, $"{id}#{copy}", message, 0));
    }

    private HttpRequestMessage Request(byte[] body, Instant now)
    {
        var request = new HttpRequestMessage { Method = HttpMethod.Post, Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        request.Headers.Add(StripeSignature.Header, StripeSignature.Sign(state.Credentials.WebhookSecret, now, body));
        return request;
    }
}
