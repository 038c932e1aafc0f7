using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>Runs of the reconciliation without a database.</summary>
internal sealed class InMemoryReconciliationStore : IReconciliationStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<(MerchantAccount Account, LocalDate Day), ReconciliationReport> runs = [];
    private readonly HashSet<(string, MerchantAccount)> held = [];

    /// <summary>Has the runs another has, and no other: a backup, and a restore. What is held stays held.</summary>
    public void CopyFrom(InMemoryReconciliationStore other)
    {
        lock (gate)
        {
            runs.Clear();
            foreach (var (key, run) in other.runs)
                runs[key] = run;
        }
    }

    public Task SaveAsync(ReconciliationReport report, CancellationToken cancellation)
    {
        lock (gate)
        {
            var key = (report.Account, report.Day);
            if (report.State != ReconciliationState.Complete && runs.TryGetValue(key, out var before) && before.State == ReconciliationState.Complete)
                return Task.CompletedTask;
            runs[key] = report;
            var seen = report.Differences.Where(d => d.Kind == DifferenceKind.OtherDay).Select(d => (d.Order, d.Refund)).ToHashSet();
            if (seen.Count == 0)
                return Task.CompletedTask;
            foreach (var other in runs.Where(run => run.Key.Account == report.Account && run.Key.Day != report.Day).Select(run => run.Value).ToList())
                runs[(other.Account, other.Day)] = Without(other, seen);
        }

        return Task.CompletedTask;
    }

    public Task<ReconciliationReport?> FindAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult(runs.GetValueOrDefault((account, day)));
    }

    public Task<IReadOnlyDictionary<LocalDate, KnownDay>> DaysAsync(MerchantAccount account, LocalDate from, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<LocalDate, KnownDay>>(
                runs.Values.Where(run => run.Account == account && run.Day >= from).ToDictionary(run => run.Day, run => new KnownDay(run.State, run.Started, run.Total)));
        }
    }

    public Task<IReadOnlySet<(string Order, string? Refund)>> SeenOnOtherDaysAsync(
        MerchantAccount account, LocalDate day, IReadOnlyCollection<string> orders, CancellationToken cancellation)
    {
        if (orders.Count == 0)
            return Task.FromResult<IReadOnlySet<(string, string?)>>(new HashSet<(string, string?)>());
        lock (gate)
        {
            return Task.FromResult<IReadOnlySet<(string, string?)>>(runs.Values.Where(run => run.Account == account && run.Day != day)
                .SelectMany(run => run.Differences).Where(d => d.Kind == DifferenceKind.OtherDay && orders.Contains(d.Order!))
                .Select(d => (d.Order!, d.Refund)).ToHashSet());
        }
    }

    public Task<bool> IsUnsettledAsync(MerchantAccount account, LocalDate from, LocalDate until, string order, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult(runs.Values.Where(run => run.Account == account && run.Day >= from && run.Day <= until)
                .SelectMany(run => run.Differences).Any(d => d.Order == order && !d.Healed && d.Theirs is not null));
        }
    }

    public Task<IAsyncDisposable?> TryHoldAsync(string task, MerchantAccount account, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IAsyncDisposable?>(held.Add((task, account)) ? new Hold(this, (task, account)) : null);
    }

    private static ReconciliationReport Without(ReconciliationReport run, HashSet<(string?, string?)> seen)
    {
        var left = run.Differences.Where(d => d.Kind != DifferenceKind.OursOnly || !seen.Contains((d.Order, d.Refund))).ToList();
        if (left.Count == run.Differences.Count)
            return run;
        var counts = run.Counts.ToDictionary();
        counts[DifferenceKind.OursOnly] -= run.Differences.Count - left.Count;
        return run with { Differences = left, Counts = counts.Where(count => count.Value > 0).ToDictionary() };
    }

    private sealed class Hold(InMemoryReconciliationStore store, (string, MerchantAccount) key) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lock (store.gate)
                store.held.Remove(key);
            return ValueTask.CompletedTask;
        }
    }
}
