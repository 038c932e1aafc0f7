using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Subscriptions;

public static partial class Decide
{
    private static IReadOnlyList<SubscriptionEvent> Cancel(Subscription s, SubscriptionCommand.Cancel x, DecisionContext context)
    {
        // Renewal stops whatever becomes of the money.
        var nothingBack = x.GivesBack is { } wish ? WhyNotRefund(s, wish) : x.NothingBack;
        if (x.GivesBack is null || nothingBack is not null)
            return Named(CancelWith(s, x.By, x.Why, x.AtOnce, context, x.KeepsAgreement), x.AskedBy, nothingBack);
        var cancelled = Named(CancelWith(s, x.By, x.Why, atOnce: true, context), x.AskedBy, null);
        return [.. cancelled, .. GrantRefund(Evolve.All(s, cancelled)!, x.GivesBack, context)];
    }

    private static IReadOnlyList<SubscriptionEvent> Named(IReadOnlyList<SubscriptionEvent> events, string? askedBy, string? nothingBack) =>
        [.. events.Select(e => e is Cancelled cancelled ? cancelled with { AskedBy = askedBy, NothingBack = nothingBack } : e)];

    /// <summary>Renewal stops now; what is paid runs on unless said otherwise, and a pause is over. The agreement's end is a duty of its own.</summary>
    private static IReadOnlyList<SubscriptionEvent> CancelWith(
        Subscription s, CancelledBy by, string why, bool atOnce, DecisionContext context, bool keepsAgreement = false)
    {
        // Who has stopped renewal may still want to end the paid time at once; nothing else follows from a second cancel.
        if (s.Status == SubscriptionStatus.Ended || (s.Status == SubscriptionStatus.Cancelled && !(atOnce && s.EndsAt > context.Now)))
            return Nothing;
        var end = atOnce ? context.Now : PaidEnd(s, context.Now);
        var cancelled = new Cancelled(by, why, end, context.Now) { TerminateAt = keepsAgreement && !atOnce && end > context.Now ? end : null };
        return [cancelled, .. LookAfterOrders(s, context.Now)];
    }

    private static string? WhyNotUndo(Subscription s, DecisionContext context) => s switch
    {
        { Status: SubscriptionStatus.Active } => null,
        { Status: not SubscriptionStatus.Cancelled } => "There is no membership to go on with; the member signs a new one.",
        { CancelledBy: Subscriptions.CancelledBy.Wallet } => "The member ended the agreement in the wallet; a new one is signed there.",
        { Pause.MovesDays: true, CancelledAt: { } cancelled } when s.IsPausedAt(cancelled) || s.IsPausedAt(context.Now) => "The pause ended with the cancel, and the paid days are being had; the member signs a new membership.",
        { InFlight: true } or { LastAttempt: not null } => "An order of the next charge was under way when it was cancelled; the member signs a new membership.",
        { TerminateAt: { } at, Agreement.Status: AgreementStatus.Active or AgreementStatus.Suspended } when at > context.Now && s.EndsAt > context.Now => null,
        _ => "The agreement is ended at the rail; the member signs a new one.",
    };

    private static IReadOnlyList<SubscriptionEvent> UndoCancel(Subscription s, SubscriptionCommand.UndoCancel x, DecisionContext context)
    {
        if (s.Status == SubscriptionStatus.Active)
            return Nothing;
        var planAt = s.PaidThrough == 0 ? context.Now : RenewalCalendar.PlanAt(s.Terms, s.Periods!.Value.Start(s.NextCharge.Ordinal));
        return [new CancelUndone(x.By, x.Why, s.Pause is { Until: null } ? null : planAt, context.Now)];
    }

    // What is in flight is stopped where the rail can: the question that does it does not wait for its turn.
    private static IEnumerable<Hinted> LookAfterOrders(Subscription s, Instant now) =>
        from attempt in s.Attempts
        where attempt.Status == AttemptStatus.InFlight && attempt.AskAt > now && attempt.SendBefore <= now
        select new Hinted(attempt.Order, "renewal was stopped", null, now);

