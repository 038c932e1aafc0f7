using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>Events in business words: what the model predicts, without instants and numbers.</summary>
internal static class Words
{
    public static string Of(SubscriptionEvent e) => e switch
    {
        Enrolled => "enrolled",
        Signed => "begun",
        AgreementChanged x => $"agreement {x.Status}",
        AgreementVerified => "looked at",
        AgreementAsked { GoesOnUntil: not null } => "agreement asked, goes on without",
        AgreementAsked { NextAskAt: null } => "agreement asked for the last time",
        AgreementAsked => "agreement asked",
        RailDateKnown => "date known",
        AnchorMoved => "days moved",
        CyclePlanned => "planned",
        PeriodsSkipped => "skipped",
        CatchUpDecided => "catch-up decided",
        Announced => "told",
        NoticeFailed => "not told",
        NoticePostponed => "notice postponed",
        NoticeDelivered => "notice arrived",
        NoticeBounced => "notice came back",
        Reminded => "reminded",
        RailNoticeRequested => "rail told",
        RailNoticeAnswered x => $"rail notice {x.Result}",
        Postponed => "postponed",
        Requested { Send: 1 } => "ordered",
        Requested => "ordered again",
        OrderFound => "found",
        AmountAdded => "added",
        Hinted => "heard",
        Asked { NextAskAt: null } => "asked for the last time",
        Asked => "asked",
        NotTaken { ResendAt: null } => "not taken",
        NotTaken => "not taken, again later",
        Charged => "paid",
        Failed { RetryAt: null } => "declined",
        Failed => "declined, again later",
        Overpaid x => $"owed back: {x.Reason}",
        RefundRequested => "refund sent",
        Refunded => "refunded",
        Cancelled => "cancelled",
        Parked => "parked",
        Unparked => "unparked",
        Ended => "ended",
        _ => throw new InvalidOperationException($"The model has no word for {e.GetType().Name}."),
    };
}
