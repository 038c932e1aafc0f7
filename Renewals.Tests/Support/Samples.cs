using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Support;

/// <summary>Memberships and events with every field set, at fixed instants.</summary>
internal static class Samples
{
    public static readonly MerchantAccount Account = new("wechat", "1900000109");

    public static readonly Instant Now = Instant.FromUtc(2026, 1, 31, 2, 0);

    public static readonly SubscriptionId Id = IdOf(1);

    public static readonly AgreementId Agreement = new(Guid.Parse("a0000000-0000-4000-8000-000000000001"));

    public static readonly Terms Terms = new(
        "monthly", 1, "Monthly", BillingInterval.Monthly, true, Money.Cny(990), Money.Cny(2500), RenewalZones.Shanghai, MarketRules.MainlandChina,
        new("short", 2, [new(DeclineReason.InsufficientFunds, [1, 2])]));

    public static readonly CyclePlan Cycle = new(
        2, 1, Now + Duration.FromDays(28), Money.Cny(2500), Now + Duration.FromDays(22), Now + Duration.FromDays(23), Now + Duration.FromDays(26),
        Now + Duration.FromDays(28), Now + Duration.FromDays(34), Duration.FromHours(24), new(7, 0), new(21, 50), RenewalZones.Shanghai);

    public static readonly MemberNotice Notice = new(
        "n-1", 2, Money.Cny(2500), Now + Duration.FromDays(28), Now + Duration.FromDays(34), Now + Duration.FromDays(22), "receipt-1");

    public static SubscriptionId IdOf(int number) => new(Guid.Parse($"50000000-0000-4000-8000-{number:D12}"));

    public static OrderNumber Order(SubscriptionId id, int ordinal, int attempt = 1) =>
        new Charge(id, ordinal == 1 ? ChargeKind.First : ChargeKind.Renewal, ordinal).Attempt(attempt);

    public static Enrolled Enrolled(SubscriptionId id, string member = "m1", MerchantAccount? account = null, Instant? askAt = null, string template = "12535",
        AgreementId? agreement = null) => new(
        id, member, account ?? Account, agreement ?? new(Core.Ledger.EventIds.Named(id.Value, "agreement/1")), template, Terms,
        Now + Duration.FromHours(2), askAt ?? Now + Duration.FromMinutes(10), Now)
        {
            Ceiling = Money.Cny(5000), Consent = new("2026-01", "9f86d081", true, "app", "zh-CN", Now), Predecessor = IdOf(9_999),
        };

