using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// A membership that was taken over is told nothing and charged nothing until the rail confirmed its agreement and the statements of the days before
/// the cut-over were read: what the other system took last may stand in no export. A payment found there marks its period as paid, at most once, like
/// a payment of our own. One that fits no period is for a person to look at. What is heard of earlier, because it was taken after the cut-over, is said at
/// once and finds its period with the others, in the order in which they were taken.
/// </remarks>
public static partial class Decide
{
    /// <summary>A payment that comes so soon before a period begins pays for it: the other system charged early, as rails allow and some require.</summary>
    private static readonly Duration PaidAhead = Duration.FromDays(7);

    /// <summary>Statements are a matter of mornings, not of minutes.</summary>
    private const int FirstStatementDelay = 3;

    private static IReadOnlyList<SubscriptionEvent> Import(SubscriptionCommand.Import x, DecisionContext context)
    {
        var paid = PaidPeriods(x.Terms.Interval, x.Anchor, x.PaidUntil) ?? throw new InvalidOperationException($"{x.PaidUntil} is no period's first day.");
        var (before, ordinal) = paid == 0 ? (1, 2) : (0, paid + 1);
        var periods = x.Terms.PeriodsFrom(x.Anchor, before);
        return
        [
            new Imported(
                x.Id, x.Member, x.Account, x.Agreement, x.Template, x.Terms, x.Anchor, before, ordinal - 1, periods.Start(ordinal), periods.Start(before + 1),
                x.CutOver, x.AskAt, x.StatementsAt, x.Line, context.Now)
            {
                // What was signed elsewhere is not known; what is charged is no more than it was.
                Ceiling = context.Traits.FixesCeiling ? x.Terms.HighestPrice : null,
                RailDate = context.Traits.Plan is { } rule ? RailPlanDates.DateFor(rule, periods.FirstDay(ordinal)) : null,
            },
        ];
    }

    /// <summary>How many periods from the anchor end with this day; null: none of them ends there.</summary>
    internal static int? PaidPeriods(BillingInterval interval, LocalDate anchor, LocalDate paidUntil)
    {
        if (paidUntil < anchor)
            return null;
        var about = interval.Between(anchor, paidUntil);
        for (var paid = about; paid <= about + 1; paid++)
        {
            if (interval.After(anchor, paid) == paidUntil)
                return paid;
        }

        return null;
    }

    // A payment of the other system's is known by its price and by the day its period begins; both stay until all of them are known.
    private static string? NotCompared(Subscription s) => s.MovedIn is { AskAt: { } askAt }
        ? $"What the other system took last is not known yet, so price and days stay; ask again after its statements were read, on {DayOf(s, askAt):uuuu-MM-dd} or later."
        : null;

    private static IReadOnlyList<SubscriptionEvent> RecordOldPayments(Subscription s, SubscriptionCommand.RecordOldPayments x, DecisionContext context)
    {
        if (s.MovedIn is not { } moved)
            return Nothing;
        var asked = x.IsAnswer && moved.AskAt <= context.Now;
        var compares = asked && x.AllRead;
        List<SubscriptionEvent> events = [];
        var next = s;
        var payments = x.Payments.Concat(compares ? moved.Waiting : []).DistinctBy(payment => payment.RailTransaction);
        foreach (var payment in payments.OrderBy(payment => payment.At).ThenBy(payment => payment.RailTransaction, StringComparer.Ordinal))
        {
            // What came before the cut-over is decided once, when all of it is there.
            if (payment.At < moved.CutOver && !compares)
                continue;
            var placed = compares || moved.AskAt is null || !IsRunning(s) ? Place(next, payment, context) : Wait(next, payment, context.Now);
            events.AddRange(placed);
            next = Evolve.All(next, placed)!;
        }

        return asked ? [.. events, .. AskedStatements(next, x, context)] : events;
    }

    private static IReadOnlyList<SubscriptionEvent> AskedStatements(Subscription s, SubscriptionCommand.RecordOldPayments x, DecisionContext context)
    {
        var (asks, now) = (s.MovedIn!.Asks + 1, context.Now);
        if (x.AllRead)
        {
            var planAt = s.Status == SubscriptionStatus.Active ? RenewalCalendar.PlanAt(s.Terms, s.PaidUntil!.Value) : (Instant?)null;
            return [new StatementsAsked(asks, x.Answer, null, planAt, now)];
        }

        var asked = new StatementsAsked(asks, x.Answer, now + DecisionLimits.AskDelay(asks - 1 + FirstStatementDelay), null, now);
        return asks >= context.Limits.MaxAsks ? Some(asked, ParkOnce(s, ParkReason.MovedIn, x.Answer, now)) : [asked];
    }

    private static bool IsRunning(Subscription s) => s.Status is SubscriptionStatus.Active or SubscriptionStatus.Cancelled;

    // It pays for the period after all that the other system took before it, and how much that was is not known yet.
    private static IReadOnlyList<SubscriptionEvent> Wait(Subscription s, OldPayment payment, Instant now) =>
        s.MovedIn!.Seen.Contains(payment.RailTransaction) || s.MovedIn.Waiting.Any(known => known.RailTransaction == payment.RailTransaction) ? Nothing
            : [new PaidElsewhere(payment.RailTransaction, payment.Amount, payment.At, 0, null, null, now) { AfterCutOver = true, AwaitsStatements = true }];

    private static IReadOnlyList<SubscriptionEvent> Place(Subscription s, OldPayment payment, DecisionContext context)
    {
        var (moved, now) = (s.MovedIn!, context.Now);
        var late = payment.At >= moved.CutOver;
        if (moved.Seen.Contains(payment.RailTransaction) || (!late && payment.At < s.PaidUntil!.Value - PaidAhead))
            return Nothing;
        var wasHeard = moved.Waiting.Any(known => known.RailTransaction == payment.RailTransaction);
        if (IsRunning(s) && (payment.Amount == s.Terms.Price || payment.Amount == moved.Price) && payment.At >= s.PaidUntil!.Value - PaidAhead)
        {
            var ordinal = Math.Max(s.PaidThrough, s.SkippedThrough) + 1;
            var until = s.Periods!.Value.End(ordinal);
            var planAt = moved.AskAt is null && s.Status == SubscriptionStatus.Active ? RenewalCalendar.PlanAt(s.Terms, until) : (Instant?)null;
            return [new PaidElsewhere(payment.RailTransaction, payment.Amount, payment.At, ordinal, until, planAt, now) { AfterCutOver = late, WasHeard = wasHeard }];
        }

        // Another price is most likely another membership's, where the payer has several.
        if (!payment.IsCertain && !late)
            return Nothing;
        return Some(
            new PaidElsewhere(payment.RailTransaction, payment.Amount, payment.At, 0, null, null, now) { AfterCutOver = late, WasHeard = wasHeard },
            IsRunning(s) ? ParkOnce(s, ParkReason.MovedIn, $"payment {payment.RailTransaction} of {payment.Amount} was not ordered here and fits no period", now) : null);
    }
}
