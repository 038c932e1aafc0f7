using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>A world in which all goes well: what is answered in it to what the engine carries out. Previews live in it.</summary>
internal static class Foreseen
{
    private const string Word = "expected";

    /// <summary>The answer to an errand; null: nobody can foresee it, or it changes nothing of what is previewed.</summary>
    public static SubscriptionCommand? AnswerTo(Subscription s, Errand errand, Instant now) => errand switch
    {
        Errand.Tell x => new SubscriptionCommand.RecordNotice(x.NoticeId, new NoticeResult.HandedOver(Word, now)),
        Errand.SendRailNotice x => new SubscriptionCommand.RecordRailNotice(x.Notice.Number, new RailNoticeAnswer.Accepted()),
        Errand.MoveRailDate x => new SubscriptionCommand.RecordRailDate(x.Date, new RailNoticeAnswer.Accepted()),
        Errand.AskAgreement x when x.Agreement == s.Agreement.Id && s.Agreement.Status == AgreementStatus.Active =>
            new SubscriptionCommand.RecordAgreement(AgreementStatus.Active, null, s.SignedAt ?? now, Word, s.Agreement.RailDate),
        Errand.SendCharge x => Paid(x.Order.Order, x.Order.Amount, now),
        Errand.AskCharge x => Paid(x.Attempt.Order, x.Attempt.Amount, now),
        Errand.SendRefund x => Refunded(x.Refund.Refund.OfAttempt, $"{x.Refund.Refund}", x.Refund.Amount, now),
        Errand.AskRefund x => Refunded(x.Refund.Order, x.Refund.Number, x.Refund.Amount, now),
        Errand.AskAgreement or Errand.Terminate or Errand.StopCharge or Errand.AskStatements => null,
        _ => throw new InvalidOperationException($"Nobody carries out {errand.GetType().Name}."),
    };

    private static SubscriptionCommand.RecordCharge Paid(OrderNumber order, Money amount, Instant now) =>
        new(order, new(new ChargeOutcome.Succeeded(amount, Word, now)));

    private static SubscriptionCommand.RecordRefund Refunded(OrderNumber order, string number, Money amount, Instant now) =>
        new(order, number, new RefundAnswer.Refunded(amount, Word, now));
}
