using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Cast;

/// <summary>The person who holds charging of an account, of a plan, or all of it, and releases it some day.</summary>
internal sealed class Holds(SimWorld world)
{
    private static readonly Duration LooksDaily = Duration.FromDays(1);

    /// <summary>What is held at this moment, by what is stored.</summary>
    public IEnumerable<ChargeStop> InForce => world.Ledger.OpenStops.Where(stop => stop.Rule is null);

    public void Start() => world.Repeat(Fault.Hold, Duration.FromDays(90), HoldSomething);

    /// <summary>Whatever is held is an explanation until tomorrow, and may be released today. What a restore brought back is released again.</summary>
    public void Look()
    {
        foreach (var hold in InForce.ToList())
        {
            world.Troubles.Add((hold.At, world.Now + LooksDaily));
            if (world.Ledger.Tracks.Any(track => hold.Covers(track.State) && Duty.Of(track.State).Any(IsDueCharge)))
                world.Reach.Saw(Mark.DueChargeHeld);
            if (world.Dice.Chance(world.Faults.Calm ? 1 : 0.4))
                Do(Mark.ChargingReleased, engine => engine.Fuses.ReleaseAsync(hold.Id, "operator", "looked"));
        }
    }

    private void HoldSomething()
    {
        if (world.Ledger.IsAway || world.Ledger.Tracks.Count == 0)
            return;
        var like = world.Dice.Of(world.Ledger.Tracks.ToList()).State;
        world.Troubles.Add((world.Now, world.Now + LooksDaily));
        var scope = world.Dice.Below(3);
        Do(Mark.ChargingHeld, engine => scope switch
        {
            0 => engine.Fuses.HoldAccountAsync(like.Account, "operator", "something is odd there"),
            1 => engine.Fuses.HoldPlanAsync(like.Terms.PlanId, "operator", "its price is doubtful"),
            _ => engine.Fuses.HoldEverythingAsync("operator", "something is odd"),
        });
    }

    private bool IsDueCharge(Duty duty) => duty.Kind == DutyKind.Charge && duty.Due <= world.Now;

    private void Do(Mark mark, Func<SimEngine, Task<StopResult>> what) => world.Ask(async engine =>
    {
        if (await what(engine) is StopResult.Done { Stop: var stop })
        {
            world.Reach.Saw(mark);
            world.Story?.Say(null, $"{mark}: {stop.Words}");
        }
    });
}
