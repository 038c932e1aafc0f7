using System.Text.Json;

namespace Renewals.Host.Bench;

/// <summary>Rates of every round, in renewals per second.</summary>
/// <remarks>
/// <c>engineToScan</c> is the engine's first round, in which its code is compiled while it works, over the scan's median: the less
/// favourable of the ways to divide, because the scan's median has no start-up in it.
/// </remarks>
internal sealed class BenchResult(BenchOptions options, BenchChecks checks)
{
    private readonly Dictionary<string, List<double>> rates = [];

    public double EngineToScan => First("engine") / Median("scan");

    public double EngineToBulk => First("engine") / Median("bulk");

    public void Add(string way, TimeSpan elapsed)
    {
        if (!rates.TryGetValue(way, out var list))
            rates[way] = list = [];
        list.Add(options.Subscriptions / elapsed.TotalSeconds);
    }

    /// <summary>A table and the two ratios, for people.</summary>
    public async Task WriteTableAsync(TextWriter output)
    {
        await output.WriteLineAsync($"Renewals per second, {options.Subscriptions} memberships, {options.Rounds} rounds, fsync on:");
        await output.WriteLineAsync($"{"",-8}{"median",10}{"first round",14}   each round");
        foreach (var (way, list) in rates.OrderBy(pair => Array.IndexOf(Ways, pair.Key)))
            await output.WriteLineAsync($"{way,-8}{Median(way),10:F0}{First(way),14:F0}   {string.Join(", ", list.Select(rate => $"{rate:F0}"))}");
        await output.WriteLineAsync($"engine to scan {EngineToScan:F2}, engine to bulk {EngineToBulk:F2} (the engine's first round, start-up included, over the other's median);");
        await output.WriteLineAsync($"median to median: engine to scan {Median("engine") / Median("scan"):F2}, engine to bulk {Median("engine") / Median("bulk"):F2}.");
        await output.WriteLineAsync(
            $"Checked: book equals fold in {checks.BooksVerified} rounds, {checks.Orders} orders once each, {checks.Charged} renewals charged, {checks.CommittedBeforeCharge} sampled orders committed before the charge.");
    }

    /// <summary>One line.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            engine = Math.Round(Median("engine")),
            scan = Math.Round(Median("scan")),
            bulk = Math.Round(Median("bulk")),
            engineToScan = Math.Round(EngineToScan, 3),
            engineToBulk = Math.Round(EngineToBulk, 3),
            subscriptions = options.Subscriptions,
            rounds = options.Rounds,
            firstRound = new { engine = Math.Round(First("engine")), scan = Math.Round(First("scan")), bulk = Math.Round(First("bulk")) },
            checks = new { booksVerified = checks.BooksVerified, orders = checks.Orders, charged = checks.Charged, committedBeforeCharge = checks.CommittedBeforeCharge },
        });

    private static readonly string[] Ways = ["engine", "scan", "bulk"];

    private double First(string way) => rates[way][0];

    private double Median(string way)
    {
        var sorted = rates[way].Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
