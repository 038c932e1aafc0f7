using NodaTime;

namespace Renewals.Host.Simulation;

/// <summary>The one thread of a world: everything that happens is a step in this queue, by virtual time, and by chance at the same moment.</summary>
/// <remarks>
/// Every step runs in the <see cref="SimContext"/> of its owner, so that whatever the engine awaits comes back through here. Nothing runs on
/// another thread; the same seed gives the same order.
/// </remarks>
internal sealed class Scheduler(Dice dice, Instant start)
{
    private readonly PriorityQueue<Step, (long At, ulong Tie)> queue = new();
    private long ticks = start.ToUnixTimeTicks();

    /// <summary>Now, by the world's own clock.</summary>
    public Instant Now => Instant.FromUnixTimeTicks(ticks);

    /// <summary>Now, in ticks of 100 ns since 1970.</summary>
    public long Ticks => ticks;

    /// <summary>How many steps were taken.</summary>
    public long Steps { get; private set; }

    /// <summary>A step of the world itself.</summary>
    public void At(Instant at, SimContext owner, Action act) => Enqueue(at.ToUnixTimeTicks(), static act => ((Action)act!)(), act, owner);

    /// <inheritdoc cref="At"/>
    public void In(Duration wait, SimContext owner, Action act) => Enqueue(ticks + (long)wait.TotalTicks, static act => ((Action)act!)(), act, owner);

    /// <summary>Completes after a while, in whatever context awaits it.</summary>
    public Task Delay(Duration wait, SimContext owner)
    {
        var done = new TaskCompletionSource();
        Enqueue(ticks + Math.Max(0, (long)wait.TotalTicks), static done => ((TaskCompletionSource)done!).SetResult(), done, owner);
        return done.Task;
    }

    internal void Enqueue(long at, SendOrPostCallback act, object? state, SimContext owner) =>
        queue.Enqueue(new(act, state, owner), (Math.Max(at, ticks), dice.Next()));

    /// <summary>Takes the next step.</summary>
    /// <returns>False when there is none before this moment; then it is this moment.</returns>
    public bool TryStep(Instant until)
    {
        var end = until.ToUnixTimeTicks();
        while (queue.TryPeek(out var step, out var priority) && priority.At <= end)
        {
            queue.Dequeue();
            if (step.Owner.Dead)
                continue;
            ticks = Math.Max(ticks, priority.At);
            if (step.Owner.PausedUntil > ticks)
            {
                queue.Enqueue(step, (step.Owner.PausedUntil, priority.Tie));
                continue;
            }

            Steps++;
            SynchronizationContext.SetSynchronizationContext(step.Owner);
            step.Act(step.State);
            return true;
        }

        ticks = Math.Max(ticks, end);
        return false;
    }

    private readonly record struct Step(SendOrPostCallback Act, object? State, SimContext Owner);
}

/// <summary>Who takes steps: the world, or one life of an engine. What a dead one awaits never comes back.</summary>
internal class SimContext(Scheduler scheduler) : SynchronizationContext
{
    /// <summary>True once it is dead: whatever it was doing is never gone on with.</summary>
    public bool Dead { get; protected set; }

    /// <summary>It does nothing before this tick.</summary>
    public long PausedUntil { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!Dead)
            scheduler.Enqueue(scheduler.Ticks, d, state, this);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("There is one thread; nobody waits for another.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Starts a flow here.</summary>
    /// <param name="flow">What to do.</param>
    /// <param name="onFault">Told when it throws.</param>
    public void Start(Func<Task> flow, Action<Exception> onFault) => scheduler.Enqueue(scheduler.Ticks, _ => Watch(flow, onFault), null, this);

    protected static async void Watch(Func<Task> flow, Action<Exception> onFault)
    {
        try
        {
            await flow();
        }
        catch (Exception e)
        {
            onFault(e);
        }
    }
}

/// <summary>An engine's clock: the world's, with an error of its own. Its monotonic part has none.</summary>
internal sealed class SimClock(Scheduler scheduler, SimContext context) : TimeProvider
{
    /// <summary>How far its wall clock is off.</summary>
    public Duration Skew { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(scheduler.Ticks + (long)Skew.TotalTicks + DateTime.UnixEpoch.Ticks, TimeSpan.Zero);

    public override long GetTimestamp() => scheduler.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan)
            throw new NotSupportedException("Nothing here rings more than once.");
        var timer = new Once();
        scheduler.In(Duration.FromTimeSpan(dueTime), context, () =>
        {
            if (!timer.Off)
                callback(state);
        });
        return timer;
    }

    private sealed class Once : ITimer
    {
        public bool Off { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("Nothing here is put off.");

        public void Dispose() => Off = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
