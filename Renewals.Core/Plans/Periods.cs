using NodaTime;

namespace Renewals.Core.Plans;

/// <summary>The paid spans of one membership, numbered from 1 and computed from its anchor.</summary>
/// <remarks>
/// Every boundary is computed from the anchor, never from the boundary before it: a month plan anchored on 31 January ends on
/// 28 or 29 February and then on 31 March. Periods tile: the end of one is the start of the next.
/// </remarks>
/// <param name="Anchor">First day of period 1, a date in the plan's zone; of a later one when the anchor was moved.</param>
/// <param name="Interval">Length of a period.</param>
/// <param name="ZoneId">TZDB zone that turns dates into instants, such as <c>Asia/Shanghai</c>.</param>
/// <param name="Before">How many periods lie before the anchor: 0 unless it was moved. Of those only the number is known.</param>
public readonly record struct Periods(LocalDate Anchor, BillingInterval Interval, string ZoneId, int Before = 0)
{
    /// <summary>First day of period <paramref name="ordinal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ordinal is that of a period before the anchor.</exception>
    public LocalDate FirstDay(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ordinal, Before);
        return Interval.After(Anchor, ordinal - 1 - Before);
    }

    /// <summary>The instant at which period <paramref name="ordinal"/> begins: the start of its first day in the zone.</summary>
    /// <remarks>
    /// Where a zone skips midnight, the day starts at the first instant it has; where it skips the whole day (a move across the date
    /// line), at the first instant of the next.
    /// </remarks>
    public Instant Start(int ordinal)
    {
        var midnight = RenewalZones.Get(ZoneId).MapLocal(FirstDay(ordinal).AtMidnight());
        return midnight.Count == 0 ? midnight.LateInterval.Start : midnight.First().ToInstant();
    }

    /// <summary>The instant at which period <paramref name="ordinal"/> ends, which is the start of the next one.</summary>
    public Instant End(int ordinal) => Start(ordinal + 1);

    /// <summary>The period that contains an instant; before the anchor, the one before it (0 unless the anchor was moved).</summary>
    public int OrdinalAt(Instant instant)
    {
        if (instant < Start(Before + 1))
            return Before;
        var date = instant.InZone(RenewalZones.Get(ZoneId)).Date;
        var ordinal = Before + Math.Max(1, Interval.Between(Anchor, date) + 1);
        while (ordinal > Before + 1 && Start(ordinal) > instant)
            ordinal--;
        while (End(ordinal) <= instant)
            ordinal++;
        return ordinal;
    }
}
