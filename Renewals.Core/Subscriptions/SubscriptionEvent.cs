using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>Something that happened to a membership. A closed family; the stored names stand in <c>Ledger/EventNames</c>.</summary>
/// <param name="At">When it was decided (UTC).</param>
public abstract record SubscriptionEvent(Instant At);

/// <summary>A member was shown the terms and sent to the rail to sign.</summary>
/// <param name="Id">The membership.</param>
/// <param name="Member">The merchant's own, opaque name of the member; never a phone number, name or openid.</param>
/// <param name="Account">Where the agreement is signed.</param>
/// <param name="Agreement">The agreement being signed.</param>
/// <param name="Template">The rail's template it is signed under.</param>
/// <param name="Terms">All that was agreed.</param>
/// <param name="SignBy">After this an unfinished signing is given up.</param>
/// <param name="AskAt">When the rail is first asked, if nothing is heard by then.</param>
/// <param name="At">When.</param>
public sealed record Enrolled(
    SubscriptionId Id, string Member, MerchantAccount Account, AgreementId Agreement, string Template, Terms Terms, Instant SignBy, Instant AskAt,
    Instant At)
    : SubscriptionEvent(At)
{
    /// <summary>First day of period 1 where that is later than the signing; null: the day of signing, after the trial days.</summary>
    public LocalDate? StartsOn { get; init; }

    /// <summary>True: the membership is given until <see cref="StartsOn"/>, as to a member in a trial.</summary>
    public bool FreeUntilStart { get; init; }

    /// <summary>The most a charge may come to, as the agreement says; null: the rail agrees to no such limit.</summary>
    public Money? Ceiling { get; init; }

    /// <summary>What the member was shown and agreed to; null: the merchant keeps that elsewhere.</summary>
    public Consent? Consent { get; init; }

    /// <summary>The membership before this one, of the same member at the same account; null: it is the first.</summary>
    public SubscriptionId? Predecessor { get; init; }
}

/// <summary>An agreement of the membership changed; its own stream says how.</summary>
/// <param name="Agreement">Which agreement.</param>
/// <param name="Status">What it is now.</param>
/// <param name="Mode">Who ended it, when it ended.</param>
/// <param name="At">When.</param>
public sealed record AgreementChanged(AgreementId Agreement, AgreementStatus Status, TerminationMode? Mode, Instant At) : SubscriptionEvent(At)
{
    /// <summary>The rail's own next charge date, once in force, where it keeps one.</summary>
    public LocalDate? RailDate { get; init; }

    /// <summary>When the rail is asked whether it lifted the suspension; null: it is not suspended.</summary>
    public Instant? AskAt { get; init; }

    /// <summary>When the agreement is looked at, if nothing else asks about it before; null: the rail cannot be asked.</summary>
    public Instant? VerifyAt { get; init; }
}

/// <summary>The rail was asked and confirmed that the agreement is in force.</summary>
/// <param name="Agreement">Which agreement.</param>
/// <param name="NextVerifyAt">When it is looked at again, if nothing else asks about it before.</param>
/// <param name="At">When.</param>
public sealed record AgreementVerified(AgreementId Agreement, Instant NextVerifyAt, Instant At) : SubscriptionEvent(At);

/// <summary>The rail's own next charge date is known: it was read, or moved by us.</summary>
/// <param name="Date">The date, in the rail's zone.</param>
/// <param name="At">When.</param>
public sealed record RailDateKnown(LocalDate Date, Instant At) : SubscriptionEvent(At);

/// <summary>The membership's days moved to later ones, because the rail takes no charge earlier, for a pause or as somebody asked; the paid time is longer by as much.</summary>
/// <param name="Anchor">First day of the period in hand, in the plan's zone.</param>
/// <param name="Ordinal">That period.</param>
/// <param name="PaidUntil">Until then the member has paid now; null when there is a gap before the period.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
public sealed record AnchorMoved(LocalDate Anchor, int Ordinal, Instant? PaidUntil, string Why, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Until then the membership is given now, where the period before was given; null elsewhere.</summary>
    public Instant? GivenUntil { get; init; }

    /// <summary>When the next renewal is planned, where somebody asked for the move; null: its calendar is in the same transaction.</summary>
    public Instant? NextPlanAt { get; init; }

    /// <summary>So many of the days come with the next charge, and are not paid until then.</summary>
    public int UnpaidDays { get; init; }
}

