using System.Diagnostics.Metrics;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Engine;

/// <summary>What the engine counts, on the meter <c>Renewals</c>. Tags are few: account and kind, never a membership.</summary>
public sealed class EngineMetrics
{
    private readonly Counter<long> events;
    private readonly Counter<long> errands;
    private readonly Counter<long> callbacks;
    private readonly Counter<long> faults;
    private readonly Counter<long> differences;
    private readonly Counter<long> statements;
    private readonly Counter<long> verifications;
    private volatile IReadOnlyList<ChargeStop> stops = [];
    private volatile bool frozen;

    /// <summary>Creates the instruments.</summary>
    public EngineMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Renewals");
        events = meter.CreateCounter<long>("renewals.events", "{event}", "Events appended.");
        errands = meter.CreateCounter<long>("renewals.errands", "{call}", "Calls to rails and the notifier.");
        callbacks = meter.CreateCounter<long>("renewals.callbacks", "{callback}", "Callbacks received, by result.");
        faults = meter.CreateCounter<long>("renewals.faults", "{fault}", "Memberships parked because deciding or folding failed, and lost or refused commits.");
        differences = meter.CreateCounter<long>("renewals.differences", "{difference}", "Differences between the ledger and a rail's statement, by kind.");
        statements = meter.CreateCounter<long>("renewals.statements", "{statement}", "Statement days looked at, by result.");
        meter.CreateObservableGauge("renewals.fuses.open", Open, "{stop}", "Fuses that are blown and holds in force, by account and rule.");
        meter.CreateObservableGauge("renewals.frozen", () => frozen ? 1 : 0, "{ledger}", "1 while the ledger is frozen: a copy, or restored, and not adopted.");
        verifications = meter.CreateCounter<long>("renewals.verifications", "{agreement}", "Agreements asked about, by result.");
    }

    internal void Events(MerchantAccount account, int count) => events.Add(count, Account(account));

    internal void Errands(MerchantAccount account, int count) => errands.Add(count, Account(account));

    internal void Callback(MerchantAccount account, string result) => callbacks.Add(1, Account(account), new("result", result));

    internal void Fault(MerchantAccount account, string kind) => faults.Add(1, Account(account), new("kind", kind));

    internal void Differences(MerchantAccount account, string kind, long count) => differences.Add(count, Account(account), new("kind", kind));

    internal void Statement(MerchantAccount account, string result) => statements.Add(1, Account(account), new("result", result));

    internal void Verified(MerchantAccount account, string result) => verifications.Add(1, Account(account), new("result", result));

    /// <summary>What is stopped now.</summary>
    internal void Stopped(IReadOnlyList<ChargeStop> open) => stops = open;

    /// <summary>Whether the ledger is frozen.</summary>
    internal void Frozen(bool value) => frozen = value;

    private IEnumerable<Measurement<long>> Open() =>
        stops.GroupBy(stop => (Account: stop.Account?.ToString() ?? "all", Rule: stop.Rule?.ToString() ?? "Hold"))
            .Select(group => new Measurement<long>(group.Count(), new("account", group.Key.Account), new KeyValuePair<string, object?>("rule", group.Key.Rule)));

    private static KeyValuePair<string, object?> Account(MerchantAccount account) => new("account", account.ToString());
}
