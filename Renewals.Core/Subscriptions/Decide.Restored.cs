using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// A ledger that was restored does not know what was sent since. While it is frozen an order of the coming charge that the rail has, and that these
/// events do not, is taken for what it must be: ours. It becomes an attempt like any other, and what the rail says of it is decided as ever.
/// </remarks>
public static partial class Decide
{
    private static IReadOnlyList<SubscriptionEvent> FindLost(Subscription s, SubscriptionCommand.RecordCharge x, DecisionContext context)
    {
        var charge = x.Order.Charge;
        var next = Math.Max(s.NextCharge.Ordinal, s.PaidThrough + 1);
        var isAtRail = x.Answer is { Evidence: Evidence.Conclusive, Outcome: ChargeOutcome.Succeeded or ChargeOutcome.Reversed or ChargeOutcome.Pending }
            || (x.Answer is { Evidence: Evidence.Conclusive, Outcome: ChargeOutcome.Declined } && charge.Ordinal == next);
        return isAtRail && charge.Ordinal >= next && s.IsOfPeriod(charge) && (s.Terms.Renews || charge.Ordinal == 1)
            && s.Attempts.All(attempt => attempt.Order != x.Order) && s.Refunds.All(refund => refund.Order != x.Order)
                ? FoundAt(s, x, context)
                : Nothing;
    }

    // Under which agreement it was ordered is known by whose rail has it; that it had taken over by then was lost.
    private static IReadOnlyList<SubscriptionEvent> FoundAt(Subscription s, SubscriptionCommand.RecordCharge x, DecisionContext context)
    {
        if (context.Account is not { } account || account == s.AccountOf(x.Order))
            return [.. PassedOver(s, x.Order.Charge.Ordinal, context), .. Found(s, x, context)];
        var other = s.Backups.OrderByDescending(backup => backup.IsReady).FirstOrDefault(backup => backup.Account == account);
        if (other is null || !s.IsUnderAgreementInUse(x.Order))
            return Nothing;
        var switched = Switch(s, other, SwitchReason.Found, "restore", $"{x.Order} was found at {account}", context);
        var parked = other.IsReady ? null : ParkOnce(s, ParkReason.UnexpectedMoney, $"{x.Order} was found at {account}, under an agreement that is {other.Agreement.Status}", context.Now);
        var events = Some(Unfit(s, other, context), switched, parked);
        return [.. events, .. FoundAt(Evolve.All(s, events)!, x, context)];
    }

    // What it was for was said by events that were lost, as may be a change of the terms: what the rail took is what the member had been told. The
    // difference is put down as what it is, and a person looks.
    private static IEnumerable<SubscriptionEvent> Found(Subscription s, SubscriptionCommand.RecordCharge x, DecisionContext context)
    {
        var (now, reckoned) = (context.Now, s.AmountOf(x.Order.Charge.Ordinal));
        if (x.Answer.Outcome is not ChargeOutcome.Succeeded { Amount: var taken } || taken == reckoned || taken.Currency != reckoned.Currency)
            return [new OrderFound(x.Order, reckoned, now)];
        var found = new OrderFound(x.Order, taken, now);
        return !RecordCharge(Evolve.Next(s, found), x, context).Any(e => e is Charged)
            ? [found]
            : Some(
                new AmountAdded($"found-{x.Order.Charge.Ordinal}", taken - s.DueOf(x.Order.Charge.Ordinal, s.Additions), "another amount than the terms say: a change of them may have been lost", "restore", now),
                found,
                ParkOnce(s, ParkReason.UnexpectedMoney, $"{x.Order} took {taken}, and the terms that are left say {reckoned}: a change of them may have been lost", now));
    }

    // That the periods before it are never charged was said by events that were lost. What may still be taken of them is asked for first.
    private static IReadOnlyList<SubscriptionEvent> PassedOver(Subscription s, int found, DecisionContext context) =>
        s.Periods is null || MayStillTake(s, found - 1)
            ? Nothing
            : Skipped(s, Math.Max(s.PaidThrough, s.SkippedThrough) + 1, found - 1, $"period {found} was ordered and these were not", context);

    private static bool MayStillTake(Subscription s, int last) => s.Attempts.Any(attempt => attempt.Order.Charge.Ordinal <= last && attempt.MayStillTake);

    // The decline was found after a restore: the renewal is planned and announced anew, and tried under the next number.
    private static bool IsUnplanned(Subscription s) => s is { Status: SubscriptionStatus.Active, Cycle: null, NextPlanAt: not null };
}
