using System.CommandLine;
using Renewals.Core.Ledger;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>rebuild-book</c> command: folds every stream anew, compares the book with the folds and puts it right.</summary>
internal static class RebuildBookCommand
{
    /// <summary>The exit code that says: there were differences, and they are repaired.</summary>
    public const int Repaired = 3;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var connection = new Option<string?>("--connection") { Description = "Connection string of the ledger's PostgreSQL server." };
        var data = new Option<string?>("--data") { Description = "Data folder of the embedded PostgreSQL; the service that uses it must be stopped." };
        var json = new Option<bool>("--json") { Description = "Print the result as one JSON object." };
        var command = new Command(
            "rebuild-book",
            $"Folds every event stream anew, compares the book with the folds and repairs it. " +
            $"Exit code 0: nothing differed; {Repaired}: differences were repaired; 1: it could not be done.")
        {
            connection, data, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(connection) is null == result.GetValue(data) is null)
                result.AddError("Name the ledger with either --connection or --data.");
        });
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(connection), parsed.GetValue(data), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? connection, string? data, bool json, CancellationToken cancellation)
    {
        await using var ledger = await ExistingLedger.OpenAsync(connection, data, cancellation);
        var report = await ledger.Book.RunAsync(new CountedProgress(Console.Error, "streams folded"), cancellation);
        if (json)
            CommandJson.Print(report);
        else
            Print(report, Console.Out);
        return report.Differences.Count == 0 ? 0 : Repaired;
    }

    private static void Print(BookRebuildReport report, TextWriter output)
    {
        output.WriteLine($"{report.Streams:N0} streams folded.");
        foreach (var difference in report.Differences)
            output.WriteLine(difference);
        output.WriteLine(report.Differences.Count == 0 ? "The book was right." : $"{report.Differences.Count:N0} differences, repaired.");
    }
}
