using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Calendar;

/// <summary>The hours of a day in which a rail takes orders and notices.</summary>
internal static class RailHours
{
    /// <summary>The first instant not before <paramref name="at"/> that lies in [opens, closes) of its local day.</summary>
    public static Instant NextOpen(Instant at, LocalTime opens, LocalTime closes, string zoneId)
    {
        var zone = RenewalZones.Get(zoneId);
        var local = at.InZone(zone).LocalDateTime;
        if (local.TimeOfDay < opens)
            return On(local.Date, opens, zone);
        return local.TimeOfDay < closes ? at : On(local.Date.PlusDays(1), opens, zone);
    }

    /// <summary>A local time of a day as an instant: a skipped time moves forward, of two the earlier counts.</summary>
    public static Instant On(LocalDate date, LocalTime time, DateTimeZone zone) => zone.AtLeniently(date + time).ToInstant();
}
