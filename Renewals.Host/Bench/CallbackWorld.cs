using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Callbacks;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;
using Renewals.Host.Service;

namespace Renewals.Host.Bench;

/// <summary>The service as <c>run</c> puts it together, before a sandbox of WeChat Pay, with members whose renewal is in flight.</summary>
/// <remarks>
/// Listener, callback desk, decisions, ledger, vault, kept documents and the embedded database (forced to the disk) are the service's own. Only the calendar
/// stands still, just after the orders went out, so that nothing but callbacks is to be done. Statements are not read: the orders were never sent.
/// </remarks>
internal sealed class CallbackWorld : IAsyncDisposable
{
    private static readonly Instant SigningDay = Instant.FromUtc(2026, 1, 10, 0, 0);

    private readonly BenchClock clock = new(SigningDay);
    private FrontDoor? door;
    private SandboxServer? sandbox;
    private LedgerServer? database;
    private IHost? engine;

    /// <summary>Where the rail calls back.</summary>
    public Uri Address => new(door!.Address, CallbackEndpoint.PathOf(BenchRail.Merchant));

    /// <summary>The rail's keys.</summary>
    public WeChatPaySandboxCredentials Credentials => Rail.Credentials;

    /// <summary>How the ledger's database is reached.</summary>
    public string ConnectionString => database!.ConnectionString;

    /// <summary>The ledger, for checks.</summary>
    public ISubscriptionLedger Ledger => engine!.Services.GetRequiredService<ISubscriptionLedger>();

    private WeChatPaySandbox Rail => (WeChatPaySandbox)sandbox!.Rails[0];

    /// <summary>Starts everything; no member has signed.</summary>
    public static async Task<CallbackWorld> StartAsync(CancellationToken cancellation)
    {
        var world = new CallbackWorld();
        try
        {
            await world.StartPartsAsync(cancellation);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Signs members and lets their renewals become due; each order is committed, and the rail owes the word on it.</summary>
    public async Task<IReadOnlyList<Requested>> OrderAsync(int count, CancellationToken cancellation)
    {
        var services = engine!.Services;
        var traits = services.GetRequiredService<RegisteredGateways>()[BenchRail.Merchant].Traits;
        var orders = new Requested[count];
        var chunks = Enumerable.Range(0, count).Chunk(250);
        await Parallel.ForEachAsync(chunks, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, async (numbers, stop) =>
        {
            var members = Array.ConvertAll(numbers, n => BenchMember.Sign(traits, 0, n, SigningDay));
            foreach (var (member, n) in members.Zip(numbers))
                orders[n] = member.Order();
            await BenchMember.StoreAsync(members, services, stop);
        });
        clock.Now = orders.Max(order => order.At) + Duration.FromSeconds(1);
        return orders;
    }

    public async ValueTask DisposeAsync()
    {
        if (engine is not null)
            await engine.StopAsync();
        if (door is not null)
            await door.DisposeAsync();
        engine?.Dispose();
        if (sandbox is not null)
            await sandbox.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
    }

    private async Task StartPartsAsync(CancellationToken cancellation)
    {
        var setup = ServiceSetup.Read(Settings(), Directory.GetCurrentDirectory(), sandbox: true);
        door = await FrontDoor.StartAsync(
            SettingsReader.Urls(setup.Settings), setup.Settings.Engine.MaxCallbackBytes, setup.Access,
            logging => ServiceLogging.Configure(logging, setup.Configuration), cancellation);
        var kind = SandboxRails.All.Single(rail => rail.Account == BenchRail.Merchant);
        var bank = new SandboxBank(SandboxRails.OpeningBalance);
        sandbox = await SandboxServer.StartAsync(0, bank, [kind.Open(kind.Number, bank, TimeProvider.System)], selfDriven: true, cancellation);
        var served = sandbox.Address;
        database = await LedgerServer.StartAsync(setup, Console.Error.WriteLine, cancellation);
        engine = EngineHost.Build(setup, database, sandbox: null, services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            kind.Add(services, Rail, served, Address);
        });
        await EngineHost.PrepareAsync(engine.Services, database.ConnectionString, cancellation);
        await engine.StartAsync(cancellation);
        door.Open(engine.Services);
    }

    // Nothing of the settings of this machine has a say in a measure; its log lines go where they are not in the way of the figures.
    private static IConfiguration Settings() => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Renewals:Urls"] = "http://127.0.0.1:0",
        ["Renewals:Audit:Reconcile"] = "false",
        ["Logging:Console:LogToStandardErrorThreshold"] = "Trace",
    }).Build();
}
