using NodaTime;

namespace Renewals.Core.Plans;

/// <summary>The unit a billing interval is counted in.</summary>
public enum BillingUnit
{
    /// <summary>Calendar months; the day of the month is the anchor's, or the month's last where it has no such day.</summary>
    Month = 1,

    /// <summary>Calendar years; 29 February becomes 28 February in a common year.</summary>
    Year = 2,
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

    /// <summary>One year (连续包年, 年费).</summary>
    public static BillingInterval Yearly { get; } = new(1, BillingUnit.Year);

    /// <summary>The date that lies <paramref name="periods"/> intervals after the anchor.</summary>
    /// <exception cref="InvalidOperationException">The interval is the default value or its count is below 1.</exception>
    public LocalDate After(LocalDate anchor, int periods) => (Count, Unit) switch
    {
        ( < 1, _) => throw new InvalidOperationException("A billing interval counts at least one unit."),
        (_, BillingUnit.Month) => anchor.PlusMonths(Count * periods),
        (_, BillingUnit.Year) => anchor.PlusYears(Count * periods),
        _ => throw new InvalidOperationException($"No such billing unit: {Unit}."),
    };
}
