using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Calendar;

/// <summary>Solves law, rail and plan together into the calendar of one renewal.</summary>
public static class RenewalCalendar
{
    /// <summary>Notices go out and charging begins at hours when a member is awake and can act.</summary>
    private static readonly LocalTime NoticeTime = new(10, 0);

    private static readonly LocalTime ChargeTime = new(8, 0);

    /// <summary>The notice is sent a day before the law's last moment, so that a failed channel leaves time for another try.</summary>
    private const int NoticeMarginDays = 1;

    /// <summary>Without a rail's own limit a renewal is tried for a week.</summary>
    private const int DefaultChargeableDays = 7;

    /// <summary>When the next cycle is planned: a day before its notice would go out.</summary>
    public static Instant PlanAt(Terms terms, Instant due) => due - terms.Law.NoticeLead - Duration.FromDays(NoticeMarginDays + 1);

    /// <summary>The first lawful calendar for a period, seen from now.</summary>
    /// <param name="terms">The subscription's terms.</param>
    /// <param name="traits">The rail.</param>
    /// <param name="periods">The membership's periods.</param>
    /// <param name="ordinal">The period to pay for.</param>
    /// <param name="revision">How often this period's calendar was solved, this time included.</param>
    /// <param name="now">Nothing is planned before this.</param>
    /// <param name="railDate">The rail's own next charge date, where it keeps one.</param>
    /// <param name="late">True: the period was missed and is charged late; its end is no limit any more. Notice, rail and hours bind as ever.</param>
    public static CycleSolution Solve(
        Terms terms, RailTraits traits, Periods periods, int ordinal, int revision, Instant now, LocalDate? railDate = null, bool late = false)
    {
        var (due, end) = (periods.Start(ordinal), late ? Instant.MaxValue : periods.End(ordinal));
        var zone = RenewalZones.Get(traits.ZoneId);
        var dueDay = due.InZone(zone).Date;
        if (traits.Plan is { } plan && railDate is { } date && dueDay < RailPlanDates.FirstDay(plan, date))
            return new CycleSolution.DueDayMustMove(RailPlanDates.DueDayFor(plan, date));
        var firstDay = LocalDate.Max(dueDay, now.InZone(zone).Date);

        // One day more for today's hour having passed, one for a plan's day that begins after the rail's.
        var lead = Math.Max(terms.Law.NoticeDays, traits.Notice?.DaysBefore ?? 0) + NoticeMarginDays + 2;
        var blocking = $"the {terms.Law.NoticeDays} days' notice of {terms.Law.Name}";
        for (var day = firstDay; day <= firstDay.PlusDays(lead); day = day.PlusDays(1))
        {
            var chargeFrom = RailHours.On(day, LocalTime.Max(ChargeTime, traits.OpensAt), zone) - traits.ChargeDelay;
            if (chargeFrom + traits.ChargeDelay >= end)
                return new CycleSolution.NoLawfulDay($"period {ordinal} ends before {blocking} would allow a charge");
            var announceBy = chargeFrom + traits.ChargeDelay - terms.Law.NoticeLead;
            if (AnnounceAt(terms, zone, day, now) > announceBy || chargeFrom < now || chargeFrom + traits.ChargeDelay < due)
                continue;
            var railNoticeDay = traits.Notice is { } rule ? day.PlusDays(-rule.DaysBefore) : (LocalDate?)null;
            if (railNoticeDay is { } noticeDay && LastNotice(noticeDay, traits, zone) <= now)
            {
                blocking = $"the rail's own notice {traits.Notice!.DaysBefore} days before";
                continue;
            }

            var lawful = Assemble(terms, traits, zone, ordinal, revision, due, end, day, chargeFrom, announceBy, railNoticeDay, now);
            lawful = lawful with { IsCatchUp = late };
            return new CycleSolution.Lawful(railDate is { } known ? OnRailDate(lawful, traits, zone, day, known) : lawful);
        }

        return new CycleSolution.NoLawfulDay($"{blocking} leaves no day for period {ordinal}");
    }

