using NodaTime;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation;

/// <summary>What an engine had committed when it began to carry something out.</summary>
/// <param name="Commit">Which commit of the world it was.</param>
/// <param name="State">The membership after it.</param>
/// <param name="At">When, in ticks.</param>
internal sealed record Claim(long Commit, Subscription State, long At);

/// <summary>One life of an engine's process: from its start to its death. Memory, open calls and locks end with it.</summary>
internal sealed class EngineLife(SimWorld world, int number) : SimContext(world.Scheduler)
{
    /// <summary>What a dead engine awaits.</summary>
    public static Task Never { get; } = new TaskCompletionSource().Task;

    public int Number => number;

    public SimClock Clock { get; } = new(world.Scheduler, world.Context);

    /// <summary>Transactions that are open.</summary>
    public HashSet<BatchPort> Open { get; } = [];

    /// <summary>Tasks it holds for itself.</summary>
    public List<IAsyncDisposable> Holds { get; } = [];

    /// <summary>By membership, the last intent it committed.</summary>
    public Dictionary<SubscriptionId, Claim> Claimed { get; } = [];

    /// <summary>Since when it has looked at its ledger and takes work, in ticks; null: not yet.</summary>
    public long? ServesSince { get; set; }

    public bool IsUp => ServesSince is not null && !Dead && PausedUntil <= world.Ticks;

    /// <summary>Does a little at once, in the middle of a step of the world.</summary>
    public void RunNow(Func<Task> flow)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        Watch(flow, fault =>
        {
            if (fault is not DatabaseAwayException)
                world.Checks.EngineFault(null, $"a look at the ledger failed: {fault}");
        });
        SetSynchronizationContext(outer);
    }

    /// <summary>Starts a flow; what fails because the database failed under it is no fault of ours.</summary>
    /// <param name="flow">What to do.</param>
    /// <param name="what">What it is, for people.</param>
    /// <param name="failed">Told when it failed, whatever the reason.</param>
    public void Run(Func<Task> flow, string what, Action? failed = null)
    {
        var begun = world.Ticks;
        Start(flow, fault =>
        {
            failed?.Invoke();
            if (fault is not DatabaseAwayException && begun >= world.Ledger.RestoredAt)
                world.Checks.EngineFault(null, $"{what} failed: {fault}");
        });
    }

    /// <summary>A moment at which others may go first.</summary>
    public Task HopAsync() => world.Scheduler.Delay(Duration.FromTicks(world.Dice.Below(30_000)), this);

    /// <summary>Whether it dies at this point; what it awaits next never comes.</summary>
    public bool DiesAt(Mark point)
    {
        if (!world.Dice.Chance(0.0022 * world.Faults[Fault.Crash]))
            return false;
        world.Reach.Saw(point);
        Die();
        return true;
    }

    /// <summary>Dies: its locks are given back when the database notices.</summary>
    public void Die()
    {
        Dead = true;
        world.Story?.Say(null, $"engine {number} dies");
        var open = Open.ToList();
        world.Schedule(world.Dice.Chance(0.8) ? Duration.Zero : world.Dice.Between(Duration.Zero, Duration.FromMinutes(2)), () =>
        {
            open.ForEach(batch => batch.Release());
            foreach (var hold in Holds)
                hold.DisposeAsync().AsTask();
        });
        world.Engines.Died(this);
    }

    /// <summary>A machine that is stopped or starved just before it sends.</summary>
    public Task MayStandStillAsync()
    {
        if (!world.Dice.Chance(0.003 * world.Faults[Fault.Pause]))
            return Task.CompletedTask;
        world.Reach.Saw(Mark.PausedBeforeSend);
        StandStill(world.Dice.Between(Duration.FromSeconds(1), Duration.FromHours(2)));
        return HopAsync();
    }

    public void StandStill(Duration wait) => PausedUntil = world.Ticks + (long)wait.TotalTicks;
}
