using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>Where a membership stands.</summary>
public enum SubscriptionStatus
{
    /// <summary>The member is signing.</summary>
    Signing = 0,

    /// <summary>Signed and renewing.</summary>
    Active = 1,

    /// <summary>Renewal was stopped; paid time may still run.</summary>
    Cancelled = 2,

    /// <summary>Over.</summary>
    Ended = 3,
}

/// <summary>A membership as its events tell it. Immutable; only <see cref="Evolve"/> makes one.</summary>
public sealed partial record Subscription
{
    /// <summary>How many notices may wait for a receipt: one of each kind. Channels say within days what arrived; notices of a kind are weeks apart.</summary>
    public const int ReceiptsAwaited = 3;

    // A failed channel leaves time for another.
    private static readonly Duration RemindAhead = Duration.FromDays(3);

    /// <summary>Its name.</summary>
    public required SubscriptionId Id { get; init; }

    /// <summary>How many events it was folded from; the version of its stream.</summary>
    public long Version { get; init; }

    /// <summary>The merchant's own, opaque name of the member.</summary>
    public required string Member { get; init; }

    /// <summary>Where it is charged.</summary>
    public required MerchantAccount Account { get; init; }

    /// <summary>All that was agreed.</summary>
    public required Terms Terms { get; init; }

    /// <summary>Where it stands.</summary>
    public SubscriptionStatus Status { get; init; }

    /// <summary>The agreement it is charged under.</summary>
    public required AgreementInUse Agreement { get; init; }

    /// <summary>The membership before this one, of the same member at the same account; null: it is the first.</summary>
    public SubscriptionId? Predecessor { get; init; }

    /// <summary>First day of period 1 where that is later than the signing; null: the day of signing, after the trial days.</summary>
    public LocalDate? StartsOn { get; init; }

    /// <summary>Whether the membership is given until <see cref="StartsOn"/>.</summary>
    public bool FreeUntilStart { get; init; }

    /// <summary>After this an unfinished signing is given up.</summary>
    public Instant SignBy { get; init; }

    /// <summary>First day of period 1; null until signed or paid.</summary>
    public LocalDate? Anchor { get; init; }

    /// <summary>How many periods lie before the anchor: 0 unless the membership's days were moved.</summary>
    public int PeriodsBeforeAnchor { get; init; }

    /// <summary>When the agreement was signed at the rail.</summary>
    public Instant? SignedAt { get; init; }

    /// <summary>Until then the first charge needs no notice.</summary>
    public Instant? ConsentUntil { get; init; }

    /// <summary>By period, the attempt that paid for it; 0 for a period nobody paid.</summary>
    public IReadOnlyList<int> PaidBy { get; init; } = [];

    /// <summary>Periods that were paid late, after they were missed.</summary>
    public IReadOnlyList<int> CaughtUp { get; init; } = [];

    /// <summary>Until then the member has paid.</summary>
    public Instant? PaidUntil { get; init; }

    /// <summary>The last period that is never charged; 0: none.</summary>
    public int SkippedThrough { get; init; }

    /// <summary>Until then the membership was given without payment; null: nothing was.</summary>
    public Instant? GivenUntil { get; init; }

    /// <summary>What a person decided of missed periods; null: nothing yet.</summary>
    public CatchUpChoice? CatchUp { get; init; }

    /// <summary>The calendar of the coming renewal; null between a success and the next planning.</summary>
    public CyclePlan? Cycle { get; init; }

    /// <summary>What the member was told of the coming renewal.</summary>
    public MemberNotice? Notice { get; init; }

    /// <summary>When the member was last reminded of the renewal; null: never.</summary>
    public Instant? RemindedAt { get; init; }

    /// <summary>The reminder that was sent last; null: none was, or it came back.</summary>
    public SentReminder? LastReminder { get; init; }

    /// <summary>How often telling failed, and when it is tried again.</summary>
    public NoticeRetry? NoticeRetry { get; init; }

    /// <summary>The same of the reminder the law asks for: it and a notice may be due at once, and neither must forget the other's tries.</summary>
    public NoticeRetry? ReminderRetry { get; init; }

    /// <summary>Notices that were handed over and of which no delivery is known, the last <see cref="ReceiptsAwaited"/>, in order.</summary>
    public IReadOnlyList<string> AwaitingReceipt { get; init; } = [];

    /// <summary>The rail's own notices of the coming renewal, in order.</summary>
    public IReadOnlyList<RailNotice> RailNotices { get; init; } = [];

