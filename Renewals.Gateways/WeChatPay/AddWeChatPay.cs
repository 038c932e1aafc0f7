using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Registers WeChat Pay.</summary>
public static class WeChatPayServiceCollectionExtensions
{
    /// <summary>Adds one merchant account as <see cref="IPaymentGateway"/>, also keyed by the account as text (<c>wechat:1900000109</c>).</summary>
    /// <remarks>
    /// Call it once for each account. The options are checked when the host starts; a message names the field. A
    /// <see cref="TimeProvider"/> that is registered is used for every delay; without one, the system's.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; it runs more than once and must set the same each time.</param>
    /// <exception cref="ArgumentException">The account was added before.</exception>
    public static IServiceCollection AddWeChatPay(this IServiceCollection services, Action<WeChatPayOptions> configure)
    {
        var probe = new WeChatPayOptions();
        configure(probe);
        var account = probe.Account.ToString();
        if (services.Any(service => service.ServiceType == typeof(IPaymentGateway) && account.Equals(service.ServiceKey)))
            throw new ArgumentException($"The account {account} was added before.", nameof(configure));

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WeChatPayOptions>, WeChatPayOptionsCheck>());
        services.AddOptions<WeChatPayOptions>(account).Configure(configure).ValidateOnStart();

        // Without the framework's request logs: addresses of signing pages carry signatures.
        services.AddHttpClient(account, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => Handler(Options(provider, account)))
            .RemoveAllLoggers();
        services.AddKeyedSingleton<IPaymentGateway>(account, (provider, _) => Build(provider, account));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IPaymentGateway>(account));
        return services.AddSingleton<IHostedService>(provider => new WeChatPayKeyRefresher(
            (WeChatPayGateway)provider.GetRequiredKeyedService<IPaymentGateway>(account), Options(provider, account),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WeChatPayKeyRefresher>>()));
    }

    private static WeChatPayOptions Options(IServiceProvider provider, string account) =>
        provider.GetRequiredService<IOptionsMonitor<WeChatPayOptions>>().Get(account);

    private static WeChatPayGateway Build(IServiceProvider provider, string account)
    {
        var clients = provider.GetRequiredService<IHttpClientFactory>();
        return new(
            Options(provider, account), () => clients.CreateClient(account), provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILoggerFactory>());
    }

    private static SocketsHttpHandler Handler(WeChatPayOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (options.ClientCertificate is { } certificate)
            handler.SslOptions.ClientCertificates = new X509CertificateCollection { certificate };
        return handler;
    }
}
