using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>How far the agreements of a merchant account are known to be in force.</summary>
public sealed record AgreementReport
{
    /// <summary>Whose agreements.</summary>
    public required MerchantAccount Account { get; init; }

    /// <summary>When it was drawn up.</summary>
    public required Instant At { get; init; }

    /// <summary>How many are in force as far as we know.</summary>
    public long InForce { get; init; }

    /// <summary>How many of those the rail confirmed within <see cref="Engine.EngineOptions.VerifyEvery"/>.</summary>
    public long Confirmed { get; init; }

    /// <summary>How many of those it did not.</summary>
    public long Unconfirmed => InForce - Confirmed;

    /// <summary>How many the rail suspended: nothing is charged under them until it lifts that.</summary>
    public long Suspended { get; init; }

    /// <summary>How many were taken over from another system and are not confirmed yet.</summary>
    public long Unverified { get; init; }

    /// <summary>How many are being ended at the rail.</summary>
    public long Ending { get; init; }

    /// <summary>The oldest confirmation among those in force that have one.</summary>
    public Instant? OldestConfirmation { get; init; }

    /// <summary>Agreements that a person may want to look at, at most <see cref="AuditOptions.MaxListed"/> of them.</summary>
    public IReadOnlyList<DoubtfulAgreement> Doubtful { get; init; } = [];

    /// <summary>Agreements that the rail told us of and that no membership has, at most <see cref="AuditOptions.MaxListed"/> of them.</summary>
    public IReadOnlyList<OrphanAgreement> Orphans { get; init; } = [];

    /// <summary>What no report can say, and why; empty when there is nothing of the kind.</summary>
    public IReadOnlyList<string> CannotBeKnown { get; init; } = [];
}

/// <summary>An agreement that is suspended, or that the rail did not confirm in time.</summary>
/// <param name="Agreement">Which.</param>
/// <param name="Subscription">The membership it serves.</param>
/// <param name="Status">What it is now.</param>
/// <param name="ConfirmedAt">When the rail last said that it is in force; null: never.</param>
/// <param name="AskedAt">When it was last asked, with an answer or without; null: never.</param>
public sealed record DoubtfulAgreement(
    AgreementId Agreement, SubscriptionId Subscription, AgreementStatus Status, Instant? ConfirmedAt, Instant? AskedAt);
