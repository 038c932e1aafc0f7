using System.Diagnostics;
using Npgsql;

namespace Renewals.Host.Postgres;

/// <summary>A private PostgreSQL server that lives as long as this object, and never longer than this process.</summary>
/// <remarks>
/// It is run from the installed programs. It listens on a Unix socket in a folder only its own account (and root) can enter, on no
/// network port, and therefore asks for no password. Any number of them run side by side. Not for Windows: pass a connection
/// string there.
/// </remarks>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    internal const string UserName = "postgres";

    // Part of the socket's name only.
    internal const int Port = 5432;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly EmbeddedPostgresOptions options;
    private readonly RunFolder run;
    private readonly PersistentFolder? persistent;
    private GuardedProcess? server;
    private int disposed;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, RunFolder run, PersistentFolder? persistent) =>
        (this.options, this.run, this.persistent) = (options, run, persistent);

    /// <summary>The server's data folder. Thrown away at the end unless the options name a folder.</summary>
    public string DataFolder => persistent?.Data ?? run.Data;

    /// <summary>When this copy of the data folder was made on this disk; a folder that was copied, or put back from a copy, has another time. Null: not known.</summary>
    public string? FilesBorn => FileBirth.Of(Path.Combine(DataFolder, "PG_VERSION"));

    /// <summary>Ends when the server's processes have ended, by <see cref="DisposeAsync"/> or by themselves.</summary>
    public Task Stopped => server?.Exited ?? Task.CompletedTask;

    /// <summary>Starts a server and returns once it has answered a query.</summary>
    /// <exception cref="PostgresStartException">It did not start; the message says what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OperatingSystem.IsWindows())
            throw new PostgresStartException("The embedded PostgreSQL does not run on Windows: pass a connection string.");
        var programs = await PostgresPrograms.FindAsync(options.ProgramsFolder, ct);
        var account = ServerAccount.ForServer();
        var area = await TemporaryArea.OpenAsync(account, ct);
        await RunFolder.SweepAsync(area, ct);
        // The folder is opened before the run's: a refused start leaves nothing behind.
        var persistent = options.DataFolder is { } folder ? await PersistentFolder.OpenAsync(folder, programs, account, ct) : null;
        EmbeddedPostgres? started = null;
        try
        {
            started = new EmbeddedPostgres(options, await RunFolder.CreateAsync(area, account, ct), persistent);
            if (persistent is null)
                await started.LaunchThrowAwayAsync(programs, account, area, ct);
            else
                await started.LaunchAsync(programs, account, ct);
            return started;
        }
        catch
        {
            if (started is null)
                persistent?.Dispose();
            else
                await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string of one of the server's databases.</summary>
    public string ConnectionString(string database) => Connect(database).ConnectionString;

    /// <summary>Creates a database, as a copy of another when one is named, and returns its connection string.</summary>
    /// <remarks>PostgreSQL copies a database only while nobody is connected to it.</remarks>
    public async Task<string> CreateDatabaseAsync(string name, string? template, CancellationToken ct)
    {
        var copied = template is null ? "" : $" template {Quoted(template)}";
        await ExecuteAsync($"create database {Quoted(name)}{copied}", ct);
        return ConnectionString(name);
    }

    /// <summary>Stops the server without waiting for its clients, and removes the data unless the options name a folder for it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        if (server is not null)
            await server.DisposeAsync();
        await run.DisposeAsync();
        persistent?.Dispose();
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private NpgsqlConnectionStringBuilder Connect(string database) => new()
    {
        Host = run.Sockets,
        Port = Port,
        Username = UserName,
        Database = database,
        MaxAutoPrepare = 100,
        NoResetOnClose = true,
        MaxPoolSize = options.MaxPoolSize,
        IncludeErrorDetail = false,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };

    private async Task LaunchThrowAwayAsync(PostgresPrograms programs, ServerAccount account, TemporaryArea area, CancellationToken ct)
    {
        var maker = new ClusterMaker(programs, account);
        if (await maker.TryCopyTemplateAsync(area, run, ct))
        {
            try
            {
                await LaunchAsync(programs, account, ct);
                return;
            }
            catch (PostgresStartException)
            {
                // The template may have suffered, from a cleaner of the temporary area or a power cut. One more try without it tells.
                await server!.DisposeAsync();
                server = null;
            }
        }

        await run.RemoveDataAsync(ct);
        await maker.InitialiseAsync(run.Data, kept: false, ct);
        await LaunchAsync(programs, account, ct);
        await maker.DiscardTemplateAsync(area, ct);
    }

    private async Task LaunchAsync(PostgresPrograms programs, ServerAccount account, CancellationToken ct)
    {
        server = GuardedProcess.StartServer(account, [programs.Postgres, .. options.ServerArguments(DataFolder, run.Sockets)]);
        var socket = Path.Combine(run.Sockets, $".s.PGSQL.{Port}");
        var waited = Stopwatch.StartNew();
        Exception? refusal = null;
        while (waited.Elapsed < options.StartTimeout)
        {
            if (server.Exited.IsCompleted)
                throw PostgresStartException.WithLog("The PostgreSQL server ended at its start; its last words say why:", server.Log);
            // Most of the waiting is for the socket; asking for a file is cheaper than a refused connection.
            if (File.Exists(socket))
            {
                refusal = await TryQueryAsync(ct);
                if (refusal is null)
                    return;
            }

            await Task.Delay(PollInterval, ct);
        }

        throw PostgresStartException.WithLog(
            $"The PostgreSQL server gave no answer within {options.StartTimeout.TotalSeconds:0.#} seconds; its last words:",
            server.Log, refusal);
    }

    private async Task<Exception?> TryQueryAsync(CancellationToken ct)
    {
        try
        {
            await ExecuteAsync("select 1", ct);
            return null;
        }
        catch (NpgsqlException refusal)
        {
            return refusal;
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        // Outside the pool: a connection that stays open would be in the way of copying its database.
        var connect = Connect(UserName);
        connect.Pooling = false;
        await using var connection = new NpgsqlConnection(connect.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
