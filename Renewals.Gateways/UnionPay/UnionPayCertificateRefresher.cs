using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Renewals.Gateways.UnionPay;

/// <summary>Keeps the rail's encryption certificate fresh, where that is wanted: at start and every day.</summary>
internal sealed partial class UnionPayCertificateRefresher(
    UnionPayGateway gateway, UnionPayOptions options, TimeProvider time, ILogger<UnionPayCertificateRefresher> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);
    private static readonly TimeSpan AfterFault = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.UpdateEncryptionCertificate)
        {
            var fault = await gateway.RefreshEncryptionCertificateAsync(stoppingToken);
            if (fault is not null)
                NotRefreshed(gateway.Account.ToString(), fault);
            await Task.Delay(fault is null ? Every : AfterFault, time, stoppingToken);
        }
    }

    [LoggerMessage(3003, LogLevel.Warning, "The encryption certificate of {Account} was not refreshed: {Fault}")]
    private partial void NotRefreshed(string account, string fault);
}
