using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// Other terms.
/// <list type="table">
/// <listheader><term>asked for</term><description>what follows</description></listheader>
/// <item><term>with the next period</term><description>planned; it takes effect when the first period that was not announced is planned, and is charged and announced with it</description></item>
/// <item><term>at once, dearer</term><description>enjoyed from now; the difference for the days left, today included, is added to the next charge, or was paid at the checkout</description></item>
/// <item><term>at once, cheaper</term><description>enjoyed from now; the difference is taken off the next charge</description></item>
/// <item><term>another interval</term><description>only with the next period: it begins where the one before ends, and days are counted from there</description></item>
/// <item><term>more than the agreement allows</term><description>refused, with what to do: see <see cref="RailChanges"/></description></item>
/// <item><term>what holds already</term><description>a change that was planned is withdrawn; otherwise nothing</description></item>
/// </list>
/// A charge that was announced is taken as announced: what is asked for after that concerns the period after it, and what is asked for at once waits.
/// </remarks>
public static partial class Decide
{
    private static string? WhyNotChange(Subscription s, SubscriptionCommand.ChangeTerms x, DecisionContext context)
    {
        if (NotRenewing(s) is { } stopped)
            return stopped;
        if (x.Terms.Price.Currency != s.Terms.Price.Currency || x.Terms.ZoneId != s.Terms.ZoneId)
            return "Currency and zone stay; sign a new membership for others.";
        if (!x.Terms.Renews)
            return "A membership that renews does not become one of a single period; cancel it, it runs to its end.";
        if (x.When == ChangeTiming.Now && !Holds(s, x.Terms) && WhyNotNow(s, x, context) is { } notNow)
            return notNow;
        return RailChanges.Judge(s, x, context) switch
        {
            ChangeWay.NewAgreement => $"The agreement allows charges up to {s.Agreement.Ceiling?.ToString() ?? "what was signed"} every {s.Terms.Interval}; the member must sign a new one for this.",
            ChangeWay.MemberPresent when x.Paid is null => $"The agreement leaves no room for the difference of {Difference(s, x.Terms, context.Now)}; let the member pay it at the checkout, or change with the next period.",
            _ => null,
        };
    }

    private static string? WhyNotNow(Subscription s, SubscriptionCommand.ChangeTerms x, DecisionContext context)
    {
        if (x.Terms.Interval != s.Terms.Interval)
            return "Another interval begins with the next period; ask for it then.";
        if ((ChargeUnderWay(s) ?? NotCompared(s)) is { } notYet)
            return notYet;
        if (s.Notice is not null)
            return $"The charge of period {s.Cycle!.Ordinal} is announced and is taken as announced; ask again after it, or change with the next period.";
        if (!(s.PaidUntil > context.Now) || s.IsPausedAt(context.Now))
            return "There is no paid time to change now; ask for it with the next period.";
        if (x.Paid is { } paid && paid.Amount != Difference(s, x.Terms, context.Now))
            return $"The difference for the days that are left is {Difference(s, x.Terms, context.Now)}, not {paid.Amount}.";
        return x.Paid is null && (s.DueOf(s.NextCharge.Ordinal, s.Additions) + Difference(s, x.Terms, context.Now)).MinorUnits < 1
            ? "The difference is more than the next charge; ask for the change with the next period."
            : null;
    }

    private static string? WhyNotWithdraw(Subscription s, SubscriptionCommand.WithdrawChange x) =>
        s.Change is { } change && change.Name != x.Name ? $"The planned change is '{change.Name}'." : null;

    /// <summary>What the member owes for the days that are left of the period that runs, today included; negative: has paid too much.</summary>
    internal static Money Difference(Subscription s, Terms terms, Instant now)
    {
        var paid = s.PaidThrough;
        return paid == 0 || !(s.PaidUntil > now)
            ? terms.Price with { MinorUnits = 0 }
            : Proration.Share(terms.PriceOf(paid) - s.Terms.PriceOf(paid), PaidDaysLeft(s, now), DaysOfPaidPeriod(s));
    }

    private static IReadOnlyList<SubscriptionEvent> ChangeTerms(Subscription s, SubscriptionCommand.ChangeTerms x, DecisionContext context)
    {
        if (Holds(s, x.Terms))
            return s.Change is { } planned ? [new ChangeWithdrawn(planned.Name, x.By, x.Why, context.Now)] : Nothing;
        return x.When == ChangeTiming.Now ? ChangeNow(s, x, context) : PlanChange(s, new(x.Name, x.Terms, 0, x.By, x.Why) { Consent = x.Consent }, context);
    }

    private static IReadOnlyList<SubscriptionEvent> PlanChange(Subscription s, PlannedChange wished, DecisionContext context)
    {
        var from = FirstOpenPeriod(s);
        var change = wished with { FromOrdinal = from, Terms = From(wished.Terms, from) };
        return s.Change is { } known && known with { FromOrdinal = 0, Terms = From(known.Terms, 0) } == change with { FromOrdinal = 0, Terms = From(change.Terms, 0) }
            ? Nothing
            : [new ChangePlanned(change, context.Now)];
    }

