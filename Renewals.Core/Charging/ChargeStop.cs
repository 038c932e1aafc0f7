using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Charging;

/// <summary>How much of charging a stop stops.</summary>
public enum StopScope
{
    /// <summary>All of it.</summary>
    Everything = 0,

    /// <summary>One merchant account; the key is its name.</summary>
    Account = 1,

    /// <summary>One plan, at every account; the key is its id.</summary>
    Plan = 2,

    /// <summary>One membership; the key is its id.</summary>
    Membership = 3,
}

/// <summary>Charging of a scope stopped: a fuse that blew, or a person's hold. Kept for ever, with its end.</summary>
/// <remarks>
/// It stops orders and nothing else: questions, callbacks, refunds, cancels, ends of agreements and notices go on. An order that was committed
/// before goes out. What a member pays in person while signing is the member's own act and is not stopped.
/// </remarks>
public sealed record ChargeStop
{
    /// <summary>Names it, from 1; 0 while it is not stored.</summary>
    public long Id { get; init; }

    /// <summary>What it stops.</summary>
    public required StopScope Scope { get; init; }

    /// <summary>Which; empty for everything.</summary>
    public string Key { get; init; } = "";

    /// <summary>The merchant account it lies within; null: several, or all.</summary>
    public MerchantAccount? Account { get; init; }

    /// <summary>The fuse; null: a person's hold.</summary>
    public FuseRule? Rule { get; init; }

    /// <summary>Since when.</summary>
    public required Instant At { get; init; }

    /// <summary>Who stopped it; <c>engine</c> for a fuse.</summary>
    public required string By { get; init; }

    /// <summary>Why.</summary>
    public required string Why { get; init; }

    /// <summary>How it ended; null: it is in force.</summary>
    public StopEnd? End { get; init; }

    /// <summary>Whether it is in force.</summary>
    public bool IsOpen => End is null;

    /// <summary>Whether it stops late charges only.</summary>
    public bool IsOfLateCharges => Rule == FuseRule.LateMoney;

    /// <summary>Whether it is about this membership.</summary>
    public bool Covers(Subscription s) => Scope switch
    {
        StopScope.Everything => true,
        StopScope.Account => Key == s.Account.ToString(),
        StopScope.Plan => Key == s.Terms.PlanId,
        StopScope.Membership => Key == s.Id.ToString(),
        _ => throw new InvalidOperationException($"No such scope: {Scope}."),
    };

    /// <summary>What it stops, as text.</summary>
    public string Words => Key.Length == 0 ? "everything" : $"{(IsOfLateCharges ? "late charges of " : "")}{Scope} {Key}".ToLowerInvariant();
}

/// <summary>How a stop ended.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who ended it.</param>
/// <param name="Why">Why charging may go on.</param>
public sealed record StopEnd(Instant At, string By, string Why);
