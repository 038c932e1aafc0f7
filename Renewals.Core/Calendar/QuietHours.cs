using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Calendar;

/// <summary>The hours of a member's night, in which nothing is sent to them.</summary>
/// <param name="From">From this local time …</param>
/// <param name="Until">… until this one, exclusive; earlier than <paramref name="From"/> when midnight lies between.</param>
public sealed record QuietHours(LocalTime From, LocalTime Until)
{
    /// <summary>From 22:00 to 08:00: the standard.</summary>
    public static QuietHours Night { get; } = new(new(22, 0), new(8, 0));

    /// <summary>No such hours.</summary>
    public static QuietHours None { get; } = new(LocalTime.Midnight, LocalTime.Midnight);

    /// <summary>Whether an instant lies in them.</summary>
    public bool Cover(Instant at, DateTimeZone zone)
    {
        var time = at.InZone(zone).TimeOfDay;
        return From <= Until ? From <= time && time < Until : time >= From || time < Until;
    }

    /// <summary>The first instant not before <paramref name="at"/> that does not lie in them.</summary>
    public Instant NextAwake(Instant at, DateTimeZone zone)
    {
        if (!Cover(at, zone))
            return at;
        var local = at.InZone(zone).LocalDateTime;
        var day = local.TimeOfDay < Until ? local.Date : local.Date.PlusDays(1);

        // Where clocks are put back a time comes twice: the first may be over already.
        var end = RailHours.On(day, Until, zone);
        return end > at ? end : zone.MapLocal(day + Until).Last().ToInstant();
    }
}
