using System.Runtime.CompilerServices;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

public sealed partial class InMemoryLedger : IBookLists
{
    // Streams are all there is: no row can differ.
    Task<long> IBookLists.CountBehindAsync(CancellationToken cancellation) => Task.FromResult(0L);

    Task<IReadOnlyList<AccountStatus>> IBookLists.CountAsync(Instant now, CancellationToken cancellation)
    {
        lock (gate)
        {
            var ticks = BookRow.Ticks(now);
            return Task.FromResult<IReadOnlyList<AccountStatus>>(
                [.. book.Values.GroupBy(e => e.Row.Account).OrderBy(g => g.Key.ToString(), StringComparer.Ordinal).Select(g => StatusOf(g.Key, [.. g], ticks))]);
        }
    }

    Task<IReadOnlyList<MembershipEntry>> IBookLists.ListAsync(MembershipFilter filter, SubscriptionId? after, int limit, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<MembershipEntry>>([.. Find(filter, after).Take(limit)]);
    }

    Task<long?> IBookLists.CountAsync(MembershipFilter filter, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<long?>(Find(filter, after: null).LongCount());
    }

    async IAsyncEnumerable<DeclinedStream> IBookLists.ReadDeclinedAsync(Instant since, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<DeclinedStream> found;
        lock (gate)
        {
            found = [.. streams.Where(stream => book.ContainsKey(stream.Key) && stream.Value.Any(e => e.At >= since && DunningCase.IsDecline(e)))
                .OrderBy(stream => stream.Key.Value)
                .Select(stream => new DeclinedStream(stream.Key, book[stream.Key].Row.Account, [.. stream.Value.Where(e => DunningCase.Tells.Contains(e.GetType()))]))];
        }

        await Task.CompletedTask;
        foreach (var stream in found)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return stream;
        }
    }

    Task<IReadOnlyDictionary<AgreementId, Instant>> IBookLists.ExpiriesAsync(
        IReadOnlyCollection<AgreementId> ids, Instant before, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<AgreementId, Instant>>(
                ids.Select(id => (Id: id, End: Fold(id)?.ExpiresAt)).Where(x => x.End <= before).ToDictionary(x => x.Id, x => x.End!.Value));
        }
    }

    private IEnumerable<MembershipEntry> Find(MembershipFilter filter, SubscriptionId? after) =>
        book.Values.Where(e => Fits(e.Row, filter, after)).OrderBy(e => e.Row.Id.Value).Select(EntryOf)
            .Where(entry => filter.Plan is null || entry.Membership?.Terms.PlanId == filter.Plan);

    private static bool Fits(BookRow row, MembershipFilter filter, SubscriptionId? after) =>
        (after is not { } last || row.Id.Value.CompareTo(last.Value) > 0) && (filter.Id is null || row.Id == filter.Id) && (filter.Member is null || row.Member == filter.Member)
        && (filter.Account is null || row.Account == filter.Account) && (filter.Status is null || row.Status == filter.Status)
        && (!filter.ParkedOnly || row.Parked is not null) && (filter.Parked is null || row.Parked == filter.Parked);

    private MembershipEntry EntryOf(Entry e) => new(
        e.Row.Id, e.Row.Account, e.Row.Member, e.Row.Status, e.Row.Parked, e.Row.Alarm is { } alarm ? Instant.FromUnixTimeTicks(alarm) : null, e.Row.Version,
        e.StateVersion == 0 ? null : Batch.Read(this, e).State);

    private static AccountStatus StatusOf(Gateways.MerchantAccount account, IReadOnlyList<Entry> rows, long now)
    {
        var due = rows.Where(e => e.Row.Alarm <= now && !(e.ClaimedUntil > now)).Select(e => e.Row.Alarm!.Value).ToList();
        var next = rows.Where(e => e.Row.Alarm is not null).Min(e => (long?)Math.Max(e.Row.Alarm!.Value, e.ClaimedUntil ?? 0));
        long Count(SubscriptionStatus status) => rows.Count(e => e.Row.Status == status);
        return new(
            account, Count(SubscriptionStatus.Signing), Count(SubscriptionStatus.Active), Count(SubscriptionStatus.Cancelled), Count(SubscriptionStatus.Ended),
            rows.Where(e => e.Row.Parked is not null).GroupBy(e => e.Row.Parked!.Value).ToDictionary(g => g.Key, g => (long)g.Count()),
            due.Count, due.Count == 0 ? null : Instant.FromUnixTimeTicks(due.Min()), next is { } ticks ? Instant.FromUnixTimeTicks(ticks) : null);
    }
}
