using System.Text.Json;
using NodaTime;
using Renewals.Core.Ledger;
using Renewals.Host.Api;

namespace Renewals.Host.Webhooks;

/// <summary>An event on the wire. A contract with merchants: names are added, never changed.</summary>
/// <param name="Type">The event's stored name.</param>
/// <param name="Timestamp">When it was decided.</param>
/// <param name="Id">The event's id, also the header <c>webhook-id</c>.</param>
/// <param name="Sequence">Its place in the feed.</param>
/// <param name="Membership">Whose.</param>
/// <param name="Number">Its place in the membership's stream.</param>
/// <param name="Data">As it is stored.</param>
internal sealed record WebhookMessage(string Type, Instant Timestamp, Guid Id, long Sequence, Guid Membership, long Number, JsonElement Data)
{
    /// <summary>The body.</summary>
    public static byte[] Of(FeedEvent e) => JsonSerializer.SerializeToUtf8Bytes(
        new WebhookMessage(e.Name, e.At, e.Id, e.Sequence, e.Membership.Value, e.Number, e.Data), ApiJson.Options);
}
