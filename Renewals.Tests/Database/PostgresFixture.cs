using Microsoft.Extensions.Options;
using Npgsql;
using Renewals.Core;
using Renewals.Core.Ledger;
using Renewals.Host.Postgres;

namespace Renewals.Tests.Database;

/// <summary>One throw-away server for the whole test run, with a template that has the schema: a new database is a copy of it.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private const string Template = "renewals_template";

    private static readonly SemaphoreSlim OneAtATime = new(1);
    private EmbeddedPostgres? server;
    private int databases;

    /// <summary>The options every test database is opened with.</summary>
    internal static RenewalsOptions OptionsFor(string connectionString)
    {
        var options = new RenewalsOptions { ConnectionString = connectionString };
        options.Vault.CurrentKey = "k1";
        options.Vault.Keys["k1"] = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        return options;
    }

    internal static LedgerDatabase Open(string connectionString, TimeProvider? time = null) =>
        new(Options.Create(OptionsFor(connectionString)), time ?? TimeProvider.System);

    /// <summary>Creates a database of its own for the caller and returns its connection string. Safe to call from anywhere at once.</summary>
    public Task<string> CreateDatabaseAsync(bool prepared = true) => CreateFromAsync(prepared ? Template : null);

    /// <summary>Creates a copy of a database that nobody is connected to.</summary>
    public Task<string> CopyDatabaseAsync(string connectionString) => CreateFromAsync(new NpgsqlConnectionStringBuilder(connectionString).Database);

    /// <summary>The address of a database that does not exist.</summary>
    public string ConnectionStringOfNoDatabase() => server!.ConnectionString("no_such_database");

    public async Task InitializeAsync()
    {
        server = await EmbeddedPostgres.StartAsync(new() { Durable = false, MaxConnections = 200 }, default);
        var template = await server.CreateDatabaseAsync(Template, null, default) + ";Pooling=false";
        await using var database = Open(template);
        await database.PrepareAsync(default);
    }

    public async Task DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    private async Task<string> CreateFromAsync(string? template)
    {
        var name = $"test_{Interlocked.Increment(ref databases)}";

        // PostgreSQL copies a template only while nobody else is at it.
        await OneAtATime.WaitAsync();
        try
        {
            return await server!.CreateDatabaseAsync(name, template, default) + ";Maximum Pool Size=12";
        }
        finally
        {
            OneAtATime.Release();
        }
    }
}

/// <summary>Everything that shares <see cref="PostgresFixture"/>.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "postgres";
}
