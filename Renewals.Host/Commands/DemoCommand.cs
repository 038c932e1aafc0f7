using System.CommandLine;
using System.Text.Json;
using NodaTime.Text;
using Renewals.Host.Demo;
using Renewals.Host.Demo.Rails;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>demo</c> command: members sign on every rail and a year passes on a movable clock.</summary>
internal static class DemoCommand
{
    private const int DaysOfAMonth = 30;

    private static readonly JsonSerializerOptions CamelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var subscribers = Options.Ranged("--subscribers", "How many members sign.", 300, 1, 100_000);
        var months = Options.Ranged("--months", "How many months pass.", 12, 2, 60);
        var seed = Options.Ranged("--seed", "The same seed gives the same figures.", 1, 0, int.MaxValue);
        var json = new Option<bool>("--json") { Description = "Print the statement as one JSON object on the last line." };
        var plant = new Option<string?>("--plant") { Description = "Plant one defect, to see that the statement finds it." };
        plant.AcceptOnlyFromAmong([.. Plants.Keys]);
        var rails = new Option<string[]>("--rails")
        {
            Description = $"The rails that run side by side: {string.Join(", ", DemoRail.Known.Keys)}. Default: {string.Join(", ", DemoRail.Default)}.",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct()],
        };
        rails.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string[]>()?.FirstOrDefault(name => !DemoRail.Known.ContainsKey(name)) is { } unknown)
                result.AddError($"--rails has '{unknown}'; there are {string.Join(", ", DemoRail.Known.Keys)}.");
        });
        var command = new Command("demo", "Starts database, rails and engine, signs members, and lets a year pass.") { subscribers, months, seed, rails, json, plant };
        command.SetAction((parsed, cancellation) => RunAsync(
            new(parsed.GetValue(subscribers), parsed.GetValue(months), parsed.GetValue(seed), parsed.GetValue(plant) is { } name ? Plants[name] : Plant.None)
            {
                Rails = parsed.GetValue(rails) is { Length: > 0 } chosen ? chosen : DemoRail.Default,
            },
            parsed.GetValue(json), cancellation));
        return command;
    }

    private static readonly Dictionary<string, Plant> Plants = Enum.GetValues<Plant>().Where(plant => plant != Plant.None)
        .ToDictionary(plant => JsonNamingPolicy.KebabCaseLower.ConvertName(plant.ToString()));

    private static async Task<int> RunAsync(DemoOptions options, bool json, CancellationToken cancellation)
    {
        var work = new LongWork("days passed", DemoRun.DaysIn(options.Months)) { Every = DaysOfAMonth };
        var statement = await ErrorTerminal.Open().RunAsync(
            work, progress => new DemoRun(options, (day, passed) => progress.Report(passed, LocalDatePattern.Iso.Format(day))).RunAsync(cancellation));
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(statement, CamelCase));
        else
            Print(statement);
        return statement.IsClean ? 0 : 1;
    }

    private static void Print(DemoStatement s)
    {
        var table = new Table().AddColumn("from the bank's ledger and the notifier's receipts");
        var columns = s.Rails.Values.Append(s).ToList();
        foreach (var name in s.Rails.Keys.Append("total"))
            table.AddColumn(new TableColumn(name).RightAligned());
        void Row(string name, Func<DemoFigures, int> figure) => table.AddRow([name, .. columns.Select(column => $"{figure(column):N0}")]);
        Row("renewals due", f => f.PeriodsDue);
        Row("  charged", f => f.Charged);
        Row("    recovered after a decline", f => f.Recovered);
        Row("  lost to dunning", f => f.LostToDunning);
        Row("  cancelled", f => f.Cancelled);
        Row("  open at the end", f => f.Open);
        Row("first payments", f => f.FirstPayments);
        Row("notices handed over", f => f.Notices);
        Row("paid twice", f => f.PaidTwice);
        Row("bank and events differ", f => f.Mismatched);
        Row("taken unannounced", f => f.Unannounced);
        foreach (var story in s.Stories)
        {
            AnsiConsole.WriteLine($"{story.Member} at {story.Rail}: {story.Title}");
            foreach (var line in story.Lines)
                AnsiConsole.WriteLine($"  {line}");
            AnsiConsole.WriteLine();
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(s.IsClean
            ? $"{s.Subscribers:N0} members, {s.Months} months, {s.Seconds:F1} s: nothing taken twice, nothing lost, nothing unannounced."
            : "The statement shows defects: see the last three rows.");
    }
}
