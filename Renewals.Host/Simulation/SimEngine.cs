using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation;

/// <summary>The real engine of one life, over the ports of a world.</summary>
internal sealed class SimEngine
{
    private static readonly EngineMetrics Metrics = new(new NoMeters());
    private static readonly EngineTraces Traces = new(ratio: 0);

    private readonly Sweep sweep;
    private readonly IFreeze freeze;
    private readonly int batch;

    public SimEngine(SimWorld world, EngineLife life)
    {
        Life = life;
        var planted = world.Planted;
        var (options, clock, vault) = (world.EngineOptions, new EngineClock(planted.Clock(life.Clock)), new VaultPort(world.Ledger));
        var (ledger, stops) = (new LedgerPort(world, life), new StopsPort(world, life));
        var gateways = new RegisteredGateways(world.Rails.Select(rail => planted.Gateway(new GatewayPort(world, rail, life))));
        freeze = planted.Freeze(new LedgerGuard(
            world.Ledger.Identities, stops, world.Engines.MarksOf(life.Number), gateways, clock, life.Clock, world.Renewals, Metrics, new SimLog<LedgerGuard>(world)));
        var door = new OutcomeDoor(ledger, vault, gateways, clock, options, Metrics, Traces, freeze, new SimLog<OutcomeDoor>(world));
        var moves = new MovesPort(world.Ledger);
        var old = new OldOrders(planted.Moves(moves));
        var runner = new ErrandRunner(gateways, vault, planted.Notifier(new NotifierPort(world, life)), old, clock, options, Traces, new SimLog<ErrandRunner>(world));
        sweep = new(ledger, gateways, runner, door, clock, options, Metrics, Traces, freeze, new SimLog<Sweep>(world));
        batch = options.Value.BatchSize;
        var (audit, documents, orphans) = (Options.Create(new AuditOptions()), world.Ledger.Documents, world.Ledger.Orphans);
        var keeper = new CallbackKeeper(documents, audit, Metrics, new SimLog<CallbackKeeper>(world));
        Desk = new(ledger, gateways, door, new(door), keeper, orphans, clock, options, Metrics, Traces, new SimLog<CallbackDesk>(world));
        Fuses = new(stops, clock, new SimLog<FuseBox>(world));
        CatchUp = new(ledger, door, gateways, stops, clock, new SimLog<CatchUpDesk>(world));
        var wishes = new WishDesk(ledger, door, gateways, world.Plans, clock, freeze, options, world.Renewals);
        Memberships = new(
            ledger, door, new SignDesk(ledger, vault, gateways, door, world.Plans, clock, freeze, options, world.Renewals, Traces),
            new BackupDesk(ledger, vault, gateways, door, world.Plans, clock, freeze, options, world.Renewals), wishes);
        Campaigns = new(ledger, wishes);
        var reconciliations = new ReconciliationPort(world, life);
        Reconciler = new(ledger, gateways, door, reconciliations, documents, orphans, old, clock, audit, Metrics, Traces, new SimLog<Reconciler>(world));
        Imports = new(ledger, vault, moves, gateways, world.Plans, clock, freeze, world.Renewals);
        Moves = new(ledger, gateways, old, Reconciler, clock);
        Eraser = new(ledger, vault, new ErasuresPort(world, life), documents, reconciliations, gateways, freeze, clock, audit);
        Adoption = new(
            ledger, world.Ledger.Identities, stops, freeze, gateways, new LostOrders(ledger, gateways, vault, door, clock, life.Clock), Reconciler, clock, world.Renewals);
    }

    public EngineLife Life { get; }

    public CallbackDesk Desk { get; }

    public Memberships Memberships { get; }

    public CatchUpDesk CatchUp { get; }

    public PriceCampaigns Campaigns { get; }

    public FuseBox Fuses { get; }

    public Reconciler Reconciler { get; }

    public Adoption Adoption { get; }

    public ImportDesk Imports { get; }

    public MoveSurvey Moves { get; }

    public MemberEraser Eraser { get; }

    /// <summary>Looks at its ledger, before anything else.</summary>
    public Task StartAsync() => freeze.StartAsync(CancellationToken.None);

    /// <summary>Looks at the ledger also while nothing is claimed.</summary>
    public async Task WatchAsync() => await freeze.LookAsync(CancellationToken.None);

    /// <summary>Sweeps an account until a sweep claims less than a batch, as the worker does.</summary>
    public async Task SweepAsync(MerchantAccount account)
    {
        while (await sweep.RunAsync(account, CancellationToken.None) >= batch)
        {
        }
    }

    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}

/// <summary>What an engine logs: faults in our own code break a promise of their own, all else is not kept.</summary>
internal sealed class SimLog<T>(SimWorld world) : ILogger<T>
{
    // A call, a sweep, a callback (also one that could not be kept) or an audit that failed in our own code, and a fuse that blew though nothing was wrong.
    private static readonly int[] Faults = [1004, 1006, 1012, 1014, 1023, 1030];

    private const int FuseBlown = 1030;
    private const int LateMoneyStopped = 1036;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == LateMoneyStopped)
            world.Reach.Saw(Mark.LateMoneyStopped);
        var isStrangeOrder = eventId.Id == FuseBlown && formatter(state, exception).Contains($"({FuseRule.ForeignOrder})", StringComparison.Ordinal);
        if (isStrangeOrder)
            world.Reach.Saw(Mark.ForeignOrderStopped);
        else if (Faults.Contains(eventId.Id) && exception is not DatabaseAwayException)
            world.Checks.EngineFault(null, $"{formatter(state, exception)}: {exception}");
    }
}
