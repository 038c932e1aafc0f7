using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// What is left of the time that was paid for. Days that a pause, the rail or a person moved count where they stand now; days that come only with the next
/// charge do not count.
/// </remarks>
public static partial class Decide
{
    /// <summary>How many of the days that were paid for last are left, today included unless a pause has begun.</summary>
    private static int PaidDaysLeft(Subscription s, Instant now)
    {
        if (s.PaidUntil is not { } until)
            return 0;
        var today = DayOf(s, now);
        var left = MovedByPause(s, now) is { } pause
            ? Math.Max(0, Period.DaysBetween(today, DayOf(s, pause.From))) + DaysLeft(s, pause)
            : Period.DaysBetween(today, DayOf(s, until));
        return Math.Clamp(left - s.UnpaidDays, 0, DaysOfPaidPeriod(s));
    }

    /// <summary>How many of the days that were paid for last will not be had after today.</summary>
    internal static int UnusedDays(Subscription s, Instant now) => s.IsPausedAt(now) ? PaidDaysLeft(s, now) : Math.Max(0, PaidDaysLeft(s, now) - 1);

    /// <summary>Until when a member has what was paid, if nothing is charged any more: a pause is over, and days that are not paid are not given.</summary>
    private static Instant PaidEnd(Subscription s, Instant now)
    {
        if (s.RunsUntil is not { } runs)
            return now;
        var known = DayOf(s, runs);
        var end = (MovedByPause(s, now) is { } pause ? DayOf(s, Instant.Max(now, pause.From)).PlusDays(DaysLeft(s, pause)) : known).PlusDays(-s.UnpaidDays);
        return Instant.Max(now, end == known ? runs : StartOf(s, end));
    }

    private static Pause? MovedByPause(Subscription s, Instant now) => IsPausing(s, now) && s.Pause is { MovesDays: true, IsResumed: false } pause ? pause : null;

    // What was paid in another system had the length of the plan's interval.
    private static int DaysOfPaidPeriod(Subscription s)
    {
        var end = DayOf(s, s.PaidUntil!.Value);
        return s.PaidDays > 0 ? s.PaidDays : Period.DaysBetween(s.Terms.Interval.After(end, -1), end);
    }
}
