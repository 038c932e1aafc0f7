using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Cast;

/// <summary>Two to five engines over one ledger: they are born, sweep, stand still, die, and are born again.</summary>
internal sealed class Engines(SimWorld world)
{
    /// <summary>A host looks every five seconds, and keeps what it has seen as often.</summary>
    public static readonly Duration WatchAfter = Duration.FromSeconds(6);

    private readonly SimEngine?[] slots = new SimEngine?[2 + world.Dice.Below(4)];
    private readonly HashSet<MerchantAccount> asked = [];
    private readonly Dictionary<int, SimMarks> marks = [];
    private long blackoutUntil;
    private bool watches;

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

    /// <summary>The state folder of a host.</summary>
    public SimMarks MarksOf(int number) => marks.TryGetValue(number, out var folder) ? folder : marks[number] = new();

    /// <summary>Before this moment no engine is up again, in ticks; 0: one may be at any time.</summary>
    public long DownUntil => UpSince is null ? blackoutUntil : 0;

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
        if (world.Ledger.IsAway || UpSince is null || !asked.Add(account))
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
        engine.Life.Run(() => engine.SweepAsync(account), "a sweep");

    private void Boot(int number)
    {
        if (slots[number] is not null)
            return;
        if (world.Ticks < blackoutUntil)
        {
            world.Scheduler.At(Instant.FromUnixTimeTicks(blackoutUntil) + Duration.FromSeconds(world.Dice.Below(60)), world.Context, () => Boot(number));
            return;
        }

        if (world.Ledger.IsAway)
        {
            world.Schedule(Duration.FromSeconds(10 + world.Dice.Below(50)), () => Boot(number));
            return;
        }

        var engine = slots[number] = new(world, new(world, number));
        engine.Life.Run(() => ServeAsync(engine), "a start", engine.Life.Die);
    }

    private async Task ServeAsync(SimEngine engine)
    {
        await engine.StartAsync();
        engine.Life.ServesSince = world.Ticks;
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
        StopAll(world.Dice.Between(Duration.FromHours(1), Duration.FromDays(world.Dice.Chance(0.35) ? 75 : 7)));
    }

    /// <summary>All engines are stopped for a while.</summary>
    public void StopAll(Duration wait)
    {
        blackoutUntil = Math.Max(blackoutUntil, Instant.Min(world.Now + wait, Instant.Max(world.CalmFrom, world.Now)).ToUnixTimeTicks());
        world.Story?.Say(null, $"all engines are gone until {Instant.FromUnixTimeTicks(blackoutUntil)}");
        foreach (var engine in slots)
            engine?.Life.Die();
    }

    /// <summary>Whether a host is up, for so long, that has seen what is not in the ledger any more. By what it kept: it may know more.</summary>
    public bool SomebodyKnows(Duration upFor) => Array.Exists(slots, slot => slot is { Life: { IsUp: true } life } && Knows(life.Number)
        && world.Ticks - Math.Max(Math.Max(life.ServesSince!.Value, life.PausedUntil), world.Ledger.RestoredAt) >= (long)upFor.TotalTicks);

    /// <summary>Whether a host, up or not, has seen what is not in the ledger any more.</summary>
    public bool SomebodyCouldKnow => marks.Keys.Any(Knows);

    /// <summary>
    /// Something was committed: within seconds every host that is up has seen it and kept that it has. Between two bursts of work there is nothing to
    /// see, and what was seen before a backup was made tells nobody that it was put back.
    /// </summary>
    public void WatchSoon()
    {
        if (watches || !world.Restores.AreWatchedFor)
            return;
        watches = true;
        world.Schedule(WatchAfter, () =>
        {
            watches = false;
            WatchAll();
        });
    }

    /// <summary>Those that are up look at the ledger, also those that have nothing to do.</summary>
    public void WatchAll()
    {
        foreach (var engine in slots)
        {
            if (engine is { Life.IsUp: true })
                engine.Life.RunNow(engine.WatchAsync);
        }
    }

    private bool Knows(int number) => marks.TryGetValue(number, out var folder) && world.Ledger.Identities.IsGone(folder);

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
