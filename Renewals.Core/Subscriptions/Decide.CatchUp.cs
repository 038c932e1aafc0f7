using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>What becomes of missed periods; the table stands at <see cref="CatchUpPolicy"/>. One event says it of each period that is never charged.</remarks>
public static partial class Decide
{
    /// <summary>The periods a membership has missed; null: none, the next charge is in time.</summary>
    /// <remarks>A period is missed when it is over, or runs and no lawful day of it is left.</remarks>
    internal static MissedPeriods? MissedOf(Subscription s, DecisionContext context)
    {
        if (s.Periods is not { } periods)
            return null;
        var (first, running) = (s.NextCharge.Ordinal, periods.OrdinalAt(context.Now));
        if (first > running || !s.Terms.Renews)
            return null;
        var runningIsMissed = running > s.PeriodsBeforeAnchor && SolveFor(s, running, context) is CycleSolution.NoLawfulDay;
        return first < running || runningIsMissed ? new(first, runningIsMissed ? running : running - 1, running) : null;
    }

    private static IReadOnlyList<SubscriptionEvent> CatchUp(Subscription s, MissedPeriods missed, DecisionContext context) => PolicyOf(s, missed) switch
    {
        _ when s.PaidThrough == 0 => PlanFirstLawful(s, missed.First, "nothing was paid yet, there is no membership to catch up with; ", context),
        CatchUpPolicy.CurrentPeriodOnly => PlanFirstLawful(s, missed.First, "", context),
        CatchUpPolicy.Forgive => Forgive(s, missed, context),
        CatchUpPolicy.Ask => Some(ParkOnce(s, ParkReason.CatchUpUndecided, missed.Words(s.Terms), context.Now)),
        CatchUpPolicy.OldestFirst when !context.Traits.SeveralSuccessesPerPeriod =>
            PlanFirstLawful(s, missed.First, "the rail takes one success a period, so that it cannot be charged late; ", context),
        CatchUpPolicy.OldestFirst => PlanLate(s, missed.First, context),
        _ => throw new InvalidOperationException($"No decision for {s.Terms.CatchUp}."),
    };

    // A person's word is about what was missed when it was given; what is missed later is asked for anew.
    private static CatchUpPolicy PolicyOf(Subscription s, MissedPeriods missed) => (s.Terms.CatchUp, s.CatchUp) switch
    {
        (CatchUpPolicy.Ask, { As: CatchUpPolicy.OldestFirst } choice) when missed.First <= choice.Through => CatchUpPolicy.OldestFirst,
        (CatchUpPolicy.Ask, { As: not CatchUpPolicy.OldestFirst } choice) when missed.Running <= choice.Through => choice.As,
        var (terms, _) => terms,
    };

    private static IReadOnlyList<SubscriptionEvent> Forgive(Subscription s, MissedPeriods missed, DecisionContext context)
    {
        // What an order of the running period may still take would be a payment of a period that was given.
        if (s.Attempts.Any(attempt => attempt.Order.Charge.Ordinal == missed.Running))
            return PlanFirstLawful(s, missed.First, "", context);
        var ends = s.Periods!.Value.End(missed.Running);
        return [Skip(s, missed.First, missed.Running, CatchUpPolicy.Forgive, true, "missed; the terms, or a person, give it", RenewalCalendar.PlanAt(s.Terms, ends), context)];
    }

    // The same charge goes on where it has orders already; its period is over, and nothing else of the calendar is.
    private static IReadOnlyList<SubscriptionEvent> PlanLate(Subscription s, int ordinal, DecisionContext context) => SolveFor(s, ordinal, context, late: true) switch
    {
        CycleSolution.Lawful lawful => [Planned(s, lawful, context)],
        CycleSolution.NoLawfulDay none => Some(ParkOnce(s, ParkReason.NoLawfulDay, none.Rule, context.Now)),
        CycleSolution.DueDayMustMove => Some(ParkOnce(s, ParkReason.NoLawfulDay, "the rail keeps charge dates of its own", context.Now)),
        _ => throw new InvalidOperationException("No such solution."),
    };

    private static IReadOnlyList<SubscriptionEvent> Skipped(Subscription s, int first, int last, string rule, DecisionContext context) => first > last
        ? Nothing
        : [Skip(s, first, last, PolicyThatSkips(s), false, $"missed; {(rule.Length > 0 ? rule : "it is over")}", context.Now, context)];

    private static CatchUpPolicy PolicyThatSkips(Subscription s) => s.Terms.CatchUp == CatchUpPolicy.Ask && s.CatchUp is { } choice ? choice.As : s.Terms.CatchUp;

    private static PeriodsSkipped Skip(
        Subscription s, int first, int last, CatchUpPolicy policy, bool given, string why, Instant nextPlanAt, DecisionContext context)
    {
        var periods = s.Periods!.Value;
        return new(first, last, first > periods.Before ? periods.Start(first) : null, periods.End(last), policy, given, why, nextPlanAt, context.Now)
        {
            KeepsAsking = MayStillTake(s, last),
        };
    }

    private static IReadOnlyList<SubscriptionEvent> DecideCatchUp(Subscription s, SubscriptionCommand.DecideCatchUp x, DecisionContext context)
    {
        if (s.Parked != ParkReason.CatchUpUndecided || x.As == CatchUpPolicy.Ask || (x.As == CatchUpPolicy.OldestFirst && !context.Traits.SeveralSuccessesPerPeriod))
            return Nothing;
        return [new CatchUpDecided(x.As, s.Periods!.Value.OrdinalAt(context.Now), x.By, x.Why, context.Now)];
    }
}

/// <summary>Periods a membership has missed.</summary>
/// <param name="First">The first of them …</param>
/// <param name="Last">… and the last.</param>
/// <param name="Running">The period that runs now; missed itself where it is the last.</param>
internal sealed record MissedPeriods(int First, int Last, int Running)
{
    /// <summary>How many.</summary>
    public int Count => Last - First + 1;

    /// <summary>What they would have cost.</summary>
    public Money PriceOf(Terms terms) => terms.PriceOf(2) with { MinorUnits = Enumerable.Range(First, Count).Sum(ordinal => terms.PriceOf(ordinal).MinorUnits) };

    /// <summary>For whoever decides.</summary>
    public string Words(Terms terms) => $"{(Count == 1 ? $"period {First} was" : $"periods {First} to {Last} were")} missed: {PriceOf(terms)}";
}
