using System.Collections.Concurrent;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Memberships between the two transactions of a sweep: committed here, about to be locked again with what the rail answered.</summary>
/// <remarks>
/// A stream at the same version has the same fold, so such a state need not be read again. It is used only where the locked row is still at
/// that version; whoever wrote meanwhile has raised it.
/// </remarks>
internal sealed class CarriedStates
{
    public static readonly IReadOnlyDictionary<Guid, Subscription> None = new Dictionary<Guid, Subscription>();

    // Every sweep takes out what it kept; only one that was broken off leaves something behind.
    private const int MaxKept = 50_000;

    private readonly ConcurrentDictionary<Guid, Subscription> kept = new();

    /// <summary>Keeps states whose commit was confirmed.</summary>
    public void Keep(IReadOnlyList<Subscription> states)
    {
        if (kept.Count + states.Count > MaxKept)
            kept.Clear();
        foreach (var state in states)
            kept[state.Id.Value] = state;
    }

    /// <summary>Takes out what is kept of these.</summary>
    public IReadOnlyDictionary<Guid, Subscription> Take(IReadOnlyList<Guid> ids)
    {
        if (kept.IsEmpty)
            return None;
        Dictionary<Guid, Subscription> taken = new(ids.Count);
        foreach (var id in ids)
        {
            if (kept.TryRemove(id, out var state))
                taken[id] = state;
        }

        return taken;
    }
}
