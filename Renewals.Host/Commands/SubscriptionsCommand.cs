using System.CommandLine;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>subscriptions</c> command: memberships as they stand now, one or many. It changes nothing, and the service may run.</summary>
internal static class SubscriptionsCommand
{
    /// <summary>The exit code of <c>list</c> that says: nothing is like that.</summary>
    public const int NothingFound = 2;

    private const int Usual = 50;
    private const int Most = 100_000;

    /// <summary>The command and its parts.</summary>
    public static Command Create() => new("subscriptions", "Shows memberships as they stand now. It changes nothing, and the service may run.") { CreateShow(), CreateList() };

    private static Command CreateShow()
    {
        var (options, id) = (new LedgerOptions(), Options.Membership());
        var command = options.AddTo(new(
            "show", "Shows one membership: where it stands, what it paid for, what is planned and what is due; `replay` shows how it came about. " +
                "Exit code 0: shown; 1: there is none, or it could not be done.")
        {
            id,
        });
        command.SetAction((parsed, cancellation) => ShowAsync(options, parsed, new(Guid.Parse(parsed.GetValue(id)!)), cancellation));
        return command;
    }

    private static Command CreateList()
    {
        var options = new LedgerOptions();
        var member = Text("--member", "Of this member: your own name of them, whole.");
        var account = Options.Account("Charged at this account, such as wechat:1900000109.");
        var status = Text("--status", "Standing there.");
        status.AcceptOnlyFromAmong([.. EnumWords.Of(typeof(SubscriptionStatus))]);
        var plan = Text("--plan", "Of this plan.");
        var parked = new Option<bool>("--parked") { Description = "Only those that wait for a person." };
        var after = Text("--after", "Goes on after this membership: the id that a list before this one ended with.");
        var limit = Options.Ranged("--limit", "How many at most.", Usual, 1, Most);
        var command = options.AddTo(new(
            "list", "Lists memberships, by what is known of them, in the order of their ids. " +
                $"Exit code 0: listed; {NothingFound}: there is none like that; 1: it could not be done.")
        {
            member, account, status, plan, parked, after, limit,
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(after) is { } text && !Guid.TryParse(text, out _))
                result.AddError($"--after is {text}, which is no membership's id: 32 hexadecimal digits, with or without dashes.");
        });
        command.SetAction((parsed, cancellation) => ListAsync(
            options, parsed,
            new()
            {
                Member = parsed.GetValue(member), Plan = parsed.GetValue(plan), ParkedOnly = parsed.GetValue(parked),
                Account = parsed.GetValue(account) is { } name ? MerchantAccount.Parse(name) : null,
                Status = EnumWords.TryRead<SubscriptionStatus>(parsed.GetValue(status), out var wanted) ? wanted : null,
            },
            parsed.GetValue(after) is { } last ? new SubscriptionId(Guid.Parse(last)) : null, parsed.GetValue(limit), cancellation));
        return command;
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };

    private static async Task<int> ShowAsync(LedgerOptions options, ParseResult parsed, SubscriptionId id, CancellationToken cancellation)
    {
        await using var ledger = await options.OpenAsync(parsed, cancellation);
        var page = await ledger.Memberships.ReadAsync(new() { Id = id }, after: null, limit: 1, cancellation);
        if (page.Entries is not [var entry])
            throw new CannotRunException($"There is no membership {id} in this ledger.");
        if (options.WantsJson(parsed))
            CommandJson.Print(new { entry.Id, entry.Alarm, entry.Parked, entry.Version, Membership = Told(entry) });
        else
            Print(entry, Console.Out);
        return 0;
    }

    private static async Task<int> ListAsync(
        LedgerOptions options, ParseResult parsed, MembershipFilter filter, SubscriptionId? after, int limit, CancellationToken cancellation)
    {
        await using var ledger = await options.OpenAsync(parsed, cancellation);

        // To count what fits takes as long as to list it.
        var (found, next) = await ErrorTerminal.Open().RunAsync(
            new("memberships found", Total: null), progress => FindAsync(ledger.Memberships, filter, after, limit, progress, cancellation));
        if (options.WantsJson(parsed))
            CommandJson.Print(new { Entries = found, Next = next });
        else
            Print(found, next, Console.Out);
        return found.Count > 0 ? 0 : NothingFound;
    }

    private static async Task<(List<ListedReply> Found, SubscriptionId? Next)> FindAsync(
        MembershipList memberships, MembershipFilter filter, SubscriptionId? after, int limit, IProgress<long> progress, CancellationToken cancellation)
    {
        List<ListedReply> found = [];
        do
        {
            var page = await memberships.ReadAsync(filter, after, Math.Min(limit - found.Count, MembershipList.MostAtOnce), cancellation);
            found.AddRange(page.Entries.Select(ListedReply.Of));
            after = page.Next;
            progress.Report(found.Count);
        }
        while (after is not null && found.Count < limit);
        return (found, after);
    }

    // As the API shows it; null: it cannot be read, and is parked for that.
    private static JsonElement? Told(MembershipEntry entry) =>
        entry.Membership is { } membership ? JsonSerializer.SerializeToElement(SubscriptionReply.Of(membership), ApiJson.Options) : null;

    private static void Print(List<ListedReply> found, SubscriptionId? next, TextWriter output)
    {
        if (found.Count == 0)
        {
            output.WriteLine("There is no membership like that.");
            return;
        }

        output.WriteLine($"{"id",-32}  {"member",-20}  {"account",-24}  {"plan",-12}  {"status",-9}  {"parked",-14}  {"paid until",-20}  next alarm");
        foreach (var x in found)
        {
            output.WriteLine(
                $"{x.Id:N}  {x.Member,-20}  {x.Account,-24}  {x.Plan ?? "unreadable",-12}  {Word(x.Status),-9}  {(x.Parked is { } why ? Word(why) : "-"),-14}  {Shown(x.PaidUntil),-20}  {Shown(x.Next)}");
        }

        if (next is { } last)
            output.WriteLine($"There are more: go on with --after {last}");
    }

    private static void Print(MembershipEntry entry, TextWriter output)
    {
        void Line(string what, string? value)
        {
            if (value is not null)
                output.WriteLine($"  {what,-12}{value}");
        }

        output.WriteLine($"{entry.Id} of {entry.Member} at {entry.Account}: {Word(entry.Status)}");
        Line("parked", entry.Parked is { } why ? Word(why) : null);
        if (entry.Membership is { } s)
        {
            Line("plan", $"{s.Terms.PlanId}, version {s.Terms.PlanVersion}");
            Line("agreement", $"{s.Agreement.Id.SigningCode}, {Word(s.Agreement.Status)}");
            Line("paid", s.PaidThrough == 0 ? "nothing yet" : $"{s.PaidThrough} periods, until {Shown(s.PaidUntil)}");
            Line("given until", s.GivenUntil is { } given ? $"{given}" : null);
            Line("next charge", s.Cycle is { } cycle ? $"at most {cycle.Amount}, from {cycle.MoneyFrom} to {cycle.MoneyUntil}, {(s.Notice is null ? "not announced yet" : "announced")}" : null);
            Line("cancelled", s.CancelledAt is { } cancelled ? $"{cancelled}{(s.CancelledBy is { } by ? $" by {Word(by)}" : "")}" : null);
            Line("ends", s.EndsAt is { } end ? $"{end}" : null);
        }
        else
        {
            Line("plan", "the membership cannot be read");
        }

        Line("next alarm", entry.Alarm is { } alarm ? $"{alarm}" : "none");
        Line("events", $"{entry.Version}");
    }

    private static string Shown(Instant? at) => at is { } instant ? $"{instant}" : "-";

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
