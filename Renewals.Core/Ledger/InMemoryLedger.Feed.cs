using System.Text.Json;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

public sealed partial class InMemoryLedger : IEventFeed
{
    // The place of an event in the sequence is its place here, from 1. Commits are one after another, so nothing appears late.
    private readonly List<(SubscriptionId Id, int Number)> sequence = [];

    Task<IReadOnlyList<FeedEvent>> IEventFeed.ReadAsync(long after, int limit, CancellationToken cancellation)
    {
        lock (gate)
        {
            var (from, until) = ((int)Math.Clamp(after, 0, sequence.Count), (int)Math.Min(sequence.Count, Math.Max(after, 0) + limit));
            return Task.FromResult<IReadOnlyList<FeedEvent>>([.. Enumerable.Range(from, Math.Max(0, until - from)).Select(At)]);
        }
    }

    Task<IReadOnlyList<FeedEvent>> IEventFeed.FindAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<FeedEvent>>([.. sequences.Where(place => place >= 1 && place <= sequence.Count).Order().Select(place => At((int)place - 1))]);
    }

    Task<long> IEventFeed.LastAsync(CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult((long)sequence.Count);
    }

    private FeedEvent At(int index)
    {
        var (id, number) = sequence[index];
        var e = streams[id][number - 1];
        return new(
            EventIds.Of(id, e, number), index + 1, id, number, EventNames.OfSubscriptions[e.GetType()], e.At, JsonSerializer.SerializeToElement(e, e.GetType(), LedgerJson.Options));
    }

    private void Append(SubscriptionId id, IReadOnlyList<SubscriptionEvent> events)
    {
        var stream = streams[id];
        for (var i = 1; i <= events.Count; i++)
            sequence.Add((id, stream.Count + i));
        stream.AddRange(events);
    }
}
