using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Renewals.Core.Ledger;

namespace Renewals.Core.Engine;

/// <summary>Keeps <c>renewals.fuses.open</c> and says at the start, and whenever it changes, what is stopped: also what another host's fuse stopped.</summary>
internal sealed class FuseWatch(IChargeStops stops, EngineMetrics metrics, TimeProvider time, ILogger<FuseWatch> logger) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private long[] known = [];

    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var open = await stops.ListAsync(openOnly: true, cancellation);
        metrics.Stopped(open);
        long[] now = [.. open.Select(stop => stop.Id)];
        if (now.SequenceEqual(known))
            return;
        known = now;
        if (open.Count > 0)
            EngineLog.ChargingStopped(logger, open.Count(stop => stop.Rule is not null), open.Count(stop => stop.Rule is null));
        else
            EngineLog.ChargingGoesOn(logger);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TryLookAsync(stoppingToken);
                await Task.Delay(Every, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task TryLookAsync(CancellationToken cancellation)
    {
        try
        {
            await LookAsync(cancellation);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            EngineLog.StopsUnread(logger, e);
        }
    }
}
