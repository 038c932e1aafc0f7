using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;

namespace Renewals.Core.Audit;

/// <summary>A statement line about an order number of our form.</summary>
/// <param name="Order">The order.</param>
/// <param name="Refund">The refund's number; null for a payment.</param>
/// <param name="Line">The line.</param>
internal sealed record OurLine(OrderNumber Order, string? Refund, StatementLine Line)
{
    /// <summary>Reads a line; null: its order is not ours.</summary>
    public static OurLine? Of(StatementLine line)
    {
        if (!OrderNumber.TryParse(line.OrderNumber, out var order) || order.IsRefund)
            return null;

        // A refund made on the rail's pages may come without a number of the merchant's: the payment's own number then names it.
        return new(order, line.RefundNumber is { Length: 0 } ? line.RailTransaction : line.RefundNumber, line);
    }
}

/// <summary>What one run has found so far. Holds the day's money as our events say it, about 150 bytes a movement; of the statement only differences.</summary>
internal sealed class Findings(Instant start, Instant end, int maxListed)
{
    private readonly Dictionary<(OrderNumber, string?), Entry> ours = [];
    private readonly List<Difference> differences = [];
    private readonly Dictionary<DifferenceKind, long> counts = [];

    public long Lines { get; private set; }

    public long Matched { get; private set; }

    public IReadOnlyList<Difference> Differences => differences;

    public IReadOnlyDictionary<DifferenceKind, long> Counts => counts;

    public void AddOurs(LedgerMovement movement) =>
        ours.TryAdd((movement.Order, movement.RefundNumber), new(movement.Amount with { Currency = string.Intern(movement.Amount.Currency) }, movement.At));

    /// <summary>Compares a line with what our events say of the days around.</summary>
    /// <returns>The line, when they say nothing of it: the membership itself must be looked at. Null: the line is dealt with.</returns>
    public OurLine? Take(StatementLine line)
    {
        Lines++;
        if (OurLine.Of(line) is not { } known)
        {
            // The number of somebody else's order may hold anything, also a name: the rail's own number is enough to find it.
            Add(new(DifferenceKind.TheirsOnly, null, null, line.RailTransaction, null, line.Amount, line.At, false, "the order number is not of our form"));
            return null;
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(ours, (known.Order, known.Refund));
        if (Unsafe.IsNullRef(ref entry))
            return known;
        if (entry.Seen)
        {
            Add(Between(DifferenceKind.State, known, entry.Amount, false, "the statement has it twice"));
            return null;
        }

        entry = entry with { Seen = true };
        Compare(known, entry.Amount, entry.At);
        return null;
    }

    /// <summary>Compares a line with the movement our events have for it, on whatever day.</summary>
    public void Compare(OurLine line, Money amount, Instant at)
    {
        if (amount != line.Line.Amount)
            Add(Between(DifferenceKind.Amount, line, amount, false, $"our events say {amount}, the statement {line.Line.Amount}"));
        else
            Matched++;
        if (at < start || at >= end)
            Add(Between(DifferenceKind.OtherDay, line, amount, true, $"our events have it at {at}"));
    }

    /// <summary>From now on our events have this line.</summary>
    public void Settle(OurLine line) => ours[(line.Order, line.Refund)] = new(line.Line.Amount, line.Line.At, true);

    /// <summary>Money of the day that no line had.</summary>
    public IEnumerable<LedgerMovement> Unseen() => ours.Where(pair => !pair.Value.Seen && pair.Value.At >= start && pair.Value.At < end)
        .Select(pair => new LedgerMovement(pair.Key.Item1, pair.Key.Item2, pair.Value.Amount, pair.Value.At));

    /// <summary>Whether a line of this order could not be recorded.</summary>
    public bool IsUnsettled(string order) => differences.Any(d => d.Order == order && !d.Healed && d.Theirs is not null);

    public void Add(Difference difference)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, difference.Kind, out _);
        count++;
        if (count <= maxListed || difference.Kind is not (DifferenceKind.OursOnly or DifferenceKind.TheirsOnly))
            differences.Add(difference);
    }

    public static Difference Between(DifferenceKind kind, OurLine line, Money? amount, bool healed, string detail) =>
        new(kind, line.Order.ToString(), line.Refund, line.Line.RailTransaction, amount, line.Line.Amount, line.Line.At, healed, detail);

    private readonly record struct Entry(Money Amount, Instant At, bool Seen = false);
}