/// <summary>The rail was asked about the agreement and had nothing new.</summary>
/// <param name="Asks">How often it was asked for the same thing.</param>
/// <param name="Answer">What it said, for people.</param>
/// <param name="NextAskAt">When it is asked again; null: not any more.</param>
/// <param name="At">When.</param>
public sealed record AgreementAsked(int Asks, string Answer, Instant? NextAskAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Which agreement; null: the one in use.</summary>
    public AgreementId? Agreement { get; init; }

    /// <summary>
    /// Set when a look at an agreement had no answer for as long as it is waited for: the membership goes on without, a charge finds out, and the
    /// agreement is looked at again then. Null elsewhere.
    /// </summary>
    public Instant? GoesOnUntil { get; init; }
}

/// <summary>The member signed; the membership runs.</summary>
/// <param name="Anchor">First day of period 1, in the plan's zone.</param>
/// <param name="SignedAt">The rail's time of signing.</param>
/// <param name="ConsentUntil">Until then the first charge needs no notice.</param>
/// <param name="At">When.</param>
public sealed record Signed(LocalDate Anchor, Instant SignedAt, Instant ConsentUntil, Instant At) : SubscriptionEvent(At)
{
    /// <summary>When the first charge is planned, where period 1 begins later than the signing; null: it is charged under the consent.</summary>
    public Instant? NextPlanAt { get; init; }

    /// <summary>Until then the membership is given before period 1 (试用); null: it is not.</summary>
    public Instant? FreeUntil { get; init; }
}

/// <summary>The calendar of the next renewal was solved.</summary>
public sealed record CyclePlanned(CyclePlan Plan, Instant At) : SubscriptionEvent(At);

/// <summary>The member was told of a coming charge.</summary>
/// <param name="Notice">What was told, with the receipt.</param>
/// <param name="Delivered">True when the notifier knows that it arrived; false when it was handed over.</param>
/// <param name="At">When.</param>
public sealed record Announced(MemberNotice Notice, bool Delivered, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Which channel took it; null in events from before there were several.</summary>
    public string? Channel { get; init; }
}

/// <summary>The member was reminded that the membership renews itself, as the law asks once in a while.</summary>
/// <param name="NoticeId">Name of the reminder.</param>
/// <param name="Receipt">The notifier's receipt.</param>
/// <param name="HandedOverAt">When the notifier had handed it over.</param>
/// <param name="Delivered">True when the notifier knows that it arrived; false when it was handed over.</param>
/// <param name="At">When.</param>
public sealed record Reminded(string NoticeId, string Receipt, Instant HandedOverAt, bool Delivered, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Which channel took it.</summary>
    public string? Channel { get; init; }
}

/// <summary>A notice that was handed over arrived, as the channel says later.</summary>
/// <param name="NoticeId">Which notice: of a charge, the law's reminder or an offer of another price.</param>
/// <param name="Receipt">The channel's receipt of the delivery.</param>
/// <param name="DeliveredAt">When it arrived, by the channel's clock.</param>
/// <param name="At">When this was recorded.</param>
public sealed record NoticeDelivered(string NoticeId, string Receipt, Instant DeliveredAt, Instant At) : SubscriptionEvent(At);

/// <summary>A notice that was handed over did not arrive, as the channel says later (退信). What it would have announced is not announced.</summary>
/// <param name="NoticeId">Which notice: of a charge, the law's reminder or an offer of another price.</param>
/// <param name="Receipt">The channel's number of this word.</param>
/// <param name="Why">The channel's word.</param>
/// <param name="BouncedAt">When it came back, by the channel's clock.</param>
/// <param name="At">When this was recorded.</param>
public sealed record NoticeBounced(string NoticeId, string Receipt, string Why, Instant BouncedAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>The channel it came back from; null: it is not known any more.</summary>
    public string? Channel { get; init; }

    /// <summary>When the member is told again; null: what it announced is over, or was announced anew meanwhile.</summary>
    public Instant? RetryAt { get; init; }

    /// <summary>The channel that is tried then.</summary>
    public string? NextChannel { get; init; }
}

