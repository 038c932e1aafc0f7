using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>For tests and simulations: nothing outlives the process.</summary>
internal sealed class InMemoryMoves : IMoves
{
    private readonly Lock gate = new();
    private readonly Dictionary<MerchantAccount, MoveDays> moves = [];
    private readonly HashSet<(MerchantAccount Account, MoveKey Key)> keys = [];
    private readonly HashSet<(MerchantAccount Account, LocalDate Day)> read = [];
    private readonly Dictionary<(MerchantAccount Account, string Transaction, string? Refund), (LocalDate Day, StatementLine Line)> kept = [];

    /// <summary>Holds what another holds, and nothing else: a backup, and a restore.</summary>
    public void CopyFrom(InMemoryMoves other)
    {
        lock (gate)
        {
            moves.Clear();
            keys.Clear();
            read.Clear();
            kept.Clear();
            foreach (var (account, days) in other.moves)
                moves[account] = days;
            keys.UnionWith(other.keys);
            read.UnionWith(other.read);
            foreach (var (name, line) in other.kept)
                kept[name] = line;
        }
    }

    public Task BeginAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation)
    {
        lock (gate)
        {
            moves[account] = moves.TryGetValue(account, out var before)
                ? new(LocalDate.Min(before.First, first), LocalDate.Max(before.Last, last))
                : new(first, last);
        }

        return Task.CompletedTask;
    }

    public Task<MoveDays?> FindAsync(MerchantAccount account, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult(moves.GetValueOrDefault(account));
    }

    public Task AddKeysAsync(MerchantAccount account, IReadOnlyCollection<MoveKey> keys, CancellationToken cancellation)
    {
        lock (gate)
            this.keys.UnionWith(keys.Select(key => (account, key)));
        return Task.CompletedTask;
    }

    /// <summary>Forgets what statements call these memberships by, and whose kept lines are.</summary>
    public void Forget(IReadOnlyCollection<SubscriptionId> ids)
    {
        lock (gate)
        {
            var payers = keys.Where(key => key.Key.Kind == MoveKeyKind.Payer && ids.Contains(key.Key.Id)).Select(key => (key.Account, key.Key.Text)).ToHashSet();
            keys.RemoveWhere(key => ids.Contains(key.Key.Id));
            foreach (var (name, (day, line)) in kept.Where(one => one.Value.Line.Payer is { } payer && payers.Contains((one.Key.Account, payer))).ToList())
                kept[name] = (day, line with { Payer = null });
        }
    }

    public Task KeepAsync(MerchantAccount account, LocalDate day, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation)
    {
        lock (gate)
        {
            foreach (var line in lines)
                kept.TryAdd((account, line.RailTransaction, line.RefundNumber), (day, line));
        }

        return Task.CompletedTask;
    }

    public Task SetReadAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation)
    {
        lock (gate)
            read.Add((account, day));
        return Task.CompletedTask;
    }

    public Task<IReadOnlySet<LocalDate>> DaysReadAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlySet<LocalDate>>(read.Where(r => r.Account == account && r.Day >= first && r.Day <= last).Select(r => r.Day).ToHashSet());
    }

    public Task<IReadOnlyList<(SubscriptionId Id, OldPayment Payment)>> AfterCutOverAsync(
        MerchantAccount account, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<(SubscriptionId, OldPayment)>>(
            [
                .. from line in lines
                where line.RefundNumber is null
                from key in KeysOf(account, line)
                where line.At >= key.CutOver
                group key by (key.Id, line) into found
                select (found.Key.Id, PaymentOf(account, found.Key.line, found)),
            ]);
        }
    }

    public Task<IReadOnlyList<OldPayment>> PaymentsOfAsync(MerchantAccount account, SubscriptionId id, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<OldPayment>>(
            [
                .. from one in kept
                let line = one.Value.Line
                where one.Key.Account == account && line.RefundNumber is null && !WentBack(account, line)
                let mine = KeysOf(account, line).Where(key => key.Id == id).ToList()
                where mine.Count > 0
                select PaymentOf(account, line, mine),
            ]);
        }
    }

    public Task EraseBeforeAsync(LocalDate day, CancellationToken cancellation)
    {
        lock (gate)
        {
            foreach (var key in kept.Where(one => one.Value.Day < day).Select(one => one.Key).ToList())
                kept.Remove(key);
        }

        return Task.CompletedTask;
    }

    private bool WentBack(MerchantAccount account, StatementLine line) =>
        kept.Where(one => one.Key.Account == account && one.Key.Transaction == line.RailTransaction && one.Key.Refund is not null)
            .Sum(one => one.Value.Line.Amount.MinorUnits) >= line.Amount.MinorUnits;

    private IEnumerable<MoveKey> KeysOf(MerchantAccount account, StatementLine line) => keys
        .Where(key => key.Account == account && key.Key.Text == (key.Key.Kind == MoveKeyKind.Payer ? line.Payer : line.OrderNumber)).Select(key => key.Key);

    private OldPayment PaymentOf(MerchantAccount account, StatementLine line, IEnumerable<MoveKey> mine) => new(
        line.RailTransaction, line.Amount, line.At,
        mine.Any(key => key.Kind == MoveKeyKind.Order || keys.Count(other => other.Account == account && other.Key.Kind == key.Kind && other.Key.Text == key.Text) == 1));
}
