using System.Diagnostics;
using Renewals.Core.Gateways;

namespace Renewals.Core.Engine;

/// <summary>Records what callbacks say: of each merchant account those together that came while others were being recorded.</summary>
/// <remarks>
/// Every outcome counts for its account's fuse, in one row: transactions of one account wait for each other whatever is done. One transaction for all that
/// wait costs hardly more than for one, so that a crowd is served faster, not slower. Alone, a callback is recorded at once.
/// </remarks>
internal sealed class CallbackQueue(OutcomeDoor door)
{
    private const int MostTogether = 100;

    // Some seconds' worth of a large account. Who comes then is told "busy", and the rail delivers again.
    private const int MostWaiting = 5_000;

    private readonly Lock gate = new();
    private readonly Dictionary<MerchantAccount, Line> lines = [];

    /// <summary>Records one outcome. Who gives up does not take it back: it may be recorded still.</summary>
    /// <returns>True when it is stored; false when that is not known, the membership could not be decided, or too many wait: the rail must say it again.</returns>
    /// <exception cref="InvalidOperationException">The book has no row for the membership.</exception>
    public async Task<bool> RecordAsync(MerchantAccount account, Outcome outcome, CancellationToken cancellation)
    {
        var waiting = new Waiting(outcome);
        Line? line;
        bool begins;
        lock (gate)
        {
            if (!lines.TryGetValue(account, out line))
                lines[account] = line = new();
            if (line.Waiting.Count >= MostWaiting)
                return false;
            line.Waiting.Enqueue(waiting);
            (begins, line.IsServed) = (!line.IsServed, true);
        }

        if (begins)
            _ = ServeAsync(account, line);
        return await waiting.Stored.Task.WaitAsync(cancellation);
    }

    // Faults go to those who wait.
    private async Task ServeAsync(MerchantAccount account, Line line)
    {
        while (Next(line) is { Count: > 0 } together)
            await RecordAsync(account, together);
    }

    private List<Waiting> Next(Line line)
    {
        lock (gate)
        {
            List<Waiting> together = [];
            while (together.Count < MostTogether && line.Waiting.TryDequeue(out var waiting))
                together.Add(waiting);
            line.IsServed = together.Count > 0;
            return together;
        }
    }

    private async Task RecordAsync(MerchantAccount account, List<Waiting> together)
    {
        // What is done for several is a part of nobody's span.
        Activity.Current = together.Count == 1 ? together[0].Around : null;
        try
        {
            var stored = await door.RecordAsync(account, [.. together.Select(one => one.Outcome)], null, CancellationToken.None);
            if (stored || together.Count == 1)
            {
                together.ForEach(one => one.Stored.TrySetResult(stored));
                return;
            }
        }
        catch (InvalidOperationException) when (together.Count > 1)
        {
            // One of them is of no membership; which, is found below.
        }
        catch (Exception e)
        {
            together.ForEach(one => one.Stored.TrySetException(e));
            return;
        }

        // What of them is stored already gives no event again.
        foreach (var one in together)
            await RecordAsync(account, [one]);
    }

    private sealed class Line
    {
        public Queue<Waiting> Waiting { get; } = new();

        public bool IsServed { get; set; }
    }

    private sealed record Waiting(Outcome Outcome)
    {
        public Activity? Around { get; } = Activity.Current;

        public TaskCompletionSource<bool> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
