using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Host.MovingIn;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>import</c> command: takes over running memberships of another system from a file.</summary>
internal static class ImportCommand
{
    /// <summary>The exit code that says: lines were refused, or something is waited for.</summary>
    public const int NotAll = 2;

    private const int LinesAtOnce = 500;
    private const int MostShown = 20;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var file = new Argument<string?>("file") { Description = "The book: member, plan, anchor, paid_until, agreement, price (docs/moving-in.md).", Arity = ArgumentArity.ZeroOrOne };
        var account = Options.Account("The merchant account the agreements were signed at, such as wechat:1900000109.", required: true);
        var cutOver = new Option<string?>("--cut-over") { Description = "From then on the other system sends no more orders, such as 2026-04-01T02:00:00Z. Default: now." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Check every line and write nothing." };
        var refused = new Option<string?>("--refused") { Description = "Write refused lines and why to this new file; mended, it can be imported as it is." };
        var asks = Options.Ranged("--asks-per-second", "How many agreements a second the rail is asked for after the import. Default 20,", 20, 1, 1_000);
        var verify = new Option<bool>("--verify") { Description = "No file: read the statements that are waited for, and say how far the move has come." };
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the result as one JSON object." });
        var command = new Command(
            "import",
            "Takes over running memberships of another system: checks each line, takes over those that are right, says why others are not. What is there " +
            "already is left alone, so a run that was broken off is run again. Nobody who was taken over is told or charged anything before the rail " +
            $"confirmed the agreement and the statements before the cut-over were read. Exit code 0: all lines are in; {NotAll}: some were refused " +
            "(--verify: something is waited for); 1: it could not be done.")
        {
            file, account, cutOver, dryRun, refused, asks, verify, config, json,
        };
        command.Validators.Add(result => Check(result, file, cutOver, dryRun, refused, verify));
        command.SetAction((parsed, cancellation) =>
        {
            var word = new Word(MerchantAccount.Parse(parsed.GetValue(account)!), parsed.GetValue(config), parsed.GetValue(json));
            return parsed.GetValue(verify)
                ? VerifyAsync(word, cancellation)
                : ImportAsync(
                    word, parsed.GetValue(file)!, parsed.GetValue(refused),
                    new(word.Account, ReadInstant(parsed.GetValue(cutOver)) ?? Instant.MinValue) { AsksPerSecond = parsed.GetValue(asks), ChecksOnly = parsed.GetValue(dryRun) },
                    cancellation);
        });
        return command;
    }

    private static void Check(
        CommandResult result, Argument<string?> file, Option<string?> cutOver, Option<bool> dryRun, Option<string?> refused, Option<bool> verify)
    {
        if (result.GetValue(verify) == result.GetValue(file) is not null)
            result.AddError("Name the file to import, or --verify without one.");
        if (result.GetValue(verify) && (result.GetValue(dryRun) || result.GetValue(refused) is not null || result.GetValue(cutOver) is not null))
            result.AddError("--verify goes with --account, --config and --json only.");
        if (result.GetValue(cutOver) is { } text && ReadInstant(text) is null)
            result.AddError($"--cut-over is {text}: write it as 2026-04-01T02:00:00Z, in UTC.");
    }

