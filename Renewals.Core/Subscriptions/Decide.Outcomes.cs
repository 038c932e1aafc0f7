using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

public static partial class Decide
{
    /// <summary>One door for the call's answer, a callback, a query and a statement line.</summary>
    private static IReadOnlyList<SubscriptionEvent> RecordCharge(Subscription s, SubscriptionCommand.RecordCharge x, DecisionContext context)
    {
        if (x.Order.IsRefund || x.Order.Charge.Subscription != s.Id)
            throw new InvalidOperationException($"{x.Order} is not an order of subscription {s.Id}.");
        if (context.Frozen && FindLost(s, x, context) is { Count: > 0 } found)
            return [.. found, .. RecordCharge(Evolve.All(s, found)!, x, context)];
        if (context.Account is { } account && account != s.AccountOf(x.Order))
            return AtAnotherAccount(s, x, account, context);
        if (s.Attempts.FirstOrDefault(attempt => attempt.Order == x.Order) is not { } attempt)
            return OfAnotherTime(s, x, context);
        if (x.Answer.Evidence == Evidence.Hint)
            return OnHint(s, attempt, x.Answer.Outcome, context);
        var events = x.Answer.Outcome switch
        {
            ChargeOutcome.Succeeded paid => OnSuccess(s, attempt, paid, context),
            ChargeOutcome.Reversed reversed => OnReversed(s, attempt, reversed, context),
            ChargeOutcome.Declined declined => OnDecline(s, attempt, ReasonOf(declined, attempt), declined.RailCode, context),
            ChargeOutcome.Pending pending => OnNothingFinal(s, attempt, pending.RailState, context, atRail: true),
            ChargeOutcome.Unknown unknown => OnNothingFinal(s, attempt, unknown.Why, context),
            ChargeOutcome.Refused or ChargeOutcome.NotSent => OnNotTaken(s, attempt, x.Answer.Outcome, context),
            ChargeOutcome.Missing => OnMissing(s, attempt, context),
            ChargeOutcome.Absent => OnAbsent(s, attempt, x.Answer.Outcome, context),
            _ => throw new InvalidOperationException($"No decision for {x.Answer.Outcome.GetType().Name}."),
        };
        IReadOnlyList<SubscriptionEvent> all = [.. events, .. AskedEnough(Evolve.All(s, events)!, attempt.Order, context)];
        return all.Count == 0 ? Nothing : [.. all, .. ConcludeSigning(Evolve.All(s, all)!, context)];
    }

    // An order that is settled may have been asked about once more, after a rumour: then that question is answered too.
    private static IEnumerable<Asked> AskedEnough(Subscription s, OrderNumber order, DecisionContext context) =>
        from attempt in s.Attempts
        where attempt.Order == order && attempt.Status != AttemptStatus.InFlight && attempt.AskAt <= context.Now
        select new Asked(order, attempt.Asks + 1, "what is known already", null, context.Now);

    /// <summary>An order that is not of the charge in hand: settled long ago, or never ours.</summary>
    private static IReadOnlyList<SubscriptionEvent> OfAnotherTime(Subscription s, SubscriptionCommand.RecordCharge x, DecisionContext context)
    {
        var paidBy = s.IsOfPeriod(x.Order.Charge) ? s.PaymentOf(x.Order.Charge.Ordinal) : null;
        return x.Answer.Outcome switch
        {
            ChargeOutcome.Succeeded when paidBy == x.Order || s.Refunds.Any(refund => refund.Order == x.Order) => Nothing,
            ChargeOutcome.Succeeded when x.Answer.Evidence == Evidence.Hint => Nothing,
            ChargeOutcome.Succeeded paid when paidBy is not null => [GiveBack(x.Order, paid, OverpaidReason.SecondSuccess, context.Now)],
            ChargeOutcome.Succeeded paid => Some(
                GiveBack(x.Order, paid, OverpaidReason.NotOrdered, context.Now),
                ParkOnce(s, ParkReason.UnexpectedMoney, $"{x.Order} took {paid.Amount} and was not ordered", context.Now)),
            ChargeOutcome.Reversed when x.Answer.Evidence == Evidence.Hint => Nothing,
            ChargeOutcome.Reversed reversed => ReversedLater(s, x.Order, reversed, paidBy, context),
            ChargeOutcome.Declined when paidBy == x.Order && x.Answer.Evidence == Evidence.Conclusive => Some(
                ParkOnce(s, ParkReason.Contradiction, $"{x.Order} was paid and is now declined", context.Now)),
            _ => Nothing,
        };
    }

