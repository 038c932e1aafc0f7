using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// Money that was owed and goes back all the same, and money that is disputed.
/// <list type="table">
/// <listheader><term>asked for</term><description>what follows</description></listheader>
/// <item><term>a refund of what was paid</term><description>granted under the payment's next refund number, and sent like any other; all refunds of a payment together are at most what it took</description></item>
/// <item><term>the same wish again</term><description>nothing</description></item>
/// <item><term>of a payment that is disputed, or went back already</term><description>refused</description></item>
/// <item><term>the rail can never make it</term><description>a person is called and pays outside; the reference closes it</description></item>
/// <item><term>a dispute</term><description>renewal goes on, stops or waits for a person, as the terms say</description></item>
/// <item><term>a dispute that is lost</term><description>the money counts as given back; one that is won changes nothing</description></item>
/// </list>
/// Number 1 of a payment's refunds belongs to money that is not owed at all; what is granted has the numbers from 2.
/// </remarks>
public static partial class Decide
{
    private const int FirstGranted = 2;

    /// <summary>What went back of an order, or is on its way.</summary>
    internal static Money GivenBack(Subscription s, OrderNumber order, string currency) =>
        s.Refunds.Where(refund => refund.Order == order).Aggregate(new Money(0, currency), (sum, refund) => sum + refund.Amount);

    private static string? WhyNotRefund(Subscription s, SubscriptionCommand.GrantRefund x)
    {
        var (order, paid) = (x.Payment.Order, x.Payment.Amount);
        if (s.Refunds.Any(refund => refund.Key == x.Key))
            return null;
        if (order.Charge.Subscription != s.Id || s.PaymentOf(order.Charge.Ordinal) != order)
            return $"{order} is no payment of this membership.";
        if (x.Amount.Currency != paid.Currency || x.Amount.MinorUnits < 1)
            return $"A refund is of at least one minor unit of {paid.Currency}.";
        if (s.Disputes.Any(dispute => dispute.IsOpen && dispute.Order == order))
            return "The payment is disputed; the dispute says what becomes of the money.";
        if (GivenBack(s, order, paid.Currency) + x.Amount > paid)
            return $"{paid} were paid and {GivenBack(s, order, paid.Currency)} of it went back or are on their way; {x.Amount} more are too much.";
        return NextRefund(s, order) > OrderNumber.MaxRefund ? $"A payment is given back in at most {OrderNumber.MaxRefund - 1} parts." : null;
    }

    private static int NextRefund(Subscription s, OrderNumber order)
    {
        var number = FirstGranted;
        while (number <= OrderNumber.MaxRefund && s.Refunds.Any(refund => refund.Number == order.Refund(number).ToString()))
            number++;
        return number;
    }

    private static IReadOnlyList<SubscriptionEvent> GrantRefund(Subscription s, SubscriptionCommand.GrantRefund x, DecisionContext context)
    {
        var (order, paid) = (x.Payment.Order, x.Payment);
        return s.Refunds.Any(refund => refund.Key == x.Key)
            ? Nothing
            : [new RefundGranted(order.Refund(NextRefund(s, order)), paid.Amount, x.Amount, paid.RailTransaction, x.By, x.Why, context.Now, x.Key)];
    }

    private static string? WhyNotPaidOutside(Subscription s, SubscriptionCommand.RecordPaidOutside x) => s.Refunds.FirstOrDefault(refund => refund.Number == x.Refund) switch
    {
        null => $"There is no refund {x.Refund}.",
        { Status: RefundStatus.Outside or RefundStatus.Done } => null,
        _ => "The rail may still make this refund; paid outside as well it would go back twice.",
    };

    private static IReadOnlyList<SubscriptionEvent> PayOutside(Subscription s, SubscriptionCommand.RecordPaidOutside x, DecisionContext context) =>
        s.Refunds.First(refund => refund.Number == x.Refund) is { Status: RefundStatus.Outside } refund
            ? [new PaidOutside(x.Refund, refund.Amount, x.Reference, x.By, context.Now)]
            : Nothing;

    private static string? WhyNotDispute(Subscription s, SubscriptionCommand.OpenDispute x) =>
        s.Disputes.Any(dispute => dispute.Id == x.Dispute) ? null
        : x.Order.Charge.Subscription != s.Id || s.PaymentOf(x.Order.Charge.Ordinal) != x.Order ? $"{x.Order} is no payment of this membership."
        : x.Amount.MinorUnits < 1 || x.Amount.Currency != s.Terms.Price.Currency ? $"A dispute is about at least one minor unit of {s.Terms.Price.Currency}."
        : null;

    private static IReadOnlyList<SubscriptionEvent> OpenDispute(Subscription s, SubscriptionCommand.OpenDispute x, DecisionContext context)
    {
        if (s.Disputes.Any(dispute => dispute.Id == x.Dispute))
            return Nothing;
        var disputed = new Disputed(x.Dispute, x.Order, x.Amount, x.Why, context.Now);
        var after = Evolve.Next(s, disputed);
        return (s.Status, s.Terms.OnDispute) switch
        {
            (SubscriptionStatus.Active, DisputeRule.StopRenewal) => [disputed, .. CancelWith(after, Subscriptions.CancelledBy.Dispute, $"{x.Order} is disputed: {x.Why}", false, context)],
            (SubscriptionStatus.Active, DisputeRule.WaitForPerson) => Some(disputed, ParkOnce(after, ParkReason.Disputed, $"{x.Order} is disputed: {x.Why}", context.Now)),
            _ => [disputed],
        };
    }

    private static string? WhyNotSettle(Subscription s, SubscriptionCommand.SettleDispute x) =>
        s.Disputes.Any(dispute => dispute.Id == x.Dispute) ? null : $"There is no dispute {x.Dispute}.";

    private static IReadOnlyList<SubscriptionEvent> SettleDispute(Subscription s, SubscriptionCommand.SettleDispute x, DecisionContext context) =>
        s.Disputes.First(dispute => dispute.Id == x.Dispute) is { IsOpen: true } dispute
            ? [new DisputeSettled(x.Dispute, dispute.Order, x.Won, x.Won ? dispute.Amount with { MinorUnits = 0 } : dispute.Amount, context.Now)]
            : Nothing;
}
