using NodaTime;

namespace Renewals.Host.Sandbox;

/// <summary>Something a sandbox will do by itself: settle a charge, or call the merchant back.</summary>
/// <param name="Due">When.</param>
/// <param name="Phase">0 for changes of state, 1 for callbacks: at one instant all state is settled before anyone is told.</param>
/// <param name="Key">What it is about, such as the order number: items due together run in the order of their keys.</param>
internal abstract record DueItem(Instant Due, int Phase, string Key);

/// <summary>A change of the sandbox's own state.</summary>
internal sealed record DueChange(Instant Due, string Key, Action<Instant> Run) : DueItem(Due, 0, Key);

/// <summary>A message to the merchant, and how often it was tried before.</summary>
internal sealed record DueCallback(Instant Due, string Key, OutgoingCallback Message, int TriesBefore) : DueItem(Due, 1, Key);

/// <summary>What is still to do, earliest first; ties by phase and key, never by who came first.</summary>
internal sealed class DueQueue
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<DueItem, (Instant Due, int Phase, string Key)> items =
        new(Comparer<(Instant Due, int Phase, string Key)>.Create(Compare));

    /// <summary>When the earliest item is due; null when there is none.</summary>
    public Instant? NextDue
    {
        get { lock (gate) { return items.TryPeek(out _, out var rank) ? rank.Due : null; } }
    }

    public void Add(DueItem item)
    {
        lock (gate)
        {
            items.Enqueue(item, (item.Due, item.Phase, item.Key));
        }
    }

    /// <summary>Takes the next change, or up to <paramref name="most"/> callbacks that stand together at the front.</summary>
    public List<DueItem> Take(Instant now, int most)
    {
        var taken = new List<DueItem>();
        lock (gate)
        {
            while (taken.Count < most && items.TryPeek(out var item, out var rank) && rank.Due <= now)
            {
                if (taken.Count > 0 && item is DueChange)
                {
                    break;
                }

                taken.Add(items.Dequeue());
                if (item is DueChange)
                {
                    break;
                }
            }
        }

        return taken;
    }

    private static int Compare((Instant Due, int Phase, string Key) left, (Instant Due, int Phase, string Key) right)
    {
        var byDue = left.Due.CompareTo(right.Due);
        var byPhase = byDue != 0 ? byDue : left.Phase.CompareTo(right.Phase);
        return byPhase != 0 ? byPhase : string.CompareOrdinal(left.Key, right.Key);
    }
}
