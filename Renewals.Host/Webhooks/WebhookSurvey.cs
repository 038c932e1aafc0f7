using NodaTime;
using Renewals.Core.Ledger;

namespace Renewals.Host.Webhooks;

/// <summary>Looks how every endpoint stands to which anything is sent.</summary>
internal sealed class WebhookSurvey(WebhookEndpoints endpoints, LedgerDatabase database)
{
    /// <summary>Looks once.</summary>
    public async Task<IReadOnlyList<EndpointStand>> LookAsync(CancellationToken cancellation)
    {
        List<EndpointStand> stands = [];
        foreach (var endpoint in endpoints.All.Where(endpoint => endpoint.Enabled))
        {
            var stand = await database.Webhooks.StandAsync(endpoint.Name, cancellation);
            stands.Add(new(endpoint.Name, stand.Waiting, stand.Dead, await OldestAsync(endpoint.Name, stand.Cursor, cancellation)));
        }

        return stands;
    }

    // Of what waits and of what was not read for it yet, whichever happened first.
    private async Task<Instant?> OldestAsync(string name, long? cursor, CancellationToken cancellation)
    {
        var waiting = await database.Webhooks.OldestAsync(name, cancellation) is { } place ? AtOf(await database.Feed.FindAsync([place], cancellation)) : null;
        var unread = cursor is { } after ? AtOf(await database.Feed.ReadAsync(after, 1, cancellation)) : null;
        return waiting is { } one && unread is { } other ? Instant.Min(one, other) : waiting ?? unread;
    }

    private static Instant? AtOf(IReadOnlyList<FeedEvent> events) => events.Count > 0 ? events[0].At : null;
}

/// <summary>How it stands with an endpoint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Waiting">How many events failed and are tried again, or wait behind such a one.</param>
/// <param name="Dead">How many were given up and can still be sent again.</param>
/// <param name="OldestAt">When the oldest event happened that did not get there and was not given up; null: there is none.</param>
internal sealed record EndpointStand(string Name, long Waiting, long Dead, Instant? OldestAt)
{
    /// <summary>An event gets there within seconds; one that takes longer than this has an endpoint that refuses it, or a host that does not send.</summary>
    public static readonly Duration BehindAfter = Duration.FromMinutes(10);
}
