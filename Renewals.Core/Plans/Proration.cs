using NodaTime;

namespace Renewals.Core.Plans;

/// <summary>Parts of a period's price by days: exact to the minor unit, and the parts of a period sum to its price.</summary>
public static class Proration
{
    /// <summary>The price of the days from <paramref name="from"/> to the period's end.</summary>
    /// <remarks>
    /// Rounded down, in the member's favour where it is owed by the member. The part before is the rest, so that both sum to the price whatever the
    /// rounding.
    /// </remarks>
    /// <param name="price">Of the whole period; may be negative (a difference).</param>
    /// <param name="first">First day of the period.</param>
    /// <param name="end">First day after it.</param>
    /// <param name="from">First day of the part; outside of the period it is moved to the nearer end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period has no days.</exception>
    public static Money Rest(Money price, LocalDate first, LocalDate end, LocalDate from)
    {
        var days = Period.DaysBetween(first, end);
        return Share(price, Math.Clamp(Period.DaysBetween(from, end), 0, days), days);
    }

    /// <summary>The price of some days of a period, rounded down.</summary>
    /// <param name="price">Of the whole period; may be negative (a difference).</param>
    /// <param name="part">So many of its days …</param>
    /// <param name="days">… of so many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period has no days, or fewer than the part.</exception>
    public static Money Share(Money price, int part, int days)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part, days);
        return price with { MinorUnits = (long)Floor((Int128)price.MinorUnits * part, days) };
    }

    // Down also below zero: what the member has paid too much is not less than it is.
    private static Int128 Floor(Int128 whole, int parts) => (whole - (((whole % parts) + parts) % parts)) / parts;

    /// <summary>The price of the days before <paramref name="until"/>: the whole less <see cref="Rest"/>.</summary>
    /// <inheritdoc cref="Rest"/>
    public static Money Before(Money price, LocalDate first, LocalDate end, LocalDate until) => price - Rest(price, first, end, until);
}
