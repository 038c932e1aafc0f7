using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using NodaTime;

namespace Renewals.Core.Ledger;

/// <summary>Money that our events say was taken or given back.</summary>
/// <param name="Order">The order that took it.</param>
/// <param name="RefundNumber">The refund's number, ours or that of one made elsewhere; null for money taken.</param>
/// <param name="Amount">How much.</param>
/// <param name="At">The rail's time of it.</param>
public sealed record LedgerMovement(OrderNumber Order, string? RefundNumber, Money Amount, Instant At)
{
    /// <summary>Reads it from an event; null: the event moves no money.</summary>
    public static LedgerMovement? Of(SubscriptionEvent e) => e switch
    {
        Charged x => new(x.Order, null, x.Amount, x.PaidAt),
        Overpaid x => new(x.Order, null, x.Amount, x.PaidAt),
        Refunded x => new(x.Order, x.RefundNumber, x.Amount, x.RefundedAt),
        _ => null,
    };
}
