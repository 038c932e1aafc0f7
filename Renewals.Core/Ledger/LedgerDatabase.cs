using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

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
            (Ledger, Vault) = (new InMemoryLedger(), new InMemoryVault());
            return;
        }

        var connectionString = Tuned(options.Value.ConnectionString);
        database = NpgsqlDataSource.Create(connectionString);
        store = DocumentStore.For(marten => marten.UseRenewals(connectionString, time));
        Ledger = new MartenLedger(store, database);
        Vault = new PostgresVault(database, new VaultCipher(options.Value.Vault));
        Book = new BookRebuild(database);
    }

    public ISubscriptionLedger Ledger { get; }

    public IAgreementVault Vault { get; }

    /// <summary>Null in memory: there is no book to rebuild.</summary>
    public BookRebuild? Book { get; }

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
        catch (Exception e) when (e is NpgsqlException or System.Net.Sockets.SocketException)
        {
            throw new LedgerUnavailableException(
                $"The database cannot be used: {e.Message.ReplaceLineEndings(" ")} Check the connection string, that the server runs, and that the account may create the schema '{MartenConfiguration.Schema}'.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (store is not null)
            await store.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
    }

    private static string Tuned(string connectionString)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true };
            builder.MaxAutoPrepare = Math.Max(builder.MaxAutoPrepare, 100);
            return builder.ConnectionString;
        }
        catch (ArgumentException e)
        {
            throw new LedgerUnavailableException($"The connection string cannot be read: {e.Message} Write it as Host=…;Database=…;Username=….", e);
        }
    }
}

/// <summary>The database cannot be used; the message says what to look at.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Prepares the schema before anything else of the host starts.</summary>
internal sealed class LedgerStart(LedgerDatabase database) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => database.PrepareAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
