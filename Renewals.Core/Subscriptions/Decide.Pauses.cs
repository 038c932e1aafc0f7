using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// Pause and resume. Nothing is charged for what would begin during a pause, and no period is numbered twice.
/// <list type="table">
/// <listheader><term>pause</term><description>with an end · without one</description></listheader>
/// <item><term>the days move</term><description>the paid days that are left follow it and the next period begins after them · the same, from the day it is resumed</description></item>
/// <item><term>the days stay</term><description>periods that begin during it are passed over · the same, up to the one that runs when it is resumed</description></item>
/// </list>
/// A period that begins with the end of a pause is announced as any other: a resumption today begins, where no paid day is left, on the first day that
/// can be charged. The rail's own date follows when the period is planned.
/// </remarks>
public static partial class Decide
{
    // What is further ahead is somebody's mistake.
    internal static readonly Period LongestAhead = Period.FromYears(2);

    private static bool IsPausing(Subscription s, Instant now) => s.Pause is { } pause && !(pause.Until <= now);

    private static string? WhyNotPause(Subscription s, SubscriptionCommand.PauseRenewal x, DecisionContext context)
    {
        if ((NotRenewing(s) ?? ChargeUnderWay(s) ?? NotCompared(s)) is { } reason)
            return reason;
        var (now, from) = (context.Now, BeginOf(s, x, context.Now));
        if (IsPausing(s, now))
            return IsThisPause(s, x, now) ? null : $"There is a pause already, from {DayOf(s, s.Pause!.From)}{(s.Pause.Until is { } until ? $" to {DayOf(s, until)}" : "")}; resume first.";
        if (x.Until > DayOf(s, now).Plus(LongestAhead))
            return "A pause ends within two years; without an end it goes on until it is resumed.";
        if (s.PaidThrough == 0 || !(s.RunsUntil > now))
            return "No paid time runs; there is nothing to pause.";
        if (from > s.RunsUntil)
            return $"A pause begins at the latest with the end of the paid time, {DayOf(s, s.RunsUntil!.Value)}.";
        return x.Until is { } end && StartOf(s, end) <= from ? $"The pause would end on {end:uuuu-MM-dd}, before it begins." : null;
    }

    private static bool IsThisPause(Subscription s, SubscriptionCommand.PauseRenewal x, Instant now) =>
        s.Pause is { } pause && pause.MovesDays == x.MovesDays && pause.Until == (x.Until is { } end ? StartOf(s, end) : null)
        && (x.From is null || pause.From == BeginOf(s, x, now) || (x.From <= pause.From && pause.From <= now));

    private static Instant BeginOf(Subscription s, SubscriptionCommand.PauseRenewal x, Instant now) => Instant.Max(now, x.From ?? s.RunsUntil ?? now);

    private static Instant StartOf(Subscription s, LocalDate day) => s.Terms.PeriodsFrom(day).Start(1);

    private static LocalDate DayOf(Subscription s, Instant instant) => instant.InZone(s.Zone).Date;

    private static IReadOnlyList<SubscriptionEvent> Pause(Subscription s, SubscriptionCommand.PauseRenewal x, DecisionContext context)
    {
        if (IsPausing(s, context.Now))
            return Nothing;
        var from = BeginOf(s, x, context.Now);
        var left = x.MovesDays ? Math.Max(0, Period.DaysBetween(DayOf(s, from), DayOf(s, s.RunsUntil!.Value))) : 0;
        var end = x.Until is { } day ? StartOf(s, day) : (Instant?)null;
        var paused = new Paused(from, end, x.MovesDays, left, x.By, x.Why, context.Now)
        {
            NextPlanAt = end is null ? null : RenewalCalendar.PlanAt(s.Terms, s.Periods!.Value.Start(s.NextCharge.Ordinal)),
        };
        return end is not { } until ? [paused] : [paused, .. GoesOnAfter(Evolve.Next(s, paused), from, until, left, context)];
    }

