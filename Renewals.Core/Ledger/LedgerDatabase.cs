using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NodaTime;
using Npgsql;
using Renewals.Core.Engine;

namespace Renewals.Core.Ledger;

/// <summary>The ledger and the vault of this process, over one database or in memory.</summary>
internal sealed class LedgerDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource? database;
    private readonly DocumentStore? store;

    public LedgerDatabase(IOptions<RenewalsOptions> options, TimeProvider time)
    {
        if (options.Value.InMemory)
        {
            var memory = new InMemoryLedger();
            (Ledger, Stops, Vault) = (memory, memory, new InMemoryVault());
            (Reconciliations, Documents, Orphans) = (new InMemoryReconciliationStore(), new InMemoryKeptDocuments(), new InMemoryOrphanAgreements());
            return;
        }

        var connectionString = Tuned(options.Value.ConnectionString);
        database = NpgsqlDataSource.Create(connectionString);
        store = DocumentStore.For(marten => marten.UseRenewals(connectionString, time));
        (Ledger, Stops) = (new MartenLedger(store, database), new PostgresChargeStops(database));
        var cipher = new VaultCipher(options.Value.Vault);
        Vault = new PostgresVault(database, cipher);
        Reconciliations = new PostgresReconciliationStore(database);
        Documents = new PostgresKeptDocuments(database, cipher);
        Orphans = new PostgresOrphanAgreements(database, cipher);
        Book = new BookRebuild(database);
        Identities = new PostgresLedgerIdentities(database, options.Value.FilesBorn);
    }

    public ISubscriptionLedger Ledger { get; }

    public IChargeStops Stops { get; }

    public IAgreementVault Vault { get; }

    public IReconciliationStore Reconciliations { get; }

    public IKeptDocuments Documents { get; }

    public IOrphanAgreements Orphans { get; }

    /// <summary>Null in memory: there is no book to rebuild.</summary>
    public BookRebuild? Book { get; }

    /// <summary>Null in memory: what ends with the process cannot be copied or restored.</summary>
    public ILedgerIdentities? Identities { get; }

    /// <summary>Reads the database's clock; null in memory: there is none.</summary>
    public Func<CancellationToken, Task<Instant>>? ReadClock => database is null ? null : ReadClockAsync;

    /// <summary>Creates or updates the schema.</summary>
    /// <exception cref="LedgerUnavailableException">The database cannot be reached or refuses.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        if (store is null || database is null)
            return;
        try
        {
            await using (await database.OpenConnectionAsync(cancellation))
            {
            }

            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
            if (Ledger is MartenLedger ledger)
                ledger.AppendsQuickly = await QuickAppend.IsAvailableAsync(database, cancellation);
        }
        catch (Exception e) when (IsOfDatabase(e))
        {
            throw new LedgerUnavailableException(
                $"The database cannot be used: {e.Message.ReplaceLineEndings(" ")} Check {nameof(RenewalsOptions.ConnectionString)}, that the server runs, and that the account may create the schema '{MartenConfiguration.Schema}'.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (store is not null)
            await store.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
    }

    private async Task<Instant> ReadClockAsync(CancellationToken cancellation)
    {
        await using var command = database!.CreateCommand("select clock_timestamp()");
        return Instant.FromDateTimeUtc((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
    }

    // Marten and Weasel wrap what the database says.
    private static bool IsOfDatabase(Exception e) =>
        e is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException || (e.InnerException is { } inner && IsOfDatabase(inner));

    private static string Tuned(string connectionString)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true };
            builder.MaxAutoPrepare = Math.Max(builder.MaxAutoPrepare, 100);
            return builder.ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new LedgerUnavailableException($"{nameof(RenewalsOptions.ConnectionString)} cannot be read: {e.Message.ReplaceLineEndings(" ")} Write it as Host=…;Database=…;Username=….", e);
        }
    }
}

/// <summary>The database cannot be used; the message says what to look at.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Prepares the schema, takes the database's time and sees that the ledger is the one it was, before anything else of the host starts.</summary>
internal sealed class LedgerStart(LedgerDatabase database, DatabaseClock clock, IFreeze freeze, PlanCatalogue plans, RegisteredGateways gateways) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Before anything is touched: a plan that the rails here cannot keep is a mistake of the settings.
        if (plans.FaultAt(account => gateways.Find(account)?.Traits) is { } fault)
            throw new OptionsValidationException(nameof(RenewalsOptions), typeof(RenewalsOptions), [fault]);
        await database.PrepareAsync(cancellationToken);
        await clock.MeasureAsync(cancellationToken);
        await freeze.StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The last to stop: what the others have stored until now was seen by this host.
    public Task StoppedAsync(CancellationToken cancellationToken) => freeze.StopAsync(cancellationToken);
}
