using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>The promises, by what they are about.</summary>
internal static partial class Rules
{
    /// <summary>Never twice.</summary>
    public static readonly IReadOnlyList<Rule> OfTwice =
    [
        Rule.Each<Charged>(
            "PAID-ONCE", "A charge is booked as paid at most once, and an order settles once.",
            (at, e) => !at.Before.Facts.Booked.Contains(e.Order.Charge) && !at.Before.Facts.Settled.Contains(e.Order)),
        Rule.Each<Requested>(
            "ONE-ORDER-IN-FLIGHT", "Nothing is sent while any order can still be taken, by all that the rail said.",
            (at, _) => at.Before.Facts.Orders.Values.All(order => !order.MayBeTaken), (at, _) => !at.Before.Facts.Orders.IsEmpty),
        Rule.Each<Requested>(
            "NEVER-SENT-AGAIN", "Where a repeat proves nothing no order is sent twice.",
            (at, e) => e.Send == 1 && (at.Before.Facts.Of(e.Order)?.Sends ?? 0) == 0, (at, _) => at.Step.Context.Traits.Resend == Resend.Never),
        Rule.Each<RefundRequested>(
            "BACK-IN-FULL", "What goes back is all that the order took.", (at, e) => e.Amount == at.Before.Facts.Of(e.Refund.OfAttempt)?.Took),
        Rule.Each<RefundRequested>(
            "NOT-BACK-TWICE", "No refund begins of what went back already.", (at, e) => at.Before.Facts.Of(e.Refund.OfAttempt) is { WentBack: false }, (_, e) => e.Send == 1),
    ];

    /// <summary>Every late truth has a decision.</summary>
    public static readonly IReadOnlyList<Rule> OfLateTruths =
    [
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "SUCCESS-AFTER-DECLINE-COUNTS", "An order that is paid after it was declined pays for its period, when nothing else did.",
            x => x is { Attempt: { Status: AttemptStatus.Declined }, IsSettled: false, ChargeIsPaid: false, State.Status: SubscriptionStatus.Active } && x.Outcome.Amount == x.Attempt.Amount,
            x => x.Step.First<Charged>()?.Order == x.Order),
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "SECOND-SUCCESS-GOES-BACK", "A second success of a charge is owed back.",
            x => x is { ChargeIsPaid: true, IsSettled: false }, x => Owed(x.Step, x.Order, x.Outcome.Amount)),
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "OTHER-AMOUNT-GOES-BACK", "What was taken in another amount or currency is owed back as it was taken, and a person looks.",
            x => x is { Attempt: not null, IsSettled: false } && x.Outcome.Amount != x.Attempt.Amount,
            x => Owed(x.Step, x.Order, x.Outcome.Amount, OverpaidReason.WrongAmount) && x.After.State!.Parked is not null),
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "NOT-ORDERED-GOES-BACK", "What was taken and never ordered is owed back, and a person looks.",
            x => x is { Attempt: null, IsSettled: false, ChargeIsPaid: false } && x.Order.Charge.Kind == ChargeKind.AddOn,
            x => Owed(x.Step, x.Order, x.Outcome.Amount, OverpaidReason.NotOrdered) && x.After.State!.Parked is not null),
        Rule.Hearing<ChargeOutcome.Declined>(
            "DECLINE-AFTER-SUCCESS-IS-LOOKED-AT", "When the rail declines what it had taken, a person looks.",
            x => x is { Attempt: null, ChargeIsPaid: true }, x => x.After.State!.Parked is not null),
        Rule.Hearing<ChargeOutcome.Reversed>(
            "GIVEN-BACK-IS-NOT-PAID", "What was paid and given back is no payment, and is recorded both ways.",
            _ => true, x => !x.Step.Has<Charged>() && (x.IsSettled || x.Step.Events.OfType<Overpaid>().Any(e => e is { Reason: OverpaidReason.GivenBack } && e.Order == x.Order))),
        new(
            "REFUND-ELSEWHERE-IS-RECORDED", "A refund made elsewhere is recorded.",
            (b, a) => a.Last is { Arg: OfRefund.MadeElsewhere, Command: SubscriptionCommand.RecordRefund x } && b.Facts.Of(x.Order) is not { WentBack: true }, (_, a) => a.Last!.Has<Refunded>()),
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "NO-SUCCESS-IN-SILENCE", "Whatever success is heard of, its money is booked: as a payment, or as owed back.",
            _ => true, x => x.After.Facts.Settled.Contains(x.Order) || x.Before.Facts.Of(x.Order) is { WentBack: true }),
    ];

    /// <summary>Cancel beats charge.</summary>
    public static readonly IReadOnlyList<Rule> OfCancel =
    [
        new(
            "CANCEL-BEATS-CHARGE", "After a cancel nothing is ordered any more.",
            (b, a) => b.Facts.CancelledAt is not null && a.Last?.Command is SubscriptionCommand.Wake, (_, a) => !a.Last!.Has<Requested>()),
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "AFTER-THE-CANCEL-GOES-BACK", "An order paid later than the cancel is owed back in full.",
            x => IsOpenAfterCancel(x) && x.Outcome.PaidAt > x.Before.Facts.CancelledAt, x => Owed(x.Step, x.Order, x.Outcome.Amount, OverpaidReason.AfterCancel)),
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "BEFORE-THE-CANCEL-STANDS", "An order paid before the cancel, whose period had begun, stands.",
            x => IsOpenAfterCancel(x) && x.Outcome.PaidAt <= x.Before.Facts.CancelledAt && x.State.Status != SubscriptionStatus.Ended && Begun(x), x => x.Step.Has<Charged>()),
        Rule.Hearing<ChargeOutcome.Succeeded>(
            "NOT-BEGUN-GOES-BACK", "An order paid before the cancel, whose period had not begun, is owed back in full.",
            x => IsOpenAfterCancel(x) && x.Outcome.PaidAt <= x.Before.Facts.CancelledAt && !Begun(x), x => Owed(x.Step, x.Order, x.Outcome.Amount, OverpaidReason.AfterCancel)),
    ];

    private static bool Owed(Step step, OrderNumber order, Money amount, OverpaidReason? reason = null) =>
        step.Events.OfType<Overpaid>().Any(e => e.Order == order && e.Amount == amount && (reason is null || e.Reason == reason)) && !step.Has<Charged>();

    // A membership that ended as "not signed" was cancelled by nobody.
    private static bool IsOpenAfterCancel(Heard<ChargeOutcome.Succeeded> x) =>
        x is { IsSettled: false, ChargeIsPaid: false, Before.Facts.CancelledAt: not null } && (x.Attempt is not null || x.Step.Has<OrderFound>())
        && x.State.CancelledBy != CancelledBy.NotSigned && x.Outcome.Amount == (x.Attempt?.Amount ?? x.State.Terms.PriceOf(x.Order.Charge.Ordinal));

    private static bool Begun(Heard<ChargeOutcome.Succeeded> x)
    {
        var firstDay = x.State.Anchor is { } anchor ? anchor.PlusMonths(x.Order.Charge.Ordinal - 1 - x.State.PeriodsBeforeAnchor) : (LocalDate?)null;
        return firstDay is null || firstDay.Value.AtStartOfDayInZone(RenewalZones.Get(x.State.Terms.ZoneId)).ToInstant() <= x.Before.Facts.CancelledAt;
    }
}
