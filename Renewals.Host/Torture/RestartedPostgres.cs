using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Renewals.Host.Postgres;

namespace Renewals.Host.Torture;

/// <summary>A durable PostgreSQL server that is restarted under its clients.</summary>
internal sealed class RestartedPostgres : IAsyncDisposable
{
    private readonly string folder;
    private EmbeddedPostgres server;

    private RestartedPostgres(string folder, EmbeddedPostgres server) => (this.folder, this.server) = (folder, server);

    /// <summary>Where it listens now.</summary>
    public EndPoint Place
    {
        get
        {
            var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres"));
            return new UnixDomainSocketEndPoint(Path.Combine(settings.Host!, $".s.PGSQL.{settings.Port}"));
        }
    }

    public static async Task<RestartedPostgres> StartAsync(string folder, CancellationToken cancellation) =>
        new(folder, await LaunchAsync(folder, cancellation));

    /// <summary>Stops the server at once, as an operator does (fast) or as a crash does (immediate: it recovers at its next start), and starts it again.</summary>
    public async Task RestartAsync(bool crash, CancellationToken cancellation)
    {
        if (crash)
            await CrashAsync(cancellation);
        await server.DisposeAsync();
        server = await LaunchAsync(folder, cancellation);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static Task<EmbeddedPostgres> LaunchAsync(string folder, CancellationToken cancellation) =>
        EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder }, cancellation);

    private async Task CrashAsync(CancellationToken cancellation)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(server.DataFolder, "postmaster.pid"), cancellation);
        using var kill = Process.Start("kill", ["-QUIT", lines[0]]);
        await kill.WaitForExitAsync(cancellation);
        await server.Stopped.WaitAsync(cancellation);
    }
}
