using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>A member was sent to a rail to sign a further agreement, the last of the list.</summary>
/// <param name="Agreement">The agreement being signed.</param>
/// <param name="Account">Where.</param>
/// <param name="Template">The rail's template.</param>
/// <param name="Dunning">The dunning steps that hold under it.</param>
/// <param name="SignBy">After this an unfinished signing is given up.</param>
/// <param name="AskAt">When the rail is first asked, if nothing is heard by then.</param>
/// <param name="At">When.</param>
public sealed record BackupAdded(
    AgreementId Agreement, MerchantAccount Account, string Template, DunningPolicy Dunning, Instant SignBy, Instant AskAt, Instant At) : SubscriptionEvent(At)
{
    /// <inheritdoc cref="Enrolled.Ceiling"/>
    public Money? Ceiling { get; init; }

    /// <inheritdoc cref="BackupAgreement.Interval"/>
    public BillingInterval? Interval { get; init; }

    /// <inheritdoc cref="BackupAgreement.TakesOverAfterAnyEnd"/>
    public bool TakesOverAfterAnyEnd { get; init; }

    /// <inheritdoc cref="Enrolled.Consent"/>
    public Consent? Consent { get; init; }
}

/// <summary>A further agreement is not wanted any more; its end at its rail follows.</summary>
/// <param name="Agreement">Which.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
public sealed record BackupRetired(AgreementId Agreement, string By, string Why, Instant At) : SubscriptionEvent(At);

/// <summary>
/// The membership is charged under another agreement from now on. The calendar in hand and its notice are void: the next charge is planned and announced
/// anew, for the other rail. Attempts of a charge are numbered on.
/// </summary>
/// <param name="From">The agreement that was in use; it stays in the list, behind the others.</param>
/// <param name="To">The one that is.</param>
/// <param name="Account">Where that is signed.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who asked; the engine, where nobody did.</param>
/// <param name="Why">In words.</param>
/// <param name="NextPlanAt">When the next renewal is planned.</param>
/// <param name="At">When.</param>
public sealed record AgreementSwitched(
    AgreementId From, AgreementId To, MerchantAccount Account, SwitchReason Reason, string By, string Why, Instant NextPlanAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>The interval the one before is signed for, where its rail fixes one; null elsewhere.</summary>
    public BillingInterval? Interval { get; init; }
}