    /// <summary>The attempts of the charge in hand, in order.</summary>
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];

    /// <summary>Orders of the 24 hours before the newest, in order; those the rail surely does not have are not among them.</summary>
    public IReadOnlyList<RecentOrder> RecentOrders { get; init; } = [];

    /// <summary>
    /// When tries were declined that a card network counts, in order, within <see cref="RetryBudget.LongestWindowDays"/> before the newest: across charges,
    /// periods and agreements.
    /// </summary>
    public IReadOnlyList<Instant> RecentDeclines { get; init; } = [];

    /// <summary>When the next attempt may be made after a decline; null: none.</summary>
    public Instant? RetryAt { get; init; }

    /// <summary>When the next renewal is planned; null: there is none to plan.</summary>
    public Instant? NextPlanAt { get; init; }

    /// <summary>No notice at the rail and no charge before this; null: no such limit.</summary>
    public Instant? NotBefore { get; init; }

    /// <summary>Money that goes back, or went back.</summary>
    public IReadOnlyList<Refund> Refunds { get; init; } = [];

    /// <summary>Other terms that take effect later; null: none are planned.</summary>
    public PlannedChange? Change { get; init; }

    /// <summary>What the member still has while terms that price the next period hold already; null: what the terms say.</summary>
    public EnjoyedBefore? Before { get; init; }

    /// <summary>Amounts on top of the next announced charge.</summary>
    public IReadOnlyList<Addition> Additions { get; init; } = [];

    /// <summary>The pause, planned or in effect; null: none.</summary>
    public Pause? Pause { get; init; }

    /// <summary>An offer of another price that is open; null: none.</summary>
    public PriceOffer? Offer { get; init; }

    /// <summary>The last offer that was made, open or concluded; null: there was none.</summary>
    public string? LastOffer { get; init; }

    /// <summary>A calendar that was given up, as long as its period is not planned again; null: none.</summary>
    public GivenUpCycle? GivenUp { get; init; }

    /// <summary>Disputes, open and settled.</summary>
    public IReadOnlyList<Dispute> Disputes { get; init; } = [];

    /// <summary>After a cancel, when the agreement is ended at the rail at the earliest; null: at once.</summary>
    public Instant? TerminateAt { get; init; }

    /// <summary>When renewal was stopped.</summary>
    public Instant? CancelledAt { get; init; }

    /// <summary>Who or what stopped it.</summary>
    public CancelledBy? CancelledBy { get; init; }

    /// <summary>After a cancel, when the membership ends.</summary>
    public Instant? EndsAt { get; init; }

    /// <summary>Why a person must look; null when nobody must.</summary>
    public ParkReason? Parked { get; init; }

    /// <summary>What is remembered of the system it was taken over from; null: the member signed here.</summary>
    public MovedIn? MovedIn { get; init; }

    /// <summary>By when the member must be reminded again; null: the law does not ask for it.</summary>
    public Instant? ReminderDue => Terms.Law.ReminderMonths > 0 && (RemindedAt ?? SignedAt) is { } last ? Terms.Law.ReminderDue(last, Zone) : null;

    /// <summary>When the reminder goes out, or is tried again; null: the law does not ask for it.</summary>
    internal Instant? RemindAt => ReminderDue is not { } due ? null
        : ReminderRetry is { } retry ? retry.RetryAt
        : Terms.QuietHours.NextAwake(due - RemindAhead, Zone);

    /// <summary>When the notice of the coming charge goes out, or is tried again.</summary>
    internal Instant AnnounceAt => NoticeRetry is { } retry ? retry.RetryAt : Cycle!.AnnounceAt;

    /// <summary>The name of the notice of the open offer; null: there is none.</summary>
    internal string? OfferNoticeId => Offer is { } offer ? NoticeOf(Id, offer.Name) : null;

    internal static string NoticeOf(SubscriptionId id, string offer) => $"{id}-price-{offer}";

    /// <summary>The name of the coming reminder: that of the day by which it is due; null: the law does not ask for it.</summary>
    internal string? ReminderId => ReminderDue is { } due ? $"{Id}-reminder-{due.InZone(Zone).Date:uuuuMMdd}" : null;

    /// <summary>The zone of its dates.</summary>
    internal DateTimeZone Zone => RenewalZones.Get(Terms.ZoneId);

    /// <summary>The newest attempt of a charge that is not paid yet; null before its first.</summary>
    public Attempt? LastAttempt => Attempts.LastOrDefault(attempt => attempt.Order.Charge.Ordinal > PaidThrough);

    /// <summary>The last period that was paid; 0 before the first.</summary>
    public int PaidThrough => PaidBy.Count;

    /// <summary>Until then the membership runs, paid or given; null before the first payment.</summary>
    public Instant? RunsUntil => GivenUntil is { } given && !(PaidUntil > given) ? given : PaidUntil;

    /// <summary>Its periods; null until it is signed or paid.</summary>
    public Periods? Periods => Anchor is { } anchor ? Terms.PeriodsFrom(anchor, PeriodsBeforeAnchor) : null;

    /// <summary>Whether an order may still take money, or is being asked about after all: nothing else is sent meanwhile.</summary>
    public bool InFlight => Attempts.Any(attempt => attempt.MayStillTake);

    /// <summary>The charge in hand, or the one that comes next.</summary>
    public Charge NextCharge
    {
        get
        {
            // What is tried again keeps the numbers it had, also when it has become late meanwhile.
            if (LastAttempt is { } attempt)
                return attempt.Order.Charge;
            var ordinal = Cycle?.Ordinal ?? Math.Max(PaidThrough, SkippedThrough) + 1;
            return new(Id, Cycle is { IsCatchUp: true } ? ChargeKind.CatchUp : KindOf(ordinal), ordinal);
        }
    }

    /// <summary>What a period is charged with: its price and what was added since, at least one minor unit and at most what the agreement allows.</summary>
    /// <remarks>No rail takes an order of nothing. What does not fit goes on to the charge after it.</remarks>
    internal Money AmountOf(int ordinal)
    {
        var due = DueOf(ordinal, Additions);
        var most = Agreement.Ceiling is { } ceiling ? Math.Min(due.MinorUnits, ceiling.MinorUnits) : due.MinorUnits;
        return due with { MinorUnits = Math.Max(1, most) };
    }

    /// <summary>What the next charge comes to, with a change that takes effect with it.</summary>
    internal Money NextAmount => (ChangesWith(NextCharge.Ordinal) ? this with { Terms = Change!.Terms } : this).AmountOf(NextCharge.Ordinal);

    /// <summary>Whether a planned change may take effect with a period.</summary>
    internal bool ChangesWith(int ordinal) => Change is { } change && Periods is { } periods
        && ordinal >= change.FromOrdinal && ordinal > periods.Before && !(periods.Start(ordinal) < change.NotBefore);

    /// <summary>Its price and these additions, whether or not it can be charged so.</summary>
    internal Money DueOf(int ordinal, IEnumerable<Addition> additions) => additions.Aggregate(Terms.PriceOf(ordinal), (sum, addition) => sum + addition.Amount);

    /// <summary>First day of period 1 when it is signed on a day.</summary>
    internal LocalDate StartWhenSigned(LocalDate day) => StartsOn is { } on ? LocalDate.Max(on, day) : day.PlusDays(Terms.TrialDays);

    /// <summary>The order that paid for a period; null: none did.</summary>
    public OrderNumber? PaymentOf(int ordinal) => ordinal >= 1 && ordinal <= PaidThrough && PaidBy[ordinal - 1] is > 0 and var attempt
        ? new Charge(Id, CaughtUp.Contains(ordinal) ? ChargeKind.CatchUp : KindOf(ordinal), ordinal).Attempt(attempt)
        : null;

    /// <summary>The kind of charge that pays for a period.</summary>
    internal static ChargeKind KindOf(int ordinal) => ordinal == 1 ? ChargeKind.First : ChargeKind.Renewal;

    /// <summary>Whether a charge is for a period: in time, or late where the terms let a missed one be charged late.</summary>
    internal bool IsOfPeriod(Charge charge) =>
        charge.Kind == KindOf(charge.Ordinal) || (charge.Kind == ChargeKind.CatchUp && charge.Ordinal > 1 && Terms.CatchUp is CatchUpPolicy.OldestFirst or CatchUpPolicy.Ask);
}

