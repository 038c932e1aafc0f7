using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Core.Audit;

/// <summary>The hosted worker of the audit: reads every account's statement of every day once it is ready, and forgets what was kept long enough.</summary>
/// <remarks>
/// It asks which days were not read yet, never which day it is: what an outage missed is made up for in order, as far back as
/// <see cref="AuditOptions.ReconcileDaysBack"/>. Whoever holds an account in the store reads its days; other hosts find them read. One day or one
/// account that fails holds up no other. Days before the ledger's first event are left alone.
/// </remarks>
public sealed class ReconciliationWorker : BackgroundService
{
    private const string TaskName = "Reconciliation";

    // What is due is known without asking anybody, so the clock may be looked at often.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    private static readonly Duration EraseEvery = Duration.FromHours(24);

    private readonly Reconciler reconciler;
    private readonly RegisteredGateways gateways;
    private readonly ISubscriptionLedger ledger;
    private readonly IReconciliationStore store;
    private readonly IKeptDocuments documents;
    private readonly OldOrders old;
    private readonly EngineClock clock;
    private readonly TimeProvider time;
    private readonly AuditOptions options;
    private readonly EngineMetrics metrics;
    private readonly ILogger<ReconciliationWorker> logger;
    private readonly ConcurrentDictionary<MerchantAccount, Instant> next = new();
    private readonly ConcurrentDictionary<MerchantAccount, LocalDate> missed = new();

    // When a day was first asked for in vain. Lost with the host: the next one begins with short waits again.
    private readonly ConcurrentDictionary<(MerchantAccount Account, LocalDate Day), Instant> inVain = new();
    private Instant eraseAt = Instant.MinValue;

    // Never changes once it is there. Boxed, because accounts side by side may both look and must not see half of it.
    private object? firstEvent;

    internal ReconciliationWorker(
        Reconciler reconciler, RegisteredGateways gateways, ISubscriptionLedger ledger, IReconciliationStore store, IKeptDocuments documents,
        OldOrders old, EngineClock clock, TimeProvider time, IOptions<AuditOptions> options, EngineMetrics metrics, ILogger<ReconciliationWorker> logger)
    {
        (this.reconciler, this.gateways, this.ledger, this.store, this.documents) = (reconciler, gateways, ledger, store, documents);
        this.old = old;
        (this.clock, this.time, this.options, this.metrics, this.logger) = (clock, time, options.Value, metrics, logger);
    }

    /// <summary>When a statement may next be due; null: never. Whoever moves the clock stops here and calls <see cref="RunDueAsync"/>.</summary>
    public Instant? NextDue => options.Reconcile && gateways.Accounts.Count > 0 ? gateways.Accounts.Min(account => next.GetValueOrDefault(account, Instant.MinValue)) : null;

    /// <summary>Reads what is due at every account; accounts side by side, the days of one in order.</summary>
    /// <param name="now">Statements that are ready by then count.</param>
    /// <param name="cancellation">Gives up; what was read stays.</param>
    /// <returns>How many days were tried.</returns>
    public async Task<int> RunDueAsync(Instant now, CancellationToken cancellation = default)
    {
        await EraseIfDueAsync(now, cancellation);
        return (await Task.WhenAll(gateways.Accounts.Select(account => RunIfDueAsync(account, now, cancellation)))).Sum();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
    [
        RepeatAsync(EraseIfDueAsync, stoppingToken),
        .. gateways.Accounts.Select(account => RepeatAsync((now, stopping) => RunIfDueAsync(account, now, stopping), stoppingToken)),
    ]);