/// <summary>A notice waits for the member's morning.</summary>
/// <param name="NoticeId">Which notice.</param>
/// <param name="Until">Until then.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
public sealed record NoticePostponed(string NoticeId, Instant Until, string Why, Instant At) : SubscriptionEvent(At);

/// <summary>The member could not be told.</summary>
/// <param name="NoticeId">Which notice.</param>
/// <param name="Failures">How often it failed on this channel.</param>
/// <param name="Why">The notifier's word.</param>
/// <param name="RetryAt">When it is tried again.</param>
/// <param name="At">When.</param>
public sealed record NoticeFailed(string NoticeId, int Failures, string Why, Instant RetryAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>The channel that failed; null in events from before there were several.</summary>
    public string? Channel { get; init; }

    /// <summary>The channel that is tried next.</summary>
    public string? NextChannel { get; init; }
}

/// <summary>The rail's own notice is about to be sent; from now on it may have landed.</summary>
/// <param name="Ordinal">The period it announces.</param>
/// <param name="Number">1, and one more for each repeat.</param>
/// <param name="Amount">The most it announces.</param>
/// <param name="ChargeableFrom">If it lands the rail takes a charge from here …</param>
/// <param name="ChargeableUntil">… to here.</param>
/// <param name="RepeatAt">When it is sent again, if no answer is known by then.</param>
/// <param name="At">When.</param>
public sealed record RailNoticeRequested(
    int Ordinal, int Number, Money Amount, Instant ChargeableFrom, Instant ChargeableUntil, Instant RepeatAt, Instant At) : SubscriptionEvent(At);

/// <summary>The rail's answer to its own notice.</summary>
/// <param name="Number">Which repeat.</param>
/// <param name="Result">What is known.</param>
/// <param name="Why">The rail's word, for people.</param>
/// <param name="RepeatAt">When it is sent again; null: not any more.</param>
/// <param name="At">When.</param>
public sealed record RailNoticeAnswered(int Number, RailNoticeResult Result, string Why, Instant? RepeatAt, Instant At) : SubscriptionEvent(At);

/// <summary>An order is about to be sent: everything the rail compares. Intent before money.</summary>
/// <param name="Order">The attempt's number.</param>
/// <param name="Send">1, and one more for each repeat of the same order.</param>
/// <param name="Authority">Why the charge is lawful.</param>
/// <param name="Account">Where.</param>
/// <param name="Agreement">Under which agreement.</param>
/// <param name="Amount">How much.</param>
/// <param name="Subject">For what, as the member reads it.</param>
/// <param name="OrderedAt">The rail's timestamp: that of the first send, in every repeat.</param>
/// <param name="SendBefore">The sender gives up when it has not called by then.</param>
/// <param name="AskAt">When the rail is asked, if nothing is known by then.</param>
/// <param name="At">When.</param>
public sealed record Requested(
    OrderNumber Order, int Send, ChargeAuthority Authority, MerchantAccount Account, AgreementId Agreement, Money Amount, string Subject,
    Instant OrderedAt, Instant SendBefore, Instant AskAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>After this the rail can no longer take the order, where its orders end by themselves; null elsewhere.</summary>
    public Instant? ExpiresAt { get; init; }
}

/// <summary>
/// The rail has an order of the coming charge that was never requested in this ledger: it was sent after the moment the ledger was restored to.
/// What the rail says of it follows in the same transaction.
/// </summary>
/// <param name="Order">Which order.</param>
/// <param name="Amount">What it was for, by the terms.</param>
/// <param name="At">When it was found.</param>
public sealed record OrderFound(OrderNumber Order, Money Amount, Instant At) : SubscriptionEvent(At);

