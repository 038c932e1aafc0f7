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
/// <item><term>a dispute that is lost</term><description>the money counts as given back, a refund that waited as paid by it; one that is won changes nothing</description></item>
/// </list>
/// Number 1 of a payment's refunds belongs to money that is not owed at all; what is granted has the numbers from 2.
/// </remarks>
public static partial class Decide
{
    private const int FirstGranted = 2;

    /// <summary>What went back of an order, or is on its way.</summary>
    internal static Money GivenBack(Subscription s, OrderNumber order, string currency) =>
        s.Refunds.Where(refund => refund.Order == order).Aggregate(new Money(0, currency), (sum, refund) => sum + refund.Amount);

    private static string? WhyNotSameRefund(Subscription s, SubscriptionCommand.GrantRefund x) =>
        s.Refunds.FirstOrDefault(refund => refund.Key == x.Key) is { } known && (known.Order != x.Payment.Order || known.Amount != x.Amount)
            ? $"'{x.Key}' is the name of another refund, of {known.Amount} of {known.Order}; choose a new one."
            : null;

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
        s.Disputes.FirstOrDefault(dispute => dispute.Id == x.Dispute) is { } known
            ? known.Order == x.Order && known.Amount == x.Amount ? null : $"{x.Dispute} is the number of another dispute, about {known.Amount} of {known.Order}."
        : x.Order.Charge.Subscription != s.Id || s.PaymentOf(x.Order.Charge.Ordinal) != x.Order ? $"{x.Order} is no payment of this membership."
        : x.Amount.MinorUnits < 1 || x.Amount.Currency != s.Terms.Price.Currency ? $"A dispute is about at least one minor unit of {s.Terms.Price.Currency}."
        : x.Paid is { } paid && Gone(s, x.Order, paid.Currency) + x.Amount > paid ? $"{paid} were paid, of which {Gone(s, x.Order, paid.Currency)} went back or are disputed; {x.Amount} more are too much."
        : null;

    // A refund that was not sent yet waits for the dispute, and is no reason against it.
    private static Money Gone(Subscription s, OrderNumber order, string currency) =>
        s.Disputes.Where(dispute => dispute.IsOpen && dispute.Order == order).Select(dispute => dispute.Amount)
            .Concat(s.Refunds.Where(refund => refund.Order == order && !refund.IsUnsent).Select(refund => refund.Amount))
            .Aggregate(new Money(0, currency), (sum, amount) => sum + amount);

    private static IReadOnlyList<SubscriptionEvent> OpenDispute(Subscription s, SubscriptionCommand.OpenDispute x, DecisionContext context)
    {
        if (s.Disputes.Any(dispute => dispute.Id == x.Dispute))
            return Nothing;
        var disputed = new Disputed(x.Dispute, x.Order, x.Amount, x.Why, context.Now) { By = x.By };
        var after = Evolve.Next(s, disputed);
        return (s.Status, s.Terms.OnDispute) switch
        {
            (SubscriptionStatus.Active, DisputeRule.StopRenewal) => [disputed, .. CancelWith(after, Subscriptions.CancelledBy.Dispute, $"{x.Order} is disputed: {x.Why}", false, context)],
            (SubscriptionStatus.Active, DisputeRule.WaitForPerson) => Some(disputed, ParkOnce(after, ParkReason.Disputed, $"{x.Order} is disputed: {x.Why}", context.Now)),
            _ => [disputed],
        };
    }

    private static string? WhyNotSettle(Subscription s, SubscriptionCommand.SettleDispute x) =>
        s.Disputes.FirstOrDefault(dispute => dispute.Id == x.Dispute) is not { } known ? $"There is no dispute {x.Dispute}."
        : known.Won is { } won && won != x.Won ? $"The dispute {x.Dispute} was {(won ? "won" : "lost")}; a new one of the same payment has a number of its own."
        : null;

    private static IReadOnlyList<SubscriptionEvent> SettleDispute(Subscription s, SubscriptionCommand.SettleDispute x, DecisionContext context) =>
        s.Disputes.First(dispute => dispute.Id == x.Dispute) is not { IsOpen: true } dispute ? Nothing
        : x.Won ? [new DisputeSettled(x.Dispute, dispute.Order, true, dispute.Amount with { MinorUnits = 0 }, context.Now) { By = x.By }]
        : Lose(s, dispute, x.By, context);

    // The member has the money once: a refund that waited for the dispute is paid by it, as far as it goes.
    private static IReadOnlyList<SubscriptionEvent> Lose(Subscription s, Dispute dispute, string? by, DecisionContext context)
    {
        var (now, taken) = (context.Now, dispute.Amount);
        List<SubscriptionEvent> events = [];
        foreach (var owed in s.Refunds.Where(refund => refund.Order == dispute.Order && refund is { IsUnsent: true, Paid: not null }))
        {
            if (GivenBack(s, dispute.Order, taken.Currency) + taken <= owed.Paid!.Value)
                break;
            if (owed.Amount <= taken)
            {
                events.Add(new PaidOutside(owed.Number, owed.Amount, $"dispute {dispute.Id}", by ?? "the dispute", now));
                taken -= owed.Amount;
            }
            else if (OrderNumber.TryParse(owed.Number, out var number))
            {
                var why = $"the dispute {dispute.Id} took {dispute.Amount} of the payment";
                events.AddRange(Some(new NotTaken(number, new ChargeOutcome.Refused("disputed", why), null, now), ParkOnce(s, ParkReason.RefundImpossible, $"{owed.Number}: {why}", now)));
            }
        }

        return [.. events, new DisputeSettled(dispute.Id, dispute.Order, false, taken, now) { By = by }];
    }
}
