using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.Registration;

/// <summary>What registering a merchant account is at every rail: checked options, a client of its own, the gateway by account and among all.</summary>
/// <param name="Services">The services.</param>
/// <param name="Account">The account as text; the name of its options and of its client.</param>
internal sealed record RailRegistration<TOptions, TGateway>(IServiceCollection Services, string Account)
    where TOptions : class
    where TGateway : class, IPaymentGateway
{
    /// <summary>Adds a worker that belongs to the account.</summary>
    public IServiceCollection With<TWorker>(Func<TGateway, TOptions, TimeProvider, ILogger<TWorker>, TWorker> make)
        where TWorker : class, IHostedService => Services.AddSingleton<IHostedService>(provider => make(
            (TGateway)provider.GetRequiredKeyedService<IPaymentGateway>(Account), OptionsOf(provider), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TWorker>>()));

    /// <summary>The account's options.</summary>
    public TOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(Account);
}

/// <summary>Adds merchant accounts.</summary>
internal static class RailServiceCollectionExtensions
{
    /// <summary>Adds one.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; it runs more than once.</param>
    /// <param name="accountOf">The account the options name.</param>
    /// <param name="build">Builds the adapter.</param>
    /// <param name="secure">What the rail wants of the connection beyond the ordinary; null: nothing.</param>
    /// <param name="bound">The client's bounds beyond the ordinary; null: none.</param>
    /// <exception cref="ArgumentException">The account was added before.</exception>
    public static RailRegistration<TOptions, TGateway> AddRail<TOptions, TCheck, TGateway>(
        this IServiceCollection services, Action<TOptions> configure, Func<TOptions, MerchantAccount> accountOf,
        Func<TOptions, Func<HttpClient>, TimeProvider, ILoggerFactory?, TGateway> build,
        Action<TOptions, SocketsHttpHandler>? secure = null, Action<HttpClient>? bound = null)
        where TOptions : class, new()
        where TCheck : class, IValidateOptions<TOptions>
        where TGateway : class, IPaymentGateway
    {
        var probe = new TOptions();
        configure(probe);
        var rail = new RailRegistration<TOptions, TGateway>(services, accountOf(probe).ToString());
        if (services.Any(service => service.ServiceType == typeof(IPaymentGateway) && rail.Account.Equals(service.ServiceKey)))
            throw new ArgumentException($"The account {rail.Account} was added before.", nameof(configure));

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TCheck>());
        services.AddOptions<TOptions>(rail.Account).Configure(configure).ValidateOnStart();

        // Without the framework's request logs: addresses carry signatures and tokens, and name payments and customers.
        services.AddHttpClient(rail.Account, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                bound?.Invoke(client);
            })
            .ConfigurePrimaryHttpMessageHandler(provider => Handler(rail.OptionsOf(provider), secure))
            .RemoveAllLoggers();
        services.AddKeyedSingleton<IPaymentGateway>(rail.Account, (provider, _) =>
        {
            var clients = provider.GetRequiredService<IHttpClientFactory>();
            return build(
                rail.OptionsOf(provider), () => clients.CreateClient(rail.Account), provider.GetRequiredService<TimeProvider>(),
                provider.GetService<ILoggerFactory>());
        });
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IPaymentGateway>(rail.Account));
        return rail;
    }

    private static SocketsHttpHandler Handler<TOptions>(TOptions options, Action<TOptions, SocketsHttpHandler>? secure)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),

            // A rail is told of an order what its protocol has, and no trace of ours beside it.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        };
        secure?.Invoke(options, handler);
        return handler;
    }
}
