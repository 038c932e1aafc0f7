using System.CommandLine;

namespace Renewals.Host.Commands;

/// <summary>The <c>verify</c> command: folds every stream anew and compares the book with the folds. It changes nothing, and the service may run.</summary>
internal static class VerifyCommand
{
    /// <summary>The exit code that says: something differs.</summary>
    public const int Differs = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var options = new LedgerOptions();
        var command = options.AddTo(new(
            "verify",
            "Folds every event stream anew and says where the book differs: an altered row, a row that is missing, an alarm that is not the earliest duty. " +
            $"It changes nothing; rebuild-book repairs. Exit code 0: nothing differs; {Differs}: something does; 1: it could not be done."));
        command.SetAction((parsed, cancellation) => RunAsync(options, parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LedgerOptions options, ParseResult parsed, CancellationToken cancellation)
    {
        await using var ledger = await options.OpenAsync(parsed, cancellation);
        var work = new LongWork("memberships compared", await ledger.Memberships.CountAsync(new(), cancellation));
        var found = await ErrorTerminal.Open().RunAsync(work, progress => ledger.VerifyAsync(progress, cancellation));
        if (options.WantsJson(parsed))
        {
            CommandJson.Print(found);
        }
        else
        {
            Console.Out.WriteLine($"{found.Memberships:N0} memberships compared.");
            foreach (var difference in found.Differences)
                Console.Out.WriteLine(difference);
            Console.Out.WriteLine(found.Differences.Count == 0 ? "The book is right." : $"{found.Differences.Count:N0} differences; nothing was changed. rebuild-book repairs them.");
        }

        return found.Differences.Count == 0 ? 0 : Differs;
    }
}
