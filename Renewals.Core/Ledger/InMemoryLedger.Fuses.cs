using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

public sealed partial class InMemoryLedger : IChargeStops
{
    private readonly Dictionary<MerchantAccount, AccountRow> accounts = [];
    private readonly List<ChargeStop> stops = [];
    private readonly Dictionary<SubscriptionId, long> heldUntil = [];

    Task<IReadOnlyList<ChargeStop>> IChargeStops.ListAsync(bool openOnly, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<ChargeStop>>([.. stops.Where(stop => stop.IsOpen || !openOnly).Reverse()]);
    }

    Task<ChargeStop?> IChargeStops.FindAsync(long id, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult(stops.Find(stop => stop.Id == id));
    }

    Task<bool> IChargeStops.HasMembershipsAsync(StopScope scope, string key, CancellationToken cancellation)
    {
        lock (gate)
        {
            var probe = new ChargeStop { Scope = scope, Key = key, At = default, By = "", Why = "" };
            return Task.FromResult(streams.Values.Any(events => Evolve.All(null, events) is { } state && probe.Covers(state)));
        }
    }

    async Task<ChargeStop?> IChargeStops.HoldAsync(ChargeStop hold, CancellationToken cancellation)
    {
        var locked = await LockAccountsAsync(hold.Account, cancellation);
        lock (gate)
        {
            locked.ForEach(row => row.Locked = false);
            return Raise(hold);
        }
    }

    async Task<ChargeStop?> IChargeStops.EndAsync(long id, StopEnd end, CancellationToken cancellation)
    {
        var known = await ((IChargeStops)this).FindAsync(id, cancellation);
        var locked = await LockAccountsAsync(known?.Account, cancellation);
        lock (gate)
        {
            locked.ForEach(row => row.Locked = false);
            var index = stops.FindIndex(stop => stop.Id == id && stop.IsOpen);
            if (index < 0)
                return null;
            stops[index] = stops[index] with { End = end };
            Clear(stops[index]);
            Wake(stops[index].Account);
            return stops[index];
        }
    }

    Task<IReadOnlyList<LateWindow>> IChargeStops.LateAsync(MerchantAccount account, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<LateWindow>>([.. Row(account).Late.Values]);
    }

    async Task<ChargeStop?> IChargeStops.RaiseAsync(MerchantAccount account, LateWindow window, StopEnd end, CancellationToken cancellation)
    {
        var locked = await LockAccountsAsync(account, cancellation);
        lock (gate)
        {
            locked.ForEach(row => row.Locked = false);
            Row(account).Late[window.Currency] = window;
            var index = stops.FindIndex(stop => stop is { IsOpen: true, IsOfLateCharges: true } && stop.Key == account.ToString());
            if (index >= 0)
                stops[index] = stops[index] with { End = end };
            Wake(account);
            return index >= 0 ? stops[index] : null;
        }
    }

    // What a rule has counted is looked at now; counting begins anew.
    private void Clear(ChargeStop stop)
    {
        if (stop is not { Rule: { } rule, Account: { } account })
            return;
        var row = Row(account);
        switch (rule)
        {
            case FuseRule.MemberCharges:
            case FuseRule.Frozen:
            case FuseRule.LateMoney:
                break;
            case FuseRule.OverForecast:
                row.Charges = row.Charges with { Minute = -1, Charges = 0 };
                break;
            case FuseRule.Declines:
                row.Outcomes = row.Outcomes with { Outcomes = "" };
                break;
            case FuseRule.ForeignOrder:
                row.Outcomes = row.Outcomes with { ForeignOrders = 0, ForeignSince = NodaConstants.UnixEpoch };
                break;
            default:
                throw new InvalidOperationException($"No counter for {rule}.");
        }
    }

    private void Wake(MerchantAccount? account)
    {
        foreach (var (id, until) in heldUntil.ToList())
        {
            if (book.TryGetValue(id, out var entry) && account is { } one && entry.Row.Account != one)
                continue;
            if (entry?.ClaimedUntil == until)
                entry.ClaimedUntil = null;
            heldUntil.Remove(id);
        }
    }

