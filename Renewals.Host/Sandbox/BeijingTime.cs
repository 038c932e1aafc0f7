using NodaTime;
using NodaTime.Text;

namespace Renewals.Host.Sandbox;

/// <summary>The local time of the Chinese rails: UTC+8, no daylight saving.</summary>
internal static class BeijingTime
{
    private static readonly Offset Plus8 = Offset.FromHours(8);
    private static readonly LocalDateTimePattern Spaced = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss");
    private static readonly LocalDateTimePattern Packed = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMddHHmmss");
    private static readonly LocalDatePattern PackedDay = LocalDatePattern.CreateWithInvariantCulture("uuuuMMdd");

    public static LocalDateTime InBeijing(this Instant at) => at.WithOffset(Plus8).LocalDateTime;

    public static LocalDate BeijingDay(this Instant at) => at.InBeijing().Date;

    public static Instant BeijingToInstant(this LocalDateTime local) => local.WithOffset(Plus8).ToInstant();

    /// <summary><c>2026-05-01 21:30:00</c>.</summary>
    public static string Readable(Instant at) => Spaced.Format(at.InBeijing());

    /// <summary><c>20260501213000</c>.</summary>
    public static string Compact(Instant at) => Packed.Format(at.InBeijing());

    /// <summary><c>2026-05-01T21:30:00+08:00</c>.</summary>
    public static string Rfc3339(Instant at) => OffsetDateTimePattern.Rfc3339.Format(at.WithOffset(Plus8));

    /// <summary>Null for anything that is not a time <c>yyyyMMddHHmmss</c>.</summary>
    public static Instant? ParseCompact(string text) =>
        Packed.Parse(text) is { Success: true } parsed ? parsed.Value.BeijingToInstant() : null;

    /// <summary>Null for anything that is not a day <c>yyyyMMdd</c>.</summary>
    public static LocalDate? ParseDay(string text) => PackedDay.Parse(text) is { Success: true } parsed ? parsed.Value : null;
}
