using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using Renewals.Core;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Host.Bench;

/// <summary>The engine as a host runs it: its sweeps, decisions, ledger and vault. Only the rail and the calendar are stubs.</summary>
internal sealed class EngineBench : IBenchWay
{
    // Signed on one day, so that all renewals fall due on one day; spread over its hours as members are.
    private static readonly Instant SigningDay = Instant.FromUtc(2026, 1, 10, 0, 0);
    private const int SigningSeconds = 6 * 60 * 60;

    private readonly BenchOptions options;
    private readonly BenchClock clock = new(SigningDay);
    private readonly BenchRail rail;
    private readonly IHost host;

    private EngineBench(BenchOptions options, string connectionString, NpgsqlDataSource witness)
    {
        this.options = options;
        rail = new(clock, witness);
        host = BuildHost(connectionString);
    }

    public string Name => "engine";

    /// <summary>The ledger, for checks.</summary>
    public ISubscriptionLedger Ledger => host.Services.GetRequiredService<ISubscriptionLedger>();

    /// <summary>What was asked of the rail in the last round.</summary>
    public BenchRail Rail => rail;

    public static async Task<EngineBench> StartAsync(BenchOptions options, string connectionString, NpgsqlDataSource witness, CancellationToken cancellation)
    {
        var bench = new EngineBench(options, connectionString, witness);
        await bench.host.StartAsync(cancellation);
        return bench;
    }

    /// <summary>Signs this round's memberships; nobody else's are due.</summary>
    public async Task PrepareAsync(int round, CancellationToken cancellation)
    {
        rail.Reset();
        var dues = new ConcurrentBag<Instant>();
        var chunks = Enumerable.Range(0, options.Subscriptions).Chunk(250);
        await Parallel.ForEachAsync(chunks, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, async (numbers, stop) =>
        {
            var members = Array.ConvertAll(numbers, n => BenchMember.Sign(rail.Traits, round, n, SigningDay + Duration.FromSeconds(n % SigningSeconds)));
            await BenchMember.StoreAsync(members, host.Services, stop);
            dues.Add(members.Max(member => member.Due));
        });
        clock.Now = dues.Max();
    }

    public async Task<TimeSpan> RenewAsync(CancellationToken cancellation)
    {
        var sweep = host.Services.GetRequiredService<Sweep>();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, options.Sweeps).Select(_ => Task.Run(() => SweepAsync(sweep, cancellation), cancellation)));
        return watch.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static async Task SweepAsync(Sweep sweep, CancellationToken cancellation)
    {
        while (await sweep.RunAsync(BenchRail.Merchant, cancellation) > 0)
        {
        }
    }

    private IHost BuildHost(string connectionString)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton<IPaymentGateway>(rail).AddSingleton<INotifier>(rail);
        builder.Services.AddRenewals(renewals =>
        {
            renewals.ConnectionString = connectionString;
            renewals.RunWorker = false;
            renewals.Engine.BatchSize = options.Batch;
            renewals.Engine.SweepsPerAccount = options.Sweeps;

            // The fuses do their work; their limits are out of the way of a load no rail takes, on a clock that stands.
            (renewals.Engine.ChargesPerSecond, renewals.Engine.MaxOverForecast) = (100_000, 1_000_000);
            renewals.Vault.CurrentKey = "bench";
            renewals.Vault.Keys["bench"] = new byte[32];
            renewals.Plans.Add(BenchMember.Plan);
        });
        return builder.Build();
    }
}
