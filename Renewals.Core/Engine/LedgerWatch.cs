using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Renewals.Core.Engine;

/// <summary>Looks at the ledger's identity also while nothing is claimed: a restore is noticed within seconds, and what this host has seen is kept.</summary>
internal sealed class LedgerWatch(IFreeze freeze, TimeProvider time, ILogger<LedgerWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Every, time, stoppingToken);
                await TryLookAsync(stoppingToken);
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
            await freeze.LookAsync(cancellation);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            EngineLog.LedgerUnseen(logger, e);
        }
    }
}
