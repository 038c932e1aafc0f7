using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Hosting.WindowsServices;

namespace Renewals.Host.Service;

/// <summary>Runs the service under whoever started it: systemd, Windows' service manager, or a person at a terminal.</summary>
/// <remarks>
/// systemd is told when callbacks and the API are open and when the service stops, and, where the unit asks for it, that the process lives. Windows starts
/// and stops the service by calls of its own. A terminal's signals belong to the command, which cancels.
/// </remarks>
internal static class ServiceManager
{
    /// <summary>What Windows knows the service and its log lines by.</summary>
    public const string Name = "Renewals";

    // Longer than the parts take together, and less than the unit gives (TimeoutStopSec).
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(80);

    /// <summary>Runs the service until it is asked to stop, and stops it in order.</summary>
    /// <param name="make">Reads the settings; under Windows' manager a fault in them can only be said once it waits for the service.</param>
    /// <param name="cancellation">Asks it to stop.</param>
    /// <exception cref="CannotRunException">A setting is wrong, or a part could not start or ended by itself.</exception>
    public static async Task RunAsync(Func<ServiceRun> make, CancellationToken cancellation)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostLifetime, GuestLifetime>().Configure<HostOptions>(options => options.ShutdownTimeout = StopWithin);
        builder.Services.AddSystemd().AddWindowsService(options => options.ServiceName = Name);
        if (SystemdHelpers.IsSystemdService() && LifeSign.Every is not null)
            builder.Services.AddHostedService<LifeSign>();
        builder.Services.AddSingleton(make).AddSingleton<ManagedRun>().AddHostedService(services => services.GetRequiredService<ManagedRun>());
        using var host = builder.Build();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            cancellation, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            await host.StartAsync(stop.Token);
            await host.Services.GetRequiredService<ManagedRun>().WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop, perhaps while starting.
        }
        catch (Exception e)
        {
            TellWindows(host.Services, e);
            throw;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    // Nobody reads the standard error there, and without an exit code its recovery actions do not begin.
    private static void TellWindows(IServiceProvider services, Exception fault)
    {
        if (OperatingSystem.IsWindows() && services.GetRequiredService<IHostLifetime>() is WindowsServiceLifetime service)
        {
            service.ExitCode = 1;
            services.GetRequiredService<ManagedRun>().Say(fault);
        }
    }
}

/// <summary>The service as a part of the host that talks to the manager.</summary>
internal sealed partial class ManagedRun(Func<ServiceRun> make, ILogger<ManagedRun> logger) : IHostedService
{
    private ServiceRun? run;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        run = make();
        return run.StartAsync(cancellationToken);
    }

    /// <summary>Waits until it is asked to stop.</summary>
    /// <inheritdoc cref="ServiceRun.WaitAsync"/>
    public Task WaitAsync(CancellationToken cancellation) => run!.WaitAsync(cancellation);

    // It drains whatever time it was given: its parts have limits of their own.
    public Task StopAsync(CancellationToken cancellationToken) => run?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Says in the manager's log why the service is not there.</summary>
    public void Say(Exception fault) => NotRunning(fault.Message, fault is CannotRunException ? null : fault);

    [LoggerMessage(2003, LogLevel.Critical, "The service could not start, or a part of it ended: {Why}")]
    private partial void NotRunning(string why, Exception? fault);
}

/// <summary>Tells systemd in time that the process lives (<c>WatchdogSec</c>): its threads still take work.</summary>
/// <remarks>A database or a rail that is away is no reason to start the service again, and keeps no sign back.</remarks>
internal sealed class LifeSign(ISystemdNotifier systemd) : BackgroundService
{
    /// <summary>How often: twice in the time after which the process would be given up. Null: nobody waits for a sign of this process.</summary>
    public static TimeSpan? Every { get; } = Read(
        Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), Environment.ProcessId);

    /// <summary>Reads what systemd asks for.</summary>
    /// <param name="microseconds">The time after which it gives the process up.</param>
    /// <param name="process">Whose sign it waits for; null: the main process's.</param>
    /// <param name="own">This process.</param>
    public static TimeSpan? Read(string? microseconds, string? process, int own) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0
        && (process is null || process == own.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(limit / 2)
            : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = new PeriodicTimer(Every!.Value);
        do
            systemd.Notify(new ServiceState("WATCHDOG=1"));
        while (await beat.WaitForNextTickAsync(stoppingToken));
    }
}
