using JasperFx;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NodaTime;
using Npgsql;
using Renewals.Core.Engine;
using Weasel.Core;

namespace Renewals.Core.Ledger;

/// <summary>The ledger and the vault of this process, over one database or in memory.</summary>
internal sealed class LedgerDatabase : IAsyncDisposable
{
    // One looks whether the ledger is frozen, one reads the clock.
    private const int ConnectionsAside = 2;

    private readonly NpgsqlDataSource? database;

    // Who looks holds rows already: from the same pool, all connections could be held by those who wait for one.
    private readonly NpgsqlDataSource? aside;
    private readonly DocumentStore? store;
    private readonly bool appliesSchema;

    public LedgerDatabase(IOptions<RenewalsOptions> options, TimeProvider time)
    {
        if (options.Value.InMemory)
        {
            var (memory, vault, documents) = (new InMemoryLedger(), new InMemoryVault(), new InMemoryKeptDocuments());
            (Ledger, Stops, Vault, Lists) = (memory, memory, vault, memory);
            (Reconciliations, Documents, Orphans) = (new InMemoryReconciliationStore(), documents, new InMemoryOrphanAgreements());
            var moves = new InMemoryMoves();
            (Plans, Erasures, Moves) = (new InMemoryPlanRecords(), new InMemoryErasures(vault, documents, moves), moves);
            (Answers, Feed, Webhooks) = (new InMemoryKeptAnswers(), memory, new InMemoryWebhookStore(memory));
            return;
        }

        appliesSchema = options.Value.AppliesSchema;
        var connectionString = Tuned(options.Value.ConnectionString);
        database = NpgsqlDataSource.Create(connectionString);
        aside = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MinPoolSize = 0, MaxPoolSize = ConnectionsAside }.ConnectionString);
        store = DocumentStore.For(marten => marten.UseRenewals(connectionString, time));
        (Ledger, Stops, Lists) = (new MartenLedger(store, database), new PostgresChargeStops(database), new PostgresBookLists(database));
        var cipher = new VaultCipher(options.Value.Vault);
        Vault = new PostgresVault(database, cipher);
        Reconciliations = new PostgresReconciliationStore(database);
        Documents = new PostgresKeptDocuments(database, cipher);
        Orphans = new PostgresOrphanAgreements(database, cipher);
        (Plans, Erasures) = (new PostgresPlanRecords(database), new PostgresErasures(database, cipher));
        Moves = new PostgresMoves(database, cipher);
        Answers = new PostgresKeptAnswers(database, cipher);
        (Feed, Webhooks) = (new PostgresEventFeed(database), new PostgresWebhookStore(database));
        Book = new BookRebuild(database);
        Identities = new PostgresLedgerIdentities(aside, options.Value.FilesBorn);
        GuardsStops = new PostgresChargeStops(aside);
    }

    public ISubscriptionLedger Ledger { get; }

    public IChargeStops Stops { get; }

    public IBookLists Lists { get; }

    public IAgreementVault Vault { get; }

    public IReconciliationStore Reconciliations { get; }

    public IKeptDocuments Documents { get; }

    public IOrphanAgreements Orphans { get; }

    public IPlanRecords Plans { get; }

    public IErasures Erasures { get; }

    public IMoves Moves { get; }

    public IKeptAnswers Answers { get; }

    public IEventFeed Feed { get; }

    public IWebhookStore Webhooks { get; }

    /// <summary>Null in memory: there is no book to rebuild.</summary>
    public BookRebuild? Book { get; }

    /// <summary>Null in memory: what ends with the process cannot be copied or restored.</summary>
    public ILedgerIdentities? Identities { get; }

    /// <summary>The stops, for the guard of the ledger's identity: whoever holds rows may wait for it. Null in memory.</summary>
    public IChargeStops? GuardsStops { get; }

    /// <summary>Reads the database's clock; null in memory: there is none.</summary>
    public Func<CancellationToken, Task<Instant>>? ReadClock => database is null ? null : ReadClockAsync;

    /// <summary>Sees that the schema is as this version wants it: makes it so, or refuses, as the options say.</summary>
    /// <exception cref="LedgerUnavailableException">The database cannot be reached or refuses, or its schema is another and may not be changed here.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        if (store is null || database is null)
            return;
        if (await MigrateAsync(appliesSchema, cancellation) is { IsNeeded: true } && !appliesSchema)
        {
            throw new LedgerUnavailableException(
                "The database's schema is not the one this version wants, and it is not to be changed by a start: run the migration first (the command " +
                $"migrate), or set {nameof(RenewalsOptions.AppliesSchema)}, in the service's settings Renewals:Schema, to apply it.");
        }

        if (Ledger is MartenLedger ledger)
            ledger.AppendsQuickly = await QuickAppend.IsAvailableAsync(database, cancellation);
    }

    /// <summary>Compares the schema with what this version wants.</summary>
    /// <param name="apply">Whether to change it where it differs.</param>
    /// <param name="cancellation">Gives up; nothing is half changed: it is one transaction.</param>
    /// <returns>What was, or is to be, changed; null in memory: there is no schema.</returns>
    /// <exception cref="LedgerUnavailableException">The database cannot be reached or refuses.</exception>
    public async Task<SchemaChange?> MigrateAsync(bool apply, CancellationToken cancellation)
    {
        if (store is null || database is null)
            return null;
        try
        {
            await using (await database.OpenConnectionAsync(cancellation))
            {
            }

            var migration = await store.Storage.Database.CreateMigrationAsync(cancellation);
            using var sql = new StringWriter();
            if (migration.Difference != SchemaPatchDifference.None)
                migration.WriteAllUpdates(sql, store.Storage.Database.Migrator, AutoCreate.CreateOrUpdate);
            if (apply && migration.Difference != SchemaPatchDifference.None)
                await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
            return new(migration.Difference != SchemaPatchDifference.None, $"{sql}");
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
        if (aside is not null)
            await aside.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
    }

    private async Task<Instant> ReadClockAsync(CancellationToken cancellation)
    {
        await using var command = aside!.CreateCommand("select clock_timestamp()");
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

/// <summary>What has to be done to a database's schema.</summary>
/// <param name="IsNeeded">False: it is as this version wants it.</param>
/// <param name="Sql">The statements; empty where none are needed.</param>
internal sealed record SchemaChange(bool IsNeeded, string Sql);

/// <summary>The database cannot be used; the message says what to look at.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Prepares the schema, takes the database's time and sees that the ledger is the one it was, before anything else of the host starts.</summary>
internal sealed class LedgerStart(
    LedgerDatabase database, DatabaseClock clock, IFreeze freeze, PlanCatalogue plans, PlanPublisher publisher, RegisteredGateways gateways) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Before anything is touched: a plan that the rails here cannot keep is a mistake of the settings.
        Refuse(plans.FaultAt(account => gateways.Find(account)?.Traits));
        await database.PrepareAsync(cancellationToken);
        await clock.MeasureAsync(cancellationToken);
        await freeze.StartAsync(cancellationToken);

        // What is on record stays for ever: a host that came to the wrong ledger leaves nothing there.
        if (freeze.Known is null)
            Refuse(await publisher.PublishAsync(plans.All, cancellationToken));
    }

    private static void Refuse(string? fault)
    {
        if (fault is not null)
            throw new OptionsValidationException(nameof(RenewalsOptions), typeof(RenewalsOptions), [fault]);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The last to stop: what the others have stored until now was seen by this host.
    public Task StoppedAsync(CancellationToken cancellationToken) => freeze.StopAsync(cancellationToken);
}
