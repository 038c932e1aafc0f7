using System.Security.Cryptography;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Hosting.WindowsServices;
using Microsoft.Extensions.Logging.EventLog;
using Npgsql;
using Renewals.Core;
using Renewals.Core.Agreements;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Host.Webhooks;

namespace Renewals.Host.Service;

/// <summary>The engine of the service, in a host of its own.</summary>
internal static class EngineHost
{
    /// <summary>How long calls under way are waited for. The longest takes less; what is cut is found out after the next start.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(60);

    /// <summary>Puts it together; nothing runs yet.</summary>
    /// <param name="setup">The settings.</param>
    /// <param name="server">The ledger's database.</param>
    /// <param name="sandbox">Takes the rails' place; null: the accounts of the settings.</param>
    /// <param name="change">Has the last word on the parts; null: nothing is changed.</param>
    public static IHost Build(ServiceSetup setup, LedgerServer server, ServiceSandbox? sandbox, Action<IServiceCollection>? change = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostLifetime, GuestLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopWithin);
        ServiceLogging.Configure(builder.Logging, setup.Configuration);
        builder.Services.AddRenewals(options =>
        {
            options.ConnectionString = server.ConnectionString;
            options.Environment = setup.Sandbox ? "sandbox" : setup.Settings.Environment ?? options.Environment;
            options.AppliesSchema = setup.Settings.Schema switch
            {
                { } said => said == SchemaAtStart.Apply,
                null => server.IsEmbedded || options.Environment != "production",
            };
            (options.StateFolder, options.FilesBorn) = (server.StateFolder, server.FilesBorn);
            options.TraceRatio = setup.Settings.Telemetry.TraceRatio;
            server.Vault.CopyTo(options.Vault);
            setup.Configuration.GetSection($"{ServiceSettings.Section}:{nameof(ServiceSettings.Engine)}").Bind(options.Engine);
            setup.Configuration.GetSection($"{ServiceSettings.Section}:{nameof(ServiceSettings.Audit)}").Bind(options.Audit);
            foreach (var plan in setup.Plans)
                options.Plans.Add(plan);
            foreach (var coupon in OfferReader.Coupons(setup.Settings.Coupons, setup.Plans))
                options.Coupons.Add(coupon);
        });
        foreach (var account in setup.Accounts)
            account.AddTo(builder.Services);
        sandbox?.AddTo(builder.Services);
        AddNotifier(builder.Services, setup.Notifier);
        WebhookWorker.AddTo(builder.Services, setup.Webhooks);
        change?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>Prepares the ledger and sees that its vault opens, before anything is claimed.</summary>
    /// <exception cref="LedgerUnavailableException">The database cannot be used.</exception>
    /// <exception cref="CannotRunException">The vault was written with other keys.</exception>
    public static async Task PrepareAsync(IServiceProvider engine, string connectionString, CancellationToken cancellation)
    {
        var ledger = engine.GetRequiredService<LedgerDatabase>();
        await ledger.PrepareAsync(cancellation);
        try
        {
            await ledger.Vault.GetAsync(await OneOfEachKeyAsync(connectionString, cancellation), cancellation);
        }
        catch (CryptographicException e)
        {
            throw new CannotRunException(
                $"The vault was written with another key than those given here: {e.Message} " +
                "Put that key back (Renewals:Vault:Keys, or the file vault-key in the data folder).", e);
        }
    }

    private static void AddNotifier(IServiceCollection services, WebhookAddress? address)
    {
        if (address is null)
        {
            services.AddSingleton<INotifier, LoggingNotifier>();
            return;
        }

        // The pipeline of the framework would log addresses, and an address may hold a secret.
        services.AddHttpClient(nameof(WebhookNotifier), client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            .RemoveAllLoggers();
        services.AddSingleton(address).AddSingleton<INotifier, WebhookNotifier>();
    }

    private static async Task<IReadOnlyCollection<AgreementId>> OneOfEachKeyAsync(string connectionString, CancellationToken cancellation)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand($"select min(agreement_id::text)::uuid from {VaultTable.Name} group by key_name");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<AgreementId> ids = [];
        while (await reader.ReadAsync(cancellation))
            ids.Add(new(reader.GetGuid(0)));
        return ids;
    }
}

/// <summary>How the service logs: one line for each entry, on the standard output, in UTC.</summary>
/// <remarks>Under systemd the line begins with its priority instead of a time, which the journal knows; as a Windows service warnings also go to the event log.</remarks>
internal static class ServiceLogging
{
    /// <summary>Sets it up; the section <c>Logging</c> of the settings has the last word on levels.</summary>
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning)
            .AddFilter("Marten", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning)
            .AddConfiguration(configuration.GetSection("Logging"));
        if (OperatingSystem.IsWindows() && WindowsServiceHelpers.IsWindowsService())
            logging.AddEventLog(new EventLogSettings { SourceName = ServiceManager.Name });
        if (SystemdHelpers.IsSystemdService())
        {
            logging.AddSystemdConsole();
            return;
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
    }
}