/// <summary>Something unproven was heard of an order: it is asked now.</summary>
/// <param name="Order">Which order.</param>
/// <param name="Hint">What was heard.</param>
/// <param name="Reason">The reason of a decline that was heard.</param>
/// <param name="At">When.</param>
public sealed record Hinted(OrderNumber Order, string Hint, DeclineReason? Reason, Instant At) : SubscriptionEvent(At);

/// <summary>The rail was asked for an order or a refund and had nothing final.</summary>
/// <param name="Order">Which.</param>
/// <param name="Asks">How often it was asked.</param>
/// <param name="Answer">What it said.</param>
/// <param name="NextAskAt">When it is asked again; null: not any more.</param>
/// <param name="At">When.</param>
public sealed record Asked(OrderNumber Order, int Asks, string Answer, Instant? NextAskAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Whether the rail said that it has the order and works on it, or that it has none; null: it said neither.</summary>
    public bool? AtRail { get; init; }
}

/// <summary>The rail surely did not take the order: refused, never sent, or proved missing. The same number may be sent again.</summary>
/// <param name="Order">Which order.</param>
/// <param name="Outcome">Why: refused, not sent or missing.</param>
/// <param name="ResendAt">When it is sent again; null: not any more.</param>
/// <param name="At">When.</param>
public sealed record NotTaken(OrderNumber Order, ChargeOutcome Outcome, Instant? ResendAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>True where it was declined at once, and a card network counts that as a try.</summary>
    public bool CountsAsTry { get; init; }
}

/// <summary>The money of a charge was taken. There is at most one of these for a charge.</summary>
/// <param name="Order">The attempt that succeeded.</param>
/// <param name="Amount">What was taken.</param>
/// <param name="RailTransaction">The rail's number of the payment.</param>
/// <param name="PaidAt">The rail's time of it.</param>
/// <param name="FirstDay">First day of the period it paid for.</param>
/// <param name="PaidUntil">When that period ends.</param>
/// <param name="NextPlanAt">When the next renewal is planned; null: there is none.</param>
/// <param name="At">When.</param>
public sealed record Charged(
    OrderNumber Order, Money Amount, string RailTransaction, Instant PaidAt, LocalDate FirstDay, Instant PaidUntil, Instant? NextPlanAt, Instant At)
    : SubscriptionEvent(At)
{
    /// <summary>What the rail's own charge date should be now, where it keeps one; it is read before the next renewal is planned.</summary>
    public LocalDate? RailDate { get; init; }
}

/// <summary>An attempt was declined for good.</summary>
/// <param name="Order">Which attempt.</param>
/// <param name="Reason">Why, in our words.</param>
/// <param name="RailCode">Why, in the rail's.</param>
/// <param name="Policy">Dunning policy, version and hash that decided the next try.</param>
/// <param name="RetryAt">When the next attempt may be made; null: there is none.</param>
/// <param name="At">When.</param>
public sealed record Failed(OrderNumber Order, DeclineReason Reason, string RailCode, string Policy, Instant? RetryAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>The card network's budget as it stood; null: the rail is under none.</summary>
    public BudgetUse? Budget { get; init; }
}

/// <summary>Money was taken that is not owed; it goes back.</summary>
/// <param name="Order">The order that took it.</param>
/// <param name="Amount">How much.</param>
/// <param name="RailTransaction">The rail's number of the payment.</param>
/// <param name="PaidAt">The rail's time of it.</param>
/// <param name="Reason">Why it is not owed.</param>
/// <param name="At">When.</param>
public sealed record Overpaid(OrderNumber Order, Money Amount, string RailTransaction, Instant PaidAt, OverpaidReason Reason, Instant At)
    : SubscriptionEvent(At)
{
    /// <summary>The account that took it, where that is not the one the order's number belongs to; null elsewhere.</summary>
    public MerchantAccount? Account { get; init; }
}

