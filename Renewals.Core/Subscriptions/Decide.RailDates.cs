using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Core.Subscriptions;

public static partial class Decide
{
    /// <summary>The rail was asked for an agreement that is in force. A date that is known already is no news.</summary>
    private static IReadOnlyList<SubscriptionEvent> ReadRailDate(
        Subscription s, SubscriptionCommand.RecordAgreement x, LocalDate known, DecisionContext context)
    {
        // An answer that confirms the agreement and says no date leaves our reckoning; one that says nothing at all is asked for again.
        var confirmed = x.RailDate ?? (x.SignedAt is not null && s.Agreement.RailDateIsStale ? known : null);
        return confirmed is { } date
            ? date == known && !s.Agreement.RailDateIsStale ? Nothing : [new RailDateKnown(date, context.Now)]
            : AskRailAgain(s, DutyKind.ReadRailDate, x.Answer, context);
    }

    private static IReadOnlyList<SubscriptionEvent> RecordRailDate(Subscription s, SubscriptionCommand.RecordRailDate x, DecisionContext context)
    {
        if (s.Cycle?.RailDate != x.Date || s.Agreement.RailDate is not { } known || known >= x.Date)
            return Nothing;
        return x.Answer switch
        {
            RailNoticeAnswer.Accepted => [new RailDateKnown(x.Date, context.Now), .. StillWaits(s, context)],
            RailNoticeAnswer.Refused refused => AskRailAgain(s, DutyKind.MoveRailDate, $"{refused.RailCode}: {refused.Why}", context),
            RailNoticeAnswer.Unknown unknown => AskRailAgain(s, DutyKind.MoveRailDate, unknown.Why, context),
            _ => throw new InvalidOperationException($"No decision for {x.Answer.GetType().Name}."),
        };
    }

    // The date ends what was asked for its sake; a look at the agreement that had no answer a moment ago goes on waiting for its turn.
    private static IEnumerable<AgreementAsked> StillWaits(Subscription s, DecisionContext context) =>
        s.Agreement is { AskAt: { } next, VerifyAt: { } verify } && next > context.Now && verify <= context.Now
            ? [new AgreementAsked(s.Agreement.Asks, "not answered yet", next, context.Now)]
            : [];

    // Only what was asked for is asked again: an answer about the agreement is none to the wish to move its date.
    private static IReadOnlyList<SubscriptionEvent> AskRailAgain(Subscription s, DutyKind asked, string answer, DecisionContext context)
    {
        var now = context.Now;
        var due = Duty.Of(s).Where(duty => duty.Due <= now && duty.AgreementOf(s) == s.Agreement.Id).Select(duty => duty.Kind).ToList();
        if (!due.Contains(asked))
            return Nothing;
        var asks = s.Agreement.Asks + 1;

        // The same question also was a look at the agreement: that is not due any more either.
        Instant? looksAgain = asked == DutyKind.ReadRailDate && due.Contains(DutyKind.VerifyAgreement) ? now + context.Limits.VerifyEvery : null;
        return asks >= context.Limits.MaxAsks
            ? Some(new AgreementAsked(asks, answer, null, now) { GoesOnUntil = looksAgain }, ParkOnce(s, ParkReason.AgreementUnknown, answer, now))
            : [new AgreementAsked(asks, answer, now + DecisionLimits.AskDelay(asks), now)];
    }
}
