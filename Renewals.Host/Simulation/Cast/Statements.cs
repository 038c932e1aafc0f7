using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>Reads every rail's statement of every day on which something was, until it is read to its end.</summary>
internal sealed class Statements(SimWorld world)
{
    private static readonly Duration Again = Duration.FromHours(2);

    private readonly Dictionary<MerchantAccount, LocalDate> next = [];
    private int restores;

    /// <summary>By account, the day that is read next: the product reckons it from what the ledger's database says was read.</summary>
    public IReadOnlyDictionary<MerchantAccount, LocalDate> Next => new Dictionary<MerchantAccount, LocalDate>(next);

    public void Start()
    {
        foreach (var rail in world.Rails)
        {
            var days = new StatementDays(rail.Traits);
            var first = days.Of(world.Now);
            next[rail.Account] = first;
            Wait(rail, days, first);
        }
    }

    /// <summary>The database knows no more of what was read since: it is read again.</summary>
    public void Restored(IReadOnlyDictionary<MerchantAccount, LocalDate> then)
    {
        restores++;
        foreach (var rail in world.Rails)
            Wait(rail, new(rail.Traits), then[rail.Account]);
    }

    private void Wait(SimRail rail, StatementDays days, LocalDate day)
    {
        var begun = restores;
        next[rail.Account] = day;
        world.Scheduler.At(Instant.Max(world.Now, days.ReadyAt(day)), world.Context, () => Read(rail, days, day, begun));
    }

    private void Read(SimRail rail, StatementDays days, LocalDate day, int begun)
    {
        if (begun != restores)
            return;
        if (!IsWorthReading(rail, days, day))
        {
            Wait(rail, days, day.PlusDays(1));
            return;
        }

        var complete = false;
        if (world.Engines.Pick() is { } engine)
            engine.Life.Run(async () => complete = await ReadAsync(engine, rail, day), "a statement");
        world.Schedule(Duration.FromMinutes(10), () =>
        {
            if (begun != restores)
                return;
            if (complete)
                Wait(rail, days, day.PlusDays(1));
            else
                world.Schedule(Again, () => Read(rail, days, day, begun));
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
        world.Restores.LookAt(rail, report);
        return true;
    }

    // A day without money and with nothing open says nothing.
    private bool IsWorthReading(SimRail rail, StatementDays days, LocalDate day) =>
        world.Bank.EntriesBetween(days.Start(day), days.End(day)).Exists(entry => entry.Account == rail.Account)
        || world.Ledger.Unconcluded(rail.Account, days.Start(day.PlusDays(-4)), days.End(day)).Any();
}
