using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>Backups of the database, the day one is put back, and the person who adopts the ledger afterwards.</summary>
internal sealed class Restores(SimWorld world)
{
    // What has no end yet; engines that are gone note theirs as the end of time.
    private static readonly Instant Open = Instant.MaxValue - Duration.FromDays(1);

    private bool kept;
    private bool adopts;

    /// <summary>There is a backup that will be put back, or one was and the ledger is not adopted yet.</summary>
    public bool AreWatchedFor => kept || world.Ledger.IsUnadopted;

    public void Start() => world.Repeat(Fault.Restore, Duration.FromDays(250), TakeBackup);

    /// <summary>A person looks at what a statement has and no membership: the payments of members the ledger has lost go back by hand.</summary>
    public void LookAt(SimRail rail, ReconciliationReport report)
    {
        foreach (var difference in report.Differences)
        {
            if (difference is not { Kind: DifferenceKind.TheirsOnly, Order: { } number, Refund: null } || rail.Orders.GetValueOrDefault(number) is not { } order)
                continue;
            if (world.Ledger.Track(order.Number.Charge.Subscription) is not null || order.Refunds.Count > 0)
                continue;
            world.Reach.Saw(Mark.LostMembersMoneyNamed);
            rail.RefundElsewhere(order);
        }
    }

    /// <summary>The ledger goes on.</summary>
    public void Adopted()
    {
        world.Story?.Say(null, "the ledger is adopted");
        world.Reach.Saw(Mark.Adopted);
        for (var i = 0; i < world.Troubles.Count; i++)
        {
            if (world.Troubles[i].Until == Open)
                world.Troubles[i] = (world.Troubles[i].From, world.Now);
        }

        world.Checks.Adopted();
    }

    private void TakeBackup()
    {
        if (kept || world.Ledger.IsAway)
            return;
        kept = true;
        var backup = world.Ledger.TakeBackup(world.Statements.Next);
        var age = Age();
        world.Members.LeaveWithin(age);
        world.Schedule(age, () => Fail(backup));
    }

    private Duration Age() => world.Dice.Unit() switch
    {
        < 0.25 => world.Dice.Between(Duration.FromMinutes(2), Duration.FromHours(2)),
        < 0.65 => world.Dice.Between(Duration.FromHours(2), Duration.FromDays(1)),
        < 0.9 => world.Dice.Between(Duration.FromDays(1), Duration.FromDays(3)),
        _ => world.Dice.Between(Duration.FromDays(3), Duration.FromDays(10)),
    };

    // Nothing was committed since: nothing is lost, and nobody can tell.
    private void Fail(Backup backup)
    {
        kept = false;
        if (world.Faults.Calm || !world.Ledger.HasGrownSince(backup))
            return;
        world.Ledger.GoAway();
        if (world.Dice.Chance(0.35))
        {
            world.Reach.Saw(Mark.RestoredWhileAllWereDown);
            world.Engines.StopAll(world.Dice.Between(Duration.FromMinutes(10), Duration.FromHours(12)));
        }

        // Longer than what is known of the ledger is believed.
        world.Schedule(world.Dice.Between(Duration.FromSeconds(3), Duration.FromMinutes(world.Dice.Chance(0.5) ? 1 : 30)), () => PutBack(backup));
    }

    private void PutBack(Backup backup)
    {
        var taken = world.Ledger.Restore(backup);
        world.Story?.Say(null, $"the database is put back to what it was at {backup.At}");
        world.Reach.Saw(Mark.Restored);
        world.Troubles.Add((backup.At, world.Ledger.IsUnadopted ? Open : world.Now));
        world.Statements.Restored(backup.Statements);
        world.Members.Restored(taken);
        world.Checks.Restored(backup.At);
        world.Schedule(Engines.WatchAfter, world.Engines.WatchAll);
        Noticed();
    }

    /// <summary>Somebody is called, and comes.</summary>
    public void Noticed()
    {
        if (adopts || !world.Ledger.IsUnadopted)
            return;
        adopts = true;
        world.Schedule(world.Dice.Between(Duration.FromHours(2), Duration.FromDays(2)), () => Adopt(1));
    }

    private void Adopt(int tries)
    {
        if (!world.Ledger.IsUnadopted)
        {
            adopts = false;
            return;
        }

        world.Checks.IsNoticed();
        world.Ask(engine => AdoptAsync(engine, tries));
        world.Schedule(world.Dice.Between(Duration.FromHours(2), Duration.FromHours(12)), () => Adopt(tries + 1));
    }

    private async Task AdoptAsync(SimEngine engine, int tries)
    {
        var report = await engine.Adoption.RunAsync("operator", "the database was put back");
        world.Story?.Say(null, $"engine {engine.Life.Number}: {(report.Adopted ? "adopted" : string.Join("; ", report.Problems))}");
        if (report.Adopted && tries > 1)
            world.Reach.Saw(Mark.AdoptedAtALaterTry);
        foreach (var account in report.Accounts)
        {
            for (var i = 0; i < account.EndedAgreements; i++)
                world.Reach.Saw(Mark.LostAgreementEndFound);
            foreach (var day in account.Days.Where(day => day.State == ReconciliationState.Complete))
                LookAt(world.RailOf(account.Account), (await world.Ledger.Reconciliations.FindAsync(account.Account, day.Day, default))!);
        }
    }
}
