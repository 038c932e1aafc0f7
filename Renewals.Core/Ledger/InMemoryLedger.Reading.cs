using System.Runtime.CompilerServices;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

public sealed partial class InMemoryLedger
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerMovement> ReadMovementsAsync(
        MerchantAccount account, Instant from, Instant until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<LedgerMovement> found;
        lock (gate)
            found = [.. Of(account).SelectMany(events => MovementsAt(account, events)).Where(m => m.At >= from && m.At < until)];
        await Task.CompletedTask;
        foreach (var movement in found)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return movement;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SubscriptionId> ReadUnconcludedAsync(
        MerchantAccount account, Instant from, Instant until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<SubscriptionId> found;
        lock (gate)
            found = [.. Of(account).Where(events => IsOpen(events, from, until)).Select(events => Evolve.Next(null, events[0]).Id)];
        await Task.CompletedTask;
        foreach (var id in found)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return id;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Subscription> ReadMembershipsAsync(MerchantAccount account, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<Subscription> readable;
        lock (gate)
        {
            readable = [.. book.Values.Where(e => e.Row.Account == account && e.StateVersion != 0).OrderBy(e => e.Row.Id.Value)
                .Select(e => Batch.Read(this, e).State).OfType<Subscription>()];
        }

        await Task.CompletedTask;
        foreach (var membership in readable)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return membership;
        }
    }

    /// <inheritdoc/>
    public Task<Instant?> FirstEventAtAsync(CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult(streams.Values.SelectMany(events => events.Take(1)).Min(e => (Instant?)e.At));
    }

    /// <summary>A row of the book as it is; null: there is none.</summary>
    internal BookRow? RowOf(SubscriptionId id)
    {
        lock (gate)
            return book.TryGetValue(id, out var entry) ? Written(entry) : null;
    }

    private static bool IsOpen(List<SubscriptionEvent> events, Instant from, Instant until)
    {
        var concluded = events.Select(e => e switch
        {
            Charged x => x.Order,
            Failed x => x.Order,
            Overpaid x => x.Order,
            _ => (OrderNumber?)null,
        }).ToHashSet();
        return events.OfType<Requested>().Any(x => x.At >= from && x.At < until && !concluded.Contains(x.Order))
            || events.OfType<RefundRequested>().Any(x => x.At >= from && x.At < until && !IsConcluded(x, events));
    }

    private static bool IsConcluded(RefundRequested asked, List<SubscriptionEvent> events) => events.SkipWhile(e => e != asked)
        .Any(e => e is Refunded done ? done.RefundNumber == asked.Refund.ToString() : e is NotTaken not && not.Order == asked.Refund);

    // Also those that were charged elsewhere once, or are now.
    private IEnumerable<List<SubscriptionEvent>> Of(MerchantAccount account) =>
        streams.Where(stream => book.TryGetValue(stream.Key, out var entry) && (entry.Row.Account == account || entry.Row.Switched)).Select(stream => stream.Value);

    private static IEnumerable<LedgerMovement> MovementsAt(MerchantAccount account, List<SubscriptionEvent> events)
    {
        var movements = events.Select(LedgerMovement.Of).OfType<LedgerMovement>();
        if (!events.Any(e => e is BackupAdded))
            return movements;
        var s = Evolve.All(null, events)!;
        return movements.Where(movement => s.AccountOf(movement.Order) == account);
    }
}