    private static Overpaid GiveBack(OrderNumber order, ChargeOutcome.Succeeded paid, OverpaidReason reason, Instant now) =>
        new(order, paid.Amount, paid.RailTransaction, paid.PaidAt, reason, now);

    private static IReadOnlyList<SubscriptionEvent> OnHint(Subscription s, Attempt attempt, ChargeOutcome outcome, DecisionContext context)
    {
        var asksAnyway = attempt.AskAt is { } due && due <= context.Now;
        var news = attempt.Status == AttemptStatus.InFlight || outcome is ChargeOutcome.Reversed
            || (outcome is ChargeOutcome.Succeeded && !IsKnownPaid(s, attempt.Order));
        var reason = (outcome as ChargeOutcome.Declined)?.Reason;

        // That the order was closed says nothing of why it was not taken; what was heard of that before stays.
        if (reason == DeclineReason.OrderClosed && attempt.Hint is not null)
            reason = attempt.Hint;
        return news && !(asksAnyway && (reason is null || reason == attempt.Hint))
            ? [new Hinted(attempt.Order, outcome.GetType().Name, reason, context.Now)]
            : Nothing;
    }

    private static IReadOnlyList<SubscriptionEvent> OnSuccess(Subscription s, Attempt attempt, ChargeOutcome.Succeeded paid, DecisionContext context)
    {
        var charge = attempt.Order.Charge;
        var back = attempt.Order.Refund(1).ToString();
        if (s.Refunds.Any(refund => refund.Number == back))
            return Nothing;
        if (paid.Amount != attempt.Amount)
        {
            return Some(
                GiveBack(attempt.Order, paid, OverpaidReason.WrongAmount, context.Now),
                ParkOnce(s, ParkReason.UnexpectedMoney, $"{attempt.Order} was ordered for {attempt.Amount} and took {paid.Amount}", context.Now));
        }

        if (charge.Ordinal <= s.PaidThrough)
            return [GiveBack(attempt.Order, paid, OverpaidReason.SecondSuccess, context.Now)];
        var periods = s.Periods ?? s.Terms.PeriodsFrom(paid.PaidAt.InZone(RenewalZones.Get(s.Terms.ZoneId)).Date);
        if (CameTooLate(s, paid.PaidAt, periods.Start(charge.Ordinal)))
            return [GiveBack(attempt.Order, paid, OverpaidReason.AfterCancel, context.Now)];
        var until = periods.End(charge.Ordinal);
        var planAt = s.Terms.Renews ? RenewalCalendar.PlanAt(s.Terms, until) : (Instant?)null;
        var charged = new Charged(
            attempt.Order, paid.Amount, paid.RailTransaction, paid.PaidAt, periods.FirstDay(charge.Ordinal), until, planAt, context.Now)
        {
            RailDate = attempt.AtCashier || s.Agreement.RailDate is not { } date || !s.IsUnderAgreementInUse(attempt.Order) ? null : s.Terms.Interval.After(date, 1),
        };

        // Only where events were lost, or are older than skipped periods have one of their own: what lies before is settled by being passed over.
        var settled = Math.Max(s.PaidThrough, s.SkippedThrough);
        var anchored = s.Periods is null ? s with { Anchor = periods.Anchor } : s;
        return [.. Skipped(anchored, settled + 1, charge.Ordinal - 1, $"period {charge.Ordinal} was paid and these were not", context), charged];
    }

    // What was paid after the cancel goes back in full. What was paid before it stands, unless its period had not begun.
    private static bool CameTooLate(Subscription s, Instant paidAt, Instant periodStart) =>
        s.Status == SubscriptionStatus.Ended
        || (s.CancelledAt is { } cancelled && s.CancelledBy != Subscriptions.CancelledBy.NotSigned && (paidAt > cancelled || periodStart > cancelled));

    // An order that ended by itself after the rail had said why it does not take it was declined for that reason.
    private static DeclineReason ReasonOf(ChargeOutcome.Declined declined, Attempt attempt) =>
        declined.Reason == DeclineReason.OrderClosed && attempt.Hint is { } heard ? heard : declined.Reason;

