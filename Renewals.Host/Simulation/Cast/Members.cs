using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Cast;

/// <summary>The members of a world, and the people at the merchant who look after them.</summary>
internal sealed class Members(SimWorld world)
{
    private readonly List<SimMember> all = [];
    private readonly Dictionary<SubscriptionId, SimMember> byMembership = [];

    public void Start()
    {
        foreach (var number in world.Options.Only ?? [.. Enumerable.Range(0, world.Options.Members)])
        {
            var member = new SimMember(world, number);
            all.Add(member);
            member.Start();
        }

        LookDaily();
        world.Repeat(Fault.WorstTime, Duration.FromDays(60), ParkOne);
        Holds.Start();
        new Wishes(world).Start();
    }

    /// <summary>What a person holds.</summary>
    public Holds Holds { get; } = new(world);

    public void Belongs(SubscriptionId id, SimMember member) => byMembership[id] = member;

    public SimMember? Of(SubscriptionId id) => byMembership.GetValueOrDefault(id);

    /// <summary>A rail took an order in: the worst time to act.</summary>
    public void OnAccepted(SimRail rail, RailOrder order) => Of(order.Number.Charge.Subscription)?.OnAccepted(order);

    /// <summary>Money limits that a person raised.</summary>
    public List<(MerchantAccount Account, Instant At, long Limit)> Raises { get; } = [];

    /// <summary>Some leave within this time: what a restore then takes with it.</summary>
    public void LeaveWithin(Duration time)
    {
        for (var i = 0; i < 2; i++)
            world.Schedule(world.Dice.Between(Duration.Zero, time), world.Dice.Of(all).LeaveNow);
    }

    // A person looks at what is parked, some day.
    private void LookDaily() => world.Schedule(Duration.FromHours(24), () =>
    {
        if (!world.Ledger.IsAway)
            LookAll();
        LookDaily();
    });

    private void LookAll()
    {
        foreach (var rail in world.Rails)
            LookAtLateMoney(rail);
        Holds.Look();
        world.Movers.LookAtFuses();
        foreach (var track in world.Ledger.Tracks.Where(track => track.State.Parked is not null).ToList())
        {
            if (!world.Dice.Chance(world.Faults.Calm ? 1 : 0.3))
                continue;
            if (track.State.Parked == ParkReason.CatchUpUndecided)
                Decide(track);
            else
                Unpark(track);
            if (track.State.Parked == ParkReason.Unreachable && world.Dice.Chance(0.5))
                world.Notifier.Repair(track.Id);
        }
    }

    /// <summary>Who has signed and is not known any more ends the agreement in the wallet some day; who was told that renewal is stopped says so again.</summary>
    public void Restored(Taken taken)
    {
        world.Movers.Restored(taken);
        foreach (var track in taken.Memberships)
        {
            world.Reach.Saw(Mark.MembershipLost);
            world.Story?.Say(track.Id, "the ledger does not know this membership any more");
            var held = track.State.Backups.Select(backup => (backup.Account, backup.Agreement)).Prepend((track.State.Account, track.State.Agreement)).ToList();
            world.Schedule(world.Dice.Between(Duration.FromDays(1), Duration.FromDays(15)), () =>
            {
                if (world.Ledger.Track(track.Id) is not null)
                    return;
                foreach (var (account, agreement) in held)
                    world.RailOf(account).End(agreement.Id.SigningCode, TerminationMode.Member);
            });
        }

        foreach (var id in taken.Cancels)
        {
            world.Reach.Saw(Mark.CancelLost);
            Of(id)?.SayAgain(id);
        }
    }

    private void Decide(Track track)
    {
        track.ParkConfirmed = null;
        var choices = world.RailOf(track.State.Account).Traits.SeveralSuccessesPerPeriod ? 3 : 2;
        var policy = world.Dice.Below(choices) switch { 0 => CatchUpPolicy.Forgive, 1 => CatchUpPolicy.CurrentPeriodOnly, _ => CatchUpPolicy.OldestFirst };
        world.Ask(engine => engine.CatchUp.DecideAsync(track.Id, policy, "operator", "looked at the outage"));
    }

    // What the limit stopped is explained by it until somebody has looked. An account that is being charged at this moment is looked at another day.
    private void LookAtLateMoney(SimRail rail)
    {
        if (world.Ledger.OpenStops.FirstOrDefault(stop => stop.IsOfLateCharges && stop.Key == rail.Account.ToString()) is not { } stop)
            return;
        world.Troubles.Add((stop.At, world.Now + Duration.FromDays(1)));
        if (world.Ledger.IsLocked(rail.Account) || !world.Dice.Chance(world.Faults.Calm ? 1 : 0.5))
            return;
        var limit = Money.Cny(5_000 + world.Dice.Below(100_000));
        Raises.Add((rail.Account, world.Now, limit.MinorUnits));
        IChargeStops stops = world.Ledger.Inner;
        SimLedger.Done(stops.RaiseAsync(rail.Account, LateWindow.Raise(limit, world.Now, "operator", "looked"), new(world.Now, "operator", "looked"), default));
        world.Reach.Saw(Mark.LateMoneyRaised);
        world.Story?.Say(null, $"late charges of {rail.Account} may come to {limit}");
    }

    private void Unpark(Track track)
    {
        // From here on it may be unparked, whether or not somebody hears of it.
        track.ParkConfirmed = null;
        world.Ask(async engine =>
        {
            await engine.Memberships.UnparkAsync(track.Id, "operator", "looked");
            world.Reach.Saw(Mark.Unparked);
        });
    }

    private void ParkOne()
    {
        var active = world.Ledger.Tracks.Where(track => track.State is { Status: SubscriptionStatus.Active, Parked: null }).ToList();
        if (active.Count == 0)
            return;
        var track = world.Dice.Of(active);
        world.Ask(async engine =>
        {
            await engine.Memberships.ParkAsync(track.Id, "operator", "a person wants to look");
            track.ParkConfirmed = world.Ledger.Commits;
        });
    }
}