    /// <returns>The stop with its number; null when there is one of the same kind and scope.</returns>
    private ChargeStop? Raise(ChargeStop stop)
    {
        if (stops.Exists(other => other.IsOpen && other.Scope == stop.Scope && other.Key == stop.Key && other.Rule == stop.Rule))
            return null;
        var stored = stop with { Id = stops.Count + 1 };
        stops.Add(stored);
        return stored;
    }

    private AccountRow Row(MerchantAccount account) => accounts.TryGetValue(account, out var row) ? row : accounts[account] = new();

    private async Task<List<AccountRow>> LockAccountsAsync(MerchantAccount? account, CancellationToken cancellation)
    {
        List<MerchantAccount> which;
        lock (gate)
            which = account is { } one ? [one] : [.. accounts.Keys.OrderBy(key => key.ToString(), StringComparer.Ordinal)];
        List<AccountRow> locked = [];
        foreach (var each in which)
            locked.Add(await LockRowAsync(each, cancellation));
        return locked;
    }

    private async Task<AccountRow> LockRowAsync(MerchantAccount account, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            lock (gate)
            {
                if (Row(account) is { Locked: false } row)
                {
                    row.Locked = true;
                    return row;
                }
            }

            await Task.Yield();
        }
    }

    private sealed class AccountRow
    {
        public bool Locked { get; set; }

        public ChargeCounters Charges { get; set; } = ChargeCounters.New;

        public OutcomeCounters Outcomes { get; set; } = OutcomeCounters.New;

        public Dictionary<string, LateWindow> Late { get; init; } = [];

        public AccountRow Unlocked() => new() { Charges = Charges, Outcomes = Outcomes, Late = new(Late) };
    }

    private sealed partial class Batch
    {
        private readonly List<ChargeStop> blown = [];
        private AccountRow? locked;
        private Action? writeCharges;
        private Action? hear;

        public IReadOnlyList<ChargeStop> Blown => blown;

        public async Task<AccountGuard> LockAccountAsync(
            MerchantAccount account, IReadOnlyCollection<SubscriptionId> asking, Instant now, int most, CancellationToken cancellation)
        {
            locked = await ledger.LockRowAsync(account, cancellation);
            lock (ledger.gate)
            {
                var charges = locked.Charges.Begins(now) ? locked.Charges.Begin(now, Math.Min(most, Due(account, now))) : locked.Charges;
                return new(charges, [.. ledger.stops.Where(stop => stop.IsOpen || stop.End!.At > now - RecentOrder.Kept)]) { Late = [.. locked.Late.Values] };
            }
        }

        public void WriteAccount(MerchantAccount account, ChargeLeave leave, IReadOnlyList<HeldCharge> laidAside) => writeCharges = () =>
        {
            locked!.Charges = leave.Charges;
            foreach (var window in leave.Late)
                locked.Late[window.Currency] = window;
            foreach (var charge in laidAside)
                ledger.heldUntil[charge.Id] = BookRow.Ticks(charge.Until);
            blown.AddRange(leave.Blown.Select(ledger.Raise).OfType<ChargeStop>());
        };

        public void Hear(MerchantAccount account, AccountNews news, FuseLimits limits, Instant now) => hear = () =>
        {
            var (after, fuses) = ledger.Row(account).Outcomes.Hear(news, limits, now);
            ledger.Row(account).Outcomes = after;
            blown.AddRange(news.Stops(account, fuses, limits, now).Select(ledger.Raise).OfType<ChargeStop>());
        };

        private int Due(MerchantAccount account, Instant now)
        {
            var end = BookRow.Ticks(Instant.FromUnixTimeSeconds((ChargeCounters.MinuteOf(now) + 1) * 60));
            return ledger.book.Values.Count(entry => entry.Row.Account == account && entry.Row.Alarm < end);
        }

        private void StoreFuses()
        {
            writeCharges?.Invoke();
            hear?.Invoke();
        }

        private void ReleaseAccount()
        {
            lock (ledger.gate)
            {
                if (locked is not null)
                    locked.Locked = false;
                locked = null;
            }
        }
    }
}
