using NodaTime;

namespace Renewals.Core.Plans;

/// <summary>The unit a billing interval is counted in.</summary>
public enum BillingUnit
{
    /// <summary>Calendar months; the day of the month is the anchor's, or the month's last where it has no such day.</summary>
    Month = 1,

    /// <summary>Calendar years; 29 February becomes 28 February in a common year.</summary>
    Year = 2,

    /// <summary>Weeks of seven days.</summary>
    Week = 3,

    /// <summary>Days.</summary>
    Day = 4,
}

/// <summary>How long one paid period lasts, in calendar units.</summary>
/// <remarks>Not a duration: a month has no fixed length.</remarks>
/// <param name="Count">How many units; 1 or more.</param>
/// <param name="Unit">The unit counted.</param>
public readonly record struct BillingInterval(int Count, BillingUnit Unit)
{
    /// <summary>One month (连续包月).</summary>
    public static BillingInterval Monthly { get; } = new(1, BillingUnit.Month);

    /// <summary>Three months (连续包季).</summary>
    public static BillingInterval Quarterly { get; } = new(3, BillingUnit.Month);

    /// <summary>Six months (连续包半年).</summary>
    public static BillingInterval HalfYearly { get; } = new(6, BillingUnit.Month);

    /// <summary>One year (连续包年, 年费).</summary>
    public static BillingInterval Yearly { get; } = new(1, BillingUnit.Year);

    /// <summary>The date that lies <paramref name="periods"/> intervals after the anchor.</summary>
    /// <exception cref="InvalidOperationException">The interval is the default value or its count is below 1.</exception>
    public LocalDate After(LocalDate anchor, int periods) => (Count, Unit) switch
    {
        ( < 1, _) => throw new InvalidOperationException("A billing interval counts at least one unit."),
        (_, BillingUnit.Month) => anchor.PlusMonths(Count * periods),
        (_, BillingUnit.Year) => anchor.PlusYears(Count * periods),
        (_, BillingUnit.Week) => anchor.PlusWeeks(Count * periods),
        (_, BillingUnit.Day) => anchor.PlusDays(Count * periods),
        _ => throw new InvalidOperationException($"No such billing unit: {Unit}."),
    };

    /// <summary>How many whole intervals lie between two dates, give or take one where months have no such day.</summary>
    internal int Between(LocalDate anchor, LocalDate date) => Unit switch
    {
        BillingUnit.Month => Period.Between(anchor, date, PeriodUnits.Months).Months / Count,
        BillingUnit.Year => Period.Between(anchor, date, PeriodUnits.Months).Months / (12 * Count),
        BillingUnit.Week => Period.DaysBetween(anchor, date) / (7 * Count),
        BillingUnit.Day => Period.DaysBetween(anchor, date) / Count,
        _ => throw new InvalidOperationException($"No such billing unit: {Unit}."),
    };

    /// <summary>Whether it lasts a year or more.</summary>
    public bool IsAYearOrMore => Unit switch
    {
        BillingUnit.Year => true,
        BillingUnit.Month => Count >= 12,
        BillingUnit.Week => Count >= 53,
        _ => Count >= 366,
    };

    /// <summary>Whether so many of them last longer than 31 days.</summary>
    /// <param name="periods">How many, 1 or more.</param>
    public bool IsLongerThanAMonth(int periods = 1) => Unit switch
    {
        BillingUnit.Year => true,
        BillingUnit.Month => Count * periods > 1,
        BillingUnit.Week => 7 * Count * periods > 31,
        _ => Count * periods > 31,
    };
}
