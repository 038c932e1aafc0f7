using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>What is known of money that goes back.</summary>
public enum RefundStatus
{
    /// <summary>It is owed.</summary>
    Owed = 0,

    /// <summary>It was sent.</summary>
    Requested = 1,

    /// <summary>The member has it.</summary>
    Done = 2,

    /// <summary>The rail cannot; a person pays outside.</summary>
    Outside = 3,
}

/// <summary>Money that goes back.</summary>
/// <param name="Number">The refund's number: ours, or that of one made elsewhere.</param>
/// <param name="Order">The order that took the money.</param>
/// <param name="Amount">How much.</param>
/// <param name="Status">What is known.</param>
/// <param name="Send">How often the refund was sent.</param>
/// <param name="NextAt">When it is sent or asked next; null: nothing is open.</param>
/// <param name="Asks">How often it was asked.</param>
public sealed record Refund(string Number, OrderNumber Order, Money Amount, RefundStatus Status, int Send, Instant? NextAt, int Asks)
{
    /// <summary>The rail's number of the payment.</summary>
    public required string RailTransaction { get; init; }

    /// <summary>What the order took; null: what goes back.</summary>
    public Money? Paid { get; init; }

    /// <summary>True once a person paid it by other means; what the rail still does of it is then too much.</summary>
    public bool IsPaidOutside { get; init; }

    /// <summary>Where its order took the money, where the order's number does not say it; null elsewhere.</summary>
    public Gateways.MerchantAccount? Account { get; init; }

    /// <summary>The caller's name of the wish, where somebody asked for it; null: it is owed.</summary>
    public string? Key { get; init; }

    /// <summary>True while it is owed and was never sent: nothing of it can be under way.</summary>
    internal bool IsUnsent => this is { Status: RefundStatus.Owed, Send: 0 };

    /// <summary>The rail's timestamp in every send that may have landed; null before the first, and once the rail said that none did.</summary>
    public Instant? RequestedAt { get; init; }

    /// <summary>True when the rail said that it has it and works on it: no statement proves then that it has not.</summary>
    public bool IsAtRail { get; init; }
}
