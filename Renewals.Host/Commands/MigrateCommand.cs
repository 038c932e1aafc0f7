using System.CommandLine;
using Renewals.Core.Ledger;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>migrate</c> command: makes the database's schema what this version wants, apart from the service.</summary>
internal static class MigrateCommand
{
    /// <summary>The exit code of a dry run that says: there is something to change.</summary>
    public const int Needed = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the statements and change nothing." };
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the result as one JSON object." });
        var command = new Command(
            "migrate",
            "Makes the database's schema what this version wants, before the service of this version starts. Events are never changed. " +
            $"Exit code 0: it is as it should be; {Needed}: a dry run found something to change; 1: it could not be done.")
        {
            dryRun, config, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(config), parsed.GetValue(dryRun), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? config, bool dryRun, bool json, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(config ?? SettingsFile.StandardName))!;
        var setup = ServiceSetup.Read(SettingsFile.Load(config, []), folder, sandbox: false);
        await using var server = await LedgerServer.StartAsync(setup, Console.Error.WriteLine, cancellation);
        using var engine = EngineHost.Build(setup, server, sandbox: null);
        var change = (await engine.Services.GetRequiredService<LedgerDatabase>().MigrateAsync(apply: !dryRun, cancellation))!;
        if (json)
            CommandJson.Print(new { change.IsNeeded, Applied = change.IsNeeded && !dryRun, change.Sql });
        else
            Console.Out.WriteLine(!change.IsNeeded ? "The schema is as this version wants it." : dryRun ? change.Sql : "The schema is now as this version wants it.");
        return change.IsNeeded && dryRun ? Needed : 0;
    }
}
