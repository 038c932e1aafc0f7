using System.Text.Json;
using NodaTime;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>The events of all memberships in one order, for who wants to follow them without webhooks.</summary>
internal static class FeedApi
{
    /// <summary>Adds the route.</summary>
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/feed", ReadAsync).For(ApiRole.Reader)
        .Gives<FeedReply>("Everything that happened to all memberships, in one order, from a place on.");

    private static async Task<IResult> ReadAsync(ApiEngine engine, CancellationToken cancellation, long after = 0, int limit = Page.Usual)
    {
        if (Page.FaultOf(limit) is { } fault)
            return fault;
        if (after < 0)
            return ApiEndpoints.Problem(400, $"after is {after}; write 0 or the next of the page before.");
        var events = await engine.Get<LedgerDatabase>().Feed.ReadAsync(after, limit, cancellation);
        return Answer.Of(new FeedReply([.. events.Select(FeedItem.Of)], events is [.., var last] ? last.Sequence : after));
    }
}

/// <summary>A page of the feed.</summary>
/// <param name="Items">The events; empty: there are no more yet.</param>
/// <param name="Next">Ask again with this as <c>after</c>, now or later: nothing is left out.</param>
internal sealed record FeedReply(IReadOnlyList<FeedItem> Items, long Next);

/// <summary>An event of a membership.</summary>
/// <param name="Id">Its own id, the same wherever it is read; also the <c>webhook-id</c>.</param>
/// <param name="Sequence">Its place among the events of all memberships.</param>
/// <param name="Membership">Whose.</param>
/// <param name="Number">1, 2, …: its place in the membership's stream.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Data">As it is stored.</param>
internal sealed record FeedItem(Guid Id, long Sequence, Guid Membership, long Number, string Name, Instant At, JsonElement Data)
{
    public static FeedItem Of(FeedEvent e) => new(e.Id, e.Sequence, e.Membership.Value, e.Number, e.Name, e.At, e.Data);
}
