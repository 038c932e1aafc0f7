using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;

namespace Renewals.Core;

/// <summary>Embeds Renewals in a .NET host.</summary>
public static class RenewalsServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine: <see cref="Memberships"/>, <see cref="CallbackDesk"/> and the hosted <see cref="RenewalWorker"/> and <see cref="ReconciliationWorker"/>. Add at least one
    /// gateway and an <see cref="INotifier"/> beside it. Options are checked when the host starts.
    /// </summary>
    public static IServiceCollection AddRenewals(this IServiceCollection services, Action<RenewalsOptions> configure)
    {
        services.AddOptions<RenewalsOptions>().Configure(configure).Validate(Check).ValidateOnStart();
        services.AddSingleton(provider => Options.Create(provider.GetRequiredService<IOptions<RenewalsOptions>>().Value.Engine));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<EngineMetrics>();
        services.AddSingleton(p => new EngineTraces(p.GetRequiredService<IOptions<RenewalsOptions>>()));
        services.AddSingleton(p => new DatabaseClock(
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<LedgerDatabase>().ReadClock, p.GetRequiredService<ILogger<DatabaseClock>>()));
        services.AddSingleton(p => new EngineClock(p.GetRequiredService<TimeProvider>()) { Database = p.GetRequiredService<DatabaseClock>() });
        services.AddSingleton<RegisteredGateways>();
        services.AddSingleton(provider => CatalogueOf(provider.GetRequiredService<IOptions<RenewalsOptions>>().Value));
        services.AddSingleton<LedgerDatabase>();
        services.AddSingleton(p => new PlanPublisher(
            p.GetRequiredService<LedgerDatabase>().Plans, p.GetRequiredService<EngineClock>(), p.GetRequiredService<IOptions<RenewalsOptions>>().Value.Law));
        services.AddSingleton(provider => provider.GetRequiredService<LedgerDatabase>().Ledger);
        services.AddSingleton(provider => provider.GetRequiredService<LedgerDatabase>().Vault);
        services.AddSingleton(provider => provider.GetRequiredService<LedgerDatabase>().Stops);
        services.AddSingleton(p => new FuseBox(p.GetRequiredService<IChargeStops>(), p.GetRequiredService<EngineClock>(), p.GetRequiredService<ILogger<FuseBox>>()));
        services.AddSingleton(p => new CatchUpDesk(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<OutcomeDoor>(), p.GetRequiredService<RegisteredGateways>(),
            p.GetRequiredService<IChargeStops>(), p.GetRequiredService<EngineClock>(), p.GetRequiredService<ILogger<CatchUpDesk>>()));
        services.AddSingleton<FuseWatch>();
        services.TryAddSingleton(GuardOf);
        services.AddSingleton<LedgerWatch>();
        services.AddSingleton<OutcomeDoor>();
        services.AddSingleton<ErrandRunner>();
        services.AddSingleton<Sweep>();
        services.AddSingleton<SignDesk>();
        services.AddSingleton(p => new Memberships(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<OutcomeDoor>(), p.GetRequiredService<SignDesk>(), p.GetRequiredService<BackupDesk>(),
            p.GetRequiredService<WishDesk>()));
        services.AddSingleton<BackupDesk>();
        services.AddSingleton<WishDesk>();
        services.AddSingleton(p => new PriceCampaigns(p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<WishDesk>()));
        services.AddSingleton<CallbackKeeper>();
        services.AddSingleton<CallbackQueue>();
        services.AddSingleton(p => new CallbackDesk(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<OutcomeDoor>(),
            p.GetRequiredService<CallbackQueue>(), p.GetRequiredService<CallbackKeeper>(), p.GetRequiredService<IOrphanAgreements>(), p.GetRequiredService<EngineClock>(),
            p.GetRequiredService<IOptions<EngineOptions>>(), p.GetRequiredService<EngineMetrics>(), p.GetRequiredService<EngineTraces>(),
            p.GetRequiredService<ILogger<CallbackDesk>>()));
        services.AddSingleton(p => new RenewalWorker(
            p.GetRequiredService<Sweep>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<IOptions<EngineOptions>>(),
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<DatabaseClock>(), p.GetRequiredService<ILogger<RenewalWorker>>()));
        services.AddHostedService<LedgerStart>();
        services.AddAudit();
        services.AddWorker<RenewalWorker>();
        services.AddWorker<FuseWatch>();
        services.AddWorker<LedgerWatch>();
        return services;
    }

    private static PlanCatalogue CatalogueOf(RenewalsOptions options) => new(options.Plans, options.Coupons);

    private static IFreeze GuardOf(IServiceProvider p) => p.GetRequiredService<LedgerDatabase>() is { Identities: { } identities, GuardsStops: { } stops }
        ? new LedgerGuard(
            identities, stops, new HostMarkFile(p.GetRequiredService<IOptions<RenewalsOptions>>().Value.StateFolder),
            p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<EngineClock>(), p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<IOptions<RenewalsOptions>>(), p.GetRequiredService<EngineMetrics>(), p.GetRequiredService<ILogger<LedgerGuard>>())
        : new NeverFrozen();

    private static void AddAudit(this IServiceCollection services)
    {
        services.AddSingleton(provider => Options.Create(provider.GetRequiredService<IOptions<RenewalsOptions>>().Value.Audit));
        services.AddSingleton(provider => provider.GetRequiredService<LedgerDatabase>().Reconciliations);
        services.AddSingleton(provider => provider.GetRequiredService<LedgerDatabase>().Documents);
        services.AddSingleton(provider => provider.GetRequiredService<LedgerDatabase>().Orphans);
        services.AddSingleton(p => new MembershipList(p.GetRequiredService<LedgerDatabase>().Lists));
        services.AddSingleton(p => new DaySurvey(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<LedgerDatabase>().Lists, p.GetRequiredService<RegisteredGateways>(),
            p.GetRequiredService<IChargeStops>(), p.GetRequiredService<EngineClock>()));
        services.AddSingleton(p => new DunningSurvey(p.GetRequiredService<LedgerDatabase>().Lists));
        services.AddSingleton(p => new OutlookSurvey(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<LedgerDatabase>().Lists, p.GetRequiredService<RegisteredGateways>(),
            p.GetRequiredService<IOptions<EngineOptions>>()));
        services.AddSingleton(p => new OldOrders(p.GetRequiredService<LedgerDatabase>().Moves));
        services.AddSingleton(p => new ImportDesk(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<IAgreementVault>(), p.GetRequiredService<LedgerDatabase>().Moves,
            p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<PlanCatalogue>(), p.GetRequiredService<EngineClock>(),
            p.GetRequiredService<IFreeze>(), p.GetRequiredService<IOptions<RenewalsOptions>>()));
        services.AddSingleton(p => new Reconciler(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<OutcomeDoor>(),
            p.GetRequiredService<IReconciliationStore>(), p.GetRequiredService<IKeptDocuments>(), p.GetRequiredService<IOrphanAgreements>(),
            p.GetRequiredService<OldOrders>(), p.GetRequiredService<EngineClock>(),
            p.GetRequiredService<IOptions<AuditOptions>>(), p.GetRequiredService<EngineMetrics>(), p.GetRequiredService<EngineTraces>(),
            p.GetRequiredService<ILogger<Reconciler>>()));
        services.AddSingleton(p => new ExportDesk(p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<IAgreementVault>()));
        services.AddSingleton(p => new MoveSurvey(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<OldOrders>(),
            p.GetRequiredService<Reconciler>(), p.GetRequiredService<EngineClock>()));
        services.AddSingleton(p => new Adoption(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<LedgerDatabase>().Identities, p.GetRequiredService<IChargeStops>(),
            p.GetRequiredService<IFreeze>(), p.GetRequiredService<RegisteredGateways>(),
            new LostOrders(
                p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<IAgreementVault>(),
                p.GetRequiredService<OutcomeDoor>(), p.GetRequiredService<EngineClock>(), p.GetRequiredService<TimeProvider>()),
            p.GetRequiredService<Reconciler>(), p.GetRequiredService<EngineClock>(), p.GetRequiredService<IOptions<RenewalsOptions>>()));
        services.AddSingleton(p => new MemberEraser(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<IAgreementVault>(), p.GetRequiredService<LedgerDatabase>().Erasures,
            p.GetRequiredService<IKeptDocuments>(), p.GetRequiredService<IReconciliationStore>(), p.GetRequiredService<RegisteredGateways>(),
            p.GetRequiredService<IFreeze>(), p.GetRequiredService<EngineClock>(), p.GetRequiredService<IOptions<AuditOptions>>()));
        services.AddSingleton(p => new AgreementSurvey(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<IOrphanAgreements>(),
            p.GetRequiredService<EngineClock>(), p.GetRequiredService<IOptions<EngineOptions>>(), p.GetRequiredService<IOptions<AuditOptions>>()));
        services.AddSingleton(p => new CatchUpSurvey(
            p.GetRequiredService<ISubscriptionLedger>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<IChargeStops>(),
            p.GetRequiredService<EngineClock>(), p.GetRequiredService<IOptions<EngineOptions>>()));
        services.AddSingleton(p => new ReconciliationWorker(
            p.GetRequiredService<Reconciler>(), p.GetRequiredService<RegisteredGateways>(), p.GetRequiredService<ISubscriptionLedger>(),
            p.GetRequiredService<IReconciliationStore>(), p.GetRequiredService<IKeptDocuments>(), p.GetRequiredService<OldOrders>(),
            p.GetRequiredService<EngineClock>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<IOptions<AuditOptions>>(), p.GetRequiredService<EngineMetrics>(),
            p.GetRequiredService<ILogger<ReconciliationWorker>>()));
        services.AddWorker<ReconciliationWorker>();
    }

    private static void AddWorker<TWorker>(this IServiceCollection services)
        where TWorker : class, IHostedService =>
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<IOptions<RenewalsOptions>>().Value.RunWorker
            ? provider.GetRequiredService<TWorker>()
            : new NoWorker());

    private static bool Check(RenewalsOptions options)
    {
        static void Require(bool holds, string sentence)
        {
            if (!holds)
                throw new OptionsValidationException(nameof(RenewalsOptions), typeof(RenewalsOptions), [sentence]);
        }

        Require(options.InMemory || options.ConnectionString.Length > 0, $"{nameof(RenewalsOptions.ConnectionString)} is missing: say where the PostgreSQL database is.");
        Require(options.InMemory || options.Vault.Keys.Count > 0, $"{nameof(RenewalsOptions.Vault)} has no key: give at least one of 32 random bytes and name it in CurrentKey.");
        Require(options.Environment is { Length: >= 1 and <= 64 }, $"{nameof(RenewalsOptions.Environment)} is '{options.Environment}': name what the ledger is for in 1 to 64 characters.");
        Require(options.TraceRatio is >= 0 and <= 1, $"{nameof(RenewalsOptions.TraceRatio)} is {options.TraceRatio}: give the part of the traces that is kept, 0 to 1.");
        Require(options.Plans.Count > 0, $"{nameof(RenewalsOptions.Plans)} is empty: add at least one plan.");
        Require(FaultOf(() => CatalogueOf(options)) is var plans && plans is null, $"{nameof(RenewalsOptions.Plans)}: {plans}");
        var vault = options.InMemory ? null : FaultOf(() => new VaultCipher(options.Vault));
        Require(vault is null, vault ?? "");
        foreach (var bounds in (object[])[options.Engine, options.Audit])
        {
            List<ValidationResult> faults = [];
            Require(
                Validator.TryValidateObject(bounds, new ValidationContext(bounds), faults, validateAllProperties: true),
                string.Join(" ", faults.Select(fault => fault.ErrorMessage)));
        }

        return true;
    }

    private static string? FaultOf(Func<object> make)
    {
        try
        {
            return make() is null ? "nothing" : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NodaTime.TimeZones.DateTimeZoneNotFoundException)
        {
            return e.Message;
        }
    }

    private sealed class NoWorker : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
