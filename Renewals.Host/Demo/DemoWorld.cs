using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Gateways.Resilience;
using Renewals.Host.Callbacks;
using Renewals.Host.Demo.Rails;
using Renewals.Host.Postgres;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Demo;

/// <summary>Everything the demo runs: database, rail, callbacks and engine, on one movable clock.</summary>
internal sealed class DemoWorld : IAsyncDisposable
{
    /// <summary>What a member has at the bank: enough for any plan; declines are drawn.</summary>
    private const long Balance = 100_000_000;

    /// <summary>What a demo's ledger is for.</summary>
    public const string LedgerEnvironment = "demo";

    /// <summary>The name of <see cref="VaultKey"/>.</summary>
    public const string VaultKeyName = "demo";

    // Days without business look unfinished at two of the rails for a day; a year of them is asked for less often than in earnest.
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromHours(6);
    public static readonly TimeSpan AskAgainAtMost = TimeSpan.FromHours(24);

    private readonly List<IAsyncDisposable> parts = [];
    private IHost? engine;

    private DemoWorld(MovableClock clock) => Clock = clock;

    /// <summary>A key for demos only.</summary>
    public static byte[] VaultKey => System.Security.Cryptography.SHA256.HashData("a key for the demo only"u8);

    public MovableClock Clock { get; }

    /// <summary>How the ledger's database is reached.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>All rails, on one port.</summary>
    public SandboxServer Sandbox { get; private set; } = null!;

    /// <summary>The rails by name.</summary>
    public IReadOnlyDictionary<string, DemoRail> Rails { get; private set; } = new Dictionary<string, DemoRail>();

    /// <summary>The engine's services.</summary>
    public IServiceProvider Services => engine!.Services;

    public Memberships Memberships => engine!.Services.GetRequiredService<Memberships>();

    public PriceCampaigns Campaigns => engine!.Services.GetRequiredService<PriceCampaigns>();

    public RenewalWorker Worker => engine!.Services.GetRequiredService<RenewalWorker>();

    public ReconciliationWorker Reconciliation => engine!.Services.GetRequiredService<ReconciliationWorker>();

    public ISubscriptionLedger Ledger => engine!.Services.GetRequiredService<ISubscriptionLedger>();

