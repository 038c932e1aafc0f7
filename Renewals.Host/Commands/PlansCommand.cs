using System.CommandLine;
using Microsoft.Extensions.Options;
using Renewals.Core;
using Renewals.Core.Engine;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>plans</c> command: every version of every plan that was ever published, and whether it is on sale.</summary>
internal static class PlansCommand
{
    /// <summary>The exit code that says: a version means two things.</summary>
    public const int Differs = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the list as JSON." });
        var command = new Command(
            "plans",
            "Lists every version of every plan on record, since when, and whether the settings sell it. It changes nothing. Exit code 0: listed; " +
            $"{Differs}: the settings have other content under a version on record, and the service would not start; 1: it could not be done.")
        {
            config, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(config), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? config, bool json, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(config, account: null, cancellation);
        var configured = engine.Services.GetRequiredService<IOptions<RenewalsOptions>>().Value.Plans;
        var plans = await engine.Services.GetRequiredService<PlanPublisher>().SurveyAsync([.. configured], cancellation);
        if (json)
            CommandJson.Print(plans.Select(plan => new { plan.Id, plan.Version, plan.Hash, plan.PublishedAt, plan.OnSale, OtherContent = plan.IsOther }));
        else
            Print(plans);
        return plans.Any(plan => plan.IsOther) ? Differs : 0;
    }

    private static void Print(IReadOnlyList<PlanOnRecord> plans)
    {
        var table = new Table().AddColumn("plan").AddColumn("version").AddColumn("on record since").AddColumn("on sale").AddColumn("content");
        foreach (var plan in plans)
        {
            table.AddRow(new[]
            {
                plan.Id, $"{plan.Version}", plan.PublishedAt?.ToString() ?? "not yet", plan.OnSale ? "yes" : "no", plan.Hash[..12],
            }.Select(Markup.Escape).ToArray());
        }

        AnsiConsole.Write(table);
        foreach (var plan in plans.Where(plan => plan.IsOther))
            Console.Out.WriteLine($"The settings have other content under plan '{plan.Id}' version {plan.Version}: raise its Version, or the service does not start.");
    }
}
