using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.UnionPay;

/// <summary>Registers UnionPay collection.</summary>
public static class UnionPayServiceCollectionExtensions
{
    /// <summary>
    /// Adds one merchant account as <see cref="IPaymentGateway"/>, also keyed by the account as text (<c>unionpay:700000000000001</c>).
    /// </summary>
    /// <remarks>
    /// Call it once for each account. The options are checked when the host starts; a message names the field. A
    /// <see cref="TimeProvider"/> that is registered is used for every delay; without one, the system's.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; it runs more than once and must set the same each time.</param>
    /// <exception cref="ArgumentException">The account was added before.</exception>
    public static IServiceCollection AddUnionPay(this IServiceCollection services, Action<UnionPayOptions> configure)
    {
        var probe = new UnionPayOptions();
        configure(probe);
        var account = probe.Account.ToString();
        if (services.Any(service => service.ServiceType == typeof(IPaymentGateway) && account.Equals(service.ServiceKey)))
            throw new ArgumentException($"The account {account} was added before.", nameof(configure));

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UnionPayOptions>, UnionPayOptionsCheck>());
        services.AddOptions<UnionPayOptions>(account).Configure(configure).ValidateOnStart();

        // Without the framework's request logs: nothing of a call belongs there.
        services.AddHttpClient(account, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(Handler)
            .RemoveAllLoggers();
        services.AddKeyedSingleton<IPaymentGateway>(account, (provider, _) => Build(provider, account));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IPaymentGateway>(account));
        return services.AddSingleton<IHostedService>(provider => new UnionPayCertificateRefresher(
            (UnionPayGateway)provider.GetRequiredKeyedService<IPaymentGateway>(account), Options(provider, account),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<UnionPayCertificateRefresher>>()));
    }

    private static UnionPayOptions Options(IServiceProvider provider, string account) =>
        provider.GetRequiredService<IOptionsMonitor<UnionPayOptions>>().Get(account);

    private static UnionPayGateway Build(IServiceProvider provider, string account)
    {
        var clients = provider.GetRequiredService<IHttpClientFactory>();
        return new(
            Options(provider, account), () => clients.CreateClient(account), provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILoggerFactory>());
    }

    private static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
}