    /// <summary>One of each event of a membership, in an order in which they can be folded.</summary>
    public static IReadOnlyList<SubscriptionEvent> Life(SubscriptionId id)
    {
        var (order, later) = (Order(id, 1), Now + Duration.FromHours(1));
        var enrolled = Enrolled(id);
        return
        [
            enrolled,
            new AgreementAsked(1, "being signed", later, Now),
            new AgreementChanged(enrolled.Agreement, AgreementStatus.Active, TerminationMode.Unstated, Now) { RailDate = new(2026, 2, 1) },
            new RailDateKnown(new(2026, 2, 1), Now),
            new Signed(new(2026, 1, 31), Now, later, Now) { NextPlanAt = later, FreeUntil = later },
            new Requested(order, 1, ChargeAuthority.FromSigning(Now, later, Now)!, Account, enrolled.Agreement, Money.Cny(990), "Monthly", Now, later, later, Now),
            new Hinted(order, "Declined", DeclineReason.Other, Now),
            new Asked(order, 1, "accepted", later, Now),
            new NotTaken(order, new ChargeOutcome.NotSent("late"), later, Now),
            new Charged(order, Money.Cny(990), "T1", Now, new(2026, 1, 31), Now + Duration.FromDays(28), Now + Duration.FromDays(21), Now) { RailDate = new(2026, 3, 1) },
            new AnchorMoved(new(2026, 3, 2), 2, Now + Duration.FromDays(30), "the rail's date", Now) { GivenUntil = Now + Duration.FromDays(30), UnpaidDays = 2 },
            new CyclePlanned(Cycle, Now),
            new NoticePostponed("n-1", later, "the member's night", Now),
            new NoticeFailed("n-1", 1, "no channel", later, Now) { Channel = "push", NextChannel = "sms" },
            new Reminded("n-0", "receipt", Now, true, Now) { Channel = "push" },
            new Announced(Notice, true, Now) { Channel = "sms" },
            new NoticeDelivered("n-0", "receipt-2", later, Now),
            new NoticeBounced("n-1", "receipt-3", "no such number", later, Now) { Channel = "push", NextChannel = "sms", RetryAt = later },
            new RailNoticeRequested(2, 1, Money.Cny(2500), Now, later, later, Now),
            new RailNoticeAnswered(1, RailNoticeResult.Accepted, "ok", later, Now),
            new Postponed(later, "the rail takes orders in its hours only", Now),
            new Requested(
                Order(id, 2), 1, ChargeAuthority.FromNotice(Notice, Terms.Law, Money.Cny(2500), Notice.MoneyFrom, Notice.MoneyFrom)!, Account, enrolled.Agreement,
                Money.Cny(2500), "Monthly", Now, later, later, Now),
            new OrderFound(Order(id, 2, 2), Money.Cny(2500), Now),
            new Failed(Order(id, 2), DeclineReason.InsufficientFunds, "NOTENOUGH", "short/2/00", later, Now),
            new Overpaid(Order(id, 2), Money.Cny(2500), "T2", Now, OverpaidReason.WrongAmount, Now),
            new RefundRequested(Order(id, 2).Refund(1), 1, Money.Cny(2500), Money.Cny(2500), "Monthly", later, Now),
            new Refunded(Order(id, 2), Order(id, 2).Refund(1).ToString(), Money.Cny(2500), "R2", Now, Now),
            new Parked(ParkReason.Requested, "look", Now),
            new Unparked("ann", "looked", Now),
            new AgreementVerified(enrolled.Agreement, later, Now),
            new Failed(Order(id, 2), DeclineReason.AccountAbnormal, "stolen_card", "short/2/00", null, Now) { Budget = RetryBudget.Visa.UseOf([Now], Now) },
            new NotTaken(Order(id, 2), new ChargeOutcome.Missing(), later, Now) { CountsAsTry = true },
            new Cancelled(CancelledBy.Member, "enough", later, Now) { TerminateAt = later, AskedBy = "ann", NothingBack = "nothing is left" },
            new PeriodsSkipped(2, 3, Now, Now + Duration.FromDays(59), CatchUpPolicy.Forgive, true, "missed", Now + Duration.FromDays(52), Now) { KeepsAsking = true },
            new CatchUpDecided(CatchUpPolicy.OldestFirst, 4, "ann", "ours", Now),
            .. Changes(order, later),
            new Ended(EndReason.Cancelled, Now),
        ];
    }

