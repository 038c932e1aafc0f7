using System.CommandLine;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Audit;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;

namespace Renewals.Host.Commands;

/// <summary>The <c>replay</c> command: one membership as its events told it at any moment. It changes nothing, and the service may run.</summary>
internal static class ReplayCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var options = new LedgerOptions();
        var id = Options.Membership();
        var at = new Option<string?>("--at") { Description = "The moment, such as 2026-04-10T08:00:00Z; default: all there is." };
        var command = options.AddTo(new(
            "replay", "Shows a membership as it was at any moment, from its events alone: what had happened, what it came to, what was to be done. " +
                "Exit code 0: shown; 1: it could not be done.")
        {
            id, at,
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(at) is { } text && !InstantPattern.ExtendedIso.Parse(text).Success)
                result.AddError($"--at is {text}: write it as 2026-04-10T08:00:00Z, in UTC.");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            options, parsed, new(Guid.Parse(parsed.GetValue(id)!)), parsed.GetValue(at) is { } text ? InstantPattern.ExtendedIso.Parse(text).Value : null, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LedgerOptions options, ParseResult parsed, SubscriptionId id, Instant? at, CancellationToken cancellation)
    {
        await using var ledger = await options.OpenAsync(parsed, cancellation);
        var stream = await ledger.HistoryAsync(id, cancellation);
        if (stream.Count == 0)
            throw new CannotRunException($"There is no membership {id} in this ledger.");
        var replay = Replay.AsOf(stream, at);
        if (options.WantsJson(parsed))
            CommandJson.Print(Described(id, at, replay));
        else
            Print(id, stream.Count, replay, Console.Out);
        return 0;
    }

    private static object Described(SubscriptionId id, Instant? at, Replay replay) => new
    {
        Id = id.ToString(),
        At = at,
        Events = replay.Events.Select((e, i) => new { Number = i + 1, Name = EventNames.OfSubscriptions[e.GetType()], Data = Stored(e) }),
        State = replay.State is { } state ? JsonSerializer.Deserialize<JsonElement>(LedgerJson.WriteState(state)) : (JsonElement?)null,
        Duties = replay.Duties.Select(duty => new { duty.Kind, duty.Key, duty.Due }),
    };

    private static void Print(SubscriptionId id, int all, Replay replay, TextWriter output)
    {
        foreach (var (e, i) in replay.Events.Select((e, i) => (e, i)))
            output.WriteLine($"{i + 1,4}  {e.At}  {EventNames.OfSubscriptions[e.GetType()],-22}  {Words(e)}");
        if (replay.Events.Count < all)
            output.WriteLine($"      {all - replay.Events.Count} events came later.");
        output.WriteLine();
        if (replay.State is not { } s)
        {
            output.WriteLine($"{id} did not exist yet.");
            return;
        }

        output.WriteLine($"{id} of {s.Member} at {s.Account}, plan {s.Terms.PlanId}: {s.Status}{(s.Parked is { } parked ? $", parked: {parked}" : "")}");
        output.WriteLine($"paid for {s.PaidThrough} periods, {(s.RunsUntil is { } until ? $"runs until {until}" : "not begun")}; agreement {s.Agreement.Id} {s.Agreement.Status}");
        foreach (var duty in replay.Duties)
            output.WriteLine($"to do: {duty.Kind} {duty.Key}{(duty.Key.Length > 0 ? " " : "")}at {duty.Due}");
        if (replay.Duties.Count == 0)
            output.WriteLine("Nothing is left to do.");
    }

    // What an event says beside its time, as it is stored.
    private static string Words(SubscriptionEvent e) => string.Join(", ",
        from field in Stored(e).EnumerateObject()
        where field.Name != "at"
        select $"{field.Name} {(field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString() : field.Value.GetRawText())}");

    private static JsonElement Stored(SubscriptionEvent e) => JsonSerializer.SerializeToElement(e, e.GetType(), LedgerJson.Options);
}
