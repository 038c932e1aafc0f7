using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;
using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The <c>catch-up</c> command: what would become of the backlog after an outage, and a person's word about it.</summary>
internal static partial class CatchUpCommand
{
    /// <summary>The exit code that says: a person's word is needed, or nothing matched it.</summary>
    public const int NeedsAPerson = 2;

    private const string Charge = "charge";

    private static readonly Dictionary<string, CatchUpPolicy> Decisions = new(StringComparer.Ordinal)
    {
        ["forgive"] = CatchUpPolicy.Forgive, ["current-only"] = CatchUpPolicy.CurrentPeriodOnly, [Charge] = CatchUpPolicy.OldestFirst,
    };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would become of the backlog, by account, plan and policy. Writes and sends nothing." };
        var limit = Limit();
        var decide = new Option<string?>("--decide") { Description = $"What becomes of missed periods where the plan asks: {string.Join(", ", Decisions.Keys)} (late, one after another)." };
        decide.AcceptOnlyFromAmong([.. Decisions.Keys]);
        var account = Options.Account("The merchant account, such as wechat:1900000109. Default for --dry-run: every account of the settings.");
        var plan = new Option<string?>("--plan") { Description = "With --decide: only memberships of this plan." };
        var membership = Membership();
        var by = new Option<string?>("--by") { Description = "Who does it; kept." };
        var why = new Option<string?>("--why", "--reason") { Description = "Why; kept." };
        var (config, json) = (Options.Config(), new Option<bool>("--json") { Description = "Print the result as one JSON object." });
        var command = new Command(
            "catch-up",
            "After an outage: says what would be charged late, forgiven and asked (--dry-run), raises the money limit of late charges for this backlog " +
            "(--account --limit), or decides of missed periods where the plan asks (--decide). Exit code 0: the backlog goes out by itself, or it is done; " +
            $"{NeedsAPerson}: a person's word is needed, or nothing matched; 1: it could not be done.")
        {
            dryRun, account, limit, decide, plan, membership, by, why, config, json,
        };
        command.Validators.Add(result => Check(result, dryRun, limit, decide, account, membership, by, why));
        command.SetAction((parsed, cancellation) =>
        {
            var only = parsed.GetValue(account) is { } name ? MerchantAccount.Parse(name) : (MerchantAccount?)null;
            var word = new Word(parsed.GetValue(config), parsed.GetValue(json), parsed.GetValue(by) ?? "", parsed.GetValue(why) ?? "");
            return parsed.GetValue(dryRun) ? LookAsync(word, only, cancellation)
                : parsed.GetValue(limit) is { } money ? RaiseAsync(word, only!.Value, ReadMoney(money)!.Value, cancellation)
                : DecideAsync(word, only, parsed.GetValue(plan), parsed.GetValue(membership), Decisions[parsed.GetValue(decide)!], cancellation);
        });
        return command;
    }

    private static Option<string?> Limit()
    {
        var option = new Option<string?>("--limit") { Description = "How much may go out late from now on, in minor units: 5000000 is 50,000.00 yuan; another currency as \"USD 5000000\"." };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && ReadMoney(text) is null)
                result.AddError($"--limit is {text}; give minor units such as 5000000 (50,000.00 yuan), with the currency before them where it is not CNY.");
        });
        return option;
    }

    private static Option<string?> Membership()
    {
        var option = new Option<string?>("--membership") { Description = "With --decide: only this membership." };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Guid.TryParse(text, out _))
                result.AddError($"--membership is {text}; give the membership's id, 32 hexadecimal digits.");
        });
        return option;
    }

    private static void Check(
        CommandResult result, Option<bool> dryRun, Option<string?> limit, Option<string?> decide, Option<string?> account, Option<string?> membership,
        Option<string?> by, Option<string?> why)
    {
        var (raises, decides) = (result.GetResult(limit) is not null, result.GetResult(decide) is not null);
        if ((result.GetValue(dryRun) ? 1 : 0) + (raises ? 1 : 0) + (decides ? 1 : 0) != 1)
            result.AddError("Say one of --dry-run, --limit and --decide.");
        if (raises && result.GetValue(account) is null)
            result.AddError("--limit is for one account: name it with --account.");
        if (decides && result.GetValue(account) is null == result.GetValue(membership) is null)
            result.AddError("--decide is for the memberships of an account (--account) or for one (--membership).");
        if ((raises || decides) && (string.IsNullOrWhiteSpace(result.GetValue(by)) || string.IsNullOrWhiteSpace(result.GetValue(why))))
            result.AddError("Say who does it (--by) and why (--why): both are kept.");
    }

    private static async Task<int> LookAsync(Word word, MerchantAccount? only, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(word.Config, only, cancellation);
        var survey = engine.Services.GetRequiredService<CatchUpSurvey>();
        List<CatchUpReport> reports = [];
        foreach (var account in engine.Accounts.Where(account => only is null || account == only))
        {
            var work = await engine.MembershipsOfAsync($"memberships at {account} read", [account], cancellation);
            reports.Add(await engine.Terminal.RunAsync(work, progress => survey.RunAsync(account, progress, cancellation)));
        }

        if (word.Json)
            CommandJson.Print(new { accounts = reports });
        else
            reports.ForEach(Print);
        return reports.TrueForAll(report => report.GoesOutByItself) ? 0 : NeedsAPerson;
    }

    private static async Task<int> RaiseAsync(Word word, MerchantAccount account, Money limit, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(word.Config, account, cancellation);
        if (engine.Services.GetRequiredService<PlanCatalogue>().FaultOf(account, limit) is { } wrong)
            throw new CannotRunException($"--limit: {wrong}");
        var ended = await engine.Services.GetRequiredService<CatchUpDesk>().RaiseAsync(account, limit, word.By, word.Why, cancellation);
        if (word.Json)
            CommandJson.Print(new { account, limit, ended });
        else
            Console.Out.WriteLine($"{account}: {limit} may go out late from now on{(ended is null ? "" : $"; stop {ended.Id} has ended")}.");
        return 0;
    }

    private static async Task<int> DecideAsync(
        Word word, MerchantAccount? account, string? plan, string? membership, CatchUpPolicy policy, CancellationToken cancellation)
    {
        await using var engine = await QuietEngine.OpenAsync(word.Config, account, cancellation);
        var desk = engine.Services.GetRequiredService<CatchUpDesk>();
        long decided;
        try
        {
            decided = membership is { } id
                ? await desk.DecideAsync(new SubscriptionId(Guid.Parse(id)), policy, word.By, word.Why, cancellation) ? 1 : 0
                : await engine.Terminal.RunAsync(
                    new("memberships decided", await engine.Services.GetRequiredService<MembershipList>().CountAsync(
                        new() { Account = account, Plan = plan, Parked = ParkReason.CatchUpUndecided }, cancellation)),
                    progress => desk.DecideAllAsync(account!.Value, plan, policy, word.By, word.Why, progress, cancellation));
        }
        catch (ArgumentException e)
        {
            throw new CannotRunException(e.Message.Split(" (Parameter")[0], e);
        }

        if (word.Json)
            CommandJson.Print(new { decided, policy });
        else
            Console.Out.WriteLine(decided == 0 ? "No membership waits for that." : $"{decided:N0} memberships go on: {CatchUpWords.Of(policy)}.");
        return decided == 0 ? NeedsAPerson : 0;
    }

    private static void Print(CatchUpReport report)
    {
        Console.Out.WriteLine($"{report.Account}: {report.Behind:N0} memberships are behind.");
        var table = new Table();
        foreach (var column in (string[])["plan", "policy", "behind", "missed periods", "charges", "money", "not charged", "forgiven", "asked", "of", "waiting", "first notice", "first money", "last"])
            table.AddColumn(column);
        foreach (var line in report.Lines)
        {
            table.AddRow(new[]
            {
                line.Plan, CatchUpWords.Of(line.Policy), $"{line.Behind:N0}", $"{line.MissedPeriods:N0}", $"{line.Charges:N0}", $"{line.Currency} {line.Money:N0}", $"{line.NotCharged:N0}",
                $"{line.Forgiven:N0}", $"{line.Asked:N0}", $"{line.Currency} {line.AskedMoney:N0}", $"{line.Waiting:N0}", $"{line.FirstNoticeAt}", $"{line.FirstChargeAt}", $"{line.LastChargeAt}",
            }.Select(Markup.Escape).ToArray());
        }

        if (report.Lines.Count > 0)
            AnsiConsole.Write(table);
        foreach (var late in report.Late)
        {
            Console.Out.WriteLine(
                $"  {late.Currency} {late.Total:N0} would go out late, in minor units; {late.Limit:N0} may within the limit's time: " +
                (late.StopsAt is { } at ? $"the limit stops it at {at}, after {late.GoneBy:N0}." : "the limit does not stop it."));
        }

        foreach (var stop in report.Stops)
            Console.Out.WriteLine($"  charging of {stop.Words} is stopped since {stop.At} by {stop.By}: {stop.Why}");
    }

    private static Money? ReadMoney(string text) =>
        Amount().Match(text) is { Success: true } match && long.TryParse(match.Groups["units"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var units) && units > 0
            ? new Money(units, match.Groups["currency"].Success ? match.Groups["currency"].Value : "CNY")
            : null;

    [GeneratedRegex(@"\A(?:(?<currency>[A-Z]{3}) )?(?<units>[0-9]{1,18})\z")]
    private static partial Regex Amount();

    /// <summary>What every way of the command has alike.</summary>
    private sealed record Word(string? Config, bool Json, string By, string Why);
}