    private static IEnumerable<SubscriptionEvent> Changes(OrderNumber paid, Instant later) =>
    [
        new CancelUndone("m1", "stays", later, Now),
        new ChangePlanned(new("c-1", Rich, 3, "m1", "upgrade") { NotBefore = later, Consent = Agreed }, Now),
        new ChangeWithdrawn("c-1", "m1", "no", Now),
        new PriceOffered(new("p-1", Rich, later, later) { TellFrom = Now }, Now),
        new PriceOfferTold("p-1", "receipt-2", Now, true, Now) { Channel = "push" },
        new PriceAnswered("p-1", PriceAnswer.Yes, "m1", Now) { NeedsNewAgreement = true },
        new AmountAdded("c-2-rest", Money.Cny(120), "upgrade", "m1", Now),
        new TermsChanged("c-2", Rich, 4, later, "m1", "upgrade", Now) { Anchor = new(2026, 4, 30), Paid = new(Money.Cny(300), "till-7"), OnNextCharge = true, Consent = Agreed },
        new Paused(Now, later, true, 3, "m1", "away", Now) { NextPlanAt = later },
        new Resumed(later, "m1", "back", later, Now),
        new RefundGranted(paid.Refund(2), Money.Cny(990), Money.Cny(90), "T1", "ann", "goodwill", Now, "wish-1"),
        new PaidOutside(paid.Refund(2).ToString(), Money.Cny(90), "transfer-9", "ann", Now),
        new Disputed("d-1", paid, Money.Cny(100), "not mine", Now) { By = "ann" },
        new DisputeSettled("d-1", paid, false, Money.Cny(100), Now) { By = "ann" },
        new BackupAdded(Agreement, new("alipay", "2088"), "template-2", Terms.Dunning, later, later, Now)
        {
            Ceiling = Money.Cny(5000), Interval = BillingInterval.Monthly, TakesOverAfterAnyEnd = true, Consent = new("2026-01", "9f86d081", true, "app", "zh-CN", Now),
        },
        new AgreementAsked(1, "being signed", later, Now) { Agreement = Agreement },
        new AgreementChanged(Agreement, AgreementStatus.Active, null, Now) { RailDate = new(2026, 5, 1), VerifyAt = later },
        new AgreementSwitched(Enrolled(paid.Charge.Subscription).Agreement, Agreement, new("alipay", "2088"), SwitchReason.Declined, "engine", "closed", later, Now)
        {
            Interval = BillingInterval.Monthly,
        },
        new BackupRetired(Enrolled(paid.Charge.Subscription).Agreement, "ann", "not wanted", Now),
    ];

    private static readonly Consent Agreed = new("2026-02", "9f86d082", true, "app", "zh-CN", Now);

    /// <summary>Terms with everything a plan can have.</summary>
    public static readonly Terms Rich = Terms with
    {
        Interval = new(2, BillingUnit.Week), Offers = new([new(3, Money.Cny(1990))]), AddOns = new([new("seat", "Seat", Money.Cny(500), 2)]),
        Coupon = new(new("SPRING", 2, 10, null), 4), TrialDays = 7, GraceDays = 3, WithdrawalDays = 7, PriceSilence = PriceSilence.End,
        OnDispute = DisputeRule.GoOn, StepDownPlan = "basic",
    };

    /// <summary>The events of a membership that was taken over, in an order in which they can be folded.</summary>
    public static IReadOnlyList<SubscriptionEvent> MovedLife(SubscriptionId id)
    {
        var (later, until) = (Now + Duration.FromHours(1), Now + Duration.FromDays(17));
        return
        [
            new Imported(id, "m1", Account, Agreement, "12535", Terms, new(2025, 12, 17), 0, 2, until, Now - Duration.FromDays(45), Now, later, later, "0011223344556677", Now)
            {
                RailDate = new(2026, 2, 19), Ceiling = Money.Cny(2500),
            },
            new StatementsAsked(1, "the statement of 2026-01-30 was not read yet", later, null, Now),
            new PaidElsewhere("T9", Money.Cny(2500), later, 0, null, null, Now) { AfterCutOver = true, AwaitsStatements = true },
            new PaidElsewhere("T9", Money.Cny(2500), later, 3, until + Duration.FromDays(28), until + Duration.FromDays(21), Now) { AfterCutOver = true, WasHeard = true },
            new StatementsAsked(2, "read", null, until + Duration.FromDays(21), Now),
        ];
    }

    /// <summary>One of each event of an agreement.</summary>
    public static IReadOnlyList<AgreementEvent> AgreementLife { get; } =
    [
        new SigningStarted(Agreement, Id, Account, "12535", SigningScene.App, Now),
        new Agreed(Now, Now + Duration.FromDays(365), Now),
        new Verified(Now),
        new RailPlanMoved(new(2026, 2, 28), Now),
        new SignAbandoned("not finished", Now) { EndedAt = Now },
        new Suspended("STOP", Now),
        new TerminateRequested("no longer renews", Now),
        new Terminated(TerminationMode.Member, Now, Now),
    ];

    /// <summary>How an agreement begins that another system had signed.</summary>
    public static TakenOver TakenOver { get; } = new(Agreement, Id, Account, "12535", Now);
}
