using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Plants;

/// <summary>After an outage bills every missed period, whatever was agreed.</summary>
internal sealed class BillAllMissed : Plant
{
    public override Written Write(Subscription? before, Written written)
    {
        if (before is null || written.Events.OfType<PeriodsSkipped>().FirstOrDefault() is not { Given: false } skipped || !written.Events.Any(e => e is CyclePlanned))
            return written;
        return Instead(before, written, written.Events.Where(e => e is not PeriodsSkipped)
            .Select(e => e is CyclePlanned x ? x with { Plan = Billed(x, skipped.From) } : e));
    }

    // Told a while later: whoever decided it is about to tell the member of another period.
    private static Core.Calendar.CyclePlan Billed(CyclePlanned e, int ordinal) =>
        e.Plan with { Ordinal = ordinal, IsCatchUp = true, AnnounceAt = Instant.Max(e.Plan.AnnounceAt, e.At + Duration.FromMinutes(20)) };
}

/// <summary>Forgets from claim to claim what was taken late, and that it was stopped.</summary>
internal sealed class LateMoneyUncounted : Plant
{
    public override AccountGuard Guard(AccountGuard guard) => guard with { Late = [], Stops = [.. guard.Stops.Where(stop => !stop.IsOfLateCharges)] };
}
