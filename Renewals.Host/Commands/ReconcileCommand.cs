using System.CommandLine;
using System.Text.Json;
using NodaTime;
using NodaTime.Serialization.SystemTextJson;
using NodaTime.Text;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Host.Service;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>reconcile</c> command: one statement day of one merchant account beside the ledger.</summary>
internal static class ReconcileCommand
{
    /// <summary>The exit code that says: the statement could not be had or not be read.</summary>
    public const int NotRead = 2;

    private static readonly JsonSerializerOptions CamelCase = new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    }.ConfigureForNodaTime(DateTimeZoneProviders.Tzdb);

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var account = new Option<string>("--account") { Description = "The merchant account, such as wechat:1900000109.", Required = true };
        var date = new Option<string>("--date") { Description = "The rail's statement day, such as 2026-03-31.", Required = true };
        var config = new Option<string?>("--config") { Description = $"Settings file, as for run. Default: {SettingsFile.StandardName} of the working directory." };
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
            if (result.GetValue(account) is { } name && name.Split(':') is not [{ Length: > 0 }, { Length: > 0 }])
                result.AddError($"--account is {name}; write it as rail:number, such as wechat:1900000109.");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            MerchantAccount.Parse(parsed.GetValue(account)!), LocalDatePattern.Iso.Parse(parsed.GetValue(date)!).Value, parsed.GetValue(config),
            parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(MerchantAccount account, LocalDate day, string? config, bool json, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(config ?? SettingsFile.StandardName))!;

        // The report says it all; log lines would stand between it and whoever reads the output.
        var settings = SettingsFile.Load(config, [KeyValuePair.Create<string, string?>("Logging:LogLevel:Renewals", "Error")]);
        var setup = ServiceSetup.Read(settings, folder, sandbox: false);
        if (setup.Accounts.All(known => known.Account != account))
            throw new CannotRunException($"The settings have no account {account}; there are {string.Join(", ", setup.Accounts.Select(known => known.Account))}.");
        await using var ledger = await LedgerServer.StartAsync(setup, Console.Error.WriteLine, cancellation);

        // The engine's parts without its workers: nothing is claimed, only what the statement proves is recorded.
        using var engine = EngineHost.Build(setup, ledger, sandbox: null);
        await EngineHost.PrepareAsync(engine.Services, ledger.ConnectionString, cancellation);
        var report = await engine.Services.GetRequiredService<Reconciler>().RunAsync(account, day, new Lines(Console.Error), cancellation);
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(report, CamelCase));
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
            $"{report.Absent:N0} orders proved absent. Agreements only the rail has: {report.OrphanAgreements}.");
    }

    // At once and in order, unlike Progress<T>, which reports from other threads whenever they are free.
    private sealed class Lines(TextWriter writer) : IProgress<long>
    {
        private const long Step = 10_000;
        private long said;

        public void Report(long value)
        {
            if (value - said < Step)
                return;
            said = value;
            writer.WriteLine($"{value:N0} lines compared so far");
        }
    }
}
