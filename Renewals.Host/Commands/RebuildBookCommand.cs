using System.CommandLine;
using Renewals.Core.Ledger;

namespace Renewals.Host.Commands;

/// <summary>The <c>rebuild-book</c> command: folds every stream anew, compares the book with the folds and puts it right.</summary>
internal static class RebuildBookCommand
{
    /// <summary>The exit code that says: there were differences, and they are repaired.</summary>
    public const int Repaired = 3;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var options = new LedgerOptions();
        var command = options.AddTo(new(
            "rebuild-book",
            $"Folds every event stream anew, compares the book with the folds and repairs it. " +
            $"Exit code 0: nothing differed; {Repaired}: differences were repaired; 1: it could not be done."));
        command.SetAction((parsed, cancellation) => RunAsync(options, parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LedgerOptions options, ParseResult parsed, CancellationToken cancellation)
    {
        await using var ledger = await options.OpenAsync(parsed, cancellation);
        var book = ledger.Book;
        var work = new LongWork("streams folded", await book.CountAsync(cancellation));
        var report = await ErrorTerminal.Open().RunAsync(work, progress => book.RunAsync(progress, cancellation));
        if (options.WantsJson(parsed))
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
