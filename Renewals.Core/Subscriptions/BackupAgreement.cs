using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>An agreement of a membership that is not the one in use: signed to take over one day, or left for another.</summary>
/// <param name="Account">Where it is signed.</param>
/// <param name="Agreement">What the membership needs of it.</param>
/// <param name="SignBy">After this its unfinished signing is given up.</param>
/// <param name="Dunning">The dunning steps of its rail.</param>
public sealed record BackupAgreement(MerchantAccount Account, AgreementInUse Agreement, Instant SignBy, DunningPolicy Dunning)
{
    /// <summary>The interval it is signed for, where its rail fixes one; null elsewhere.</summary>
    public BillingInterval? Interval { get; init; }

    /// <summary>
    /// True: it takes over however the agreement in use ended, as the member agreed when signing it. False: only where that ran out or the member's account
    /// at the rail was closed; an end by a person's hand, such as the member's in the wallet, stops renewal.
    /// </summary>
    public bool TakesOverAfterAnyEnd { get; init; }

    /// <summary>The last period whose charge was declined for good under it; 0: none.</summary>
    public int DeclinedIn { get; init; }

    /// <summary>Since then it is not wanted any more and is ended at its rail; null: it is.</summary>
    public Instant? RetiredAt { get; init; }

    /// <summary>Whether it is in force and wanted.</summary>
    internal bool IsReady => Agreement.Status == AgreementStatus.Active && RetiredAt is null;
}

/// <summary>An agreement was in use up to here: what was ordered by then is its own, for ever.</summary>
/// <param name="Agreement">Which.</param>
/// <param name="Account">Where it is signed.</param>
/// <param name="Ordinal">The period of the last order under it …</param>
/// <param name="Attempt">… and that order's attempt.</param>
public sealed record FormerUse(AgreementId Agreement, MerchantAccount Account, int Ordinal, int Attempt)
{
    /// <summary>Whether an order is of that time.</summary>
    internal bool Covers(OrderNumber order) => order.Charge.Ordinal < Ordinal || (order.Charge.Ordinal == Ordinal && order.Attempt <= Attempt);
}

/// <summary>Why another agreement took over.</summary>
public enum SwitchReason
{
    /// <summary>The one in use ended at the rail.</summary>
    Ended = 0,

    /// <summary>A charge was declined for good under it.</summary>
    Declined = 1,

    /// <summary>Somebody asked for it; the one before is ended at its rail.</summary>
    Wished = 2,

    /// <summary>After a restore an order was found under the other: that it had taken over was said by events that were lost.</summary>
    Found = 3,
}
