using System.CommandLine;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Host.Api;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>reconcile</c> command: one statement day of one merchant account beside the ledger.</summary>
internal static class ReconcileCommand
{
    /// <summary>The exit code that says: the statement could not be had or not be read.</summary>
    public const int NotRead = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var account = Options.Account("The merchant account, such as wechat:1900000109.", required: true);
        var date = new Option<string>("--date") { Description = "The rail's statement day, such as 2026-03-31.", Required = true };
        var config = Options.Config();
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON object." };
        var command = new Command(
            "reconcile",
            "Reads a rail's statement of a day, compares it with the ledger line by line, and records what is certain. " +
            $"Exit code 0: they agree; 1: they differ; {NotRead}: the statement is not ready or cannot be read.")
        {
            account, date, config, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(date) is { } text && !LocalDatePattern.Iso.Parse(text).Success)
                result.AddError($"--date is {text}; write a day as 2026-03-31.");
            else if (result.GetValue(date) is { } day && Days.FaultOf("--date", day) is { } fault)
                result.AddError(fault);
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            MerchantAccount.Parse(parsed.GetValue(account)!), LocalDatePattern.Iso.Parse(parsed.GetValue(date)!).Value, parsed.GetValue(config),
            parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(MerchantAccount account, LocalDate day, string? config, bool json, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(config, account, cancellation);
        var reconciler = engine.Services.GetRequiredService<Reconciler>();

        // A statement is read as it comes: its end says how many lines it has.
        var report = await engine.Terminal.RunAsync(new("lines compared", Total: null), progress => reconciler.RunAsync(account, day, progress, cancellation));
        if (json)
            CommandJson.Print(report);
        else
            Print(report);
        return report.State != ReconciliationState.Complete ? NotRead : report.Total == 0 ? 0 : 1;
    }

    private static void Print(ReconciliationReport report)
    {
        if (report.State != ReconciliationState.Complete)
        {
            AnsiConsole.WriteLine($"{report.Account} {report.Day:uuuu-MM-dd}: {report.Why}. Run the command again later.");
            return;
        }

        var table = new Table().AddColumn("difference").AddColumn("order").AddColumn("ours").AddColumn("theirs").AddColumn("recorded").AddColumn("in words");
        foreach (var found in report.Differences)
        {
            table.AddRow(
                new[]
                {
                    found.Kind.ToString(), found.Refund ?? found.Order ?? found.RailTransaction ?? "", $"{found.Ours}", $"{found.Theirs}",
                    found.Healed ? "yes" : "no", found.Detail,
                }.Select(Markup.Escape).ToArray());
        }

        if (report.Differences.Count > 0)
            AnsiConsole.Write(table);
        AnsiConsole.WriteLine(
            $"{report.Account} {report.Day:uuuu-MM-dd}: {report.Lines:N0} lines, {report.Matched:N0} matched, {report.Total:N0} differences, " +
            $"{report.Absent:N0} orders proved absent. Agreements that only the rail has: {report.KnownOrphans:N0} known (the command agreements lists them), others cannot be known.");
    }
}
