using System.CommandLine;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>adopt</c> command: takes over a ledger that is frozen because it was copied or restored.</summary>
internal static class AdoptCommand
{
    /// <summary>The exit code that says: the ledger is not frozen.</summary>
    public const int NotFrozen = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var reconcile = new Option<bool>("--reconcile") { Description = "Ask every rail for what the ledger may have lost, first. There is no adoption without." };
        var by = new Option<string>("--by") { Description = "Who does it; kept. Needed but for --dry-run." };
        var reason = new Option<string>("--reason") { Description = "Why; kept. Needed but for --dry-run." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be asked and read, and do nothing. It needs nothing else." };
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the report as one JSON object." });
        var command = new Command(
            "adopt",
            "Takes over a ledger that is frozen because it was copied or restored: asks every rail for the orders it may not know of, reads the statements " +
            "of the restored day, of the day of the freeze, of the days between and of the next, records what is certain, and only then lets it go on. " +
            $"Exit code 0: it goes on; 1: it stays frozen, and why is said; {NotFrozen}: it is not frozen.")
        {
            reconcile, by, reason, dryRun, config, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(dryRun))
                return;
            if (!result.GetValue(reconcile))
                result.AddError("A ledger that was copied or restored does not know what was charged since: add --reconcile, and every rail is asked first.");
            foreach (var option in (Option<string>[])[by, reason])
            {
                if (result.GetResult(option) is null)
                    result.AddError($"Option '{option.Name}' is required; it is kept with what is done.");
            }
        });
        foreach (var option in (Option<string>[])[by, reason])
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: var text }] && string.IsNullOrWhiteSpace(text))
                    result.AddError($"{option.Name} is empty; it is kept with what is done.");
            });
        }

        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(config), parsed.GetValue(by) ?? "", parsed.GetValue(reason) ?? "", parsed.GetValue(dryRun), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? config, string by, string reason, bool dryRun, bool json, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(config, null, cancellation);

        // What no host has noticed yet is noticed here.
        await engine.Services.GetRequiredService<IFreeze>().StartAsync(cancellation);
        var adoption = engine.Services.GetRequiredService<Adoption>();
        var work = await engine.MembershipsOfAsync("memberships looked at", engine.Accounts, cancellation) with { Every = 1_000 };
        var report = await engine.Terminal.RunAsync(work, progress => adoption.RunAsync(by, reason, dryRun, engine.Terminal, progress, cancellation));
        if (json)
            CommandJson.Print(report);
        else
            Print(report);
        return report.Freeze is null ? NotFrozen : report.Problems.Count > 0 ? 1 : 0;
    }

    private static void Print(AdoptionReport report)
    {
        if (report.Freeze is not { } freeze)
        {
            AnsiConsole.WriteLine("The ledger is not frozen; there is nothing to adopt.");
            return;
        }

        AnsiConsole.WriteLine($"Frozen since {freeze.At} by {freeze.By}: {freeze.Why}. The last event before is of {report.RestoredTo?.ToString() ?? "never"}.");
        foreach (var account in report.Accounts)
        {
            AnsiConsole.WriteLine(
                $"{account.Account}: {account.Memberships:N0} memberships may have orders that are not known here, {account.Asked:N0} orders asked for, {account.Found:N0} found; " +
                $"of {account.ByStatement:N0} memberships only the statements tell; {account.Agreements:N0} agreements asked for, {account.EndedAgreements:N0} had ended.");
            foreach (var day in account.Days)
                AnsiConsole.WriteLine($"  {day.Day:uuuu-MM-dd}  {(day.State is { } state ? $"{state}: {day.Lines:N0} lines, {day.Differences:N0} differences" : $"can be had from {day.ReadyAt}")}");
        }

        foreach (var note in report.Notes)
            AnsiConsole.WriteLine($"note: {note}");
        foreach (var problem in report.Problems)
            AnsiConsole.WriteLine($"in the way: {problem}");
        AnsiConsole.WriteLine(
            report.Adopted ? "Adopted: charging goes on."
            : report.DryRun ? "Nothing was done (--dry-run)."
            : "The ledger stays frozen.");
    }
}
