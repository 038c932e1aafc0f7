using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>Does what is due, in the queue's order, and plans the next try of what was not accepted.</summary>
internal sealed class DueRunner(DueQueue queue, CallbackSender sender, TimeProvider time, int callbacksAtOnce) : IDisposable
{
    private readonly SemaphoreSlim oneRun = new(1, 1);

    /// <summary>Runs everything due at the clock's now, also what becomes due by it; returns how many items it did.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancellation)
    {
        await oneRun.WaitAsync(cancellation);
        try
        {
            var done = 0;
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var now = Instant.FromDateTimeOffset(time.GetUtcNow());
                var batch = queue.Take(now, callbacksAtOnce);
                if (batch.Count == 0)
                {
                    return done;
                }

                await RunAsync(batch, now, cancellation);
                done += batch.Count;
            }
        }
        finally
        {
            oneRun.Release();
        }
    }

    public void Dispose() => oneRun.Dispose();

    private async Task RunAsync(List<DueItem> batch, Instant now, CancellationToken cancellation)
    {
        if (batch is [DueChange change])
        {
            // The change happens at the instant it was due, so a late driver gets the same ledger as a punctual one.
            change.Run(change.Due);
            return;
        }

        var callbacks = batch.ConvertAll(item => (DueCallback)item);
        var accepted = await SendAsync(callbacks, now, cancellation);
        for (var i = 0; i < callbacks.Count; i++)
        {
            var item = callbacks[i];
            if (!accepted[i] && item.TriesBefore + 1 < item.Message.Plan.Count)
            {
                queue.Add(item with { Due = item.Due + item.Message.Plan[item.TriesBefore + 1], TriesBefore = item.TriesBefore + 1 });
            }
        }
    }

    private async Task<bool[]> SendAsync(List<DueCallback> callbacks, Instant now, CancellationToken cancellation)
    {
        try
        {
            return await Task.WhenAll(callbacks.Select(item => sender.SendAsync(item.Message, item.TriesBefore, now, cancellation)));
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled may run again: nothing is lost by it, something may come twice, as at the rail.
            callbacks.ForEach(queue.Add);
            throw;
        }
    }
}
