using NodaTime;
using Renewals.Core.Audit;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>Reads every rail's statement of every day on which something was, until it is read to its end.</summary>
internal sealed class Statements(SimWorld world)
{
    private static readonly Duration Again = Duration.FromHours(2);

    public void Start()
    {
        foreach (var rail in world.Rails)
        {
            var days = new StatementDays(rail.Traits);
            var first = days.Of(world.Now);
            world.Scheduler.At(days.ReadyAt(first), world.Context, () => Read(rail, days, first));
        }
    }

    private void Read(SimRail rail, StatementDays days, LocalDate day)
    {
        if (!IsWorthReading(rail, days, day))
        {
            world.Scheduler.At(days.ReadyAt(day.PlusDays(1)), world.Context, () => Read(rail, days, day.PlusDays(1)));
            return;
        }

        var complete = false;
        if (world.Engines.Pick() is { } engine)
            engine.Life.Start(async () => complete = await ReadAsync(engine, rail, day), fault => world.Checks.EngineFault(null, $"a statement failed: {fault}"));
        world.Schedule(Duration.FromMinutes(10), () =>
        {
            if (complete)
                world.Scheduler.At(Instant.Max(world.Now, days.ReadyAt(day.PlusDays(1))), world.Context, () => Read(rail, days, day.PlusDays(1)));
            else
                world.Schedule(Again, () => Read(rail, days, day));
        });
    }

    private async Task<bool> ReadAsync(SimEngine engine, SimRail rail, LocalDate day)
    {
        var report = await engine.Reconciler.RunAsync(rail.Account, day);
        if (report.State != ReconciliationState.Complete)
            return false;
        world.Reach.Saw(Mark.StatementRead);
        for (var i = 0; i < report.Absent; i++)
            world.Reach.Saw(Mark.AbsenceProved);
        return true;
    }

    // A day without money and with nothing open says nothing.
    private bool IsWorthReading(SimRail rail, StatementDays days, LocalDate day) =>
        world.Bank.EntriesBetween(days.Start(day), days.End(day)).Exists(entry => entry.Account == rail.Account)
        || world.Ledger.Unconcluded(rail.Account, days.Start(day.PlusDays(-4)), days.End(day)).Any();
}