    // A coupon is used once, whatever period it is said to begin with.
    internal static bool Holds(Subscription s, Terms terms) => From(terms, 0) == From(s.Terms, 0);

    // A coupon that names no first period counts from the one the terms begin with.
    private static Terms From(Terms terms, int ordinal) => terms.Coupon is { } used && (used.From == 0 || ordinal == 0) ? terms with { Coupon = used with { From = ordinal } } : terms;

    private static IReadOnlyList<SubscriptionEvent> ChangeNow(Subscription s, SubscriptionCommand.ChangeTerms x, DecisionContext context)
    {
        var (now, next) = (context.Now, s.NextCharge.Ordinal);
        var terms = From(x.Terms, next);
        List<SubscriptionEvent> events = [];
        if (s.Change is { } planned)
            events.Add(new ChangeWithdrawn(planned.Name, x.By, $"{x.Name} takes its place", now));
        var rest = x.Paid is null ? Difference(s, terms, now) : terms.Price with { MinorUnits = 0 };
        events.Add(new TermsChanged(x.Name, terms, s.PaidThrough, now, x.By, x.Why, now) { Paid = x.Paid, Consent = x.Consent, OnNextCharge = rest.MinorUnits != 0 });
        if (rest.MinorUnits != 0)
            events.Add(new AmountAdded($"{x.Name}-rest", rest, terms.Subject, x.By, now));
        return events;
    }

    /// <summary>A planned change takes effect with the period that is planned now, where it may.</summary>
    private static IReadOnlyList<SubscriptionEvent> TakeEffect(Subscription s, DecisionContext context)
    {
        if (s is not { Change: { } change, LastAttempt: null, InFlight: false, Periods: { } periods })
            return Nothing;
        var ordinal = s.NextCharge.Ordinal;
        if (!s.ChangesWith(ordinal))
            return Nothing;
        return
        [
            new TermsChanged(change.Name, change.Terms, ordinal, Instant.Max(periods.Start(ordinal), context.Now), change.By, change.Why, context.Now)
            {
                Anchor = change.Terms.Interval == s.Terms.Interval ? null : periods.FirstDay(ordinal),
            },
        ];
    }

    private static string? WhyNotMove(Subscription s, SubscriptionCommand.MoveBillingDay x, DecisionContext context)
    {
        if ((NotRenewing(s) ?? ChargeUnderWay(s)) is { } reason)
            return reason;
        var (periods, next) = (s.Periods!.Value, s.NextCharge.Ordinal);
        if (s.PaidThrough == 0 || next <= periods.Before || s.PaidUntil != periods.Start(next) || IsPausing(s, context.Now))
            return "The days are moved while paid time runs into the next period, and not while there is a pause.";
        if (x.Day == periods.FirstDay(next))
            return null;
        if (NotCompared(s) is { } notYet)
            return notYet;
        if (s.UnpaidDays > 0)
            return "The days were moved already; they can be moved again once the days until then are paid, with the next charge.";
        if (s.Notice is not null)
            return $"The charge of period {next} is announced; ask again after it.";
        if (x.Day < periods.FirstDay(next) || x.Day >= periods.FirstDay(next + 1))
            return $"The next period begins on {periods.FirstDay(next):uuuu-MM-dd}; it can begin later, before {periods.FirstDay(next + 1):uuuu-MM-dd}.";
        return s.Agreement.Ceiling is { } ceiling && s.DueOf(next, s.Additions) + DaysBetween(s, x.Day) > ceiling
            ? $"The days until then cost {DaysBetween(s, x.Day)}; with the next charge that is more than the agreement allows, {ceiling}."
            : null;
    }

    // What the days from the end of the paid time to a day of the next period cost.
    private static Money DaysBetween(Subscription s, LocalDate day)
    {
        var (periods, next) = (s.Periods!.Value, s.NextCharge.Ordinal);
        return Proration.Before(s.Terms.PriceOf(next), periods.FirstDay(next), periods.FirstDay(next + 1), day);
    }

    private static IReadOnlyList<SubscriptionEvent> MoveBillingDay(Subscription s, SubscriptionCommand.MoveBillingDay x, DecisionContext context)
    {
        var (periods, next, now) = (s.Periods!.Value, s.NextCharge.Ordinal, context.Now);
        if (x.Day == periods.FirstDay(next))
            return Nothing;
        var start = s.Terms.PeriodsFrom(x.Day, next - 1).Start(next);
        var cost = DaysBetween(s, x.Day);
        var days = Period.DaysBetween(periods.FirstDay(next), x.Day);
        var moved = new AnchorMoved(x.Day, next, start, $"{x.By}: {x.Why}", now) { NextPlanAt = RenewalCalendar.PlanAt(s.Terms, start), UnpaidDays = days };
        return Some(moved, cost.MinorUnits == 0 ? null : new AmountAdded($"days-{next}", cost, $"{days} days more", x.By, now));
    }
}