/// <summary>What a person decided of missed periods.</summary>
/// <param name="As">What becomes of them.</param>
/// <param name="Through">The last period it is about.</param>
public sealed record CatchUpChoice(CatchUpPolicy As, int Through);

/// <summary>The agreement a membership is charged under, as far as the membership needs it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Template">The rail's template.</param>
/// <param name="Status">What it is now.</param>
/// <param name="AskAt">When the rail is next called about it; null: nothing is open.</param>
/// <param name="Asks">How often it was called for the same thing.</param>
public sealed record AgreementInUse(AgreementId Id, string Template, AgreementStatus Status, Instant? AskAt, int Asks)
{
    /// <summary>The rail's timestamp of the signing.</summary>
    public Instant StartedAt { get; init; }

    /// <summary>The most a charge may come to, as it says; null: it has no such limit.</summary>
    public Money? Ceiling { get; init; }

    /// <summary>The rail's own next charge date; null: it keeps none.</summary>
    public LocalDate? RailDate { get; init; }

    /// <summary>When the rail last confirmed that it is in force, its signing included; null: never, or not since this is recorded.</summary>
    public Instant? VerifiedAt { get; init; }

    /// <summary>When it was last looked at, with an answer or without.</summary>
    public Instant? CheckedAt { get; init; }

