using NodaTime;

namespace Renewals.Core.Subscriptions;

/// <summary>Why a member has the membership, or has not.</summary>
public enum EntitlementReason
{
    /// <summary>Nothing was signed or paid yet.</summary>
    NotBegun = 0,

    /// <summary>It is given before the first period (试用).</summary>
    Trial = 1,

    /// <summary>It is paid.</summary>
    Paid = 2,

    /// <summary>A missed period was given.</summary>
    Given = 3,

    /// <summary>The paid time is over and the charge is still tried (宽限期).</summary>
    Grace = 4,

    /// <summary>It is paused.</summary>
    Paused = 5,

    /// <summary>The paid time is over.</summary>
    Unpaid = 6,

    /// <summary>It is over.</summary>
    Ended = 7,
}

/// <summary>Whether a member has the membership: apart from billing, and from the same state.</summary>
/// <param name="IsEntitled">Whether the member has it now.</param>
/// <param name="EntitledUntil">Until then, as far as is known now; null: the member has it not.</param>
/// <param name="Reason">Why.</param>
/// <param name="PlanId">What the member has: the plan, or until a change is enjoyed the one before.</param>
public sealed record Entitlement(bool IsEntitled, Instant? EntitledUntil, EntitlementReason Reason, string PlanId)
{
    /// <summary>What holds at a moment, seen from the state of now.</summary>
    public static Entitlement Of(Subscription s, Instant now)
    {
        var (until, reason) = Judge(s, now);
        return new(until is not null, until, reason, PlanAt(s, now));
    }

    // A change whose difference is not charged any more ends with the cancel.
    private static string PlanAt(Subscription s, Instant now) =>
        s.Before is { } before && before.Until > now ? before.PlanId : s is { CancelledAt: not null, PaidPlan: { } paid } ? paid : s.Terms.PlanId;

    private static (Instant? Until, EntitlementReason Reason) Judge(Subscription s, Instant now)
    {
        if (s.Status == SubscriptionStatus.Ended || s.EndsAt <= now)
            return (null, EntitlementReason.Ended);
        if (s.CancelledAt is null && s.IsPausedAt(now))
            return (null, EntitlementReason.Paused);
        if (RunsUntil(s) is { } runs && runs > now)
            return (Instant.Min(runs, s is { CancelledAt: null, Pause.From: var from } && from > now ? from : runs), WhyItRuns(s, now));
        if (s is { Status: SubscriptionStatus.Active, Terms.GraceDays: > 0 and var days, RunsUntil: { } over } && over + Duration.FromDays(days) > now)
            return (over + Duration.FromDays(days), EntitlementReason.Grace);
        return (null, s.SignedAt is null && s.PaidUntil is null ? EntitlementReason.NotBegun : s.RunsUntil is null ? EntitlementReason.NotBegun : EntitlementReason.Unpaid);
    }

    // Who cancelled at once has nothing left, however long was paid.
    private static Instant? RunsUntil(Subscription s) => s.EndsAt is { } end ? s.RunsUntil is { } runs ? Instant.Min(end, runs) : end : s.RunsUntil;

    private static EntitlementReason WhyItRuns(Subscription s, Instant now) =>
        s.PaidUntil > now ? EntitlementReason.Paid : s.PaidThrough == 0 ? EntitlementReason.Trial : EntitlementReason.Given;
}
