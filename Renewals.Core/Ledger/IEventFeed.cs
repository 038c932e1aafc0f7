using System.Text.Json;
using NodaTime;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>The events of all memberships in one strict order, the order of the ledger's sequence.</summary>
/// <remarks>
/// An event takes its place in the sequence before its transaction commits, so a later place can be seen before an earlier one. The feed shows a place only when
/// nothing can appear before it any more: who reads on after the last event seen has seen every event.
/// </remarks>
internal interface IEventFeed
{
    /// <summary>The events after a place, in their order.</summary>
    /// <param name="after">A place of the sequence; 0: from the beginning.</param>
    /// <param name="limit">The most there are.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<FeedEvent>> ReadAsync(long after, int limit, CancellationToken cancellation);

    /// <summary>The events of these places, in their order; a place where there is none is missing.</summary>
    Task<IReadOnlyList<FeedEvent>> FindAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellation);

    /// <summary>The last place there is, whether or not the feed shows it yet; 0: there is none.</summary>
    Task<long> LastAsync(CancellationToken cancellation);
}

/// <summary>An event of a membership in the feed.</summary>
/// <param name="Id">The event's own id; the same wherever and whenever it is read. See <see cref="EventIds"/>.</param>
/// <param name="Sequence">Its place among the events of all memberships; places grow, and some are no membership's.</param>
/// <param name="Membership">Whose.</param>
/// <param name="Number">1, 2, …: its place in the membership's stream.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Data">As it is stored.</param>
internal sealed record FeedEvent(Guid Id, long Sequence, SubscriptionId Membership, long Number, string Name, Instant At, JsonElement Data);
