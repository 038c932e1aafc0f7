using System.Diagnostics;

namespace Renewals.Host.Dashboard;

/// <summary>A count that reads much of the ledger, for all who look: one at a time, in the background, and never more than a small part of the time.</summary>
/// <remarks>What takes less than a second is counted at every look. What takes longer rests fifty times as long before it is counted again.</remarks>
/// <param name="count">Counts.</param>
/// <param name="ends">Gives up.</param>
internal sealed class Counted<T>(Func<CancellationToken, Task<T>> count, CancellationToken ends)
    where T : class
{
    private const int Rests = 50;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Task<T>? running;
    private (T Value, TimeSpan Took, long Ended)? last;

    /// <summary>The newest count; null: the first one takes longer than anybody waits for, and goes on.</summary>
    public async Task<T?> ReadAsync(CancellationToken cancellation)
    {
        Task<T> count;
        lock (gate)
        {
            if (last is { } known && known.Took > Quick && Stopwatch.GetElapsedTime(known.Ended) < known.Took * Rests)
                return known.Value;
            count = running ??= Task.Run(RunAsync, CancellationToken.None);
        }

        await Task.WhenAny(count, Task.Delay(Patience, cancellation));
        cancellation.ThrowIfCancellationRequested();
        if (count.IsCompleted)
            return await count;
        lock (gate)
            return last?.Value;
    }

    private async Task<T> RunAsync()
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var value = await count(ends);
            lock (gate)
                last = (value, Stopwatch.GetElapsedTime(began), Stopwatch.GetTimestamp());
            return value;
        }
        finally
        {
            lock (gate)
                running = null;
        }
    }
}
