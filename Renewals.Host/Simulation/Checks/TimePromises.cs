using NodaTime;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Checks;

/// <summary>No duty is overdue by more than a sweep while an engine is up. By the fold of the events, not by the book's alarm.</summary>
internal sealed class DutyOnTime(SimWorld world) : Promise(world)
{
    public override string Name => "duty-on-time";

    public override void Weekly()
    {
        foreach (var track in World.Ledger.Tracks)
        {
            if (Due(track.State) is { } due)
                Hold(Idle(track, due, World.Ledger.IsUnadopted) < SweepTolerance, track.Id, $"{string.Join(", ", Duty.Of(track.State))} is overdue since {due}");
        }
    }

    public override void AtTheEnd() => Weekly();

    // A ledger that is not adopted owes questions only.
    private Instant? Due(Subscription state) =>
        World.Ledger.IsUnadopted ? Duty.Of(state).Where(duty => duty.IsQuestion).Min(duty => (Instant?)duty.Due) : Duty.Alarm(state);
}

/// <summary>Every charge that was due is paid, or an event says why not.</summary>
internal sealed class DueChargeExplained(SimWorld world) : Promise(world)
{
    // A week of days to charge, and what a person needs to look.
    private static readonly Duration ToCharge = Duration.FromDays(14);
    private static readonly Duration Before = Duration.FromDays(4);

    private readonly Dictionary<SubscriptionId, int> looked = [];
    private readonly Dictionary<SubscriptionId, int> passed = [];

    public override string Name => "due-charge-explained";

    public override void Restored(Instant to)
    {
        looked.Clear();
        passed.Clear();
    }

    public override void Monthly()
    {
        foreach (var track in World.Ledger.Tracks)
        {
            if (track.State is { Terms.Renews: true, Periods: { } periods } state)
            {
                Look(track, state, periods);
                LookBack(track, state);
            }
        }
    }

    public override void AtTheEnd() => Monthly();

    private void Look(Track track, Subscription state, Core.Plans.Periods periods)
    {
        var until = Instant.Min(World.Now, state.CancelledAt ?? Instant.MaxValue);
        for (var ordinal = Math.Max(looked.GetValueOrDefault(track.Id), state.PeriodsBeforeAnchor) + 1; periods.Start(ordinal) + After(track, periods.Start(ordinal)) < until; ordinal++)
        {
            looked[track.Id] = ordinal;
            var start = periods.Start(ordinal);
            var paid = ordinal <= state.PaidThrough && state.PaidBy[ordinal - 1] > 0;
            Hold(paid || IsSkipped(track, ordinal) || IsPaidElsewhere(track, ordinal) || IsCompared(track, start) || IsExplained(track, start), track.Id, $"period {ordinal} began at {start} and is not paid; no event says why");
        }
    }

    // A period that was passed over is never charged any more: an event of its own says so, whatever else happened in its time.
    private void LookBack(Track track, Subscription state)
    {
        for (var ordinal = passed.GetValueOrDefault(track.Id) + 1; ordinal < state.NextCharge.Ordinal; ordinal++)
        {
            passed[track.Id] = ordinal;
            var settled = (ordinal <= state.PaidThrough && state.PaidBy[ordinal - 1] > 0) || IsSkipped(track, ordinal) || IsPaidElsewhere(track, ordinal);
            Hold(settled, track.Id, $"period {ordinal} was passed over, and no event says that it is never charged");
        }
    }

    // Under another agreement, or with a cancel undone, on the last day, the member is told for the law's days first.
    private static Duration After(Track track, Instant start)
    {
        var lead = track.State.Terms.Law.NoticeLead;
        var isLate = track.Events.Exists(e => e is AgreementSwitched or CancelUndone && e.At >= start - Before - lead && e.At < start + ToCharge);
        return isLate ? ToCharge + lead : ToCharge;
    }

    private static bool IsSkipped(Track track, int ordinal) => track.Events.OfType<PeriodsSkipped>().Any(e => e.From <= ordinal && ordinal <= e.To);

    // By the system the membership was taken over from: its export says so, or a statement.
    private static bool IsPaidElsewhere(Track track, int ordinal) => track.State.MovedIn is not null
        && track.Events.Any(e => e is Imported imported && ordinal <= imported.PaidPeriods || e is PaidElsewhere paid && ordinal == paid.Ordinal);

    // Before the statements of the other system's days are read nothing is told or charged, however long that takes.
    private static bool IsCompared(Track track, Instant start) => track.State.MovedIn is { } moved
        && (moved.AskAt is not null || track.Events.OfType<StatementsAsked>().Last().At > start - Before - track.State.Terms.Law.NoticeLead);

    private bool IsExplained(Track track, Instant start)
    {
        if (track.State.Pause is { } pause && pause.From <= start && !(pause.Until <= start))
            return true;
        var (from, until) = (start - Before - track.State.Terms.Law.NoticeLead, start + After(track, start));
        if (World.Troubles.Exists(trouble => trouble.From < until && trouble.Until > from))
            return true;
        var parked = false;
        foreach (var e in track.Events)
        {
            if (e.At >= until)
                break;
            parked = e is Parked || (parked && e is not (Unparked or CatchUpDecided));

            // One missed period after another: what comes after them waits.
            if (e.At >= from && e is CyclePlanned { Plan.IsCatchUp: true })
                return true;
            if (e.At >= from && e is Parked or Unparked or Failed or NoticeFailed or RailNoticeAnswered { Result: RailNoticeResult.Refused } or NotTaken or Hinted)
                return true;
        }

        return parked;
    }
}

/// <summary>Paid periods tile: each begins where the one before ended, none overlaps, none is paid twice.</summary>
internal sealed class PeriodsTile(SimWorld world) : Promise(world)
{
    public override string Name => "periods-tile";

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        foreach (var e in events)
        {
            if (e is Charged charged)
                Look(track, before, charged);
        }
    }

    private void Look(Track track, Subscription? before, Charged e)
    {
        var (ordinal, periods) = (e.Order.Charge.Ordinal, track.State.Periods!.Value);
        Hold(ordinal > (before?.PaidThrough ?? 0), track.Id, $"period {ordinal} is paid again");
        Hold(e.FirstDay == periods.FirstDay(ordinal) && e.PaidUntil == periods.End(ordinal), track.Id, $"period {ordinal} is {e.FirstDay} until {e.PaidUntil}, and not where it belongs");
        if (before?.PaidUntil is not { } paid)
            return;
        var start = periods.Start(ordinal);
        Hold(start >= paid, track.Id, $"period {ordinal} begins at {start}, and the member had paid until {paid}");
        var paused = track.Events.Any(other => other is Paused pause && pause.From <= start);
        Hold(start == paid || ordinal > before.PaidThrough + 1 || paused, track.Id, $"there is a gap from {paid} to {start}, no period was left out and nobody paused");
    }
}
