using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Agreements;

/// <summary>A debit authority as its events tell it. Immutable; only <see cref="EvolveAgreement"/> makes one.</summary>
public sealed record Agreement
{
    /// <summary>Its name.</summary>
    public required AgreementId Id { get; init; }

    /// <summary>How many events it was folded from; the version of its stream.</summary>
    public long Version { get; init; }

    /// <summary>The membership it serves.</summary>
    public required SubscriptionId Subscription { get; init; }

    /// <summary>Where it was signed.</summary>
    public required MerchantAccount Account { get; init; }

    /// <summary>Under which template.</summary>
    public required string Template { get; init; }

    /// <summary>What it is now.</summary>
    public AgreementStatus Status { get; init; }

    /// <summary>When the rail says it was signed.</summary>
    public Instant? SignedAt { get; init; }

    /// <summary>When it ended though we never knew it in force; null: nobody said so.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>When it ends by itself, where the rail says.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>Where we last moved the rail's own charge date to; null: never.</summary>
    public LocalDate? RailDate { get; init; }

    /// <summary>Who ended it.</summary>
    public TerminationMode? EndedBy { get; init; }
}
