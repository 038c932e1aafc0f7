using NodaTime;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>What erasing a member came to, or would come to. It names the member by the merchant's own opaque name and by nothing else.</summary>
public sealed record ErasureReport
{
    /// <summary>The merchant's own, opaque name of the member.</summary>
    public required string Member { get; init; }

    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>Who did it; null in a dry run.</summary>
    public string? By { get; init; }

    /// <summary>Why; null in a dry run.</summary>
    public string? Why { get; init; }

    /// <summary>The member's memberships, at every merchant account.</summary>
    public IReadOnlyList<SubscriptionId> Memberships { get; init; } = [];

    /// <summary>What is still open; while anything is, nothing is erased.</summary>
    public IReadOnlyList<ErasureObstacle> Open { get; init; } = [];

    /// <summary>What was erased, or would be.</summary>
    public ErasedCounts Erased { get; init; } = new();

    /// <summary>What stays, why and until when.</summary>
    public IReadOnlyList<ErasureRemainder> Stays { get; init; } = [];

    /// <summary>What a person should know or do besides.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>When the member was erased before, the first time first; empty: never.</summary>
    public IReadOnlyList<Instant> Earlier { get; init; } = [];

    /// <summary>True: it was erased and put on record now. False: something is open, it was a dry run, or nothing was left from earlier erasures.</summary>
    public bool IsDone { get; init; }
}

/// <summary>Why a member cannot be erased yet.</summary>
/// <param name="Membership">Which membership.</param>
/// <param name="What">What is open, in words.</param>
/// <param name="Remedy">What to do about it, in words.</param>
public sealed record ErasureObstacle(SubscriptionId Membership, string What, string Remedy);

/// <summary>What was erased of a member, counted.</summary>
public sealed record ErasedCounts
{
    /// <summary>Agreements whose keys were in the vault: the rail's id of the agreement and of the payer, the card number.</summary>
    public int VaultKeys { get; init; }

    /// <summary>Callbacks that were kept as they came.</summary>
    public int Callbacks { get; init; }

    /// <summary>Lines taken out of kept statements.</summary>
    public int StatementLines { get; init; }

    /// <summary>Statements those lines were in; the lines of others stay in them.</summary>
    public int Statements { get; init; }

    /// <summary>Statements that went whole, because lines could not be told apart in them.</summary>
    public int WholeStatements { get; init; }

    /// <summary>Whether there was nothing.</summary>
    internal bool IsNothing => this == new ErasedCounts();
}

/// <summary>What stays of a member.</summary>
/// <param name="What">What it is.</param>
/// <param name="Where">In which tables.</param>
/// <param name="Why">Why it stays, with the rule it stays by.</param>
/// <param name="Until">The last day it must stay, or on which it goes by itself; null: it is no personal data, or somebody else decides.</param>
public sealed record ErasureRemainder(string What, string Where, string Why, LocalDate? Until);
