using NodaTime;
using Renewals.Core.Ledger;

namespace Renewals.Core.Audit;

/// <summary>Which statement days of an account are to be read now, and when to look again.</summary>
/// <param name="Due">Days whose statement is ready and was not read to its end, in order.</param>
/// <param name="Next">When there may be another one.</param>
/// <param name="Missed">The last day that is too far back and was not read; null: there is none.</param>
internal sealed record ReconciliationPlan(IReadOnlyList<LocalDate> Due, Instant Next, LocalDate? Missed)
{
    /// <summary>Looks at what is known.</summary>
    /// <param name="days">The rail's statement days.</param>
    /// <param name="firstEvent">When our ledger begins: days before have nothing of ours. Null: it is empty.</param>
    /// <param name="known">Days that were tried, from <see cref="EarliestOf"/> on.</param>
    /// <param name="inVainSince">When a day was first asked for in vain, as far as this host remembers; otherwise when it was last.</param>
    /// <param name="now">Now.</param>
    /// <param name="options">How far back, and how soon again.</param>
    public static ReconciliationPlan Of(
        StatementDays days, Instant? firstEvent, IReadOnlyDictionary<LocalDate, KnownDay> known, Func<LocalDate, Instant> inVainSince, Instant now,
        AuditOptions options)
    {
        var last = days.LastReady(now);
        var next = days.ReadyAt(last.PlusDays(1));
        if (firstEvent is not { } first)
            return new([], next, null);

        bool IsRead(LocalDate day) => known.TryGetValue(day, out var found) && found.State == ReconciliationState.Complete;
        var (begin, tooOld) = (days.Of(first), EarliestOf(days, now, options));
        List<LocalDate> due = [];
        for (var day = LocalDate.Max(begin, tooOld.PlusDays(1)); day <= last; day = day.PlusDays(1))
        {
            if (IsRead(day))
                continue;
            var again = known.TryGetValue(day, out var tried) ? tried.At + Wait(tried.At - inVainSince(day), options) : now;
            if (again <= now)
                due.Add(day);
            else
                next = Instant.Min(next, again);
        }

        return new(due, next, begin <= tooOld && !IsRead(tooOld) ? tooOld : null);
    }

    // As long as it has been asked for in vain so far, so the times of asking double.
    private static Duration Wait(Duration inVain, AuditOptions options) => Duration.Max(
        Duration.FromTimeSpan(options.ReconcileAgainAfter), Duration.Min(inVain, Duration.FromTimeSpan(options.ReconcileAgainAtMost)));

    /// <summary>The first day that is looked at: the last one that is too far back to be read.</summary>
    public static LocalDate EarliestOf(StatementDays days, Instant now, AuditOptions options) => days.LastReady(now).PlusDays(-options.ReconcileDaysBack);
}
