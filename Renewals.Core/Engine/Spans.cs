using System.Diagnostics;
using System.Text;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What spans say, in words of ours.</summary>
internal static class Spans
{
    /// <summary>Which order it is about.</summary>
    public static Activity Tag(this Activity span, OrderNumber order)
    {
        if (!span.IsAllDataRequested)
            return span;
        span.SetTag(SpanTags.Order, order.OfAttempt.ToString()).SetTag(SpanTags.Kind, Word(order.Charge.Kind))
            .SetTag(SpanTags.Ordinal, order.Charge.Ordinal).SetTag(SpanTags.Attempt, order.Attempt);
        return order.IsRefund ? span.SetTag(SpanTags.Refund, order.ToString()) : span;
    }

    /// <summary>What a call came to. No answer, none that was sent, and a refusal are errors; a decline is an answer.</summary>
    public static void Answer(this Activity? span, Outcome outcome)
    {
        if (span is not { IsAllDataRequested: true })
            return;
        span.Tell(outcome);
        if (FaultOf(outcome) is { } fault)
            span.Fail(fault, null);
    }

    /// <summary>What a rail answered to a signing.</summary>
    public static void Answer(this Activity? span, SigningAnswer answer)
    {
        if (span is not { IsAllDataRequested: true })
            return;
        span.SetTag(SpanTags.Outcome, WordOf(answer));
        if (answer is SigningAnswer.Unknown or SigningAnswer.Refused)
            span.Fail(WordOf(answer), null);
    }

    /// <summary>What a statement came to.</summary>
    public static void Answer(this Activity? span, ReconciliationReport report)
    {
        if (span is not { IsAllDataRequested: true })
            return;
        span.SetTag(SpanTags.Outcome, Word(report.State)).SetTag(SpanTags.Lines, report.Lines).SetTag(SpanTags.Differences, report.Total);
        if (report.State == ReconciliationState.Failed)
            span.Fail(Word(report.State), null);
    }

    /// <summary>What became known, and how.</summary>
    public static void Tell(this Activity span, Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.OfSubscription { Command: SubscriptionCommand.RecordCharge x }:
                span.SetTag(SpanTags.Outcome, WordOf(x.Answer.Outcome)).SetTag(SpanTags.Evidence, Word(x.Answer.Evidence));
                if (x.Answer.Outcome is ChargeOutcome.Declined declined)
                    span.SetTag(SpanTags.Reason, Word(declined.Reason));
                break;
            case Outcome.OfSubscription { Command: SubscriptionCommand.RecordRefund x }:
                span.SetTag(SpanTags.Outcome, WordOf(x.Answer));
                break;
            case Outcome.OfSubscription { Command: SubscriptionCommand.RecordNotice x }:
                span.SetTag(SpanTags.Outcome, WordOf(x.Result));
                if (x.Channel is { Length: > 0 } channel)
                    span.SetTag(SpanTags.Channel, channel);
                break;
            case Outcome.OfSubscription { Command: SubscriptionCommand.RecordRailNotice x }:
                span.SetTag(SpanTags.Outcome, WordOf(x.Answer));
                break;
            case Outcome.OfAgreement x:
                span.SetTag(SpanTags.Outcome, WordOf(x.Answer));
                break;
            default:
                break;
        }

        span.SetTag(SpanTags.HeardBy, Word(outcome.HeardBy));
    }

    /// <summary>Something failed.</summary>
    /// <param name="span">Where.</param>
    /// <param name="fault">A kind of fault, few in number.</param>
    /// <param name="why">In words of ours; null: none. Never those of an exception, which may quote what it could not read.</param>
    public static void Fail(this Activity span, string fault, string? why) => span.SetTag(SpanTags.Error, fault).SetStatus(ActivityStatusCode.Error, why);

    /// <summary>The order or refund an outcome is about; null: another thing.</summary>
    public static OrderNumber? OrderOf(Outcome outcome) => outcome switch
    {
        Outcome.OfSubscription { Command: SubscriptionCommand.RecordCharge x } => x.Order,
        Outcome.OfSubscription { Command: SubscriptionCommand.RecordRefund x } => NumberOf(x.Order, x.RefundNumber),
        _ => null,
    };

    /// <summary>A refund's number; made elsewhere it has none of our form, and belongs to its order.</summary>
    public static OrderNumber NumberOf(OrderNumber order, string refund) => OrderNumber.TryParse(refund, out var number) ? number : order;

    /// <summary>The order that is sent next for what the member is told of.</summary>
    public static OrderNumber? NextOrderOf(Subscription s)
    {
        var charge = s.NextCharge;
        var number = s.Attempts.Where(attempt => attempt.Order.Charge == charge).Select(attempt => attempt.Order.Attempt).DefaultIfEmpty(0).Max() + 1;
        return number <= OrderNumber.MaxAttempt ? charge.Attempt(number) : null;
    }

    /// <summary>A name of the code as a word: <c>SameOrder</c> is <c>same-order</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => Kebab(value.ToString());

    /// <summary>What is known of an order.</summary>
    public static string WordOf(ChargeOutcome outcome) => Kebab(outcome.GetType().Name);

    private static string? FaultOf(Outcome outcome) => outcome switch
    {
        Outcome.OfSubscription { Command: SubscriptionCommand.RecordCharge { Answer.Outcome: ChargeOutcome.Unknown or ChargeOutcome.NotSent or ChargeOutcome.Refused } x } =>
            WordOf(x.Answer.Outcome),
        Outcome.OfSubscription { Command: SubscriptionCommand.RecordRefund { Answer: RefundAnswer.Unknown or RefundAnswer.Refused or RefundAnswer.Impossible } x } =>
            WordOf(x.Answer),
        Outcome.OfSubscription { Command: SubscriptionCommand.RecordNotice { Result: NoticeResult.Failed } x } => WordOf(x.Result),
        Outcome.OfSubscription { Command: SubscriptionCommand.RecordRailNotice { Answer: not RailNoticeAnswer.Accepted } x } => WordOf(x.Answer),
        Outcome.OfAgreement { Answer: AgreementAnswer.Unknown or AgreementAnswer.Refused } x => WordOf(x.Answer),
        _ => null,
    };

    // Members of closed families: their names are few, and are those of the manual.
    private static string WordOf(object answer) => Kebab(answer.GetType().Name);

    private static string Kebab(string name)
    {
        var word = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && word.Length > 0)
                word.Append('-');
            word.Append(char.ToLowerInvariant(letter));
        }

        return word.ToString();
    }
}
