using System.CommandLine;
using System.Text.Json;
using NodaTime;
using Renewals.Host.Demo;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>demo</c> command: members sign on WeChat Pay and a year passes in less than a minute.</summary>
internal static class DemoCommand
{
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
        var command = new Command("demo", "Starts database, rail and engine, signs members, and lets a year pass.") { subscribers, months, seed, json, plant };
        command.SetAction((parsed, cancellation) => RunAsync(
            new(parsed.GetValue(subscribers), parsed.GetValue(months), parsed.GetValue(seed), parsed.GetValue(plant) is { } name ? Plants[name] : Plant.None),
            parsed.GetValue(json), cancellation));
        return command;
    }

    private static readonly Dictionary<string, Plant> Plants = Enum.GetValues<Plant>().Where(plant => plant != Plant.None)
        .ToDictionary(plant => JsonNamingPolicy.KebabCaseLower.ConvertName(plant.ToString()));

    private static async Task<int> RunAsync(DemoOptions options, bool json, CancellationToken cancellation)
    {
        var statement = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected && !json
            ? await WithBarAsync(options, cancellation)
            : await new DemoRun(options, Lines(json ? Console.Error : Console.Out)).RunAsync(cancellation);
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(statement, CamelCase));
        else
            Print(statement);
        return statement.IsClean ? 0 : 1;
    }

    private static Task<DemoStatement> WithBarAsync(DemoOptions options, CancellationToken cancellation) =>
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(context =>
        {
            var bar = context.AddTask("starting", maxValue: 1);
            return new DemoRun(options, (day, part) => (bar.Description, bar.Value) = (Text(day), part)).RunAsync(cancellation);
        });

    private static Action<LocalDate, double> Lines(TextWriter writer)
    {
        var month = 0;
        return (day, part) =>
        {
            if (day.Month == month)
                return;
            month = day.Month;
            writer.WriteLine($"{Text(day)}  {part,4:P0}");
        };
    }

    private static string Text(LocalDate day) => day.ToString("uuuu-MM-dd", null);

    private static void Print(DemoStatement s)
    {
        var table = new Table().AddColumn("from the bank's ledger and the notifier's receipts").AddColumn(new TableColumn("renewals").RightAligned());
        table.AddRow("due", $"{s.PeriodsDue:N0}").AddRow("  charged", $"{s.Charged:N0}").AddRow("    recovered after a decline", $"{s.Recovered:N0}");
        table.AddRow("  lost to dunning", $"{s.LostToDunning:N0}").AddRow("  cancelled", $"{s.Cancelled:N0}").AddRow("  open at the end", $"{s.Open:N0}");
        table.AddRow("first payments", $"{s.FirstPayments:N0}").AddRow("notices handed over", $"{s.Notices:N0}");
        table.AddRow("paid twice", $"{s.PaidTwice:N0}").AddRow("bank and events differ", $"{s.Mismatched:N0}").AddRow("taken unannounced", $"{s.Unannounced:N0}");
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(s.IsClean
            ? $"{s.Subscribers:N0} members, {s.Months} months, {s.Seconds:F1} s: nothing taken twice, nothing lost, nothing unannounced."
            : "The statement shows defects: see the last three rows.");
    }
}
