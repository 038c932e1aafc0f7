using CsCheck;
using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Tests.Properties;

/// <summary>Periods tile, for every anchor, interval and zone.</summary>
public class PeriodTests
{
    // Zones that skip midnight (São Paulo, Beirut, Santiago), skip a whole day (Apia, Kiritimati), or have odd offsets.
    private static readonly string[] Zones =
    [
        RenewalZones.Shanghai, "America/Sao_Paulo", "Asia/Beirut", "America/Santiago", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Kwajalein",
        "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "UTC",
    ];

    private static readonly Gen<BillingInterval> Intervals = Gen.OneOf(
        Gen.Int[1, 24].Select(count => new BillingInterval(count, BillingUnit.Month)), Gen.Int[1, 5].Select(count => new BillingInterval(count, BillingUnit.Year)));

    private static readonly Gen<Periods> AnyPeriods =
        Gen.Select(Gen.Int[1985, 2040], Gen.Int[1, 12], Gen.Frequency((1, Gen.Int[1, 31]), (2, Gen.Int[28, 31])), Intervals, Gen.OneOf(Zones))
            .Select((year, month, day, interval, zone) =>
                new Periods(new LocalDate(year, month, Math.Min(day, CalendarSystem.Iso.GetDaysInMonth(year, month))), interval, zone));

    [Fact]
    public void The_end_of_one_is_the_start_of_the_next_and_every_instant_has_its_ordinal() =>
        Gen.Select(AnyPeriods, Gen.Int[1, 60], Gen.Long[0, long.MaxValue / 2]).Sample(
            (periods, ordinal, within) =>
            {
                var (start, end) = (periods.Start(ordinal), periods.End(ordinal));
                var inside = start + Duration.FromTicks(within % (long)(end - start).TotalTicks);
                return start < end && end == periods.Start(ordinal + 1)
                    && periods.OrdinalAt(start) == ordinal && periods.OrdinalAt(inside) == ordinal
                    && periods.OrdinalAt(end) == ordinal + 1 && periods.OrdinalAt(start - Duration.FromNanoseconds(1)) == ordinal - 1;
            },
            iter: 20_000);

    [Fact]
    public void The_day_of_the_month_is_the_anchors_or_the_months_last() => Gen.Select(AnyPeriods, Gen.Int[1, 60]).Sample(
        (periods, ordinal) =>
        {
            var day = periods.FirstDay(ordinal);
            return day.Day == Math.Min(periods.Anchor.Day, CalendarSystem.Iso.GetDaysInMonth(day.Year, day.Month));
        },
        iter: 5_000);

    [Fact]
    public void A_period_begins_at_the_first_instant_of_its_day() => Gen.Select(AnyPeriods, Gen.Int[1, 60]).Sample(
        (periods, ordinal) =>
        {
            var zone = RenewalZones.Get(periods.ZoneId);
            var start = periods.Start(ordinal);
            return start.InZone(zone).Date >= periods.FirstDay(ordinal) && (start - Duration.FromNanoseconds(1)).InZone(zone).Date < periods.FirstDay(ordinal);
        },
        iter: 5_000);

    [Fact]
    public void A_month_plan_from_31_January_ends_on_the_last_of_February_and_then_on_31_March()
    {
        var periods = new Periods(new(2026, 1, 31), BillingInterval.Monthly, RenewalZones.Shanghai);
        Enumerable.Range(1, 4).Select(periods.FirstDay).Should().Equal(new(2026, 1, 31), new(2026, 2, 28), new(2026, 3, 31), new(2026, 4, 30));
        new Periods(new(2024, 2, 29), BillingInterval.Yearly, RenewalZones.Shanghai).FirstDay(5).Should().Be(new LocalDate(2028, 2, 29));
    }

    [Fact]
    public void Where_a_whole_day_is_skipped_the_period_starts_with_the_next()
    {
        var periods = new Periods(new(2011, 11, 30), BillingInterval.Monthly, "Pacific/Apia");
        periods.Start(2).InZone(RenewalZones.Get("Pacific/Apia")).LocalDateTime.Should().Be(new LocalDateTime(2011, 12, 31, 0, 0));
        periods.OrdinalAt(periods.Start(2)).Should().Be(2);
    }

    [Fact]
    public void There_is_no_period_zero() =>
        FluentActions.Invoking(() => new Periods(new(2026, 1, 1), BillingInterval.Monthly, "UTC").FirstDay(0)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void An_unknown_zone_is_named() =>
        FluentActions.Invoking(() => RenewalZones.Get("Mars/Olympus")).Should().Throw<ArgumentException>().WithMessage("*Mars/Olympus*");
}
