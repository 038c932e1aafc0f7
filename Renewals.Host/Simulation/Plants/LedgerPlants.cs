using NodaTime;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Plants;

/// <summary>Forgets a member's cancel and says that it is stored.</summary>
internal sealed class CancelIgnored : Plant
{
    public override Written Write(Subscription? before, Written written) => before is not null && written.Events.Any(e => e is Cancelled { By: CancelledBy.Member })
        ? Instead(before, written, [])
        : written;
}

/// <summary>Forgets that a person wants to look first, and says that it is stored.</summary>
internal sealed class ParkIgnored : Plant
{
    public override Written Write(Subscription? before, Written written) => before is not null && written.Events.Any(e => e is Parked { Reason: ParkReason.Requested })
        ? Instead(before, written, [])
        : written;
}

/// <summary>Stores another event in the place of a calendar, so that the decision is still open.</summary>
internal sealed class DecisionLost : Plant
{
    public override Written Write(Subscription? before, Written written) => before is not null && written.Events.Any(e => e is CyclePlanned)
        ? Instead(before, written, written.Events.Select(e => e is CyclePlanned ? new Postponed(e.At, "lost", e.At) : e))
        : written;
}

/// <summary>Lays a renewal's calendar two months late, without a word.</summary>
internal sealed class ChargePutOff : Plant
{
    private static readonly Duration Late = Duration.FromDays(60);

    public override Written Write(Subscription? before, Written written) => before is not null && written.Events.Any(e => e is CyclePlanned)
        ? Instead(before, written, written.Events.Select(e => e is CyclePlanned x ? x with { Plan = PutOff(x.Plan) } : e))
        : written;

    private static Core.Calendar.CyclePlan PutOff(Core.Calendar.CyclePlan plan) => plan with
    {
        AnnounceAt = plan.AnnounceAt + Late, AnnounceBy = plan.AnnounceBy + Late, RailNoticeAt = plan.RailNoticeAt + Late, ChargeFrom = plan.ChargeFrom + Late,
        ChargeUntil = plan.ChargeUntil + Late, RailDate = null,
    };
}

/// <summary>Pays for a day more than the period has.</summary>
internal sealed class PeriodsOverlap : Plant
{
    public override Written Write(Subscription? before, Written written) => before is not null && written.Events.Any(e => e is Charged)
        ? Instead(before, written, written.Events.Select(e => e is Charged x ? x with { PaidUntil = x.PaidUntil + Duration.FromDays(1) } : e))
        : written;
}

/// <summary>Takes a tenth more for the days that are left of a period than they cost.</summary>
internal sealed class ShareMisreckoned : Plant
{
    public override Written Write(Subscription? before, Written written) => before is not null && written.Events.Any(e => e is AmountAdded)
        ? Instead(before, written, written.Events.Select(e => e is AmountAdded x ? x with { Amount = x.Amount with { MinorUnits = (x.Amount.MinorUnits * 11 / 10) + 1 } } : e))
        : written;
}

/// <summary>Drops an alarm now and then: the duty stands in the events and nobody is reminded of it.</summary>
internal sealed class DutyLost : Plant
{
    public override long? AlarmOf(Subscription after) => IsLost(after) ? null : base.AlarmOf(after);

    public override void Stored(InMemoryLedger ledger, Track track)
    {
        if (IsLost(track.State))
            ledger.Spoil(track.Id, row => row with { Alarm = null });
    }

    private static bool IsLost(Subscription s) => s is { PaidThrough: 2, Cycle: not null } && s.Id.Value.ToByteArray()[0] < 60;
}

/// <summary>Changes a kept state behind the ledger's back.</summary>
internal sealed class BookSpoilt : Plant
{
    public override void Stored(InMemoryLedger ledger, Track track)
    {
        if (track.State.PaidThrough == 2)
            ledger.Spoil(track.Id, row => row with { State = LedgerJson.WriteState(track.State with { SignBy = track.State.SignBy + Duration.FromDays(1) }) });
    }
}
