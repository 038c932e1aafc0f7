using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;

namespace Renewals.Host.Webhooks;

/// <summary>The hosted worker: brings the feed to every endpoint until it is stopped.</summary>
/// <remarks>
/// While the ledger is frozen nothing is sent: a copy of it would tell the merchant's services again, and in its own words. When the host stops, calls under
/// way are waited for, and what came of them is stored.
/// </remarks>
internal sealed class WebhookWorker : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EraseEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private readonly IReadOnlyList<WebhookCourier> couriers;
    private readonly WebhookSurvey survey;
    private readonly WebhookMetrics metrics;
    private readonly WebhookSettings bounds;
    private readonly IWebhookStore store;
    private readonly EngineClock clock;
    private readonly TimeProvider time;
    private readonly IFreeze freeze;
    private readonly ILogger<WebhookWorker> logger;

    public WebhookWorker(
        WebhookEndpoints endpoints, LedgerDatabase database, WebhookMetrics metrics, EngineClock clock, TimeProvider time, IFreeze freeze, ILogger<WebhookWorker> logger)
    {
        (survey, this.metrics) = (new(endpoints, database), metrics);
        (bounds, store, this.clock, this.time, this.freeze, this.logger) = (endpoints.Bounds, database.Webhooks, clock, time, freeze, logger);
        couriers =
        [
            .. endpoints.All.Where(endpoint => endpoint.Enabled).Select(endpoint => new WebhookCourier(
                endpoint, bounds, new(endpoint, bounds.Timeout, clock, time), database.Feed, store, clock, logger)),
        ];
    }

    /// <summary>Adds it.</summary>
    public static void AddTo(IServiceCollection services, WebhookEndpoints endpoints) => services.AddSingleton(endpoints).AddSingleton<WebhookMetrics>().AddHostedService<WebhookWorker>();

    /// <summary>Brings what is due to every endpoint, on the clock as it stands.</summary>
    public async Task RunOnceAsync(CancellationToken stopping)
    {
        foreach (var courier in couriers)
        {
            while (await RunAsync(courier, stopping))
            {
            }
        }
    }

    /// <summary>Looks how every endpoint stands, once, and lets the gauges say it.</summary>
    public async Task LookOnceAsync(CancellationToken cancellation) => metrics.Known = await survey.LookAsync(cancellation);

    public override void Dispose()
    {
        foreach (var courier in couriers)
            courier.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        couriers.Count == 0 ? Task.CompletedTask : Task.WhenAll([EraseAsync(stoppingToken), LookAsync(stoppingToken), .. couriers.Select(courier => ServeAsync(courier, stoppingToken))]);

    private async Task ServeAsync(WebhookCourier courier, CancellationToken stopping)
    {
        do
        {
            while (await RunSafelyAsync(courier.Name, () => RunAsync(courier, stopping)))
            {
            }
        }
        while (await WaitAsync(Poll, stopping));
        await RunSafelyAsync(courier.Name, async () =>
        {
            await courier.LeaveAsync();
            return false;
        });
    }

    private async Task<bool> RunAsync(WebhookCourier courier, CancellationToken stopping) =>
        !stopping.IsCancellationRequested && clock.MayClaim && await freeze.LookAsync(CancellationToken.None) is null && await courier.RunAsync(stopping);

    private async Task EraseAsync(CancellationToken stopping)
    {
        do
        {
            await RunSafelyAsync("", async () =>
            {
                await store.EraseDeadAsync(clock.Now - Duration.FromTimeSpan(bounds.KeepDeadFor), CancellationToken.None);
                return false;
            });
        }
        while (await WaitAsync(EraseEvery, stopping));
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        do
        {
            await RunSafelyAsync("", async () =>
            {
                await LookOnceAsync(stopping);
                return false;
            });
        }
        while (await WaitAsync(LookEvery, stopping));
    }

    // A fault at one endpoint ends neither the others nor the host, which charges; it heals or is seen in the log.
    private async Task<bool> RunSafelyAsync(string name, Func<Task<bool>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            WebhookLog.Fault(logger, e, name);
            return false;
        }
    }

    private async Task<bool> WaitAsync(TimeSpan wait, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(wait, time, stopping);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }
}