/// <summary>A refund is about to be sent.</summary>
/// <param name="Refund">The refund's number.</param>
/// <param name="Send">1, and one more for each repeat.</param>
/// <param name="Paid">What the order took.</param>
/// <param name="Amount">What goes back.</param>
/// <param name="Reason">Shown to the member.</param>
/// <param name="AskAt">When the rail is asked, if nothing is known by then.</param>
/// <param name="At">When.</param>
public sealed record RefundRequested(OrderNumber Refund, int Send, Money Paid, Money Amount, string Reason, Instant AskAt, Instant At)
    : SubscriptionEvent(At);

/// <summary>Money went back to the member.</summary>
/// <param name="Order">The order it was taken by.</param>
/// <param name="RefundNumber">Our refund's number, or the number of one made elsewhere.</param>
/// <param name="Amount">How much.</param>
/// <param name="RailRefund">The rail's number of it.</param>
/// <param name="RefundedAt">The rail's time of it.</param>
/// <param name="At">When.</param>
public sealed record Refunded(OrderNumber Order, string RefundNumber, Money Amount, string RailRefund, Instant RefundedAt, Instant At)
    : SubscriptionEvent(At);

/// <summary>Renewal was stopped.</summary>
/// <param name="By">Who or what stopped it.</param>
/// <param name="Why">In words.</param>
/// <param name="EffectiveAt">The membership runs until then.</param>
/// <param name="At">When.</param>
public sealed record Cancelled(CancelledBy By, string Why, Instant EffectiveAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>The agreement is ended at the rail not before this: until then the cancel can be undone. Null: at once.</summary>
    public Instant? TerminateAt { get; init; }

    /// <summary>Who asked for it, by name; null: nobody did, or it was asked for in the member's name only.</summary>
    public string? AskedBy { get; init; }

    /// <summary>Why nothing goes back with it, where somebody asked for that; null elsewhere.</summary>
    public string? NothingBack { get; init; }
}

/// <summary>A notice at the rail or a charge waits for the rail's hours.</summary>
public sealed record Postponed(Instant Until, string Why, Instant At) : SubscriptionEvent(At);

/// <summary>A person must look: no notice and no charge until then; asks, outcomes, refunds and cancels go on.</summary>
public sealed record Parked(ParkReason Reason, string Detail, Instant At) : SubscriptionEvent(At);

/// <summary>A person looked, and said why it goes on.</summary>
public sealed record Unparked(string By, string Why, Instant At) : SubscriptionEvent(At);

/// <summary>Periods that were due are never charged: why, and by which policy.</summary>
/// <param name="From">The first of them …</param>
/// <param name="To">… and the last.</param>
/// <param name="Begins">When the first began; null: the membership's days were moved since.</param>
/// <param name="Ends">When the last ends.</param>
/// <param name="Policy">By which policy: the terms', or the one a person chose.</param>
/// <param name="Given">True: the membership runs through them and nobody pays. False: they are a gap.</param>
/// <param name="Why">In words.</param>
/// <param name="NextPlanAt">When the next renewal is planned.</param>
/// <param name="At">When.</param>
public sealed record PeriodsSkipped(
    int From, int To, Instant? Begins, Instant Ends, CatchUpPolicy Policy, bool Given, string Why, Instant NextPlanAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>
    /// True: orders of these periods that may still take money go on being asked for. Only after events were lost: otherwise nothing is skipped while
    /// there are any.
    /// </summary>
    public bool KeepsAsking { get; init; }
}

/// <summary>A person said what becomes of the periods that were missed; the membership goes on.</summary>
/// <param name="As">What: forgive, current period only, or oldest first (charge).</param>
/// <param name="Through">The last period it is about: the one that ran when it was decided.</param>
/// <param name="By">Who decided.</param>
/// <param name="Why">Why.</param>
/// <param name="At">When.</param>
public sealed record CatchUpDecided(CatchUpPolicy As, int Through, string By, string Why, Instant At) : SubscriptionEvent(At);

/// <summary>The membership is over.</summary>
public sealed record Ended(EndReason Reason, Instant At) : SubscriptionEvent(At);
