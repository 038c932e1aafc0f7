using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>Serves any number of rails on one loopback port, and <see cref="SandboxControl"/> beside them.</summary>
internal sealed class SandboxServer : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private readonly SandboxWeather weather = new();
    private readonly CancellationTokenSource ending = new();
    private LoopbackServer? server;
    private Task driving = Task.CompletedTask;
    private Action<IEndpointRouteBuilder>? more;

    private SandboxServer(SandboxBank bank, IReadOnlyList<ISandboxRail> rails) => (Bank, Rails) = (bank, rails);

    /// <summary>The bank behind all rails.</summary>
    public SandboxBank Bank { get; }

    /// <summary>The rails.</summary>
    public IReadOnlyList<ISandboxRail> Rails { get; }

    /// <summary>Where all of it listens.</summary>
    public Uri Address => server!.Address;

    /// <summary>When a rail next has something to do; null: none has.</summary>
    public Instant? NextDue => Rails.Select(rail => rail.NextDue).Min();

    /// <summary>Starts listening. The rails are disposed of with the server, also when it cannot start.</summary>
    /// <param name="port">TCP port on the loopback address; 0 takes a free one.</param>
    /// <param name="bank">The bank the rails share.</param>
    /// <param name="rails">What is served; one of a kind.</param>
    /// <param name="selfDriven">True: what is due is done every 200 ms of real time. False: only in <see cref="RunDueAsync"/>.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <param name="more">Adds routes of its own; null: none.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SandboxServer> StartAsync(
        int port, SandboxBank bank, IReadOnlyList<ISandboxRail> rails, bool selfDriven, CancellationToken cancellation, Action<IEndpointRouteBuilder>? more = null)
    {
        var sandbox = new SandboxServer(bank, rails) { more = more };
        try
        {
            sandbox.server = await LoopbackServer.StartAsync(port, sandbox.Map, cancellation);
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }

        if (selfDriven)
            sandbox.driving = sandbox.DriveAsync();
        return sandbox;
    }

    /// <summary>Does what is due on every rail, also what becomes due by it.</summary>
    /// <returns>How many items it did.</returns>
    public async Task<int> RunDueAsync(CancellationToken cancellation)
    {
        var done = 0;
        foreach (var rail in Rails)
            done += await rail.RunDueAsync(cancellation);
        return done;
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await driving;
        if (server is not null)
            await server.DisposeAsync();
        foreach (var rail in Rails)
            await rail.DisposeAsync();
        ending.Dispose();
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        foreach (var rail in Rails)
        {
            var group = routes.MapGroup("");
            weather.Cover(group, rail.Account.Rail);
            rail.Map(group, () => Address);
        }

        new SandboxControl(this, weather).Map(routes);
        more?.Invoke(routes);
    }

    private async Task DriveAsync()
    {
        using var beat = new PeriodicTimer(Beat, TimeProvider.System);
        try
        {
            while (await beat.WaitForNextTickAsync(ending.Token))
                await RunDueAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The sandbox is being disposed.
        }
    }
}
