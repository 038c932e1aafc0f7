using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Subscriptions;

public static partial class Decide
{
    /// <summary>How far ahead periods are looked through for one that can still be charged.</summary>
    private const int MaxSkippedPeriods = 400;

    /// <summary>How long an order lives that is sent at the last moment of its window.</summary>
    private static readonly Duration LastOrderLives = Duration.FromMinutes(20);

    /// <summary>The calendar of the next period, where it can be charged in time; what is missed is for <see cref="CatchUp"/>.</summary>
    private static IReadOnlyList<SubscriptionEvent> PlanCycle(Subscription s, DecisionContext context)
    {
        var changed = TakeEffect(s, context);
        s = Evolve.All(s, changed)!;
        var passed = PassedOver(s, s.NextCharge.Ordinal, context);
        var next = Evolve.All(s, passed)!;
        return [.. changed, .. passed, .. MissedOf(next, context) is { } missed ? CatchUp(next, missed, context) : PlanFirstLawful(next, next.NextCharge.Ordinal, "", context)];
    }

    /// <summary>Plans the first period from the running one on that has a lawful day; those before it are never charged.</summary>
    private static IReadOnlyList<SubscriptionEvent> PlanFirstLawful(Subscription s, int first, string because, DecisionContext context)
    {
        // A period from before the membership's days were moved has no days any more, also when it was still in hand then.
        var ordinal = Math.Max(Math.Max(first, s.Periods!.Value.OrdinalAt(context.Now)), s.PeriodsBeforeAnchor + 1);
        var rule = "";
        for (var tries = 0; tries < MaxSkippedPeriods; tries++, ordinal++)
        {
            switch (SolveFor(s, ordinal, context))
            {
                case CycleSolution.Lawful lawful:
                    return [.. Skipped(s, first, ordinal - 1, $"{because}{rule}", context), Planned(s, lawful, context)];
                case CycleSolution.DueDayMustMove moved:
                    var skipped = Skipped(s, first, ordinal - 1, $"{because}{rule}", context);
                    return [.. skipped, .. MoveAnchor(Evolve.All(s, skipped)!, moved.Due, ordinal, context)];
                case CycleSolution.NoLawfulDay none:
                    rule = none.Rule;
                    break;
                default:
                    throw new InvalidOperationException("No such solution.");
            }

            // An attempt of this period may come back to life; it must not be left behind for another period.
            if (s.Attempts.Count > 0 || !s.Terms.Renews)
                break;
        }

        return Some(ParkOnce(s, ParkReason.NoLawfulDay, rule, context.Now));
    }

    private static CycleSolution SolveFor(Subscription s, int ordinal, DecisionContext context, bool late = false)
    {
        var revision = s.Cycle is { } before && before.Ordinal == ordinal ? before.Revision + 1
            : s.GivenUp is { } givenUp && givenUp.Ordinal == ordinal ? givenUp.Revision + 1
            : 1;
        var solution = RenewalCalendar.Solve(s.Terms, context.Traits, s.Periods!.Value, ordinal, revision, context.Now, s.Agreement.RailDate, late);
        return solution is CycleSolution.Lawful lawful && s.Additions.Count > 0 ? new CycleSolution.Lawful(lawful.Plan with { Amount = s.AmountOf(ordinal) }) : solution;
    }

    private static CyclePlanned Planned(Subscription s, CycleSolution.Lawful lawful, DecisionContext context) =>
        new(lawful.Plan with { VerifyLead = VerifyLeadOf(s.Id, context) }, context.Now);

    // The calendar is solved for the new days, and announced with them.
    private static IReadOnlyList<SubscriptionEvent> MoveAnchor(Subscription s, LocalDate due, int ordinal, DecisionContext context)
    {
        var start = s.Terms.PeriodsFrom(due, ordinal - 1).Start(ordinal);
        var isPaid = s.PaidThrough == ordinal - 1 && s.PaidUntil is not null;
        var isGiven = !isPaid && s.SkippedThrough == ordinal - 1 && s.GivenUntil is not null && s.GivenUntil == s.RunsUntil;
        var moved = new AnchorMoved(
            due, ordinal, isPaid ? start : null, $"the rail takes no charge before its own date {s.Agreement.RailDate}", context.Now)
        {
            GivenUntil = isGiven ? start : null,
        };
        return [moved, .. PlanCycle(Evolve.Next(s, moved), context)];
    }

    private static IReadOnlyList<SubscriptionEvent> AnnounceAtRail(Subscription s, DecisionContext context)
    {
        var (cycle, now) = (s.Cycle!, context.Now);
        if (context.Traits.Notice is not { } rule)
            throw new InvalidOperationException($"{s.Account} no longer has a notice of its own, but cycle {cycle.Ordinal} was planned with one.");
        if (s.RailNotices.Count >= context.Limits.MaxRailNotices)
            return Some(ParkOnce(s, ParkReason.Refused, "the rail takes no notice", now));
        var open = RailHours.NextOpen(now, cycle.OpensAt, cycle.ClosesAt, cycle.ZoneId);
        if (open > now)
            return [new Postponed(open, "the rail takes notices in its hours only", now)];
        var (from, until) = RenewalCalendar.ChargeableAfterNotice(rule, context.Traits, now);
        var window = ChargeWindow.Of(s, cycle);
        if (Instant.Max(from, window.From) > Instant.Min(until, window.Until))
            return PlanCycle(s, context);
        var number = s.RailNotices is [.., { } last] ? last.Number + 1 : 1;
        return [new RailNoticeRequested(cycle.Ordinal, number, cycle.Amount, from, until, now + DecisionLimits.AskDelay(1), now)];
    }

