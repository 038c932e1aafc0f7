using System.CommandLine;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>agreements</c> command: how far the agreements of each account are known to be in force.</summary>
internal static class AgreementsCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var account = Options.Account("Only this merchant account, such as wechat:1900000109. Default: every account of the settings.");
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the reports as one JSON object." });
        var command = new Command(
            "agreements",
            "Says of each account's agreements how many are in force, how many of those the rail confirmed in time, which ones it did not, and what " +
            "cannot be known. Asks no rail. Exit code 0: nothing is in doubt; 1: something is.")
        {
            account, config, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(account) is { } name ? MerchantAccount.Parse(name) : null, parsed.GetValue(config), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(MerchantAccount? only, string? config, bool json, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(config, only, cancellation);
        var survey = engine.Services.GetRequiredService<AgreementSurvey>();
        List<AgreementReport> reports = [];
        foreach (var account in engine.Accounts.Where(account => only is null || account == only))
        {
            var work = await engine.MembershipsOfAsync($"memberships at {account} read", [account], cancellation);
            reports.Add(await engine.Terminal.RunAsync(work, progress => survey.RunAsync(account, progress, cancellation)));
        }

        if (json)
            CommandJson.Print(new { accounts = reports });
        else
            reports.ForEach(Print);
        return reports.Any(report => report.Doubtful.Count > 0 || report.Orphans.Count > 0) ? 1 : 0;
    }

    private static void Print(AgreementReport report)
    {
        AnsiConsole.WriteLine(
            $"{report.Account}: {report.InForce:N0} agreements in force, {report.Confirmed:N0} confirmed by the rail in time, {report.Unconfirmed:N0} not; " +
            $"{report.Unverified:N0} taken over and not confirmed yet, {report.Suspended:N0} suspended, {report.Ending:N0} being ended. Oldest confirmation: {report.OldestConfirmation?.ToString() ?? "none"}.");
        var doubts = new Table().AddColumn("agreement").AddColumn("membership").AddColumn("status").AddColumn("confirmed").AddColumn("asked");
        foreach (var doubt in report.Doubtful)
            doubts.AddRow($"{doubt.Agreement}", $"{doubt.Subscription}", $"{doubt.Status}", $"{doubt.ConfirmedAt?.ToString() ?? "never"}", $"{doubt.AskedAt?.ToString() ?? "never"}");
        if (report.Doubtful.Count > 0)
            AnsiConsole.Write(doubts);
        var orphans = new Table().Title("Agreements that no membership has: end them at the rail").AddColumn("code at the rail").AddColumn("the rail's id").AddColumn("first heard of").AddColumn("last heard of");
        foreach (var orphan in report.Orphans)
            orphans.AddRow(new[] { orphan.SigningCode, orphan.RailAgreementId, $"{orphan.FirstSeen}", $"{orphan.LastSeen}" }.Select(Markup.Escape).ToArray());
        if (report.Orphans.Count > 0)
            AnsiConsole.Write(orphans);
        foreach (var unknown in report.CannotBeKnown)
            AnsiConsole.WriteLine($"  cannot be known: {unknown}");
    }
}
