using Renewals.Core.Agreements;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>The stored names of events: a contract with every database that exists. Mapped one by one, pinned by a test.</summary>
public static class EventNames
{
    /// <summary>Names of subscription events.</summary>
    public static IReadOnlyDictionary<Type, string> OfSubscriptions { get; } = new Dictionary<Type, string>
    {
        [typeof(Enrolled)] = "enrolled",
        [typeof(AgreementChanged)] = "agreement-changed",
        [typeof(AgreementAsked)] = "agreement-asked",
        [typeof(AgreementVerified)] = "agreement-verified",
        [typeof(RailDateKnown)] = "rail-date-known",
        [typeof(AnchorMoved)] = "anchor-moved",
        [typeof(Signed)] = "signed",
        [typeof(CyclePlanned)] = "cycle-planned",
        [typeof(Announced)] = "announced",
        [typeof(Reminded)] = "reminded",
        [typeof(NoticeDelivered)] = "notice-delivered",
        [typeof(NoticeBounced)] = "notice-bounced",
        [typeof(NoticePostponed)] = "notice-postponed",
        [typeof(NoticeFailed)] = "notice-failed",
        [typeof(RailNoticeRequested)] = "rail-notice-requested",
        [typeof(RailNoticeAnswered)] = "rail-notice-answered",
        [typeof(Requested)] = "requested",
        [typeof(OrderFound)] = "order-found",
        [typeof(Hinted)] = "hinted",
        [typeof(Asked)] = "asked",
        [typeof(NotTaken)] = "not-taken",
        [typeof(Charged)] = "charged",
        [typeof(Failed)] = "failed",
        [typeof(Overpaid)] = "overpaid",
        [typeof(RefundRequested)] = "refund-requested",
        [typeof(Refunded)] = "refunded",
        [typeof(Cancelled)] = "cancelled",
        [typeof(Postponed)] = "postponed",
        [typeof(Parked)] = "parked",
        [typeof(Unparked)] = "unparked",
        [typeof(PeriodsSkipped)] = "periods-skipped",
        [typeof(CatchUpDecided)] = "catch-up-decided",
        [typeof(ChangePlanned)] = "change-planned",
        [typeof(ChangeWithdrawn)] = "change-withdrawn",
        [typeof(TermsChanged)] = "terms-changed",
        [typeof(AmountAdded)] = "amount-added",
        [typeof(Paused)] = "paused",
        [typeof(Resumed)] = "resumed",
        [typeof(PriceOffered)] = "price-offered",
        [typeof(PriceOfferTold)] = "price-offer-told",
        [typeof(PriceAnswered)] = "price-answered",
        [typeof(RefundGranted)] = "refund-granted",
        [typeof(PaidOutside)] = "paid-outside",
        [typeof(Disputed)] = "disputed",
        [typeof(DisputeSettled)] = "dispute-settled",
        [typeof(BackupAdded)] = "backup-added",
        [typeof(BackupRetired)] = "backup-retired",
        [typeof(AgreementSwitched)] = "agreement-switched",
        [typeof(CancelUndone)] = "cancel-undone",
        [typeof(Ended)] = "ended",
        [typeof(Imported)] = "imported",
        [typeof(PaidElsewhere)] = "paid-elsewhere",
        [typeof(StatementsAsked)] = "statements-asked",
    };

    /// <summary>Names of agreement events.</summary>
    public static IReadOnlyDictionary<Type, string> OfAgreements { get; } = new Dictionary<Type, string>
    {
        [typeof(SigningStarted)] = "signing-started",
        [typeof(Agreed)] = "agreed",
        [typeof(SignAbandoned)] = "sign-abandoned",
        [typeof(RailPlanMoved)] = "rail-plan-moved",
        [typeof(Verified)] = "verified",
        [typeof(Suspended)] = "suspended",
        [typeof(TerminateRequested)] = "terminate-requested",
        [typeof(Terminated)] = "terminated",
        [typeof(TakenOver)] = "taken-over",
    };
}