    private static IReadOnlyList<SubscriptionEvent> RecordRailNotice(Subscription s, SubscriptionCommand.RecordRailNotice x, DecisionContext context)
    {
        if (s.RailNotices.FirstOrDefault(notice => notice.Number == x.Number) is not { Result: RailNoticeResult.Sent })
            return Nothing;
        var now = context.Now;
        var mayHaveLanded = s.RailNotices.Any(notice => notice.Number != x.Number && notice.Result != RailNoticeResult.Refused);
        return x.Answer switch
        {
            RailNoticeAnswer.Accepted => [new RailNoticeAnswered(x.Number, RailNoticeResult.Accepted, "", null, now)],
            RailNoticeAnswer.Unknown unknown => [new RailNoticeAnswered(x.Number, RailNoticeResult.Unknown, unknown.Why, now + DecisionLimits.AskDelay(1), now)],

            // The rail refuses a second notice while one is open: the earlier one has landed after all.
            RailNoticeAnswer.Refused refused when mayHaveLanded => [new RailNoticeAnswered(x.Number, RailNoticeResult.Refused, refused.Why, null, now)],
            RailNoticeAnswer.Refused refused =>
                [new RailNoticeAnswered(x.Number, RailNoticeResult.Refused, $"{refused.RailCode}: {refused.Why}", now + Duration.FromHours(1), now)],
            _ => throw new InvalidOperationException($"No decision for {x.Answer.GetType().Name}."),
        };
    }

    private static IReadOnlyList<SubscriptionEvent> Charge(Subscription s, DecisionContext context)
    {
        if (s.Cycle is not { } cycle)
            return ChargeOnConsent(s, context);
        var now = context.Now;
        var window = ChargeWindow.Of(s, cycle);
        if (cycle.NextOpening(Instant.Max(now, window.From)) is not { } open || open > window.Until)
            return PlanCycle(s, context);
        if (open > now)
            return [new Postponed(open, "the rail takes orders in its hours only", now)];
        var sendBefore = now + context.Limits.SendWithin;
        return s.Notice is { } notice
            && ChargeAuthority.FromNotice(notice, s.Terms.Law, cycle.Amount, now + cycle.ChargeDelay, sendBefore + cycle.ChargeDelay) is { } authority
                ? Request(s, authority, cycle.Amount, sendBefore, context)
                : PlanCycle(s, context);
    }

    private static IReadOnlyList<SubscriptionEvent> ChargeOnConsent(Subscription s, DecisionContext context)
    {
        var sendBefore = context.Now + context.Limits.SendWithin;
        return s is { SignedAt: { } signed, ConsentUntil: { } until, NextCharge.Ordinal: 1 } && ChargeAuthority.FromSigning(signed, until, sendBefore) is { } authority
            ? Request(s, authority, s.Terms.PriceOf(1), sendBefore, context)
            : PlanCycle(s, context);
    }

    // A number that has moved money already, whoever ordered it, is used up: the rail would take it for paid.
    private static int NextNumber(Subscription s)
    {
        var (charge, number) = (s.NextCharge, (s.LastAttempt?.Order.Attempt ?? 0) + 1);
        while (s.Refunds.Any(refund => refund.Order.Charge == charge && refund.Order.Attempt == number))
            number++;
        return number;
    }

    private static IReadOnlyList<SubscriptionEvent> Request(
        Subscription s, ChargeAuthority authority, Plans.Money amount, Instant sendBefore, DecisionContext context)
    {
        if (!context.MayCharge)
            return Nothing;
        var now = context.Now;

        // The step was due before the reminder and is late: once the year is over nothing goes before it.
        if (s is { PaidThrough: > 0, Terms.Renews: true, RemindAt: { } remindAt } && s.ReminderDue <= now)
            return [new Postponed(Instant.Max(now, remindAt), "the reminder the law asks for goes first", now)];
        if (context.Traits.RetryBudget?.NextAllowed(s.RecentDeclines, now) is { } allowed && allowed > now)
            return [new Postponed(allowed, "the card network allows no further try before", now)];
        var again = s.Again is { } last && last.Amount == amount && MayRepeat(last, sendBefore, context.Traits) ? last : null;
        var number = again?.Order.Attempt ?? NextNumber(s);
        if (number > OrderNumber.MaxAttempt)
            return Some(ParkOnce(s, ParkReason.Refused, "the charge has used up its order numbers", now));
        var askAt = sendBefore + context.Traits.CallTimeout + context.Traits.ChargeDelay + DecisionLimits.AskDelay(0);
        return
        [
            new Requested(
                again?.Order ?? s.NextCharge.Attempt(number), (again?.Send ?? 0) + 1, authority, s.Account, s.Agreement.Id, amount, s.Terms.Subject,
                again?.OrderedAt ?? now, sendBefore, askAt, now)
            {
                ExpiresAt = again is null ? ExpiryOf(s, context) : again.ExpiresAt,
            },
        ];
    }

    // An order the rail surely does not have goes out again under its number, unless the rail refuses its old timestamp, it ends too soon, is not known
    // word by word or was for another amount: then it is the next attempt, and the old one can never be taken any more.
    private static bool MayRepeat(Attempt attempt, Instant sendBefore, RailTraits traits) =>
        traits.Resend == Resend.SameOrder && !attempt.IsFound && !(attempt.ExpiresAt <= sendBefore + traits.CallTimeout);

    // Inside the window, with a few minutes for an order that is sent at its last moment.
    private static Instant? ExpiryOf(Subscription s, DecisionContext context) => context.Traits.OrderLifetime is not { } lifetime
        ? null
        : s.Cycle is { } cycle ? Instant.Min(context.Now + lifetime, cycle.MoneyUntil + LastOrderLives)
        : context.Now + lifetime;
}
