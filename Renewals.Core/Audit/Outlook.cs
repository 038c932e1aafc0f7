using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>The charges a membership is expected to have, as it stands: quickly, for many memberships at once.</summary>
/// <remarks>
/// The charge in hand stands where its calendar has it, later ones on the first day of their periods: their calendars are solved when they come near.
/// <see cref="Preview"/> plays the same through the real decisions, for one membership.
/// </remarks>
internal static class Outlook
{
    // A day plan has no more within any time that is looked at.
    private const int MostCharges = 400;

    /// <summary>What is expected between two moments, in order; nothing of a membership that is parked or whose agreement is suspended.</summary>
    public static IEnumerable<ExpectedCharge> Of(Subscription s, Instant from, Instant until)
    {
        if (s is not { Status: SubscriptionStatus.Active, Parked: null, Terms.Renews: true, Agreement.Status: not AgreementStatus.Suspended } || s.Periods is not { } periods)
            return [];
        return s.Cycle is { } cycle
            ? Planned(s, cycle.Ordinal, Instant.Max(from, Instant.Max(cycle.MoneyFrom, s.RetryAt ?? cycle.MoneyFrom)), cycle.Amount, periods, from, until)
            : s.NextPlanAt is null ? [] : Later(s, s.NextCharge.Ordinal, periods, from, until);
    }

    private static IEnumerable<ExpectedCharge> Planned(Subscription s, int ordinal, Instant at, Money amount, Periods periods, Instant from, Instant until) =>
        at < until ? [new(at, amount), .. Later(s, ordinal + 1, periods, from, until)] : [];

    private static IEnumerable<ExpectedCharge> Later(Subscription s, int first, Periods periods, Instant from, Instant until)
    {
        for (var ordinal = first; ordinal < first + MostCharges && periods.Start(ordinal) is var start && start < until; ordinal++)
        {
            var terms = s.ChangesWith(ordinal) ? s.Change!.Terms : s.Terms;
            yield return new(Instant.Max(from, start), ordinal == s.NextCharge.Ordinal ? s.NextAmount : terms.PriceOf(ordinal));

            // Of periods of another length only the first is known before the change is made.
            if (terms.Interval != s.Terms.Interval)
                yield break;
        }
    }
}

/// <summary>A charge that is expected.</summary>
/// <param name="At">The earliest moment the money moves.</param>
/// <param name="Amount">How much.</param>
internal readonly record struct ExpectedCharge(Instant At, Money Amount);
