using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>The next charges of a membership, by the very decisions that will make them: nothing is stored and nobody is called.</summary>
/// <remarks>It plays the time to come in which every notice arrives, the rail does what it is asked and every order succeeds.</remarks>
public static class Preview
{
    private const int MostSteps = 2_000;

    /// <summary>The next charges as they stand.</summary>
    /// <param name="s">The membership.</param>
    /// <param name="context">From when, at which rail.</param>
    /// <param name="charges">How many, at most.</param>
    public static IReadOnlyList<ComingCharge> Of(Subscription s, DecisionContext context, int charges)
    {
        List<ComingCharge> coming = [];
        context = context with { MayCharge = true, Frozen = false };
        for (var step = 0; step < MostSteps && coming.Count < charges && Duty.Alarm(s) is { } alarm; step++)
        {
            context = context with { Now = Instant.Max(context.Now, alarm) };
            var events = Decide.On(s, new SubscriptionCommand.Wake(), context);
            var next = Evolve.All(s, events)!;
            foreach (var errand in Errand.After(next, events, context.Now))
                next = Play(next, errand, context, coming);
            if (next.Version == s.Version)
                break;
            s = next;
        }

        return coming;
    }

    /// <summary>What a change comes to.</summary>
    /// <inheritdoc cref="Of"/>
    /// <param name="s">The membership.</param>
    /// <param name="command">The change.</param>
    /// <param name="context">From when, at which rail.</param>
    /// <param name="charges">How many, at most.</param>
    public static ChangePreview OfChange(Subscription s, SubscriptionCommand.ChangeTerms command, DecisionContext context, int charges)
    {
        var way = s.Status == SubscriptionStatus.Active ? RailChanges.Judge(s, command, context) : ChangeWay.NewAgreement;
        var now = command.When == ChangeTiming.Now && s.Periods is not null ? Decide.Difference(s, command.Terms, context.Now) : command.Terms.Price with { MinorUnits = 0 };
        return Decide.WhyNot(s, command, context) is { } reason
            ? new(way, now, reason, [])
            : new(way, now, null, Of(Evolve.All(s, Decide.On(s, command, context))!, context, charges));
    }

    private static Subscription Play(Subscription s, Errand errand, DecisionContext context, List<ComingCharge> coming)
    {
        if (Foreseen.AnswerTo(s, errand, context.Now) is not { } answer)
            return s;
        var cycle = s.Cycle;
        var told = s.Notice?.HandedOverAt;
        var events = Decide.On(s, answer, context);
        coming.AddRange(events.OfType<Charged>().Select(charged => new ComingCharge(
            charged.Order.Charge.Ordinal, charged.Amount, told, cycle?.MoneyFrom ?? charged.PaidAt, cycle?.MoneyUntil ?? charged.PaidAt, charged.FirstDay, charged.PaidUntil, s.Terms.PlanId)));
        return Evolve.All(s, events)!;
    }
}

/// <summary>A charge to come.</summary>
/// <param name="Ordinal">The period it pays for.</param>
/// <param name="Amount">How much.</param>
/// <param name="AnnouncedAt">When the member is told; null: under the consent given while signing.</param>
/// <param name="MoneyFrom">The earliest moment it is taken …</param>
/// <param name="MoneyUntil">… and the latest.</param>
/// <param name="FirstDay">First day of the period.</param>
/// <param name="PaidUntil">When it ends.</param>
/// <param name="PlanId">Of which plan.</param>
public sealed record ComingCharge(
    int Ordinal, Money Amount, Instant? AnnouncedAt, Instant MoneyFrom, Instant MoneyUntil, LocalDate FirstDay, Instant PaidUntil, string PlanId);

/// <summary>What a change comes to.</summary>
/// <param name="Way">How it is paid.</param>
/// <param name="Difference">What the days that are left cost more, where it takes effect at once; negative: less.</param>
/// <param name="WhyNot">Why it is not granted; null: it is.</param>
/// <param name="Charges">The next charges with it.</param>
public sealed record ChangePreview(ChangeWay Way, Money Difference, string? WhyNot, IReadOnlyList<ComingCharge> Charges);
