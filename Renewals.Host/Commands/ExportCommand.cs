using System.CommandLine;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Host.MovingIn;

namespace Renewals.Host.Commands;

/// <summary>The <c>export</c> command: running memberships of an account, in the form that <c>import</c> reads.</summary>
internal static class ExportCommand
{
    /// <summary>The exit code that says: memberships that run were left out.</summary>
    public const int NotAll = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var account = Options.Account("The merchant account, such as wechat:1900000109.", required: true);
        var output = new Option<string?>("--out") { Description = "The new file; only its owner may read it. Default: the standard output." };
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print what was written, and what was left out and why, as one JSON object; with --out." });
        var command = new Command(
            "export",
            "Writes the memberships of an account that renew, in the form that import reads. The file has the rail's keys: keep it as you keep the vault's. " +
            $"Exit code 0: all that run are in it; {NotAll}: some were left out (an order in flight), and why is said; 1: it could not be done.")
        {
            account, output, config, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetValue(output) is null)
                result.AddError("--json prints to the standard output: name a file for the book with --out.");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            MerchantAccount.Parse(parsed.GetValue(account)!), parsed.GetValue(output), parsed.GetValue(config), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(MerchantAccount account, string? path, string? config, bool json, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(config, account, cancellation);
        using var book = path is null ? BookWriter.Over(Console.Out) : BookWriter.Create(path);
        var work = await engine.MembershipsOfAsync("memberships read", [account], cancellation) with { Prints = path is null };
        var items = engine.Services.GetRequiredService<ExportDesk>().ReadAsync(account, cancellation);
        var tally = await engine.Terminal.RunAsync(work, progress => WriteAsync(items, book, progress));
        book.Finish();
        if (json)
            CommandJson.Print(new { account, tally.Written, tally.LeftOut, runningLeftOut = tally.Waiting });
        else
            Say(account, tally, engine.Terminal);
        return tally.Waiting > 0 ? NotAll : 0;
    }

    private static async Task<Tally> WriteAsync(IAsyncEnumerable<ExportItem> items, BookWriter book, IProgress<long> progress)
    {
        var (read, written, waiting) = (0L, 0L, 0L);
        SortedDictionary<string, long> leftOut = new(StringComparer.Ordinal);
        book.Write(BookColumns.ForExport);
        await foreach (var item in items)
        {
            progress.Report(++read);
            if (item.Line is { } line)
            {
                book.Write(BookColumns.Write(line));
                written++;
                continue;
            }

            leftOut[item.LeftOut!] = leftOut.GetValueOrDefault(item.LeftOut!) + 1;
            waiting += item.IsRunning ? 1 : 0;
        }

        return new(written, leftOut, waiting);
    }

    private static void Say(MerchantAccount account, Tally tally, ErrorTerminal terminal)
    {
        terminal.WriteLine($"{account}: {tally.Written:N0} memberships written.");
        foreach (var (why, count) in tally.LeftOut)
            terminal.WriteLine($"left out: {count:N0}, {why}");
        if (tally.Waiting > 0)
            terminal.WriteLine($"{tally.Waiting:N0} of them run: hold charging, wait until no order is in flight, and export again.");
    }

    /// <summary>What came of an export.</summary>
    /// <param name="Written">How many are in the file.</param>
    /// <param name="LeftOut">How many are not, by why.</param>
    /// <param name="Waiting">How many of those run.</param>
    private sealed record Tally(long Written, SortedDictionary<string, long> LeftOut, long Waiting);
}
