using NodaTime;
using NodaTime.Text;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The rail's times: Beijing (UTC+8, no daylight saving), and clearing days that run from 23:00 to 23:00.</summary>
internal static class UnionPayTime
{
    private static readonly Offset Plus8 = Offset.FromHours(8);
    private static readonly LocalTime CutOff = new(23, 0);
    private static readonly LocalTime FilesReadyAt = new(9, 0);
    private static readonly LocalDateTimePattern Packed = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMddHHmmss");
    private static readonly LocalDateTimePattern PackedTrace = LocalDateTimePattern.CreateWithInvariantCulture("MMddHHmmss");
    private static readonly LocalDatePattern PackedDay = LocalDatePattern.CreateWithInvariantCulture("uuuuMMdd");
    private static readonly LocalDatePattern PackedMonthDay = LocalDatePattern.CreateWithInvariantCulture("MMdd");

    public static LocalDateTime InBeijing(Instant at) => at.WithOffset(Plus8).LocalDateTime;

    public static Instant ToInstant(LocalDateTime beijing) => beijing.WithOffset(Plus8).ToInstant();

    /// <summary><c>txnTime</c>, <c>20260305101530</c>.</summary>
    public static string Compact(Instant at) => Packed.Format(InBeijing(at));

    /// <summary><c>traceTime</c>, without the year.</summary>
    public static string Trace(Instant at) => PackedTrace.Format(InBeijing(at));

    /// <summary><c>20260305</c>.</summary>
    public static string Day(LocalDate day) => PackedDay.Format(day);

    /// <summary><c>settleDate</c>, <c>0305</c>.</summary>
    public static string MonthDay(LocalDate day) => PackedMonthDay.Format(day);

    /// <summary>Null for anything that is not a time <c>yyyyMMddHHmmss</c>.</summary>
    public static Instant? ParseCompact(string text) => Packed.Parse(text) is { Success: true } parsed ? ToInstant(parsed.Value) : null;

    /// <summary>The clearing day a moment belongs to: from 23:00 it is the next calendar day's.</summary>
    public static LocalDate ClearingDay(Instant at)
    {
        var local = InBeijing(at);
        return local.TimeOfDay < CutOff ? local.Date : local.Date.PlusDays(1);
    }

    /// <summary>When a clearing day begins.</summary>
    public static Instant StartOf(LocalDate clearingDay) => ToInstant(clearingDay.PlusDays(-1) + CutOff);

    /// <summary>When the settlement file of a clearing day can be had: 09:00 of the next day.</summary>
    public static Instant FileReadyAt(LocalDate clearingDay) => ToInstant(clearingDay.PlusDays(1) + FilesReadyAt);

    /// <summary>The latest day up to now that <c>MMDD</c> can mean; null when it is no day of the calendar.</summary>
    public static LocalDate? LatestDay(string monthDay, Instant now)
    {
        // Two clearing days ahead at most, and eight years back because of 29 February.
        for (var year = InBeijing(now).Year + 1; year > InBeijing(now).Year - 8; year--)
        {
            if (PackedDay.Parse($"{year:0000}{monthDay}") is { Success: true } parsed && parsed.Value <= ClearingDay(now))
                return parsed.Value;
        }

        return null;
    }
}
