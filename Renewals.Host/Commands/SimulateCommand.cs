using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using Renewals.Host.Simulation;
using Renewals.Host.Simulation.Checks;
using Renewals.Host.Simulation.Plants;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>simulate</c> command: whole worlds in memory, years of members, engines that die, rails that lie; every promise is looked after.</summary>
internal static class SimulateCommand
{
    private static readonly JsonSerializerOptions CamelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var seeds = Text("--seeds", "The worlds, by seed: A..B, or one number. Default 1..20.", text => ReadSeeds(text) is not null, "give A..B, such as 1..1000");
        var years = Options.Ranged("--years", "How many years pass in each.", 3, 1, 30);
        var members = Options.Ranged("--members", "How many members live in each.", 50, 1, 10_000);
        var only = Text("--only", "Only these members, by number: to replay a failure.", text => ReadNumbers(text) is not null, "give numbers, such as 7,12");
        var without = Text("--without", $"Leave faults out: {string.Join(", ", Faults.Keys)}.", text => text.Split(',').All(Faults.ContainsKey), $"there are {string.Join(", ", Faults.Keys)}");
        var until = Text("--until", "Stop at this moment of the world and tell the story.", text => InstantPattern.ExtendedIso.Parse(text).Success, "give a moment such as 2027-03-04T08:00:00Z");
        var plant = new Option<string?>("--plant") { Description = "Plant one defect, to see that its promise catches it." };
        plant.AcceptOnlyFromAmong([.. Plant.Promises.Keys]);
        var json = new Option<bool>("--json") { Description = "Print the summary as one JSON object on the last line." };
        var command = new Command("simulate", "Lives whole worlds in memory, with every fault, and looks after every promise.")
        {
            seeds, years, members, only, without, until, plant, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            ReadSeeds(parsed.GetValue(seeds) ?? "1..20")!,
            new()
            {
                Years = parsed.GetValue(years), Members = parsed.GetValue(members), Plant = parsed.GetValue(plant),
                Only = parsed.GetValue(only) is { } numbers ? ReadNumbers(numbers) : null,
                Without = parsed.GetValue(without) is { } names ? names.Split(',').Select(name => Faults[name]).ToHashSet() : new HashSet<Fault>(),
                Until = parsed.GetValue(until) is { } moment ? InstantPattern.ExtendedIso.Parse(moment).Value : null,
            },
            parsed.GetValue(json), cancellation));
        return command;
    }

    private static readonly Dictionary<string, Fault> Faults = Enum.GetValues<Fault>().ToDictionary(FaultPlan.NameOf, StringComparer.Ordinal);

    private static Option<string?> Text(string name, string description, Predicate<string> isRight, string hint)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !isRight(text))
                result.AddError($"{name} is {text}; {hint}.");
        });
        return option;
    }

    private static List<ulong>? ReadSeeds(string text)
    {
        var parts = text.Split("..");
        if (parts.Length > 2 || !parts.All(part => ulong.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            return null;
        var (first, last) = (ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[^1], CultureInfo.InvariantCulture));
        return first > last || last - first > 1_000_000 ? null : [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => first + (ulong)i)];
    }

    private static List<int>? ReadNumbers(string text) =>
        text.Split(',').All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? [.. text.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))]
            : null;

    private static async Task<int> RunAsync(List<ulong> seeds, SimOptions options, bool json, CancellationToken cancellation)
    {
        // A replay of one world is of that world alone.
        var all = seeds.Count > 1 ? [.. SimRun.FailedOnce, .. seeds.Except(SimRun.FailedOnce)] : seeds;
        var work = new LongWork("worlds lived", all.Count) { Every = Math.Max(1, all.Count / 20) };
        var summary = await ErrorTerminal.Open().RunAsync(
            work, progress => Task.FromResult(new SimRun(options).Run(all, done => progress.Report(done), cancellation)));
        Print(summary);
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(summary, CamelCase));
        return summary.IsClean ? 0 : 1;
    }

    private static void Print(SimSummary summary)
    {
        var table = new Table().AddColumn("what happened").AddColumn(new TableColumn("times").RightAligned());
        foreach (var (name, count) in summary.Reach)
            table.AddRow(name, $"{count:N0}");
        AnsiConsole.Write(table);
        foreach (var missing in summary.Missing)
            Console.Out.WriteLine($"Too rare to prove anything: {missing}.");
        if (summary.Broken is not { } broken)
        {
            Console.Out.WriteLine(
                $"{summary.Seeds:N0} worlds of {summary.Members} members and {summary.Years} years in {summary.Seconds:F0} s ({summary.ProcessorSeconds:F0} s of processor time, "
                + $"{summary.Steps:N0} steps): {(summary.Missing.Count == 0 ? $"all {Promises.Names.Count} promises held" : "no promise was broken, and too little happened")}.");
            return;
        }

        foreach (var line in broken.Story)
            Console.Out.WriteLine(line);
        Console.Out.WriteLine($"Seed {broken.Seed} breaks '{broken.Promise}' at {broken.At}: {broken.Detail}.");
        Console.Out.WriteLine($"Replay it: dotnet run --project Renewals.Host -- {broken.Replay}");
    }
}