    private static Instant? ReadInstant(string? text) => text is not null && InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var at } ? at : null;

    private static async Task<int> ImportAsync(Word word, string path, string? refusedPath, ImportSettings settings, CancellationToken cancellation)
    {
        using var file = BookFile.Open(path);
        using var refused = refusedPath is null ? null : BookWriter.Create(refusedPath);
        var work = new LongWork("lines looked at", BookFile.CountLines(path));
        await using var engine = await QuietEngine.OpenAsync(word.Config, word.Account, cancellation);
        if (settings.CutOver == Instant.MinValue)
            settings = settings with { CutOver = engine.Services.GetRequiredService<EngineClock>().Now };

        // A ledger may be begun by an import: it gets its identity, as from a service's first start.
        if (!settings.ChecksOnly)
            await engine.Services.GetRequiredService<IFreeze>().StartAsync(cancellation);
        var run = await engine.Services.GetRequiredService<ImportDesk>().BeginAsync(settings, cancellation);
        var (tally, watch) = (new ImportTally(file.Columns, refused, MostShown), Stopwatch.StartNew());
        refused?.Write(tally.RefusedHeader);
        await engine.Terminal.RunAsync(work, progress => TakeAsync(file, run, tally, progress, cancellation));
        refused?.Finish();
        Say(word, settings, tally, watch.Elapsed, refusedPath);
        return tally.Refused > 0 ? NotAll : 0;
    }

    // Told by the file's own numbers: a cell may go over several lines, and empty ones say nothing.
    private static async Task<long> TakeAsync(BookFile file, ImportRun run, ImportTally tally, IProgress<long> progress, CancellationToken cancellation)
    {
        foreach (var lines in file.Read().Chunk(LinesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var verdicts = await run.TakeAsync([.. lines.Select(line => line.Line).OfType<ImportLine>()], cancellation);
            tally.Take(lines, verdicts);
            progress.Report(lines[^1].Number);
        }

        return tally.Lines;
    }

    private static void Say(Word word, ImportSettings settings, ImportTally tally, TimeSpan took, string? refusedPath)
    {
        if (word.Json)
        {
            CommandJson.Print(new
            {
                settings.Account, settings.CutOver, dryRun = settings.ChecksOnly, tally.Lines, tally.Imported, tally.There, tally.Refused,
                seconds = Math.Round(took.TotalSeconds, 1), firstRefused = tally.First,
            });
            return;
        }

        foreach (var (line, reason) in tally.First)
            Console.Out.WriteLine($"line {line}: {reason}");
        if (tally.Refused > tally.First.Count)
            Console.Out.WriteLine($"… and {tally.Refused - tally.First.Count:N0} more{(refusedPath is null ? "; --refused writes all of them to a file" : $", all of them in {refusedPath}")}.");
        Console.Out.WriteLine(
            $"{settings.Account}: {tally.Lines:N0} lines, {tally.Imported:N0} {(settings.ChecksOnly ? "could be taken over" : "taken over")}, {tally.There:N0} there already, " +
            $"{tally.Refused:N0} refused; {tally.Lines / Math.Max(took.TotalSeconds, 0.001):N0} lines a second.");
        Console.Out.WriteLine(settings.ChecksOnly
            ? "Nothing was written (--dry-run)."
            : $"Cut-over: {settings.CutOver}. The running service asks the rail for each agreement and reads the statements; import --verify says how far it is.");
    }

    private static async Task<int> VerifyAsync(Word word, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(word.Config, word.Account, cancellation);
        var survey = engine.Services.GetRequiredService<MoveSurvey>();
        var work = await engine.MembershipsOfAsync("memberships read", [word.Account], cancellation);
        var report = await engine.Terminal.RunAsync(work, progress => survey.RunAsync(word.Account, engine.Terminal, progress, cancellation));
        if (word.Json)
            CommandJson.Print(report);
        else
            Print(report);
        return report.IsDone ? 0 : NotAll;
    }

    private static void Print(MoveReport report)
    {
        AnsiConsole.WriteLine(
            $"{report.Account}: {report.Memberships:N0} memberships taken over; {report.Unverified:N0} wait for the rail's word on the agreement, {report.WaitForStatements:N0} for " +
            $"statements, {report.Parked:N0} for a person; {report.Renewing:N0} renew, {report.Stopped:N0} were stopped.");
        if (report.NotRead is [var first, ..])
            AnsiConsole.WriteLine($"{report.NotRead.Count} statement days are to be read, the first {first:uuuu-MM-dd}, the last {report.NotRead[^1]:uuuu-MM-dd}.");
        if (report.Why is { } why)
            AnsiConsole.WriteLine($"in the way: {why}");
    }

    /// <summary>What both ways of the command have alike.</summary>
    private sealed record Word(MerchantAccount Account, string? Config, bool Json);
}
