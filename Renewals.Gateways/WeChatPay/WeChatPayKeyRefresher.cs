using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Keeps the platform certificates fresh: at start, every 12 hours, and soon after a message named a serial that is not held.</summary>
internal sealed partial class WeChatPayKeyRefresher(
    WeChatPayGateway gateway, WeChatPayOptions options, TimeProvider time, ILogger<WeChatPayKeyRefresher> log) : BackgroundService
{
    // The look for missed serials; also the least time between two downloads.
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromHours(12);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.DownloadPlatformCertificates)
            return;
        long? takenAt = null;
        for (; ; await Task.Delay(Step, time, stoppingToken))
        {
            if (!gateway.PlatformKeys.TakeMissed() && takenAt is { } at && time.GetElapsedTime(at) < Every)
                continue;
            if (await gateway.RefreshPlatformKeysAsync(stoppingToken) is { } fault)
                NotRefreshed(gateway.Account.ToString(), fault);
            else
                takenAt = time.GetTimestamp();
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "Platform certificates of {Account} were not refreshed: {Fault}")]
    private partial void NotRefreshed(string account, string fault);
}
