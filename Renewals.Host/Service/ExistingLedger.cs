using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Npgsql;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Postgres;

namespace Renewals.Host.Service;

/// <summary>A ledger that is there already, opened for a look or a repair; never made.</summary>
internal sealed class ExistingLedger : IAsyncDisposable
{
    private readonly EmbeddedPostgres? embedded;
    private readonly NpgsqlDataSource database;

    private ExistingLedger(EmbeddedPostgres? embedded, string connectionString)
    {
        this.embedded = embedded;
        database = NpgsqlDataSource.Create(connectionString);
    }

    /// <summary>Its book.</summary>
    public BookRebuild Book => new(database);

    /// <summary>Finds memberships in it.</summary>
    public MembershipList Memberships => new(new PostgresBookLists(database));

    /// <summary>Everything that happened to a membership, in order; empty: there is none.</summary>
    public Task<IReadOnlyList<SubscriptionEvent>> HistoryAsync(SubscriptionId id, CancellationToken cancellation) => new EventReader(database).ReadStreamAsync(id, cancellation);

    /// <summary>How it stands now.</summary>
    public async Task<LedgerStatus> StatusAsync(CancellationToken cancellation)
    {
        var stops = await (await FusesAsync(cancellation)).ListAsync(all: false, cancellation);
        var now = await ReadClockAsync(cancellation);
        return new(now, await new BookOverview(database).CountAsync(now, cancellation), stops);
    }

    /// <summary>Compares its book with its streams.</summary>
    public Task<BookVerification> VerifyAsync(IProgress<long> progress, CancellationToken cancellation) => new BookVerifier(database).CompareAsync(progress, cancellation);

    /// <summary>Its fuses and holds, on the database's clock.</summary>
    /// <exception cref="CannotRunException">It was made before there were any.</exception>
    public async Task<FuseBox> FusesAsync(CancellationToken cancellation)
    {
        await using (var command = database.CreateCommand($"select to_regclass('{FuseTables.Stops}') is not null"))
        {
            if (await command.ExecuteScalarAsync(cancellation) is not true)
                throw new CannotRunException("This ledger has no fuses yet: start the service of this version once, it adds what is missing.");
        }

        var clock = new DatabaseClock(TimeProvider.System, ReadClockAsync, NullLogger<DatabaseClock>.Instance);
        await clock.MeasureAsync(cancellation);
        return new(new PostgresChargeStops(database), new EngineClock(TimeProvider.System) { Database = clock }, NullLogger<FuseBox>.Instance);
    }

    /// <summary>Opens it.</summary>
    /// <param name="connection">A server of the merchant's own; null: <paramref name="data"/>.</param>
    /// <param name="data">The embedded server's data folder.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CannotRunException">There is no ledger.</exception>
    /// <exception cref="PostgresStartException">The embedded server did not start.</exception>
    public static async Task<ExistingLedger> OpenAsync(string? connection, string? data, CancellationToken cancellation)
    {
        if (connection is not null)
            SettingsReader.CheckConnection(connection);
        else if (!Directory.Exists(Path.Combine(data!, "data")))
            throw new CannotRunException($"There is no ledger in {Path.GetFullPath(data!)}: name the folder that the service was given.");
        var embedded = connection is null ? await EmbeddedPostgres.StartAsync(new() { DataFolder = data }, cancellation) : null;
        var ledger = new ExistingLedger(embedded, connection ?? embedded!.ConnectionString("postgres"));
        try
        {
            await ledger.RequireAsync(cancellation);
            return ledger;
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        if (embedded is not null)
            await embedded.DisposeAsync();
    }

    private async Task<Instant> ReadClockAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select clock_timestamp()");
        return Instant.FromDateTimeUtc((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
    }

    private async Task RequireAsync(CancellationToken cancellation)
    {
        try
        {
            await using var command = database.CreateCommand(
                $"select to_regclass('{BookTable.Name}') is not null and to_regclass('{MartenConfiguration.Schema}.mt_events') is not null");
            if (await command.ExecuteScalarAsync(cancellation) is not true)
                throw new CannotRunException("There is no ledger of Renewals in this database: check its name in the connection string.");
        }
        catch (NpgsqlException e)
        {
            throw new LedgerUnavailableException(
                $"The database cannot be used: {e.Message.ReplaceLineEndings(" ")} Check the connection string and that the server runs.", e);
        }
    }
}
