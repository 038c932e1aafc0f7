using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Simulation.Cast;

/// <summary>Two to five engines over one ledger: they are born, sweep, stand still, die, and are born again.</summary>
internal sealed class Engines(SimWorld world)
{
    private readonly SimEngine?[] slots = new SimEngine?[2 + world.Dice.Below(4)];
    private readonly HashSet<MerchantAccount> asked = [];
    private long blackoutUntil;

    /// <summary>Since when at least one engine has been up without a break, in ticks; null while none is.</summary>
    public long? UpSince { get; private set; }

    public void Start()
    {
        for (var number = 0; number < slots.Length; number++)
            Boot(number);
        Plan(Fault.Crash, 60, CrashOne);
        Plan(Fault.Pause, 40, PauseOne);
        Plan(Fault.Clock, 40, JumpOne);
        Plan(Fault.Blackout, 500, Blackout);
    }

    /// <summary>An engine that is up; null: none is.</summary>
    public SimEngine? Pick(SimEngine? not = null)
    {
        var first = world.Dice.Below(slots.Length);
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[(first + i) % slots.Length] is { Life.IsUp: true } up && up != not)
                return up;
        }

        return null;
    }

    /// <summary>An alarm rang: within a second or so an engine that polls finds it, sometimes two at once.</summary>
    public void Poll(MerchantAccount account)
    {
        if (!asked.Add(account))
            return;
        world.Schedule(Duration.FromMilliseconds(world.Dice.Below(1_000)), () =>
        {
            asked.Remove(account);
            if (Pick() is not { } engine)
                return;
            Sweep(engine, account);
            if (world.Dice.Chance(0.15) && Pick(engine) is { } other)
            {
                world.Reach.Saw(Mark.TwoEnginesSwept);
                Sweep(other, account);
            }
        });
    }

    public void Died(EngineLife life)
    {
        slots[life.Number] = null;
        Note();
        var wait = world.Dice.Chance(0.8) ? world.Dice.Between(Duration.FromSeconds(5), Duration.FromMinutes(3)) : world.Dice.Between(Duration.FromMinutes(3), Duration.FromHours(8));
        world.Schedule(wait, () => Boot(life.Number));
    }

    private void Sweep(SimEngine engine, MerchantAccount account) =>
        engine.Life.Start(() => engine.SweepAsync(account), fault => world.Checks.EngineFault(null, $"a sweep failed: {fault}"));

    private void Boot(int number)
    {
        if (slots[number] is not null)
            return;
        if (world.Ticks < blackoutUntil)
        {
            world.Scheduler.At(Instant.FromUnixTimeTicks(blackoutUntil) + Duration.FromSeconds(world.Dice.Below(60)), world.Context, () => Boot(number));
            return;
        }

        var engine = slots[number] = new(world, new(world, number));
        Note();
        foreach (var rail in world.Rails)
            Sweep(engine, rail.Account);
    }

    private void Plan(Fault fault, int days, Action act) => world.Repeat(fault, Duration.FromDays(days), act);

    private void CrashOne()
    {
        if (Pick() is not { } engine)
            return;
        world.Reach.Saw(Mark.CrashAnywhere);
        engine.Life.Die();
    }

    private void PauseOne()
    {
        if (Pick() is not { } engine)
            return;
        world.Reach.Saw(Mark.EnginePaused);
        engine.Life.StandStill(world.Dice.Between(Duration.FromSeconds(1), Duration.FromHours(3)));
        Note();
        world.Scheduler.At(Instant.FromUnixTimeTicks(engine.Life.PausedUntil), world.Context, Note);
    }

    // Hosts follow the database's clock and claim nothing when they are a minute off it; within that they may differ.
    private void JumpOne()
    {
        if (Pick() is not { } engine)
            return;
        world.Reach.Saw(Mark.ClockJump);
        engine.Life.Clock.Skew = world.Dice.Between(Duration.FromSeconds(-50), Duration.FromSeconds(50));
    }

    private void Blackout()
    {
        world.Reach.Saw(Mark.EngineOutage);
        blackoutUntil = world.Ticks + (long)world.Dice.Between(Duration.FromHours(1), Duration.FromDays(world.Dice.Chance(0.35) ? 75 : 7)).TotalTicks;
        world.Story?.Say(null, $"all engines are gone until {Instant.FromUnixTimeTicks(blackoutUntil)}");
        foreach (var engine in slots)
            engine?.Life.Die();
    }

    private void Note()
    {
        var up = Array.Exists(slots, slot => slot is { Life.IsUp: true });
        if (!up && UpSince is not null)
            world.Troubles.Add((world.Now, Instant.MaxValue));
        else if (up && UpSince is null && world.Troubles.FindLastIndex(trouble => trouble.Until == Instant.MaxValue) is >= 0 and var open)
            world.Troubles[open] = (world.Troubles[open].From, world.Now);
        UpSince = up ? UpSince ?? world.Ticks : null;
    }
}
