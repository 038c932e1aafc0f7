using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to what reconciliations found. A task it holds is free again when it dies.</summary>
internal sealed class ReconciliationPort(SimWorld world, EngineLife life) : IReconciliationStore
{
    private InMemoryReconciliationStore Inner
    {
        get
        {
            world.Ledger.ThrowIfAway();
            return world.Ledger.Reconciliations;
        }
    }

    public Task SaveAsync(ReconciliationReport report, CancellationToken cancellation) => Inner.SaveAsync(world.Planted.Saved(report), cancellation);

    public Task<ReconciliationReport?> FindAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation) => Inner.FindAsync(account, day, cancellation);

    public Task<IReadOnlyDictionary<LocalDate, KnownDay>> DaysAsync(MerchantAccount account, LocalDate from, CancellationToken cancellation) =>
        Inner.DaysAsync(account, from, cancellation);

    public Task<IReadOnlySet<(string Order, string? Refund)>> SeenOnOtherDaysAsync(
        MerchantAccount account, LocalDate day, IReadOnlyCollection<string> orders, CancellationToken cancellation) =>
        Inner.SeenOnOtherDaysAsync(account, day, orders, cancellation);

    public Task<bool> IsUnsettledAsync(MerchantAccount account, LocalDate from, LocalDate until, string order, CancellationToken cancellation) =>
        Inner.IsUnsettledAsync(account, from, until, order, cancellation);

    public async Task<IAsyncDisposable?> TryHoldAsync(string task, MerchantAccount account, CancellationToken cancellation)
    {
        if (await Inner.TryHoldAsync(task, account, cancellation) is not { } hold)
            return null;
        life.Holds.Add(hold);
        return hold;
    }
}
