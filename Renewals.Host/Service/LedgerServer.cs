using Npgsql;
using Renewals.Core.Ledger;
using Renewals.Host.Postgres;

namespace Renewals.Host.Service;

/// <summary>The ledger's database with the keys of its vault: a server of the merchant's own, or the embedded one.</summary>
internal sealed class LedgerServer : IAsyncDisposable
{
    private readonly EmbeddedPostgres? embedded;

    private LedgerServer(string connectionString, VaultKeys vault, string place, string? stateFolder, EmbeddedPostgres? embedded) =>
        (ConnectionString, Vault, Place, StateFolder, this.embedded) = (connectionString, vault, place, stateFolder, embedded);

    public string ConnectionString { get; }

    public VaultKeys Vault { get; }

    /// <summary>Where the data is, for people.</summary>
    public string Place { get; }

    /// <summary>Where this host keeps the last event it has seen; null: what is thrown away at the end cannot be restored.</summary>
    public string? StateFolder { get; }

    /// <summary>Whether it is the embedded server; otherwise it is the merchant's own.</summary>
    public bool IsEmbedded => embedded is not null;

    /// <summary>Whether the data goes with this process.</summary>
    public bool IsThrownAway => IsEmbedded && StateFolder is null;

    /// <summary>When the embedded server's files were made on this disk; null: the server is the merchant's own.</summary>
    public string? FilesBorn => embedded?.FilesBorn;

    /// <summary>Ends when the embedded server has ended.</summary>
    public Task Stopped => embedded?.Stopped ?? Task.Delay(Timeout.InfiniteTimeSpan);

    /// <summary>Starts it, where it is ours to start.</summary>
    /// <param name="setup">The settings.</param>
    /// <param name="say">Told what a person must know.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PostgresStartException">The embedded server did not start.</exception>
    public static async Task<LedgerServer> StartAsync(ServiceSetup setup, Action<string> say, CancellationToken cancellation)
    {
        var settings = setup.Settings;
        if (settings.ConnectionString is { Length: > 0 } connection)
        {
            var server = new NpgsqlConnectionStringBuilder(connection);
            return new LedgerServer(connection, setup.Vault!, $"{server.Database ?? server.Username} at {server.Host}:{server.Port}", StateFolderOf(settings, null), null);
        }

        // A sandbox forgets its members at its end, so by default the ledger does too.
        var folder = settings.DataFolder is { Length: > 0 } named ? Path.GetFullPath(named) : setup.Sandbox ? null : DataFolders.Standard();
        var embedded = await StartEmbeddedAsync(settings, folder, cancellation);
        try
        {
            connection = embedded.ConnectionString("postgres");
            var vault = folder is null ? setup.Vault ?? VaultKeys.ThrowAway() : await KeysAsync(setup.Vault, folder, connection, say, cancellation);
            return new LedgerServer(
                connection, vault, folder ?? $"{embedded.DataFolder} (thrown away at the end)", folder is null ? null : StateFolderOf(settings, folder), embedded);
        }
        catch
        {
            await embedded.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string StateFolderOf(ServiceSettings settings, string? data) =>
        settings.StateFolder is { Length: > 0 } named ? Path.GetFullPath(named) : DataFolders.State(data);

    private static async Task<VaultKeys> KeysAsync(
        VaultKeys? configured, string folder, string connection, Action<string> say, CancellationToken cancellation)
    {
        // A new key beside agreements that were written with another would hide the loss until the first renewal.
        if (configured is null && !VaultKeys.IsIn(folder) && await HoldsAgreementsAsync(connection, cancellation))
        {
            throw new CannotRunException(
                $"The data folder {folder} holds agreements but not their key: put its file vault-key back, or configure the key under Renewals:Vault:Keys.");
        }

        return VaultKeys.InFolder(configured, folder, path => say(
            $"A new vault key was written to {path}. Keep a copy of it elsewhere: without it the stored agreements cannot be read."));
    }

    private static async Task<bool> HoldsAgreementsAsync(string connection, CancellationToken cancellation)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var known = database.CreateCommand($"select to_regclass('{VaultTable.Name}') is not null");
        if (await known.ExecuteScalarAsync(cancellation) is not true)
            return false;
        await using var used = database.CreateCommand($"select exists (select from {VaultTable.Name})");
        return await used.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task<EmbeddedPostgres> StartEmbeddedAsync(ServiceSettings settings, string? folder, CancellationToken cancellation)
    {
        var options = new EmbeddedPostgresOptions
        {
            DataFolder = folder, ProgramsFolder = settings.PostgresPrograms is { Length: > 0 } programs ? programs : null,
        };
        try
        {
            return await EmbeddedPostgres.StartAsync(options, cancellation);
        }
        catch (PostgresStartException e)
            when (folder is not null && string.IsNullOrEmpty(settings.DataFolder) && e.InnerException is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException(
                $"The data folder {folder} cannot be written: name another one with --data, or a server with --connection.", e);
        }
    }
}
