using System.Globalization;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Host.Demo;
using Renewals.Host.Service;

namespace Renewals.Host.Torture;

/// <summary>The service as a child process whose clock and work are ordered line by line: the real settings, adapters, listener and ledger.</summary>
/// <remarks>
/// Orders, one a line: the instant to move to, in ticks since 1970; the host then does all that is due. Answers: <c>ready ADDRESS</c> once,
/// then for each order <c>done COUNT NEXT</c>, or <c>fault WHAT</c> when the database was away. It ends with its input.
/// </remarks>
/// <param name="settings">The settings file.</param>
/// <param name="now">What the clock stands at.</param>
/// <param name="death">Where it dies.</param>
internal sealed class ObedientHost(string settings, Instant now, Death death)
{
    private readonly MovableClock clock = new(now);

    public async Task RunAsync(TextReader orders, TextWriter answers, CancellationToken cancellation)
    {
        var setup = ServiceSetup.Read(SettingsFile.Load(settings, []), Path.GetDirectoryName(settings)!, sandbox: false);
        await using var door = await FrontDoor.StartAsync(
            SettingsReader.Urls(setup.Settings), setup.Settings.Engine.MaxCallbackBytes, setup.Access,
            logging => ServiceLogging.Configure(logging, setup.Configuration), cancellation);
        await using var ledger = await LedgerServer.StartAsync(setup, Console.Error.WriteLine, cancellation);
        using var engine = EngineHost.Build(setup, ledger, sandbox: null, MakeMortal);
        await EngineHost.PrepareAsync(engine.Services, ledger.ConnectionString, cancellation);
        await engine.StartAsync(cancellation);
        var stored = (MartenLedger)engine.Services.GetRequiredService<ISubscriptionLedger>();
        stored.BeforeCommit = () => death.Pass(DeathPoints.BeforeCommit);
        stored.AfterCommit = () => death.Pass(DeathPoints.AfterCommit);
        door.Open(engine.Services);
        await SayAsync(answers, $"ready {door.Address}");
        while (await orders.ReadLineAsync(cancellation) is { } order)
        {
            clock.MoveTo(Instant.FromUnixTimeTicks(long.Parse(order, CultureInfo.InvariantCulture)));
            await SayAsync(answers, await WorkAsync(engine.Services, cancellation));
        }
    }

    private async Task<string> WorkAsync(IServiceProvider engine, CancellationToken cancellation)
    {
        var reconciliation = engine.GetRequiredService<ReconciliationWorker>();
        try
        {
            var done = await engine.GetRequiredService<RenewalWorker>().SweepAllAsync(cancellation) + await reconciliation.RunDueAsync(clock.Now, cancellation);
            return string.Create(CultureInfo.InvariantCulture, $"done {done} {reconciliation.NextDue?.ToUnixTimeTicks() ?? long.MaxValue}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What the hosted worker does: it says so, and tries again.
            return $"fault {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    private void MakeMortal(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(clock);
        services.PostConfigure<RenewalsOptions>(options => options.RunWorker = false);
        Wrap<IPaymentGateway>(services, inner => new MortalGateway(inner, death));
        Wrap<INotifier>(services, inner => new MortalNotifier(inner, death));
    }

    private static void Wrap<T>(IServiceCollection services, Func<T, T> around)
        where T : class
    {
        foreach (var inner in services.Where(service => service.ServiceType == typeof(T) && !service.IsKeyedService).ToList())
        {
            services.Remove(inner);
            services.AddSingleton(provider => around((T)(inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!))));
        }
    }

    private static async Task SayAsync(TextWriter answers, string line)
    {
        await answers.WriteLineAsync(line);
        await answers.FlushAsync();
    }
}
