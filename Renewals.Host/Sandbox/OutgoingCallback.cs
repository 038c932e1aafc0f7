using System.Net;
using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>A message a rail repeats until the merchant takes it.</summary>
/// <param name="Address">The merchant's address.</param>
/// <param name="Write">Makes the request of a try, given the time of sending and how many tries went before.</param>
/// <param name="IsAccepted">Whether an answer counts as received, by the rail's own rule.</param>
/// <param name="Plan">When to try, as gaps before each try: the first gap is from the event itself.</param>
internal sealed record OutgoingCallback(
    Uri Address, Func<Instant, int, HttpRequestMessage> Write, Func<HttpStatusCode, byte[], bool> IsAccepted, IReadOnlyList<Duration> Plan);

/// <summary>Sends callbacks with the rail's time limit.</summary>
internal sealed class CallbackSender(TimeSpan timeLimit) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>One try; false for anything but an accepted answer in time.</summary>
    public async Task<bool> SendAsync(OutgoingCallback callback, int triesBefore, Instant now, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeLimit);
        try
        {
            using var request = callback.Write(now, triesBefore);
            request.RequestUri = callback.Address;
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

    public void Dispose() => client.Dispose();
}
