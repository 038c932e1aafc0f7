using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to what reconciliations found. A task it holds is free again when it dies.</summary>
internal sealed class ReconciliationPort(EngineLife life, IReconciliationStore inner) : IReconciliationStore
{
    public Task SaveAsync(ReconciliationReport report, CancellationToken cancellation) => inner.SaveAsync(report, cancellation);

    public Task<ReconciliationReport?> FindAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation) => inner.FindAsync(account, day, cancellation);

    public Task<IReadOnlyDictionary<LocalDate, KnownDay>> DaysAsync(MerchantAccount account, LocalDate from, CancellationToken cancellation) =>
        inner.DaysAsync(account, from, cancellation);

    public Task<IReadOnlySet<(string Order, string? Refund)>> SeenOnOtherDaysAsync(
        MerchantAccount account, LocalDate day, IReadOnlyCollection<string> orders, CancellationToken cancellation) =>
        inner.SeenOnOtherDaysAsync(account, day, orders, cancellation);

    public Task<bool> IsUnsettledAsync(MerchantAccount account, LocalDate from, LocalDate until, string order, CancellationToken cancellation) =>
        inner.IsUnsettledAsync(account, from, until, order, cancellation);

    public async Task<IAsyncDisposable?> TryHoldAsync(string task, MerchantAccount account, CancellationToken cancellation)
    {
        if (await inner.TryHoldAsync(task, account, cancellation) is not { } hold)
            return null;
        life.Holds.Add(hold);
        return hold;
    }
}