    /// <summary>When it is looked at again, if nothing else asks about it before; null: the rail cannot be asked.</summary>
    public Instant? VerifyAt { get; init; }

    /// <summary>True when another system had it signed: the merchant's code at the rail is not ours, and only the rail's own id names it.</summary>
    public bool IsTakenOver { get; init; }

    /// <summary>True when <see cref="RailDate"/> is our own reckoning and must be read before it is relied on.</summary>
    public bool RailDateIsStale { get; init; }
}

/// <summary>A notice that failed.</summary>
/// <param name="Failures">How often.</param>
/// <param name="RetryAt">When it is tried again.</param>
public sealed record NoticeRetry(int Failures, Instant RetryAt)
{
    /// <summary>The channel that is tried next; null: the first.</summary>
    public string? Channel { get; init; }
}

/// <summary>A reminder the law asks for.</summary>
/// <param name="NoticeId">Its name.</param>
/// <param name="Before">When the member was reminded before it, which counts again if this one comes back; null: never.</param>
public sealed record SentReminder(string NoticeId, Instant? Before);

/// <summary>One notice at the rail.</summary>
/// <param name="Number">1, 2, ….</param>
/// <param name="Result">What is known of it.</param>
/// <param name="ChargeableFrom">If it landed, charges are taken from here …</param>
/// <param name="ChargeableUntil">… to here.</param>
/// <param name="RepeatAt">When it is repeated, or looked after if no answer came; null: not any more.</param>
public sealed record RailNotice(int Number, RailNoticeResult Result, Instant ChargeableFrom, Instant ChargeableUntil, Instant? RepeatAt);

/// <summary>What is known of an attempt.</summary>
public enum AttemptStatus
{
    /// <summary>It may take money at any time.</summary>
    InFlight = 0,

    /// <summary>The rail surely does not have it; the same number may be sent again.</summary>
    NotTaken = 1,

    /// <summary>The rail can never again take it.</summary>
    Declined = 2,
}

/// <summary>One order for the charge in hand.</summary>
/// <param name="Order">Its number.</param>
/// <param name="Status">What is known of it.</param>
/// <param name="Send">How often it was sent.</param>
/// <param name="Amount">How much.</param>
/// <param name="AtCashier">True when the member pays it while signing.</param>
/// <param name="OrderedAt">The rail's timestamp in every send.</param>
/// <param name="SendBefore">It was not sent after this.</param>
/// <param name="AskAt">When the rail is asked; null: not any more.</param>
/// <param name="Asks">How often it was asked.</param>
/// <param name="ResendAt">When it is sent again; null: not.</param>
/// <param name="Hint">The reason of a decline that was heard but not proved.</param>
public sealed record Attempt(
    OrderNumber Order, AttemptStatus Status, int Send, Money Amount, bool AtCashier, Instant OrderedAt, Instant SendBefore, Instant? AskAt, int Asks,
    Instant? ResendAt, DeclineReason? Hint)
{
    /// <summary>How often this order was refused at once for a reason of the member's: each is a dunning step under the same number.</summary>
    public int DeclinesHeard { get; init; }

    /// <summary>True when the rail last said that it has the order and works on it: no statement proves then that it has not.</summary>
    public bool IsAtRail { get; init; }

    /// <summary>True when only the rail knew of it: what was sent is not known here, so that it is never sent again.</summary>
    public bool IsFound { get; init; }

    /// <summary>After this the rail can no longer take it; null: its orders do not end by themselves.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>Whether it may still take money, or is being asked about after all.</summary>
    internal bool MayStillTake => Status == AttemptStatus.InFlight || AskAt is not null;
}

/// <summary>An order, as the fuse counts it: whatever charge it is for.</summary>
/// <param name="Order">Its number.</param>
/// <param name="At">When it was decided.</param>
public sealed record RecentOrder(OrderNumber Order, Instant At)
{
    /// <summary>How long it is kept.</summary>
    public static Duration Kept { get; } = Duration.FromDays(1);
}
