using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Agreements;

/// <summary>What an agreement is now.</summary>
public enum AgreementStatus
{
    /// <summary>Being signed.</summary>
    Signing = 0,

    /// <summary>In force.</summary>
    Active = 1,

    /// <summary>The signing was given up.</summary>
    Abandoned = 2,

    /// <summary>Its end was requested at the rail.</summary>
    Terminating = 3,

    /// <summary>Over.</summary>
    Terminated = 4,

    /// <summary>Signed and not in force now; the rail may lift this.</summary>
    Suspended = 5,

    /// <summary>Taken over from another system, and not confirmed by the rail yet: nothing is announced or charged under it.</summary>
    Unverified = 6,
}

/// <summary>Something that happened to an agreement. A closed family; no personal data: the rail's keys are in the vault.</summary>
/// <param name="At">When it was decided (UTC).</param>
public abstract record AgreementEvent(Instant At);

/// <summary>A member was sent to the rail to sign.</summary>
/// <param name="Id">The agreement.</param>
/// <param name="Subscription">The membership it serves.</param>
/// <param name="Account">Where.</param>
/// <param name="Template">Under which template.</param>
/// <param name="Scene">Where the member was.</param>
/// <param name="At">When.</param>
public sealed record SigningStarted(
    AgreementId Id, SubscriptionId Subscription, MerchantAccount Account, string Template, SigningScene Scene, Instant At) : AgreementEvent(At);

/// <summary>An agreement that another system had signed is taken over. The other first event beside <see cref="SigningStarted"/>.</summary>
/// <param name="Id">The agreement.</param>
/// <param name="Subscription">The membership it serves.</param>
/// <param name="Account">Where it was signed.</param>
/// <param name="Template">Under which template.</param>
/// <param name="At">When.</param>
public sealed record TakenOver(AgreementId Id, SubscriptionId Subscription, MerchantAccount Account, string Template, Instant At) : AgreementEvent(At);

/// <summary>The rail confirmed the signature.</summary>
/// <param name="SignedAt">The rail's time of it.</param>
/// <param name="ExpiresAt">When it ends by itself, where the rail says.</param>
/// <param name="At">When.</param>
public sealed record Agreed(Instant SignedAt, Instant? ExpiresAt, Instant At) : AgreementEvent(At);

/// <summary>The signing was given up: not finished in time, or refused.</summary>
public sealed record SignAbandoned(string Why, Instant At) : AgreementEvent(At)
{
    /// <summary>When the rail says the agreement ended (or when it said so, where it gives no time); null: the signing was not finished.</summary>
    public Instant? EndedAt { get; init; }
}

/// <summary>The rail's own next charge date was moved.</summary>
public sealed record RailPlanMoved(LocalDate Next, Instant At) : AgreementEvent(At);

/// <summary>The rail was asked and confirmed that the agreement is in force; one that was suspended is in force again.</summary>
public sealed record Verified(Instant At) : AgreementEvent(At);

/// <summary>The rail suspended the agreement: no charge until it says that it is in force again.</summary>
/// <param name="Why">The rail's word, for people.</param>
/// <param name="At">When we heard of it.</param>
public sealed record Suspended(string Why, Instant At) : AgreementEvent(At);

/// <summary>The end of the agreement is about to be requested at the rail.</summary>
public sealed record TerminateRequested(string Why, Instant At) : AgreementEvent(At);

/// <summary>The agreement is over at the rail.</summary>
/// <param name="Mode">Who ended it.</param>
/// <param name="TerminatedAt">The rail's time of it, where given.</param>
/// <param name="At">When.</param>
public sealed record Terminated(TerminationMode Mode, Instant? TerminatedAt, Instant At) : AgreementEvent(At);
