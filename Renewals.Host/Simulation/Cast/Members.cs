using NodaTime;
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
    }

    public void Belongs(SubscriptionId id, SimMember member) => byMembership[id] = member;

    public SimMember? Of(SubscriptionId id) => byMembership.GetValueOrDefault(id);

    /// <summary>A rail took an order in: the worst time to act.</summary>
    public void OnAccepted(SimRail rail, RailOrder order) => Of(order.Number.Charge.Subscription)?.OnAccepted(order);

    // A person looks at what is parked, some day.
    private void LookDaily() => world.Schedule(Duration.FromHours(24), () =>
    {
        foreach (var track in world.Ledger.Tracks.Where(track => track.State.Parked is not null).ToList())
        {
            if (world.Dice.Chance(world.Faults.Calm ? 1 : 0.3))
                Unpark(track);
        }

        LookDaily();
    });

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
            await engine.Memberships.ParkAsync(track.Id, "a person wants to look");
            track.ParkConfirmed = world.Ledger.Commits;
        });
    }
}
