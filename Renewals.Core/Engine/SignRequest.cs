using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>A member wants to sign.</summary>
public sealed record SignRequest
{
    /// <summary>Name of the new membership, chosen by the caller; asking again with the same one gives the same signing.</summary>
    public required SubscriptionId Id { get; init; }

    /// <summary>The merchant's own, opaque name of the member; never a phone number, name or openid.</summary>
    public required string Member { get; init; }

    /// <summary>The plan's id.</summary>
    public required string PlanId { get; init; }

    /// <summary>Where the agreement is signed.</summary>
    public required MerchantAccount Account { get; init; }

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

    /// <summary>When this member is not to be told anything, in the plan's zone; null: the plan's.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>First day of period 1 where the membership starts later than it is signed; null: the day of signing, after the plan's trial days.</summary>
    public LocalDate? StartsOn { get; init; }

    /// <summary>True: the membership is given until <see cref="StartsOn"/>, as to a member who signs during a trial.</summary>
    public bool FreeUntilStart { get; init; }

    /// <summary>What the membership has besides the plan: a price of its own, a coupon, add-ons.</summary>
    public TermsWish Wish { get; init; } = TermsWish.None;

    /// <summary>What the member was shown and agreed to; null: the merchant keeps that elsewhere.</summary>
    public Consent? Consent { get; init; }

    /// <summary>True: the member pays the first period while signing. False: it is charged right after, under the consent just given.</summary>
    public bool PayWhileSigning { get; init; }
}

/// <summary>What came of a wish to sign.</summary>
public abstract record SignResult
{
    private SignResult()
    {
    }

    /// <summary>Show this to the member.</summary>
    /// <param name="Id">The membership: a signing in progress is found again, so it may not be the one asked for.</param>
    /// <param name="Page">What the member's device opens.</param>
    public sealed record Ready(SubscriptionId Id, SigningPage Page) : SignResult;

    /// <summary>The member has this membership: already, or because the rail signed at once.</summary>
    public sealed record AlreadyMember(SubscriptionId Id) : SignResult;

    /// <summary>Nothing may be shown; the membership was given up.</summary>
    public sealed record Refused(string Why) : SignResult;

    /// <summary>Nothing may be shown now; asking again is safe.</summary>
    public sealed record TryAgain(string Why) : SignResult;
}
