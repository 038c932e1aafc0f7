using NodaTime;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>A membership as its events told it at a moment.</summary>
/// <remarks>
/// Everything follows from the events: no plan, policy or configuration of today is looked at. Hosts' clocks differ by less than a minute, so events can
/// stand a little out of the order of their times; what counts is their order in the stream.
/// </remarks>
/// <param name="Events">What had been decided by then, in order.</param>
/// <param name="State">What it came to; null: nothing had been decided yet.</param>
public sealed record Replay(IReadOnlyList<SubscriptionEvent> Events, Subscription? State)
{
    /// <summary>Everything the membership had to do, and when; empty: nothing, ever.</summary>
    public IReadOnlyList<Duty> Duties => State is null ? [] : [.. Duty.Of(State).OrderBy(duty => duty.Due)];

    /// <summary>Replays a stream up to a moment.</summary>
    /// <param name="stream">All its events, in order.</param>
    /// <param name="at">The moment; what was decided at it is included. Null: to the end.</param>
    public static Replay AsOf(IReadOnlyList<SubscriptionEvent> stream, Instant? at = null)
    {
        IReadOnlyList<SubscriptionEvent> known = at is { } moment ? [.. stream.TakeWhile(e => e.At <= moment)] : stream;
        return new(known, Evolve.All(null, known));
    }
}
