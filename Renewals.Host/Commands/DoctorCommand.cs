using System.CommandLine;
using System.Text.Json;
using Renewals.Core.Gateways;
using Renewals.Host.Service;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>doctor</c> command: for each configured account, whether it could work, and what a team does next where it could not.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions CamelCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var config = new Option<string?>("--config")
        {
            Description = $"Settings file. Without it, {SettingsFile.StandardName} of the working directory, if there is one.",
        };
        var only = new Option<string?>("--account") { Description = "One account, such as wechat:1900000109. Default: all that are configured." };
        var json = new Option<bool>("--json") { Description = "Print the findings as one JSON object." };
        var command = new Command("doctor", "Looks at every configured merchant account: keys, certificates, clock, endpoint, product, callback address.")
        {
            config, only, json,
        };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(config), parsed.GetValue(only), parsed.GetValue(json), cancellation));
        return command;
    }

    /// <returns>0 when every account could work, 1 when one could not.</returns>
    private static async Task<int> RunAsync(string? config, string? only, bool json, CancellationToken cancellation)
    {
        var configuration = SettingsFile.Load(config, []);
        var folder = Path.GetDirectoryName(Path.GetFullPath(config ?? SettingsFile.StandardName))!;
        var accounts = RailAccounts.Read(configuration, folder).Where(account => only is null || account.Account.ToString() == only).ToList();
        if (accounts.Count == 0)
        {
            throw new CannotRunException(only is null
                ? $"There is no account to look at: add one under one of {RailAccounts.Sections} (docs/getting-a-rail.md says how to obtain one)."
                : $"The settings have no account {only}.");
        }

        var reports = new List<AccountReport>();
        foreach (var account in accounts)
            reports.Add(new(account.Account.ToString(), await AccountDoctor.ExamineAsync(account, cancellation)));
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(new { accounts = reports }, CamelCase));
        else
            reports.ForEach(Print);
        return reports.All(report => report.Findings.All(finding => finding.Verdict != FindingVerdict.No)) ? 0 : 1;
    }

    private static void Print(AccountReport report)
    {
        var table = new Table().Title(Markup.Escape(report.Account)).AddColumn("check").AddColumn("").AddColumn("found, and what to do next");
        foreach (var finding in report.Findings)
        {
            var words = finding.NextStep is { } next ? $"{finding.Detail}\n→ {next}" : finding.Detail;
            table.AddRow(Markup.Escape(Name(finding.Check)), Mark(finding.Verdict), Markup.Escape(words));
        }

        AnsiConsole.Write(table);
    }

    private static string Name(RailCheck check) => JsonNamingPolicy.KebabCaseLower.ConvertName(check.ToString()).Replace('-', ' ');

    private static string Mark(FindingVerdict verdict) => verdict switch
    {
        FindingVerdict.Yes => "[green]yes[/]",
        FindingVerdict.Soon => "[yellow]soon[/]",
        FindingVerdict.No => "[red]no[/]",
        FindingVerdict.Unknown => "[yellow]?[/]",
        _ => throw new InvalidOperationException("No such verdict."),
    };

    private sealed record AccountReport(string Account, IReadOnlyList<RailFinding> Findings);
}
