using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;

namespace Renewals.Host.Webhooks;

/// <summary>Posts events to one endpoint.</summary>
/// <remarks>
/// Any 2xx answer means that it got there; everything else, a redirect and silence included, that it did not. No proxy of the environment is used: it would
/// connect in this machine's place, and which address it reaches could not be seen.
/// </remarks>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(1);

    private readonly WebhookEndpoint endpoint;
    private readonly TimeSpan timeout;
    private readonly EngineClock clock;
    private readonly TimeProvider time;
    private readonly HttpMessageInvoker http;

    /// <summary>Makes one; nothing is connected yet.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="timeout">How long an answer may take.</param>
    /// <param name="clock">Stamps what is sent.</param>
    /// <param name="time">Measures the time-out.</param>
    /// <param name="handler">Carries it; null: <see cref="HandlerFor"/> with the system's names.</param>
    public WebhookSender(WebhookEndpoint endpoint, TimeSpan timeout, EngineClock clock, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (this.endpoint, this.timeout, this.clock, this.time) = (endpoint, timeout, clock, time);
        http = new(handler ?? HandlerFor(endpoint, timeout, Dns.GetHostAddressesAsync));
    }

    /// <summary>Connects to nothing the endpoint may not be.</summary>
    /// <param name="endpoint">The endpoint; connections are never shared with another.</param>
    /// <param name="timeout">How long connecting may take.</param>
    /// <param name="resolve">Looks names up.</param>
    public static SocketsHttpHandler HandlerFor(WebhookEndpoint endpoint, TimeSpan timeout, Func<string, CancellationToken, Task<IPAddress[]>> resolve) => new()
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = ConnectionLife, ConnectTimeout = timeout,
        MaxResponseDrainSize = 0, MaxResponseHeadersLength = 16,
        ConnectCallback = (context, cancellation) =>
            PrivateNetworks.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, address => MayReach(endpoint, address), resolve, cancellation),
    };

    /// <summary>Sends an event once.</summary>
    /// <returns>Whether it got there, and what came, in words of ours: what the endpoint writes is neither kept nor logged.</returns>
    public async Task<(bool Delivered, string Answer)> SendAsync(FeedEvent e, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        using var request = RequestOf(e);
        try
        {
            using var answer = await http.SendAsync(request, both.Token);
            return (answer.IsSuccessStatusCode, ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (false, string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds:0.#} s"));
        }
        catch (HttpRequestException x) when (x.InnerException is PrivateNetworkException)
        {
            return (false, endpoint.Url.Scheme == Uri.UriSchemeHttp ? "plain http is for private networks" : "it lies in a private network");
        }
        catch (HttpRequestException x)
        {
            return (false, $"it cannot be reached: {x.HttpRequestError}");
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage RequestOf(FeedEvent e)
    {
        var body = WebhookMessage.Of(e);
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Renewals", "1"));
        StandardWebhooks.Sign(request, e.Id.ToString(), clock.Now, body, endpoint.Secrets);
        return request;
    }

    private static bool MayReach(WebhookEndpoint endpoint, IPAddress address) => PrivateNetworks.Contain(address)
        ? endpoint.AllowPrivateNetworks
        : endpoint.Url.Scheme == Uri.UriSchemeHttps;
}