    private static IReadOnlyList<SubscriptionEvent> End(Subscription s, DecisionContext context) =>
        [new Ended(s.Status == SubscriptionStatus.Cancelled ? EndReason.Cancelled : EndReason.TermOver, context.Now)];

    private static IReadOnlyList<SubscriptionEvent> RequestRefund(Subscription s, Refund refund, DecisionContext context)
    {
        var now = context.Now;
        if (!OrderNumber.TryParse(refund.Number, out var number) || refund.Send >= context.Limits.MaxSends)
            return Some(new NotTaken(number, new ChargeOutcome.NotSent("the rail does not take the refund"), null, now),
                ParkOnce(s, ParkReason.RefundImpossible, refund.Number, now));
        return [new RefundRequested(number, refund.Send + 1, refund.Paid ?? refund.Amount, refund.Amount, s.Terms.Subject, now + context.Limits.SendWithin + DecisionLimits.AskDelay(1), now)];
    }

    private static IReadOnlyList<SubscriptionEvent> RecordRefund(Subscription s, SubscriptionCommand.RecordRefund x, DecisionContext context)
    {
        var now = context.Now;
        var refund = s.Refunds.FirstOrDefault(r => r.Number == x.RefundNumber);
        if (x.Answer is RefundAnswer.Refunded twice && refund is { IsPaidOutside: true })
        {
            return Some(
                new Refunded(x.Order, refund.Number, twice.Amount, twice.RailRefund, twice.At, now),
                ParkOnce(s, ParkReason.UnexpectedMoney, $"refund {refund.Number} was paid outside, and now by the rail too", now));
        }

        if (x.Answer is RefundAnswer.Refunded done)
        {
            // What was given back elsewhere before ours was ever sent is the refund we owed: none is sent.
            var ours = refund is null ? s.Refunds.FirstOrDefault(r => r.Order == x.Order && r.IsUnsent && r.Amount == done.Amount) : null;
            return refund is { Status: RefundStatus.Done } || (refund is null && IsReversed(s, x.Order))
                ? Nothing
                : [new Refunded(x.Order, ours?.Number ?? x.RefundNumber, done.Amount, done.RailRefund, done.At, now)];
        }

        if (refund is not { Status: RefundStatus.Requested } || !OrderNumber.TryParse(x.RefundNumber, out var number))
            return Nothing;
        return x.Answer switch
        {
            RefundAnswer.Pending pending => AskedRefund(s, refund, number, pending.RailState, context, atRail: true),
            RefundAnswer.Unknown unknown => AskedRefund(s, refund, number, unknown.Why, context),
            RefundAnswer.Missing => [new NotTaken(number, new ChargeOutcome.Missing(), now, now)],

            // What the rail said it works on stands in a later statement.
            RefundAnswer.Absent absent => refund.IsAtRail ? Nothing : [new NotTaken(number, new ChargeOutcome.Absent(absent.Proof), now, now)],
            RefundAnswer.Refused refused => [new NotTaken(number, new ChargeOutcome.Refused(refused.RailCode, refused.Why), now + Duration.FromHours(6), now)],
            RefundAnswer.Impossible impossible => Some(
                new NotTaken(number, new ChargeOutcome.Refused(impossible.RailCode, impossible.Why), null, now),
                ParkOnce(s, ParkReason.RefundImpossible, $"{x.RefundNumber}: {impossible.Why}", now)),
            _ => throw new InvalidOperationException($"No decision for {x.Answer.GetType().Name}."),
        };
    }

    private static IReadOnlyList<SubscriptionEvent> AskedRefund(Subscription s, Refund refund, OrderNumber number, string answer, DecisionContext context, bool? atRail = null)
    {
        var now = context.Now;
        if (refund.NextAt is not { } due || due > now)
            return Nothing;
        var asks = refund.Asks + 1;
        var asked = new Asked(number, asks, answer, asks < context.Limits.MaxAsks ? now + DecisionLimits.AskDelay(asks) : null, now) { AtRail = atRail };
        return asks < context.Limits.MaxAsks ? [asked] : Some(asked, ParkOnce(s, ParkReason.OutcomeUnknown, $"refund {number}: {answer}", now));
    }
}
