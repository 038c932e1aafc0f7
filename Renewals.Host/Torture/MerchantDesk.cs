using System.Collections.Concurrent;
using System.Text.Json;
using NodaTime.Text;
using Renewals.Core.Plans;
using Renewals.Host.Demo;
using Renewals.Host.Sandbox;
using Renewals.Host.Service;

namespace Renewals.Host.Torture;

/// <summary>What stands before the hosts and outlives them: the balancer that hands callbacks to one of them, and the merchant's message service.</summary>
internal sealed class MerchantDesk : IAsyncDisposable
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    private readonly MovableClock clock;
    private readonly Func<Uri?> host;
    private readonly ConcurrentQueue<NoticeReceipt> receipts = new();
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private LoopbackServer? server;

    private MerchantDesk(MovableClock clock, Func<Uri?> host) => (this.clock, this.host) = (clock, host);

    /// <summary>Where it listens.</summary>
    public Uri Address => server!.Address;

    /// <summary>Where notices are posted.</summary>
    public Uri Notices => new(Address, "/notices");

    /// <summary>What was handed over.</summary>
    public IReadOnlyCollection<NoticeReceipt> Receipts => receipts;

    /// <param name="clock">The time receipts are stamped with.</param>
    /// <param name="host">A host that lives; null: none does.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<MerchantDesk> StartAsync(MovableClock clock, Func<Uri?> host, CancellationToken cancellation)
    {
        var desk = new MerchantDesk(clock, host);
        desk.server = await LoopbackServer.StartAsync(0, desk.Map, cancellation);
        return desk;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        http.Dispose();
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/callbacks/{account}", RelayAsync);
        routes.MapPost("/notices", TakeNoticeAsync);
    }

    private async Task TakeNoticeAsync(HttpContext context)
    {
        var notice = (await JsonSerializer.DeserializeAsync<NoticeMessage>(context.Request.Body, CamelCase, context.RequestAborted))!;
        receipts.Enqueue(new(
            notice.NoticeId, notice.Member, new Money(notice.Amount.MinorUnits, notice.Amount.Currency), InstantPattern.ExtendedIso.Parse(notice.MoneyFrom).Value,
            InstantPattern.ExtendedIso.Parse(notice.MoneyUntil).Value, clock.Now));
    }

    private async Task RelayAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        if (host() is not { } alive)
            return;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(alive, context.Request.Path.Value)) { Content = new ByteArrayContent(body.ToArray()) };
        foreach (var (name, values) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Transfer-Encoding" or "Connection")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        try
        {
            using var answer = await http.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await context.Response.WriteAsync(await answer.Content.ReadAsStringAsync(context.RequestAborted), context.RequestAborted);
        }
        catch (HttpRequestException)
        {
            // The host died over it; the rail delivers it again.
        }
    }
}
