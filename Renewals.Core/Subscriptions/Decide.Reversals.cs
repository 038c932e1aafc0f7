using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// <list type="table">
/// <listheader><term>an order was paid and given back, and was</term><description>what follows</description></listheader>
/// <item><term>in hand</term><description>recorded as paid and refunded; a renewal waits for a person, a first payment counts as not made</description></item>
/// <item><term>what paid for a period</term><description>the refund is recorded, and a person looks at the period without money</description></item>
/// <item><term>owed back by us</term><description>the refund is done; none is sent</description></item>
/// <item><term>a second success, or never ordered</term><description>recorded as paid and refunded; for what was never ordered a person looks</description></item>
/// </list>
/// </remarks>
public static partial class Decide
{
    private static IReadOnlyList<SubscriptionEvent> OnReversed(Subscription s, Attempt attempt, ChargeOutcome.Reversed x, DecisionContext context)
    {
        if (IsKnownPaid(s, attempt.Order))
            return WentBack(s, attempt.Order, x, context.Now);

        // Somebody gave it back on purpose: whether the period is charged again is for a person to say.
        var looksAt = s.Status == SubscriptionStatus.Active && !attempt.AtCashier && attempt.Order.Charge.Ordinal > s.PaidThrough
            ? ParkOnce(s, ParkReason.UnexpectedMoney, $"{attempt.Order} was paid and given back; period {attempt.Order.Charge.Ordinal} is not paid", context.Now)
            : null;
        return Some([.. PaidAndBack(s, attempt.Order, x, context.Now), looksAt]);
    }

    private static IReadOnlyList<SubscriptionEvent> ReversedLater(
        Subscription s, OrderNumber order, ChargeOutcome.Reversed x, OrderNumber? paidBy, DecisionContext context)
    {
        var now = context.Now;
        if (paidBy == order)
        {
            var events = WentBack(s, order, x, now);
            return events.Count == 0 || IsOurs(s, order, x) ? events : Some(
                [.. events, ParkOnce(s, ParkReason.UnexpectedMoney, $"{order} had paid for period {order.Charge.Ordinal} and was given back", now)]);
        }

        if (IsKnownPaid(s, order))
            return WentBack(s, order, x, now);
        var looksAt = paidBy is not null ? null : ParkOnce(s, ParkReason.UnexpectedMoney, $"{order} was paid and given back, and was not ordered", now);
        return Some([.. PaidAndBack(s, order, x, now), looksAt]);
    }

    // Money that went back under a number of its own before anybody knew that it was paid is not recorded a second time.
    private static IReadOnlyList<SubscriptionEvent> PaidAndBack(Subscription s, OrderNumber order, ChargeOutcome.Reversed x, Instant now)
    {
        var paid = new Overpaid(order, x.Amount, x.RailTransaction, x.PaidAt, OverpaidReason.GivenBack, now);
        var rest = Rest(s, order, x);
        return Some(paid, rest.MinorUnits > 0 ? Back(order, x, rest, now) : null);
    }

    // All that went back is what we had granted and sent: no person need look.
    private static bool IsOurs(Subscription s, OrderNumber order, ChargeOutcome.Reversed x) =>
        Rest(s, order, x).MinorUnits <= 0 && s.Refunds.Where(refund => refund.Order == order).All(refund => refund.Key is not null);

    private static Money Rest(Subscription s, OrderNumber order, ChargeOutcome.Reversed x) =>
        x.Amount with { MinorUnits = x.Amount.MinorUnits - s.Refunds.Where(refund => refund.Order == order).Sum(refund => refund.Amount.MinorUnits) };

    // Money that is not owed has a refund under our number from the moment it is known.
    private static bool IsKnownPaid(Subscription s, OrderNumber order)
    {
        var ours = order.Refund(1).ToString();
        return s.Refunds.Any(refund => refund.Number == ours);
    }

    private static Refunded Back(OrderNumber order, ChargeOutcome.Reversed x, Money amount, Instant now, string? number = null) =>
        new(order, number ?? x.RefundNumber ?? order.Refund(1).ToString(), amount, x.RailTransaction, x.GivenBackAt ?? now, now);

    /// <summary>The payment is recorded already: so is now what went back of it, as far as our events do not have it.</summary>
    private static IReadOnlyList<SubscriptionEvent> WentBack(Subscription s, OrderNumber order, ChargeOutcome.Reversed x, Instant now)
    {
        if (s.Refunds.FirstOrDefault(refund => refund.Order == order && refund.Status != RefundStatus.Done) is { } open)
        {
            var done = Back(order, x, open.Amount, now, open.Number);
            return open.Key is null ? [done] : [done, .. WentBack(Evolve.Next(s, done), order, x, now)];
        }

        if (IsKnownPaid(s, order))
            return Nothing;
        var back = Back(order, x, Rest(s, order, x), now);
        return back.Amount.MinorUnits <= 0 || s.Refunds.Any(refund => refund.Number == back.RefundNumber) ? Nothing : [back];
    }

    /// <summary>Whether all of an order's money went back without a refund of ours: news of it under another number is the same money.</summary>
    private static bool IsReversed(Subscription s, OrderNumber order)
    {
        var ours = order.Refund(1).ToString();
        return s.Refunds.Any(refund => refund is { Status: RefundStatus.Done, Send: 0 } && refund.Number == ours);
    }
}