    /// <summary>Starts all of it.</summary>
    /// <param name="clock">Everybody's clock.</param>
    /// <param name="rails">Which rails.</param>
    /// <param name="draws">What chance brings.</param>
    /// <param name="notifier">Who tells the members.</param>
    /// <param name="elsewhere">What stands elsewhere already; null: the world has a database and a place for callbacks of its own.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<DemoWorld> StartAsync(
        MovableClock clock, IReadOnlyList<string> rails, Draws draws, INotifier notifier, DemoElsewhere? elsewhere, CancellationToken cancellation)
    {
        var world = new DemoWorld(clock);
        try
        {
            var database = elsewhere is null ? EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions(), cancellation) : null;
            var bank = new SandboxBank(Balance);
            world.Rails = rails.ToDictionary(name => name, name => DemoRail.Known[name](draws, bank, clock), StringComparer.Ordinal);
            world.Sandbox = world.Keep(await SandboxServer.StartAsync(
                0, bank, [.. world.Rails.Values.Select(rail => rail.Sandbox)], selfDriven: false, cancellation));
            world.ConnectionString = database is null ? elsewhere!.ConnectionString : world.Keep(await database).ConnectionString("postgres");
            await world.StartEngineAsync(notifier, elsewhere?.Callbacks, cancellation);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Does everything that can be done on the clock as it stands; only then may it move.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        while (await SweepAsync(cancellation) + await Sandbox.RunDueAsync(cancellation) + await Reconciliation.RunDueAsync(Clock.Now, cancellation) > 0)
        {
        }
    }

    // One question in place of a claim at every rail: most rounds find nothing due.
    private async Task<int> SweepAsync(CancellationToken cancellation) =>
        await Ledger.NextAlarmAsync(cancellation) <= Clock.Now ? await Worker.SweepAllAsync(cancellation) : 0;

    /// <summary>Lets time pass, with nobody acting, until something holds.</summary>
    /// <exception cref="InvalidOperationException">Nothing is due any more.</exception>
    public async Task PassUntilAsync(Func<Task<bool>> holds, CancellationToken cancellation)
    {
        await SettleAsync(cancellation);
        while (!await holds())
        {
            Clock.MoveTo(await NextAsync(cancellation) ?? throw new InvalidOperationException("Nothing will ever happen again."));
            await SettleAsync(cancellation);
        }
    }

    /// <summary>When the engine, the rail or the audit next has something to do; null: never.</summary>
    public async Task<Instant?> NextAsync(CancellationToken cancellation) =>
        new[] { await Ledger.NextAlarmAsync(cancellation), Sandbox.NextDue, Reconciliation.NextDue }.Min();

    public async ValueTask DisposeAsync()
    {
        if (engine is not null)
        {
            await engine.StopAsync(CancellationToken.None);
            engine.Dispose();
        }

        for (var i = parts.Count - 1; i >= 0; i--)
            await parts[i].DisposeAsync();
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        parts.Add(part);
        return part;
    }

    private async Task StartEngineAsync(INotifier notifier, Uri? callbacks, CancellationToken cancellation)
    {
        callbacks ??= Keep(await LoopbackServer.StartAsync(
            0, routes => routes.MapCallbacks(() => engine!.Services.GetRequiredService<CallbackDesk>(), () => engine!.Services.GetRequiredService<RegisteredGateways>(), 65_536),
            cancellation)).Address;
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddSingleton(notifier);
        builder.Services.AddRenewals(Configure);
        foreach (var rail in Rails.Values)
            rail.AddGateway(builder.Services, Sandbox.Address, new Uri(callbacks, CallbackEndpoint.PathOf(rail.Account)));
        engine = builder.Build();
        await engine.StartAsync(cancellation);
    }

    private void Configure(RenewalsOptions options)
    {
        options.ConnectionString = ConnectionString;
        (options.Environment, options.RunWorker) = (LedgerEnvironment, false);

        // On a clock that stands while everybody signs, a minute and a second hold more than in earnest.
        (options.Engine.ChargesPerSecond, options.Engine.MaxOverForecast) = (10_000, 1_000_000);
        (options.Audit.ReconcileAgainAfter, options.Audit.ReconcileAgainAtMost) = (AskAgainAfter, AskAgainAtMost);
        options.Vault.CurrentKey = VaultKeyName;
        options.Vault.Keys[VaultKeyName] = VaultKey;
        foreach (var plan in Plans(Rails.Values.ToDictionary(rail => rail.Account, rail => rail.Template)))
            options.Plans.Add(plan);
    }

    private static IEnumerable<Plan> Plans(IReadOnlyDictionary<MerchantAccount, string> templates)
    {
        yield return new() { Id = "monthly", Subject = "会员连续包月", Interval = BillingInterval.Monthly, Price = Money.Cny(2_500), Templates = templates };
        yield return new()
        {
            Id = "monthly-first-9.9", Subject = "会员连续包月", Interval = BillingInterval.Monthly, Price = Money.Cny(2_500), FirstPeriodPrice = Money.Cny(990),
            Templates = templates,
        };
        yield return new()
        {
            Id = DemoStories.ThreeAtNineNinety, Subject = "会员连续包月", Interval = BillingInterval.Monthly, Price = Money.Cny(2_500), Offers = new([new(3, Money.Cny(990))]),
            Templates = templates,
        };
        yield return new()
        {
            Id = DemoStories.Classic, Subject = "会员连续包月", Interval = BillingInterval.Monthly, Price = Money.Cny(2_500), Ceiling = Money.Cny(6_000), Templates = templates,
        };
        yield return new()
        {
            Id = DemoStories.Plus, Subject = "家庭会员连续包月", Interval = BillingInterval.Monthly, Price = Money.Cny(4_000), Ceiling = Money.Cny(6_000), Templates = templates,
        };
        yield return new() { Id = "quarterly", Subject = "会员连续包季", Interval = BillingInterval.Quarterly, Price = Money.Cny(6_800), Templates = templates };
        yield return new() { Id = "yearly", Subject = "会员连续包年", Interval = BillingInterval.Yearly, Price = Money.Cny(23_800), Templates = templates };
    }

    /// <summary>Bounds of calls that fit a clock which stands while they run.</summary>
    public static void Hurry(ResilienceOptions resilience)
    {
        // Calls take no virtual time, so a rate by the virtual clock would hold a busy second for ever; and a lost answer need not be waited for.
        (resilience.CallsPerSecond, resilience.Burst) = (10_000, 10_000);
        resilience.RetryDelay = TimeSpan.FromMilliseconds(10);
        resilience.FailureRatio = 1;
    }
}

/// <summary>What a world does not bring itself.</summary>
/// <param name="ConnectionString">The ledger's database.</param>
/// <param name="Callbacks">Where rails call back; account by account below it.</param>
internal sealed record DemoElsewhere(string ConnectionString, Uri Callbacks);