    private async Task RepeatAsync(Func<Instant, CancellationToken, Task> work, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await work(clock.Now, stopping);
                await Task.Delay(LookEvery, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<int> RunIfDueAsync(MerchantAccount account, Instant now, CancellationToken cancellation)
    {
        if (!options.Reconcile || !clock.MayClaim || next.GetValueOrDefault(account, Instant.MinValue) > now)
            return 0;
        var (tried, again) = (0, now + Duration.FromTimeSpan(options.ReconcileAgainAfter));
        try
        {
            (tried, next[account]) = await RunAsync(gateways[account], now, again, cancellation);
        }
        catch (Exception e) when (IsFault(e, cancellation))
        {
            Fault(e, account);
            next[account] = again;
        }

        return tried;
    }

    private async Task<(int Tried, Instant Next)> RunAsync(IPaymentGateway gateway, Instant now, Instant again, CancellationToken cancellation)
    {
        // Another host reads them; whether it came to an end is looked at later.
        await using var hold = await store.TryHoldAsync("statements", gateway.Account, cancellation);
        if (hold is null)
            return (0, again);
        var allRead = await ReadForMovesAsync(gateway, now, cancellation);
        var plan = await PlanAsync(gateway, now, cancellation);
        foreach (var day in plan.Due)
        {
            var isRead = await IsReadAsync(gateway.Account, day, cancellation);
            if (isRead)
                inVain.TryRemove((gateway.Account, day), out _);
            else
                inVain.TryAdd((gateway.Account, day), now);
            allRead &= isRead;
        }

        return (plan.Due.Count, allRead ? plan.Next : Instant.Min(plan.Next, again));
    }

    // Days from before the ledger's first event too. In order, up to the first that cannot be had: whoever moved in waits for all of them.
    private async Task<bool> ReadForMovesAsync(IPaymentGateway gateway, Instant now, CancellationToken cancellation)
    {
        foreach (var day in await old.DueAsync(gateway, now, cancellation))
        {
            if (!await IsReadAsync(gateway.Account, day, cancellation))
                return false;
        }

        return true;
    }

    private async Task<ReconciliationPlan> PlanAsync(IPaymentGateway gateway, Instant now, CancellationToken cancellation)
    {
        var days = new StatementDays(gateway.Traits);
        var known = await store.DaysAsync(gateway.Account, ReconciliationPlan.EarliestOf(days, now, options), cancellation);
        Instant InVainSince(LocalDate tried) => inVain.GetValueOrDefault((gateway.Account, tried), known[tried].At);
        var plan = ReconciliationPlan.Of(days, (Instant?)(firstEvent ??= await ledger.FirstEventAtAsync(cancellation)), known, InVainSince, now, options);
        if (plan.Missed is not { } day)
            return plan;
        inVain.TryRemove((gateway.Account, day), out _);
        if (missed.GetValueOrDefault(gateway.Account) != day)
            EngineLog.StatementsMissed(logger, gateway.Account.ToString(), (missed[gateway.Account] = day).ToString("uuuu-MM-dd", null));
        return plan;
    }

    private async Task<bool> IsReadAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation)
    {
        try
        {
            return (await reconciler.RunAsync(account, day, null, cancellation)).State == ReconciliationState.Complete;
        }
        catch (Exception e) when (IsFault(e, cancellation))
        {
            Fault(e, account);
            return false;
        }
    }

    private async Task EraseIfDueAsync(Instant now, CancellationToken cancellation)
    {
        if (now < eraseAt || !clock.MayClaim)
            return;
        eraseAt = now + EraseEvery;
        try
        {
            await documents.EraseBeforeAsync(now - Duration.FromTimeSpan(options.KeepDocumentsFor), cancellation);
            await old.EraseBeforeAsync(now - Duration.FromTimeSpan(options.KeepDocumentsFor) - Duration.FromDays(OldOrders.DaysBefore), cancellation);
        }
        catch (Exception e) when (IsFault(e, cancellation))
        {
            EngineLog.EraseFault(logger, e);
            eraseAt = now + Duration.FromTimeSpan(options.ReconcileAgainAfter);
        }
    }

    private void Fault(Exception e, MerchantAccount account)
    {
        metrics.Statement(account, "Fault");
        EngineLog.AuditFault(logger, QuietFault.Of(e), TaskName, account.ToString());
    }

    private static bool IsFault(Exception e, CancellationToken cancellation) =>
        e is not OutOfMemoryException && !(e is OperationCanceledException && cancellation.IsCancellationRequested);
}