    private static IReadOnlyList<SubscriptionEvent> OnDecline(
        Subscription s, Attempt attempt, DeclineReason reason, string railCode, DecisionContext context)
    {
        if (attempt.Status == AttemptStatus.Declined)
            return attempt.AskAt is null ? Nothing : [new Asked(attempt.Order, attempt.Asks + 1, "declined, as was known", null, context.Now)];
        var (now, policy) = (context.Now, s.Terms.Dunning);
        var inUse = s.IsUnderAgreementInUse(attempt.Order);
        var retryAt = inUse ? RetryAt(s, attempt, reason, context) : s.RetryAt;
        var failed = new Failed(attempt.Order, reason, railCode, $"{policy.Name}/{policy.Version}/{policy.Hash()}", retryAt, now)
        {
            Budget = context.Traits.RetryBudget?.UseOf([.. s.RecentDeclines, now], now),
        };
        var mayGoOn = IsUnplanned(s) && context.Traits.RetryBudget?.Forbids(reason) != true;
        if (retryAt is not null || attempt.Order.Charge.Ordinal <= s.PaidThrough || mayGoOn || !inUse)
            return [failed];
        return s.Status == SubscriptionStatus.Active
            ? [failed, .. TakeOverOrCancel(Evolve.Next(s, failed), SwitchReason.Declined, Exhausted(attempt), $"no further try after {reason}", context, reason == DeclineReason.AgreementNotInForce)]
            : [failed];
    }

    private static CancelledBy Exhausted(Attempt attempt) =>
        attempt.Order.Charge.Kind == ChargeKind.First ? Subscriptions.CancelledBy.FirstPayment : Subscriptions.CancelledBy.Dunning;

    /// <summary>
    /// The next try: as many days later as the policy says, inside of the card network's budget, and within the member's and the rail's window. Null: none.
    /// </summary>
    private static Instant? RetryAt(Subscription s, Attempt attempt, DeclineReason reason, DecisionContext context)
    {
        if (s.Status != SubscriptionStatus.Active || s.Cycle is not { } cycle || attempt.Order.Charge.Ordinal <= s.PaidThrough)
            return null;
        var declines = s.Attempts.Where(a => s.IsUnderAgreementInUse(a.Order)).Sum(a => a.DeclinesHeard + (a.Status == AttemptStatus.Declined ? 1 : 0)) + 1;
        if (s.Terms.Dunning.DaysToNextTry(reason, declines) is not { } days || context.Traits.RetryBudget?.Forbids(reason) == true)
            return null;
        var zone = RenewalZones.Get(cycle.ZoneId);
        var day = context.Now.InZone(zone).Date.PlusDays(context.Traits.OneTryADay ? Math.Max(days, 1) : days);
        var wanted = Instant.Max(zone.AtLeniently(day + cycle.ChargeFrom.InZone(zone).TimeOfDay).ToInstant(), context.Now);
        var at = cycle.NextOpening(context.Traits.RetryBudget?.NextAllowed([.. s.RecentDeclines, context.Now], wanted) ?? wanted);
        return at <= ChargeWindow.Of(s, cycle).Until ? at : null;
    }

    private static IReadOnlyList<SubscriptionEvent> OnNothingFinal(
        Subscription s, Attempt attempt, string answer, DecisionContext context, bool? atRail = null)
    {
        var now = context.Now;
        if (attempt.Status == AttemptStatus.NotTaken)
        {
            var heard = new Hinted(attempt.Order, answer, null, now);
            var reopened = Evolve.Next(s, heard);
            return [heard, .. OnNothingFinal(reopened, reopened.Attempts.First(a => a.Order == attempt.Order), answer, context, atRail)];
        }

        if (attempt.AskAt is not { } due || due > now)
            return IsNewsOfWork(attempt, atRail, context) ? [new Asked(attempt.Order, attempt.Asks, answer, attempt.AskAt, now) { AtRail = atRail }] : Nothing;
        var asks = attempt.Asks + 1;
        var next = now + DecisionLimits.AskDelay(asks);
        if (attempt.ExpiresAt is { } end && now < end)
            next = Instant.Min(next, end + DecisionLimits.AskDelay(0));

        // Asking goes on while the rail remembers the order, also when a person has been called.
        var remembered = next < attempt.OrderedAt + context.Traits.RemembersOrders ? next : (Instant?)null;
        var asked = new Asked(attempt.Order, asks, answer, remembered, now) { AtRail = atRail };
        return asks >= context.Limits.MaxAsks || remembered is null
            ? Some(asked, ParkOnce(s, ParkReason.OutcomeUnknown, $"{attempt.Order}: {answer}", now))
            : [asked];
    }

    // Where statements prove absence the call's own answer that the rail works on the order is remembered, though nothing was asked yet.
    private static bool IsNewsOfWork(Attempt attempt, bool? atRail, DecisionContext context) =>
        context.Traits.AbsenceProof == AbsenceProof.TwoStatements && attempt.Status == AttemptStatus.InFlight && atRail is { } works && works != attempt.IsAtRail;

