namespace Renewals.Core.Ledger;

public sealed partial class InMemoryLedger
{
    /// <summary>Holds what was committed to another, and nothing else: a backup, and a restore.</summary>
    /// <remarks>Locks are nobody's afterwards, as when a database was down. A transaction that was open must not be committed any more.</remarks>
    internal void CopyFrom(InMemoryLedger other)
    {
        lock (gate)
        {
            Replace(book, other.book, entry => entry.Unlocked());
            Replace(streams, other.streams, events => [.. events]);
            Replace(agreements, other.agreements, events => [.. events]);
            Replace(accounts, other.accounts, row => row.Unlocked());
            Replace(heldUntil, other.heldUntil, until => until);
            sequence.Clear();
            sequence.AddRange(other.sequence);
            eventIds.Clear();
            eventIds.UnionWith(other.eventIds);
            stops.Clear();
            stops.AddRange(other.stops);
        }
    }

    private static void Replace<TKey, TValue>(Dictionary<TKey, TValue> mine, Dictionary<TKey, TValue> theirs, Func<TValue, TValue> copy)
        where TKey : notnull
    {
        mine.Clear();
        foreach (var (key, value) in theirs)
            mine.Add(key, copy(value));
    }
}
