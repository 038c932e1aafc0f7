using Renewals.Core.Engine;
using Renewals.Host.Callbacks;

namespace Renewals.Host.Service;

/// <summary>One run of the service: the parts start in an order in which a fault leaves no trace, and stop in the other.</summary>
internal sealed class ServiceRun(ServiceSetup setup, TextWriter output)
{
    private FrontDoor? door;
    private ServiceSandbox? sandbox;
    private LedgerServer? ledger;
    private IHost? engine;

    /// <summary>Starts it, and says where everything is.</summary>
    /// <exception cref="CannotRunException">A part could not start.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await StartPartsAsync(cancellation);
        await SayAsync(cancellation);
    }

    /// <summary>Waits until it is cancelled.</summary>
    /// <exception cref="CannotRunException">A part ended by itself.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = engine!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(ended.SetResult);
        var first = await Task.WhenAny(ended.Task, ledger!.Stopped).WaitAsync(cancellation);
        throw new CannotRunException(first == ended.Task
            ? "A part of the engine ended by itself; the log says which and why. Start the service again."
            : "The embedded database server ended by itself; start the service again.");
    }

    /// <summary>Stops what was started, also after a start that failed.</summary>
    /// <remarks>Claiming stops first and calls under way finish; meanwhile callbacks are still taken; the database goes last.</remarks>
    public async Task StopAsync()
    {
        if (engine is not null)
            await StopEngineAsync(engine);
        if (door is not null)
            await door.DisposeAsync();
        engine?.Dispose();
        if (sandbox is not null)
            await sandbox.DisposeAsync();
        if (ledger is not null)
            await ledger.DisposeAsync();
    }

    private async Task StartPartsAsync(CancellationToken cancellation)
    {
        door = await FrontDoor.StartAsync(
            SettingsReader.Urls(setup.Settings), setup.Settings.Engine.MaxCallbackBytes, setup.Access,
            logging => ServiceLogging.Configure(logging, setup.Configuration), cancellation, setup.Settings.Dashboard, setup.Telemetry);

        // Keys of the sandbox and a database server take their time; neither waits for the other.
        var simulated = setup.Sandbox ? Task.Run(() => ServiceSandbox.StartAsync(door.Address, cancellation), cancellation) : null;
        try
        {
            ledger = await LedgerServer.StartAsync(setup, output.WriteLine, cancellation);
        }
        finally
        {
            sandbox = simulated is null ? null : await simulated;
        }

        engine = EngineHost.Build(setup, ledger, sandbox);
        await EngineHost.PrepareAsync(engine.Services, ledger.ConnectionString, cancellation);
        await engine.StartAsync(cancellation);
        door.Open(engine.Services);
        if (ledger.IsThrownAway)
            sandbox?.Open(engine.Services);
    }

    private async Task SayAsync(CancellationToken cancellation)
    {
        await output.WriteLineAsync("Renewals is running.");
        await output.WriteLineAsync($"  health     {new Uri(door!.Address, "/health/live")}");
        await output.WriteLineAsync($"  api        {new Uri(door.Address, Api.ApiEndpoints.Root)}{(setup.Access.IsLocalOnly ? " (this machine only: no key is configured)" : "")}");
        await output.WriteLineAsync($"  dashboard  {door.Address}");
        foreach (var account in engine!.Services.GetRequiredService<RegisteredGateways>().Accounts)
            await output.WriteLineAsync($"  callbacks  {new Uri(door.Address, CallbackEndpoint.PathOf(account))}");
        await output.WriteLineAsync($"  database   {ledger!.Place}");
        if (engine.Services.GetRequiredService<IFreeze>().Known is { } frozen)
            await output.WriteLineAsync($"  FROZEN     since {frozen.At}: {frozen.Why}. Nothing is charged until `renewals adopt --reconcile` (docs/operations.md)");
        if (sandbox is not null)
        {
            await output.WriteLineAsync($"  sandbox    {sandbox.Address} (no money moves; its keys open nothing else)");
            if (ledger.IsThrownAway)
                await output.WriteLineAsync($"  calendar   {sandbox.Calendar} (POST days=31: lets a month pass)");
        }

        await output.WriteLineAsync($"  plans      {string.Join(", ", setup.Plans.Select(plan => plan.Id))}");
        await output.FlushAsync(cancellation);
    }

    private static async Task StopEngineAsync(IHost engine)
    {
        try
        {
            await engine.StopAsync(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // Calls took longer than the time they are given; their orders are asked for after the next start.
        }
    }
}
