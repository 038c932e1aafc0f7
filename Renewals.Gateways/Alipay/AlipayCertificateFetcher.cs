using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Renewals.Gateways.Alipay;

/// <summary>In certificate mode, downloads a certificate soon after a notification named one that is not held.</summary>
/// <remarks>Calls fetch what they need themselves; a notification waits for its next delivery, four minutes later.</remarks>
internal sealed partial class AlipayCertificateFetcher(
    AlipayGateway gateway, AlipayOptions options, TimeProvider time, ILogger<AlipayCertificateFetcher> log) : BackgroundService
{
    // Also the least time between two downloads that a stranger can cause.
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.UsesCertificates)
            return;
        for (; ; await Task.Delay(Step, time, stoppingToken))
        {
            if (gateway.PlatformKeys.TakeMissed() is { } serial && await gateway.FetchCertificateAsync(serial, stoppingToken) is { } fault)
                NotFetched(serial, gateway.Account.ToString(), fault);
        }
    }

    [LoggerMessage(3002, LogLevel.Warning, "Certificate {Serial} of {Account} was not fetched: {Fault}")]
    private partial void NotFetched(string serial, string account, string fault);
}
