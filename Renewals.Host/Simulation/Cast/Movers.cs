using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>In a part of the worlds some members come from another system: the merchant imports them, reads the statements they wait for, and resets the fuse.</summary>
internal sealed class Movers
{
    private static readonly Duration LastChance = Duration.FromDays(31);
    private static readonly Duration LooksEvery = Duration.FromHours(6);

    private readonly SimWorld world;
    private readonly Dice dice;
    private readonly List<OldMembership> all = [];

    public Movers(SimWorld world)
    {
        (this.world, dice) = (world, Dice.Of(world.Seed, "moving-in"));
        CutOver = dice.Chance(0.4) ? SimWorld.Begin + dice.Between(Duration.FromDays(12), Duration.FromDays(170)) : null;
        UnionPayAnswers = CutOver is null || !dice.Chance(0.4);
    }

    /// <summary>From then on the other system sends no more orders, or should not; null: there is none in this world.</summary>
    public Instant? CutOver { get; }

    /// <summary>Whether UnionPay can be asked for agreements: not every generation of its interface can.</summary>
    public bool UnionPayAnswers { get; }

    /// <summary>How many payments of the other system the bank's list has.</summary>
    public int Payments => all.Sum(old => old.Payments.Count);

    /// <summary>What was taken over.</summary>
    public IEnumerable<OldMembership> Here => all.Where(old => old.Id is not null);

    /// <summary>Whether a member begins with the other system.</summary>
    public bool Begin(SimMember member)
    {
        var own = Dice.Of(world.Seed, "moving-in", (ulong)member.Number + 1);
        if (CutOver is not { } cutOver || !own.Chance(0.2))
            return false;
        var old = new OldMembership(world, member, own, cutOver);
        all.Add(old);
        old.Start();
        return true;
    }

    public void Start()
    {
        if (CutOver is not { } cutOver)
            return;
        foreach (var rail in world.Rails)
        {
            var waits = dice.Between(Duration.FromHours(1), Duration.FromDays(dice.Chance(0.1) ? 20 : 4));
            world.Schedule(cutOver + waits - world.Now, () => Import(rail));
            world.Schedule(cutOver + waits + LooksEvery - world.Now, () => Look(rail));
        }
    }

    /// <summary>The membership that was taken over; null: it was signed here.</summary>
    public OldMembership? Of(SubscriptionId id) => all.Find(old => old.Id == id);

    /// <summary>A line is stored, whoever hears of it.</summary>
    public void TakenOver(Imported e)
    {
        var old = all.Single(one => one.Name == e.Member);
        (old.Stage, old.Id) = (MoveStage.Here, e.Id);
        old.Rail.TakeOver(e.Agreement, old.Agreement!);
        world.Members.Belongs(e.Id, old.Member);
        old.Member.TakenOver(old.Rail, e.Id, old.Agreement!.Code);
    }

    /// <summary>What a restore took is imported again, unless we have charged it: then the member signs anew.</summary>
    public void Restored(Taken taken)
    {
        foreach (var old in taken.Memberships.Select(track => Of(track.Id)).OfType<OldMembership>().ToList())
        {
            var isCharged = world.Rails.Any(rail => rail.Orders.Values.Any(order => order.Number.Charge.Subscription == old.Id));
            (old.Id, old.Stage) = (null, isCharged ? MoveStage.Refused : MoveStage.Exported);
            if (!isCharged)
                world.Schedule(dice.Between(Duration.FromHours(1), Duration.FromHours(20)), () => Import(old.Rail));
        }
    }

    /// <summary>A person looks what else charges at an account, and puts the fuse in again. Until then it explains what was not charged.</summary>
    public void LookAtFuses()
    {
        foreach (var stop in world.Ledger.OpenStops.Where(stop => stop.Rule == FuseRule.ForeignOrder))
        {
            world.Troubles.Add((stop.At, world.Now + Duration.FromDays(1)));
            if (!world.Dice.Chance(world.Faults.Calm ? 1 : 0.4))
                continue;
            world.Ask(async engine =>
            {
                if (await engine.Fuses.ResetAsync(stop.Id, "operator", "the other system is stopped now") is StopResult.Done)
                    world.Reach.Saw(Mark.FuseReset);
            });
        }
    }

    // Run again until nobody waits: what is there is left alone.
    private void Import(SimRail rail)
    {
        var waiting = all.Where(old => old.Rail == rail && old.Stage == MoveStage.Exported).ToList();
        if (waiting.Count == 0)
            return;
        world.Ask(engine => ImportAsync(engine, rail, waiting));
        world.Schedule(dice.Between(Duration.FromMinutes(20), Duration.FromHours(5)), () => Import(rail));
    }

    private async Task ImportAsync(SimEngine engine, SimRail rail, List<OldMembership> waiting)
    {
        try
        {
            var run = await engine.Imports.BeginAsync(new(rail.Account, CutOver!.Value));
            var verdicts = await run.TakeAsync([.. waiting.Select(old => old.NextLine())]);
            foreach (var (old, verdict) in waiting.Zip(verdicts))
            {
                if (verdict is not ImportVerdict.Refused refused)
                    continue;
                world.Reach.Saw(Mark.MoveRefused);
                if (!old.Mend())
                    GiveUp(old, refused.Why);
            }
        }
        catch (CannotImportException e)
        {
            if (rail.Traits.CanAskForAgreements && world.Now < CutOver!.Value + LastChance)
                return;
            foreach (var old in waiting)
            {
                world.Reach.Saw(Mark.MoveRefused);
                GiveUp(old, e.Message);
            }
        }
    }

    // Two runs may have been under way, and the other one have taken it.
    private void GiveUp(OldMembership old, string why)
    {
        if (old.Stage != MoveStage.Exported)
            return;
        world.Story?.Say(null, $"{old.Name} is not taken over: {why}");
        old.Refuse();
    }

    // What the worker does in the mornings: the statements that somebody waits for are read.
    private void Look(SimRail rail)
    {
        if (all.Exists(old => old.Rail == rail && old.Id is { } id && world.Ledger.Track(id) is { State: { MovedIn.AskAt: not null, Status: not SubscriptionStatus.Ended } }))
            world.Ask(engine => engine.Moves.RunAsync(rail.Account));
        world.Schedule(LooksEvery, () => Look(rail));
    }
}
