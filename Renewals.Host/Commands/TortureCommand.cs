using System.CommandLine;
using NodaTime;
using NodaTime.Text;
using Renewals.Host.Demo;
using Renewals.Host.Torture;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>torture</c> command: hosts are killed, the database is restarted and cut off, and the bank says whether a promise was broken.</summary>
internal static class TortureCommand
{
    private const int DaysOfAMonth = 30;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var standard = new TortureOptions();
        var kills = Options.Ranged("--kills", "How often a host is killed by SIGKILL.", standard.Kills, 0, 100_000);
        var cuts = Options.Ranged("--cuts", "How often the connection to the database is cut around a commit.", standard.Cuts, 0, 100_000);
        var restarts = Options.Ranged("--restarts", "How often the database is restarted under load.", standard.Restarts, 0, 10_000);
        var hosts = Options.Ranged("--hosts", "The most hosts at once.", standard.Hosts, 2, 4);
        var members = Options.Ranged("--members", "How many members sign.", standard.Members, 1, 10_000);
        var months = Options.Ranged("--months", "How many months pass.", standard.Months, 2, 60);
        var seed = Options.Ranged("--seed", "Decides who signs and who dies where.", standard.Seed, 0, int.MaxValue);
        var json = new Option<bool>("--json") { Description = "Print the statement as one JSON object on the last line." };
        var command = new Command(
            "torture",
            "Lets months pass on a real database while two to four hosts are killed, the database is restarted and commits are cut. " +
            "Exit code 0: every promise was kept; 1: one was broken; 2: not everything asked for could be done.")
        {
            kills, cuts, restarts, hosts, members, months, seed, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new()
            {
                Kills = parsed.GetValue(kills), Cuts = parsed.GetValue(cuts), Restarts = parsed.GetValue(restarts), Hosts = parsed.GetValue(hosts),
                Members = parsed.GetValue(members), Months = parsed.GetValue(months), Seed = parsed.GetValue(seed),
            },
            parsed.GetValue(json), cancellation));
        return command;
    }

    /// <summary>The child's side; not for people.</summary>
    public static Command CreateHost()
    {
        var config = new Option<string>("--config") { Required = true };
        var now = new Option<long>("--now") { Required = true };
        var die = new Option<string?>("--die");
        var command = new Command("torture-host", "A host of the torture; it is ordered by its standard input.") { config, now, die };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellation) =>
        {
            await new ObedientHost(parsed.GetValue(config)!, Instant.FromUnixTimeTicks(parsed.GetValue(now)), Death.Read(parsed.GetValue(die)))
                .RunAsync(Console.In, Console.Out, cancellation);
            return 0;
        });
        return command;
    }

    private static async Task<int> RunAsync(TortureOptions options, bool json, CancellationToken cancellation)
    {
        var work = new LongWork("days passed", DemoRun.DaysIn(options.Months)) { Every = DaysOfAMonth };
        var statement = await ErrorTerminal.Open().RunAsync(work, progress => new TortureRun(
            options, (day, passed, killed) => progress.Report(passed, $"{LocalDatePattern.Iso.Format(day)}, {killed:N0} killed")).RunAsync(cancellation));
        if (json)
            CommandJson.Print(statement);
        else
            Print(statement);
        return !statement.IsClean ? 1 : statement.IsComplete ? 0 : 2;
    }

    private static void Print(TortureStatement s)
    {
        var table = new Table().AddColumn("done to them").AddColumn(new TableColumn("times").RightAligned());
        foreach (var (where, times) in s.Deaths)
            table.AddRow($"killed {where}", $"{times:N0}");
        foreach (var (where, times) in s.Cuts)
            table.AddRow($"cut off {where}", $"{times:N0}");
        table.AddRow("database stopped and started", $"{s.Restarts - s.Crashes:N0}").AddRow("database crashed and recovered", $"{s.Crashes:N0}");
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(
            $"{s.Kills:N0} kills of {s.Asked.Kills:N0} asked for, up to {s.Hosts} hosts, {s.Figures.Charged:N0} renewals of {s.Figures.PeriodsDue:N0} charged, {s.Seconds:F0} s: " +
            $"paid twice {s.Figures.PaidTwice:N0}, bank and events differ {s.Figures.Mismatched:N0}, unannounced {s.Figures.Unannounced:N0}, " +
            $"book and events differ {s.BookDifferences.Count:N0}, parked {s.Parked:N0}.");
    }
}
