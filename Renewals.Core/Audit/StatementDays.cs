using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Audit;

/// <summary>A rail's statement days: which instants belong to one, and when its statement can be had.</summary>
/// <param name="traits">The rail.</param>
/// <remarks>A day that ends at midnight is the calendar day. One that ends at 23:00 begins at 23:00 of the day before.</remarks>
public sealed class StatementDays(RailTraits traits)
{
    private readonly DateTimeZone zone = RenewalZones.Get(traits.ZoneId);

    /// <summary>The first instant of a day.</summary>
    public Instant Start(LocalDate day) => At(traits.StatementDayEnds == LocalTime.Midnight ? day : day.PlusDays(-1), traits.StatementDayEnds);

    /// <summary>The first instant after a day.</summary>
    public Instant End(LocalDate day) => Start(day.PlusDays(1));

    /// <summary>The day an instant belongs to.</summary>
    public LocalDate Of(Instant instant)
    {
        var date = instant.InZone(zone).Date;
        return instant < Start(date) ? date.PlusDays(-1) : instant >= End(date) ? date.PlusDays(1) : date;
    }

    /// <summary>From here on the rail is asked for a day's statement.</summary>
    public Instant ReadyAt(LocalDate day) => Instant.Max(At(day.PlusDays(1), traits.StatementReadyAt), End(day));

    /// <summary>The latest day whose statement can be had.</summary>
    public LocalDate LastReady(Instant now)
    {
        var day = Of(now);
        while (ReadyAt(day) > now)
            day = day.PlusDays(-1);
        return day;
    }

    private Instant At(LocalDate date, LocalTime time) => zone.AtLeniently(date + time).ToInstant();
}
