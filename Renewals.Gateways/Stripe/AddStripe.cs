using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.Stripe;

/// <summary>Registers Stripe.</summary>
public static class StripeServiceCollectionExtensions
{
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    /// <summary>Adds one account as <see cref="IPaymentGateway"/>, also keyed by the account as text (<c>stripe:acct_1…</c>).</summary>
    /// <remarks>
    /// Call it once for each account. The options are checked when the host starts; a message names the field. A
    /// <see cref="TimeProvider"/> that is registered is used for every delay; without one, the system's.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; it runs more than once and must set the same each time.</param>
    /// <exception cref="ArgumentException">The account was added before.</exception>
    public static IServiceCollection AddStripe(this IServiceCollection services, Action<StripeOptions> configure)
    {
        var probe = new StripeOptions();
        configure(probe);
        var account = probe.Account.ToString();
        if (services.Any(service => service.ServiceType == typeof(IPaymentGateway) && account.Equals(service.ServiceKey)))
            throw new ArgumentException($"The account {account} was added before.", nameof(configure));

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StripeOptions>, StripeOptionsCheck>());
        services.AddOptions<StripeOptions>(account).Configure(configure).ValidateOnStart();

        // Without the framework's request logs: addresses name payments and customers.
        services.AddHttpClient(account, client => (client.Timeout, client.MaxResponseContentBufferSize) = (Timeout.InfiniteTimeSpan, MaxAnswerBytes))
            .ConfigurePrimaryHttpMessageHandler(Handler)
            .RemoveAllLoggers();
        services.AddKeyedSingleton<IPaymentGateway>(account, (provider, _) => Build(provider, account));
        return services.AddSingleton(provider => provider.GetRequiredKeyedService<IPaymentGateway>(account));
    }

    private static StripeGateway Build(IServiceProvider provider, string account)
    {
        var clients = provider.GetRequiredService<IHttpClientFactory>();
        return new(
            provider.GetRequiredService<IOptionsMonitor<StripeOptions>>().Get(account), () => clients.CreateClient(account),
            provider.GetRequiredService<TimeProvider>(), provider.GetService<ILoggerFactory>());
    }

    private static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
}
