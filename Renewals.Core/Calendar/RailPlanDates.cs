using NodaTime;

namespace Renewals.Core.Calendar;

/// <summary>The arithmetic of charge dates that a rail keeps itself.</summary>
public static class RailPlanDates
{
    /// <summary>No order is sent later than this on the last day of a window: the rail judges the date when it executes.</summary>
    private static readonly LocalTime LastSend = new(23, 30);

    /// <summary>The date to lay the rail's charge on, so that the due day lies in its window and leaves days for another try.</summary>
    /// <remarks>
    /// Days after the rail's last day of a month move to the first of the next: that is at most the window's five days later, so every due
    /// day has a date.
    /// </remarks>
    public static LocalDate DateFor(RailPlanRule rule, LocalDate due)
    {
        var date = due.PlusDays(rule.RetryDays);
        return date.Day <= rule.LastDayOfMonth ? date : date.With(DateAdjusters.StartOfMonth).PlusMonths(1);
    }

    /// <summary>The date of the first charge of a membership that is signed now.</summary>
    /// <param name="rule">The rail's rule.</param>
    /// <param name="terms">What is agreed.</param>
    /// <param name="start">First day of period 1: that of signing, in the rail's zone, or a later one.</param>
    /// <param name="paying">True when period 1 is paid while signing: then it is the date of period 2.</param>
    public static LocalDate FirstDate(RailPlanRule rule, Plans.Terms terms, LocalDate start, bool paying) =>
        DateFor(rule, paying ? terms.PeriodsFrom(start).FirstDay(2) : start);

    /// <summary>The due day that fits a date of the rail's, with days for another try.</summary>
    public static LocalDate DueDayFor(RailPlanRule rule, LocalDate date) => date.PlusDays(-rule.RetryDays);

    /// <summary>The first day the rail takes a charge for a date of its own.</summary>
    public static LocalDate FirstDay(RailPlanRule rule, LocalDate date) => date.PlusDays(-rule.WindowDays);

    /// <summary>True when a charge on this day is inside the window of the rail's date.</summary>
    public static bool Holds(RailPlanRule rule, LocalDate date, LocalDate day) => day >= FirstDay(rule, date) && day <= date;

    /// <summary>The last instant an order may be sent for a date of the rail's.</summary>
    public static Instant LastInstant(LocalDate date, DateTimeZone zone) => zone.AtLeniently(date + LastSend).ToInstant();
}
