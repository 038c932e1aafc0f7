using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>A member with a running membership wants to sign a further agreement for it.</summary>
public sealed record BackupRequest
{
    /// <summary>The membership.</summary>
    public required SubscriptionId Subscription { get; init; }

    /// <summary>Where it is signed; the account in use too, under another template.</summary>
    public required MerchantAccount Account { get; init; }

    /// <summary>The plan whose template is signed; null: the membership's own. One for a dearer plan is signed up to that plan's price.</summary>
    public string? PlanId { get; init; }

    /// <summary>Where the member is.</summary>
    public required SigningScene Scene { get; init; }

    /// <summary>What the wallet shows as the member's account.</summary>
    public required string DisplayAccount { get; init; }

    /// <summary>The member's IP address; some scenes require it.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>The member's id at the rail, where known; kept in the vault.</summary>
    public string? PayerId { get; init; }

    /// <summary>The member's card, for rails where the merchant hands it over (UnionPay); its number goes to the vault, the rest nowhere.</summary>
    public PayerCard? Card { get; init; }

    /// <summary>
    /// True: the member was told and agreed that it takes over however the agreement in use ends, also where the member ends that one in the wallet.
    /// Default false: such an end stops renewal.
    /// </summary>
    public bool TakesOverAfterAnyEnd { get; init; }

    /// <summary>What the member was shown and agreed to; null: the merchant keeps that elsewhere.</summary>
    public Consent? Consent { get; init; }
}
