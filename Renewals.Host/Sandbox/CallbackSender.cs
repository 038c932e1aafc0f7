using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>Sends callbacks with the rail's time limit.</summary>
/// <param name="timeLimit">How long the merchant may take to answer, in real time.</param>
/// <param name="script">What becomes of the next ones; null: nothing unusual.</param>
internal sealed class CallbackSender(TimeSpan timeLimit, CallbackScript? script = null) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private HeldBack? held;

    /// <summary>One try; false for anything but an accepted answer in time.</summary>
    public async Task<bool> SendAsync(OutgoingCallback callback, int triesBefore, Instant now, CancellationToken cancellation)
    {
        switch (script?.Take() ?? CallbackTurn.None)
        {
            case CallbackTurn.Lose:
                return false;
            case CallbackTurn.Reorder:
                Interlocked.Exchange(ref held, new HeldBack(callback, triesBefore));
                return true;
            case CallbackTurn.Duplicate:
                await PostAsync(callback, triesBefore, now, forged: false, cancellation);
                break;
            case CallbackTurn.Forge:
                return await PostAsync(callback, triesBefore, now, forged: true, cancellation);
            case CallbackTurn.None:
                break;
            default:
                throw new InvalidOperationException("No such turn.");
        }

        var accepted = await PostAsync(callback, triesBefore, now, forged: false, cancellation);
        if (Interlocked.Exchange(ref held, null) is { } late)
            await PostAsync(late.Callback, late.TriesBefore, now, forged: false, cancellation);
        return accepted;
    }

    public void Dispose() => client.Dispose();

    private async Task<bool> PostAsync(OutgoingCallback callback, int triesBefore, Instant now, bool forged, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeLimit);
        try
        {
            using var request = callback.Write(now, triesBefore);
            request.RequestUri = callback.Address;
            if (forged)
                await ForgeAsync(request);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token);
            return callback.IsAccepted(response.StatusCode, await response.Content.ReadAsByteArrayAsync(limit.Token));
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task ForgeAsync(HttpRequestMessage request)
    {
        var honest = request.Content!;
        var body = await honest.ReadAsByteArrayAsync();
        body[body.Length / 2] ^= 1;
        request.Content = new ByteArrayContent(body);
        foreach (var (name, values) in honest.Headers.Where(header => header.Key != "Content-Length"))
            request.Content.Headers.TryAddWithoutValidation(name, values);
        honest.Dispose();
    }

    private sealed record HeldBack(OutgoingCallback Callback, int TriesBefore);
}