    /// <summary>What becomes of the periods: the days move behind the pause, or those that begin during it are passed over.</summary>
    private static IReadOnlyList<SubscriptionEvent> GoesOnAfter(Subscription s, Instant from, Instant until, int daysLeft, DecisionContext context)
    {
        var (periods, next) = (s.Periods!.Value, s.NextCharge.Ordinal);
        if (s.Pause is { MovesDays: true })
            return MoveDays(s, DayOf(s, until).PlusDays(daysLeft), next, daysLeft > 0, context);
        var last = periods.Start(next) < until ? periods.OrdinalAt(until - Duration.Epsilon) : next - 1;
        return last < next
            ? Nothing
            : [Skip(s, next, last, CatchUpPolicy.CurrentPeriodOnly, false, $"paused from {DayOf(s, from):uuuu-MM-dd}", RenewalCalendar.PlanAt(s.Terms, periods.End(last)), context)];
    }

    // Paid days that are left run to the new day; without any there is a gap before it.
    private static IReadOnlyList<SubscriptionEvent> MoveDays(Subscription s, LocalDate day, int next, bool runsOn, DecisionContext context)
    {
        if (day == s.Periods!.Value.FirstDay(next))
            return Nothing;
        var start = s.Terms.PeriodsFrom(day, next - 1).Start(next);
        var isGiven = s.GivenUntil is not null && s.GivenUntil == s.RunsUntil;
        return
        [
            new AnchorMoved(day, next, runsOn && !isGiven ? start : null, "paused", context.Now)
            {
                GivenUntil = runsOn && isGiven ? start : null, NextPlanAt = RenewalCalendar.PlanAt(s.Terms, start),
            },
        ];
    }

    private static string? WhyNotResume(Subscription s, DecisionContext context)
    {
        if (!IsPausing(s, context.Now) || s.Pause!.IsResumed)
            return null;
        if ((NotRenewing(s) ?? ChargeUnderWay(s)) is { } reason)
            return reason;
        if (s is { Notice: not null, Cycle: { } cycle })
            return $"The charge of period {cycle.Ordinal} after the pause is announced; it goes on as planned.";
        return s.Pause is { Until: { } until, MovesDays: false } ? $"The days stay, and the periods of the pause are passed over; it goes on by itself on {DayOf(s, until):uuuu-MM-dd}." : null;
    }

    private static IReadOnlyList<SubscriptionEvent> Resume(Subscription s, SubscriptionCommand.Resume x, DecisionContext context)
    {
        if (!IsPausing(s, context.Now) || s.Pause is not { IsResumed: false } pause)
            return Nothing;
        var (now, next) = (context.Now, s.NextCharge.Ordinal);
        var begins = Instant.Max(now, pause.From);

        // Before it began nothing of the paid time was used up by it: all is as it was.
        var left = DaysLeft(s, pause);
        var day = DayOf(s, begins).PlusDays(left);
        if (pause.MovesDays && begins > pause.From)
            day = LocalDate.Max(day, DayOf(s, now).PlusDays(s.Terms.Law.NoticeDays + 2));
        var from = pause.MovesDays && left == 0 && begins > pause.From ? StartOf(s, day) : begins;
        var resumed = new Resumed(from, x.By, x.Why, RenewalCalendar.PlanAt(s.Terms, s.Periods!.Value.Start(next)), now);
        var after = Evolve.Next(s, resumed);
        return [resumed, .. pause.MovesDays ? MoveDays(after, day, next, left > 0 || begins == pause.From, context) : GoesOnAfter(after, pause.From, begins > pause.From ? now : pause.From, 0, context)];
    }

    // Those that were left when it began, and those that were paid for since: elsewhere, or by an order nobody expected to be taken any more.
    private static int DaysLeft(Subscription s, Pause pause)
    {
        var known = DayOf(s, pause.Until ?? pause.From).PlusDays(pause.DaysLeft);
        return pause.DaysLeft + Math.Max(0, Period.DaysBetween(known, DayOf(s, s.RunsUntil!.Value)));
    }
}
