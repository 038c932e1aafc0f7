using System.CommandLine;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>erase</c> command: erases what names a member, and keeps a record of what went, what stays, why and until when.</summary>
internal static class EraseCommand
{
    /// <summary>The exit code that says: something of the member is open, and nothing was erased.</summary>
    public const int Open = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var member = Options.Kept("--member", "The member, by the merchant's own opaque name: the one memberships were signed under.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be erased and what is in the way, and change nothing." };
        var (by, why) = (Word("--by", "Who does it; kept."), Word("--why", "Why, such as the member's request; kept."));
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the report as one JSON object." });
        var command = new Command(
            "erase",
            "Erases what names a member, at every account, once all agreements are over and nothing is open: the rail's keys in the vault, kept callbacks, the " +
            "member's lines in kept statements. Events stay. A record says what went, what stays, why and until when; again is safe. " +
            $"Exit code 0: erased, or nothing was left; {Open}: something is open, nothing was erased; 1: it could not be done.")
        {
            member, dryRun, by, why, config, json,
        };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(dryRun) && (result.GetValue(by) is null || result.GetValue(why) is null))
                result.AddError("Who erases and why is kept: give --by and --why, or --dry-run to change nothing.");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(member)!, parsed.GetValue(dryRun) ? null : (parsed.GetValue(by)!, parsed.GetValue(why)!), parsed.GetValue(config), parsed.GetValue(json), cancellation));
        return command;
    }

    // Needed only where something is changed.
    private static Option<string> Word(string name, string description)
    {
        var option = Options.Kept(name, description);
        option.Required = false;
        return option;
    }

    private static async Task<int> RunAsync(string member, (string By, string Why)? done, string? config, bool json, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(config, account: null, cancellation);

        // What no host has noticed yet is noticed here.
        await engine.Services.GetRequiredService<IFreeze>().StartAsync(cancellation);
        var eraser = engine.Services.GetRequiredService<MemberEraser>();
        var report = (done is var (by, why) ? await eraser.EraseAsync(member, by, why, cancellation) : await eraser.PreviewAsync(member, cancellation))
            ?? throw new CannotRunException($"There is no membership of member '{member}' in this ledger.");
        if (json)
            CommandJson.Print(report);
        else
            Print(report, dryRun: done is null, Console.Out);
        return report.Open.Count > 0 ? Open : 0;
    }

    private static void Print(ErasureReport report, bool dryRun, TextWriter output)
    {
        foreach (var open in report.Open)
            output.WriteLine($"open: {open.Membership}: {open.What}; {open.Remedy}.");
        if (report.Open.Count > 0)
        {
            output.WriteLine("Nothing was erased.");
            return;
        }

        var e = report.Erased;
        if (report.IsDone || dryRun)
        {
            output.WriteLine(
                $"{(dryRun ? "Would be erased" : "Erased")}: the keys of {e.VaultKeys:N0} agreements, {e.Callbacks:N0} callbacks, {e.StatementLines:N0} lines in " +
                $"{e.Statements:N0} statements{(e.WholeStatements > 0 ? $", of which {e.WholeStatements:N0} went whole" : "")}; {report.Memberships.Count:N0} memberships.");
        }

        foreach (var stays in report.Stays)
            output.WriteLine($"stays{(stays.Until is { } until ? $" until {until:uuuu-MM-dd}" : "")}: {stays.What} ({stays.Where}): {stays.Why}.");
        foreach (var note in report.Notes)
            output.WriteLine($"note: {note}");
        if (report.Earlier.Count > 0)
            output.WriteLine($"Erased before: {string.Join(", ", report.Earlier)}.{(report.IsDone || dryRun ? "" : " Nothing was left to erase.")}");
    }
}
