using Renewals.Core.Charging;

namespace Renewals.Core.Ledger;

/// <summary>What one look at the ledger shows.</summary>
/// <param name="Place">Where it lies.</param>
/// <param name="Identity">The identity in force; null: none was written.</param>
/// <param name="Last">The last event; null: there is none.</param>
/// <param name="Mark">Whether the host's mark is still there.</param>
/// <param name="Freeze">Since when it is frozen; null: it is not.</param>
internal sealed record LedgerSight(LedgerPlace Place, LedgerIdentity? Identity, EventMark? Last, MarkIs Mark, ChargeStop? Freeze)
{
    /// <summary>Why it cannot be trusted, as a sentence; null: it is what it was.</summary>
    /// <param name="environment">What this host is for.</param>
    public string? Judge(string environment) => (Identity, Mark) switch
    {
        (null, _) when Last is null => null,
        (null, _) => "the ledger has events and no identity: it was not made by a first start",
        ({ } identity, _) when identity.DifferenceFrom(environment, Place) is { } difference => difference,
        (_, MarkIs.Gone) => "the database stepped back: this host has seen an event that is not there any more",
        (_, MarkIs.None or MarkIs.There or MarkIs.Adopted) => null,
        _ => throw new InvalidOperationException($"No judgement for {Mark}."),
    };
}

/// <summary>What became of the last event a host has seen.</summary>
internal enum MarkIs
{
    /// <summary>The host has seen none.</summary>
    None = 0,

    /// <summary>It is there.</summary>
    There = 1,

    /// <summary>It was seen before the ledger was adopted, and counts no more.</summary>
    Adopted = 2,

    /// <summary>It, or the identity it was seen under, is not there.</summary>
    Gone = 3,
}