    // A charge day after the rail's date means that the rail's period is or will be missed: only then is the date moved, and only to a later day.
    private static CyclePlan OnRailDate(CyclePlan lawful, RailTraits traits, DateTimeZone zone, LocalDate day, LocalDate known)
    {
        var date = traits.Plan is { } plan && day > known ? RailPlanDates.DateFor(plan, day) : known;
        return lawful with { RailDate = date, ChargeUntil = Instant.Min(lawful.ChargeUntil, RailPlanDates.LastInstant(date, zone) - traits.ChargeDelay) };
    }

    /// <summary>The days a charge is allowed at the rail after a notice sent at this instant.</summary>
    public static (Instant From, Instant Until) ChargeableAfterNotice(RailNoticeRule rule, RailTraits traits, Instant noticeAt)
    {
        var zone = RenewalZones.Get(traits.ZoneId);
        var first = noticeAt.InZone(zone).Date.PlusDays(rule.DaysBefore);
        return (RailHours.On(first, traits.OpensAt, zone), RailHours.On(first.PlusDays(rule.ChargeableDays - 1), traits.ClosesAt, zone));
    }

    private static CyclePlan Assemble(
        Terms terms, RailTraits traits, DateTimeZone zone, int ordinal, int revision, Instant due, Instant end, LocalDate day, Instant chargeFrom,
        Instant announceBy, LocalDate? railNoticeDay, Instant now)
    {
        var lastDay = day.PlusDays((traits.Notice?.ChargeableDays ?? DefaultChargeableDays) - 1);

        // What is told as early as planned covers the whole window: after its longest time a notice no longer counts.
        var announceAt = AnnounceAt(terms, zone, day, now);
        var until = Instant.Min(Instant.Min(RailHours.On(lastDay, traits.ClosesAt, zone), end), announceAt + terms.Law.NoticeMaxLead) - traits.ChargeDelay;
        var railNoticeAt = railNoticeDay is { } noticeDay
            ? Instant.Max(RailHours.NextOpen(RailHours.On(noticeDay, NoticeTime, zone), traits.OpensAt, traits.ClosesAt, traits.ZoneId), now)
            : (Instant?)null;
        return new(
            ordinal, revision, due, terms.PriceOf(ordinal), announceAt, announceBy, railNoticeAt, chargeFrom, until, traits.ChargeDelay,
            traits.OpensAt, traits.ClosesAt, traits.ZoneId);
    }

    // At ten in the rail's zone; where that is the member's night, in the morning after.
    private static Instant AnnounceAt(Terms terms, DateTimeZone zone, LocalDate day, Instant now) => terms.QuietHours.NextAwake(
        Instant.Max(RailHours.On(day.PlusDays(-terms.Law.NoticeDays - NoticeMarginDays), NoticeTime, zone), now), RenewalZones.Get(terms.ZoneId));

    private static Instant LastNotice(LocalDate day, RailTraits traits, DateTimeZone zone) => RailHours.On(day, traits.ClosesAt, zone);
}

/// <summary>What came of solving a renewal's calendar.</summary>
public abstract record CycleSolution
{
    private CycleSolution()
    {
    }

    /// <summary>A calendar that keeps law, rail and plan.</summary>
    public sealed record Lawful(CyclePlan Plan) : CycleSolution;

    /// <summary>The rail takes no charge as early as the due day, and its date cannot be laid earlier: the membership's days move.</summary>
    /// <param name="Due">The new due day.</param>
    public sealed record DueDayMustMove(LocalDate Due) : CycleSolution;

    /// <summary>There is none before the period ends.</summary>
    /// <param name="Rule">Which rule leaves none, in words.</param>
    public sealed record NoLawfulDay(string Rule) : CycleSolution;
}
