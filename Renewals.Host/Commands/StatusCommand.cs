using System.CommandLine;
using Renewals.Core.Ledger;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>status</c> command: how the ledger stands, and whether a person should look.</summary>
internal static class StatusCommand
{
    /// <summary>The exit code that says: a person should look.</summary>
    public const int NeedsAPerson = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var options = new LedgerOptions();
        var command = options.AddTo(new(
            "status",
            "Says how the ledger stands: memberships by account, who waits for a person and why, work that is late, what is stopped. It changes nothing. " +
            $"Exit code 0: all goes by itself; {NeedsAPerson}: a person should look; 1: it could not be done."));
        command.SetAction((parsed, cancellation) => RunAsync(options, parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LedgerOptions options, ParseResult parsed, CancellationToken cancellation)
    {
        await using var ledger = await options.OpenAsync(parsed, cancellation);
        var status = await ledger.StatusAsync(cancellation);
        if (options.WantsJson(parsed))
            CommandJson.Print(status);
        else
            Print(status);
        return status.NeedsAPerson ? NeedsAPerson : 0;
    }

    private static void Print(LedgerStatus status)
    {
        var table = new Table().AddColumn("account").AddColumn("signing").AddColumn("active").AddColumn("cancelled").AddColumn("ended").AddColumn("parked").AddColumn("due").AddColumn("next alarm");
        foreach (var a in status.Accounts)
        {
            var parked = string.Join(", ", a.Parked.Select(reason => $"{reason.Value:N0} {reason.Key}"));
            table.AddRow(new[]
            {
                $"{a.Account}", $"{a.Signing:N0}", $"{a.Active:N0}", $"{a.Cancelled:N0}", $"{a.Ended:N0}", parked.Length > 0 ? parked : "-", $"{a.Due:N0}", a.NextAlarm is { } next ? $"{next}" : "-",
            }.Select(Markup.Escape).ToArray());
        }

        if (status.Accounts.Count > 0)
            AnsiConsole.Write(table);
        else
            AnsiConsole.WriteLine("There are no memberships yet.");
        foreach (var late in status.Late)
            AnsiConsole.WriteLine($"Late: {late.Account} has {late.Due:N0} memberships due, the first since {late.DueSince}. Is a service running?");
        foreach (var stop in status.Stops)
            AnsiConsole.WriteLine($"Stopped: {stop.Words} since {stop.At}: {stop.Why}");
    }
}
