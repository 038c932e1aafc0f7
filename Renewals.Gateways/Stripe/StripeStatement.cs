using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Resilience;
using Sdk = Stripe;

namespace Renewals.Gateways.Stripe;

/// <summary>The statement of a day (UTC): the balance transactions created on it, page by page to the last.</summary>
/// <remarks>
/// Pages are kept as the rail wrote them and read one at a time when their lines are asked for. The rail gives no totals: what says that the
/// list is whole is its own <c>has_more</c>, and that no transaction stands twice or on another day. Amounts are those the member paid, from the
/// charge or refund: the balance's own may be in another currency. A refund that failed later keeps its line; its failure is asked for.
/// The rail lists a day from its first moment on; a part of a day is no statement, so the day is not asked for before it can be whole.
/// </remarks>
internal sealed class StripeStatement(StripeOptions options, StripeClient client, TimeProvider time)
{
    private readonly StatementDays days = new(options.Traits());

    /// <summary>Reads the statement of a day.</summary>
    public async Task<StatementAnswer> ReadAsync(LocalDate day, CancellationToken cancellation)
    {
        if (Instant.FromDateTimeOffset(time.GetUtcNow()) < days.ReadyAt(day))
            return new StatementAnswer.NotReady();
        using var raw = new MemoryStream();
        List<(int Start, int Length)> pages = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        string? after = null;
        while (true)
        {
            var reply = await client.CallAsync(
                RailCall.Repeatable, (v1, token) => v1.BalanceTransactions.ListAsync(StripeMessages.Statement(day, after), null, token), cancellation);
            if (reply is not StripeReply<Sdk.StripeList<Sdk.BalanceTransaction>>.Answer { Value: { } list })
                return new StatementAnswer.Failed(reply.Fault);
            if (WhyNot(list, day, seen) is { } fault)
                return new StatementAnswer.Failed(fault);
            var text = Encoding.UTF8.GetBytes(list.StripeResponse.Content);
            if (raw.Length + text.Length > options.MaxStatementBytes)
                return new StatementAnswer.Failed($"the statement has more than {options.MaxStatementBytes} bytes");
            pages.Add(((int)raw.Length, text.Length));
            raw.Write(text);
            if (!list.HasMore)
                return Read(raw.ToArray(), pages);
            if (list.Data.Count == 0)
                return new StatementAnswer.Failed("an empty page that is not the last");
            after = list.Data[^1].Id;
        }
    }

    private static string? WhyNot(Sdk.StripeList<Sdk.BalanceTransaction> list, LocalDate day, HashSet<string> seen)
    {
        foreach (var entry in list.Data)
        {
            if (!seen.Add(entry.Id))
                return $"{entry.Id} stands twice";
            if (StripeWire.Time(entry.Created) is not { } at || at < StripeMessages.Midnight(day) || at >= StripeMessages.Midnight(day.PlusDays(1)))
                return $"{entry.Id} is of another day";
        }

        return null;
    }

    private static StatementAnswer Read(byte[] raw, List<(int Start, int Length)> pages)
    {
        try
        {
            // Once to the end, so that a line that cannot be read fails the statement and not its reader.
            foreach (var _ in Lines(raw, pages))
            {
            }

            return new StatementAnswer.Ready(raw, Lines(raw, pages));
        }
        catch (Exception fault) when (fault is FormatException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new StatementAnswer.Failed($"the statement cannot be read: {(fault is FormatException ? fault.Message : fault.GetType().Name)}");
        }
    }

    private static IEnumerable<StatementLine> Lines(byte[] raw, List<(int Start, int Length)> pages)
    {
        foreach (var (start, length) in pages)
        {
            using var page = JsonDocument.Parse(raw.AsMemory(start, length));
            foreach (var entry in page.RootElement.GetProperty("data").EnumerateArray())
            {
                if (LineOf(entry) is { } line)
                    yield return line;
            }
        }
    }

    // Fees, payouts, disputes and adjustments are no payments and no refunds.
    private static StatementLine? LineOf(JsonElement entry) => entry.GetProperty("type").GetString() switch
    {
        "charge" or "payment" => Line(entry.GetProperty("source"), isRefund: false, At(entry)),
        "refund" or "payment_refund" => Line(entry.GetProperty("source"), isRefund: true, At(entry)),
        _ => null,
    };

    private static StatementLine Line(JsonElement source, bool isRefund, Instant at)
    {
        var amount = StripeWire.Amount(source.GetProperty("amount").GetInt64(), source.GetProperty("currency").GetString())
            ?? throw new FormatException($"{source.GetProperty("id").GetString()} has no amount");
        var intent = Text(source, "payment_intent") is { Length: > 0 } payment ? payment : Text(source, isRefund ? "charge" : "id");

        // What was not made by us has no number of ours; it stands there under the rail's.
        var order = Metadata(source, StripeWire.Order) is { Length: > 0 } ours ? ours : intent;
        var refund = Metadata(source, StripeWire.Refund) is { Length: > 0 } number ? number : Text(source, "id");
        return new(order, isRefund ? refund : null, amount, intent, at)
        {
            Payer = !isRefund && !OrderNumber.TryParse(order, out _) && Text(source, "customer") is { Length: > 0 } customer ? customer : null,
        };
    }

    private static Instant At(JsonElement entry) => Instant.FromUnixTimeSeconds(entry.GetProperty("created").GetInt64());

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Metadata(JsonElement element, string name) =>
        element.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? Text(metadata, name) : "";
}
