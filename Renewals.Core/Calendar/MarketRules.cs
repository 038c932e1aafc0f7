using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Calendar;

/// <summary>What the law of a market requires before money is taken again.</summary>
/// <param name="Name">Name of the rule set, kept in events; a rule set never changes, a new law is a new name.</param>
/// <param name="NoticeDays">A notice must reach the member at least this many times 24 hours before the charge; 0: any time before.</param>
/// <param name="NoticeMaxDays">A notice older than this many times 24 hours no longer counts.</param>
public sealed record MarketRules(string Name, int NoticeDays, int NoticeMaxDays)
{
    /// <summary>
    /// Mainland China: five days before automatic renewal the operator draws the member's attention to it (网络交易监督管理办法,
    /// article 18). Thirty days is our own upper bound.
    /// </summary>
    public static MarketRules MainlandChina { get; } = LawPacks.Get("mainland-china-2021");

    /// <summary>The member is reminded of the renewal at least this often, in months; without it nothing is charged. 0: no law asks for it.</summary>
    public int ReminderMonths { get; init; }

    /// <summary>A change of the price is told at least this many days before it takes effect; 0: no law says so.</summary>
    public int ChangeMinDays { get; init; }

    /// <summary>… and at most this many; 0: no law says so.</summary>
    public int ChangeMaxDays { get; init; }

    /// <summary>For plans with periods of a year or more: another notice than the others'; null: the same, or resolved already.</summary>
    public NoticeDays? TermOfAYear { get; init; }

    /// <summary>For plans whose offer lasts more than 31 days: another notice than the others'; null: the same, or resolved already.</summary>
    public NoticeDays? LongOffer { get; init; }

    /// <summary>The rules of one plan, as its terms hold them: one notice keeps all that apply, so it is no later than the earliest and no older than the latest.</summary>
    /// <param name="interval">Length of its periods.</param>
    /// <param name="offerPeriods">How many of the first periods are cheaper; 0: none.</param>
    public MarketRules For(BillingInterval interval, int offerPeriods)
    {
        NoticeDays?[] also = [interval.IsAYearOrMore ? TermOfAYear : null, offerPeriods > 0 && interval.IsLongerThanAMonth(offerPeriods) ? LongOffer : null];
        return this with
        {
            NoticeDays = also.OfType<NoticeDays>().Select(days => days.Min).Append(NoticeDays).Max(),
            NoticeMaxDays = also.OfType<NoticeDays>().Select(days => days.Max).Append(NoticeMaxDays).Min(),
            TermOfAYear = null, LongOffer = null,
        };
    }

    /// <summary>The shortest time between a notice and the money.</summary>
    public Duration NoticeLead => Duration.FromHours(24 * NoticeDays);

    /// <summary>The longest time between a notice and the money.</summary>
    public Duration NoticeMaxLead => Duration.FromHours(24 * NoticeMaxDays);

    /// <summary>Whether a change told at one instant may take effect at another.</summary>
    public bool AllowsChange(Instant told, Instant effective) =>
        effective - told >= Duration.FromDays(ChangeMinDays) && (ChangeMaxDays == 0 || effective - told <= Duration.FromDays(ChangeMaxDays));

    /// <summary>When the member must have been reminded again; null: no law asks for it.</summary>
    /// <param name="last">When the member last was, or signed.</param>
    /// <param name="zone">The plan's zone: the day of the month is counted there.</param>
    public Instant? ReminderDue(Instant last, DateTimeZone zone) =>
        ReminderMonths == 0 ? null : zone.AtLeniently(last.InZone(zone).LocalDateTime.PlusMonths(ReminderMonths)).ToInstant();
}

/// <summary>How many times 24 hours lie between a notice and the money.</summary>
/// <param name="Min">At least.</param>
/// <param name="Max">At most.</param>
public sealed record NoticeDays(int Min, int Max);