    private static IReadOnlyList<SubscriptionEvent> OnMissing(Subscription s, Attempt attempt, DecisionContext context)
    {
        if (attempt.Status == AttemptStatus.NotTaken)
            return Nothing;

        // A rail that has forgotten the order knows as little of one that was paid. And one that was declined and then rumoured paid is looked at.
        if (attempt.Status == AttemptStatus.Declined || context.Now >= attempt.OrderedAt + context.Traits.RemembersOrders)
            return OnNothingFinal(s, attempt, "no such order, which proves nothing here", context);
        var believedFrom = attempt.SendBefore + context.Traits.CallTimeout + context.Traits.SettleDelay;
        if (context.Traits.AbsenceProof == AbsenceProof.TwoStatements)
            return OnNothingFinal(s, attempt, "the rail has no such order; its statements must say so", context, atRail: false);
        if (context.Now < believedFrom)
            return attempt.AskAt is { } due && due <= context.Now ? [new Asked(attempt.Order, attempt.Asks + 1, "no such order, not believed yet", believedFrom, context.Now)] : Nothing;

        // An order at the cashier that the rail does not know can no longer be paid: nobody was ever shown it.
        if (attempt.AtCashier)
            return context.Now < s.SignBy ? OnNothingFinal(s, attempt, "not paid yet", context) : OnDecline(s, attempt, DeclineReason.OrderClosed, "missing", context);
        return OnNotTaken(s, attempt, new ChargeOutcome.Missing(), context);
    }

    /// <summary>
    /// No statement that could hold the order does: it took nothing. But not while the rail itself says that it works on it: what it takes late stands
    /// in a later statement.
    /// </summary>
    private static IReadOnlyList<SubscriptionEvent> OnAbsent(Subscription s, Attempt attempt, ChargeOutcome absent, DecisionContext context) =>
        attempt is { Status: AttemptStatus.InFlight, IsAtRail: true }
            ? OnNothingFinal(s, attempt, "the statements do not have it, but the rail says that it works on it", context)
        : attempt.Status == AttemptStatus.Declined
            ? attempt.AskAt is null ? Nothing : [new Asked(attempt.Order, attempt.Asks + 1, "absent, after it was declined", null, context.Now)]
        : attempt.AtCashier && attempt.Status == AttemptStatus.InFlight && context.Now >= s.SignBy
            ? OnDecline(s, attempt, DeclineReason.OrderClosed, "absent", context)
        : OnNotTaken(s, attempt, absent, context);

    private static IReadOnlyList<SubscriptionEvent> OnNotTaken(Subscription s, Attempt attempt, ChargeOutcome outcome, DecisionContext context)
    {
        if (attempt.Status != AttemptStatus.InFlight)
            return attempt.Status == AttemptStatus.Declined ? OnNothingFinal(s, attempt, $"{outcome}", context) : Nothing;
        var now = context.Now;
        if (attempt.AtCashier || s.Status is SubscriptionStatus.Cancelled or SubscriptionStatus.Ended || !s.IsUnderAgreementInUse(attempt.Order))
            return [new NotTaken(attempt.Order, outcome, null, now)];
        if (attempt.Hint is { } reason && outcome is ChargeOutcome.Missing or ChargeOutcome.Absent && RetryAt(s, attempt, reason, context) is null)
            return OnDecline(s, attempt, reason, "refused at once", context);
        if (Sends(s, attempt) >= context.Limits.MaxSends)
            return Some(new NotTaken(attempt.Order, outcome, null, now), ParkOnce(s, ParkReason.Refused, $"{attempt.Order}: {outcome}", now));
        var resendAt = outcome switch
        {
            ChargeOutcome.NotSent => now + Duration.FromMinutes(1),
            ChargeOutcome.Refused => now + Duration.FromHours(1),
            _ => attempt.Hint is { } hint ? RetryAt(s, attempt, hint, context)!.Value : now,
        };
        var wasDeclined = attempt.Hint is not null && outcome is ChargeOutcome.Missing or ChargeOutcome.Absent;
        return [new NotTaken(attempt.Order, outcome, resendAt, now) { CountsAsTry = wasDeclined && context.Traits.RetryBudget is not null }];
    }

    // A rail that wants a new number for every send is not asked more often for that.
    private static int Sends(Subscription s, Attempt attempt) =>
        attempt.Send + s.Attempts.Where(other => other.Order != attempt.Order && other.Order.Charge == attempt.Order.Charge && other.Status == AttemptStatus.NotTaken && s.IsUnderAgreementInUse(other.Order))
            .Sum(other => other.Send);
}
