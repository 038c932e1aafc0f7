using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Gateways;

namespace Renewals.Core.Engine;

/// <summary>The hosted worker: sweeps every merchant account of this host until it is stopped.</summary>
/// <remarks>
/// It asks "which alarms have rung", never "is it today", so an outage heals by itself. When the host stops, nothing new is claimed and calls
/// under way are waited for.
/// </remarks>
public sealed class RenewalWorker : BackgroundService
{
    private readonly Sweep sweep;
    private readonly RegisteredGateways gateways;
    private readonly IOptions<EngineOptions> options;
    private readonly TimeProvider time;
    private readonly DatabaseClock clock;
    private readonly ILogger<RenewalWorker> logger;

    internal RenewalWorker(Sweep sweep, RegisteredGateways gateways, IOptions<EngineOptions> options, TimeProvider time, DatabaseClock clock,
        ILogger<RenewalWorker> logger) =>
        (this.sweep, this.gateways, this.options, this.time, this.clock, this.logger) = (sweep, gateways, options, time, clock, logger);

    /// <summary>Sweeps every account until no alarm that has rung is left, on the clock as it stands.</summary>
    /// <returns>How many memberships were claimed.</returns>
    public async Task<int> SweepAllAsync(CancellationToken cancellation)
    {
        var total = 0;
        foreach (var account in gateways.Accounts)
        {
            while (await sweep.RunAsync(account, cancellation) is > 0 and var claimed)
                total += claimed;
        }

        return total;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
        [
            KeepTimeAsync(stoppingToken),
            .. gateways.Accounts.SelectMany(account => Enumerable.Range(0, options.Value.SweepsPerAccount).Select(_ => RunAsync(account, stoppingToken))),
        ]);

    private async Task KeepTimeAsync(CancellationToken stopping)
    {
        try
        {
            while (clock.Follows)
            {
                await Task.Delay(DatabaseClock.Every, time, stopping);
                await clock.MeasureAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RunAsync(MerchantAccount account, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var claimed = await SweepOnceAsync(account);
            if (claimed >= options.Value.BatchSize)
                continue;
            try
            {
                await Task.Delay(options.Value.PollInterval, time, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // A sweep that has begun runs to its end: its calls may have taken money, and what they answered must be recorded.
    private async Task<int> SweepOnceAsync(MerchantAccount account)
    {
        try
        {
            return await sweep.RunAsync(account, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            EngineLog.SweepFault(logger, e, account.ToString());
            return 0;
        }
    }
}
