using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>Something that is asked of a membership, or that became known about it. A closed family.</summary>
public abstract partial record SubscriptionCommand
{
    private SubscriptionCommand()
    {
    }

    /// <summary>Begin: the member is sent to sign.</summary>
    /// <param name="Id">The new membership.</param>
    /// <param name="Member">The merchant's own, opaque name of the member.</param>
    /// <param name="Account">Where the agreement is signed.</param>
    /// <param name="Agreement">The new agreement.</param>
    /// <param name="Template">The rail's template.</param>
    /// <param name="Terms">All that is agreed.</param>
    /// <param name="PayWhileSigning">Whether the member pays the first period in the same step.</param>
    public sealed record Enrol(
        SubscriptionId Id, string Member, MerchantAccount Account, AgreementId Agreement, string Template, Terms Terms, bool PayWhileSigning)
        : SubscriptionCommand
    {
        /// <inheritdoc cref="Enrolled.StartsOn"/>
        public LocalDate? StartsOn { get; init; }

        /// <inheritdoc cref="Enrolled.FreeUntilStart"/>
        public bool FreeUntilStart { get; init; }

        /// <inheritdoc cref="Enrolled.Ceiling"/>
        public Money? Ceiling { get; init; }

        /// <inheritdoc cref="Enrolled.Consent"/>
        public Consent? Consent { get; init; }

        /// <inheritdoc cref="Enrolled.Predecessor"/>
        public SubscriptionId? Predecessor { get; init; }
    }

    /// <summary>Begin: a running membership is taken over from another system.</summary>
    /// <param name="Id">The membership.</param>
    /// <param name="Member">The merchant's own, opaque name of the member.</param>
    /// <param name="Account">Where its agreement was signed.</param>
    /// <param name="Agreement">Our name of the agreement.</param>
    /// <param name="Template">The rail's template.</param>
    /// <param name="Terms">All that holds from now on.</param>
    /// <param name="Anchor">First day of the first period that is counted.</param>
    /// <param name="PaidUntil">The first day that is not paid: a period's first day.</param>
    /// <param name="CutOver">From then on the other system sends no more orders.</param>
    /// <param name="AskAt">When the rail is asked for the agreement.</param>
    /// <param name="StatementsAt">When the statements before the cut-over are asked for payments.</param>
    /// <param name="Line">Fingerprint of the line it comes from.</param>
    public sealed record Import(
        SubscriptionId Id, string Member, MerchantAccount Account, AgreementId Agreement, string Template, Terms Terms, LocalDate Anchor, LocalDate PaidUntil,
        Instant CutOver, Instant AskAt, Instant StatementsAt, string Line) : SubscriptionCommand;

    /// <summary>What statements say of payments under an agreement that was taken over, by orders that are not ours.</summary>
    /// <param name="Payments">The payments.</param>
    /// <param name="IsAnswer">True: the membership asked. False: a statement that was just read has them.</param>
    /// <param name="AllRead">True: every statement of the days before the cut-over was read.</param>
    /// <param name="Answer">In words.</param>
    public sealed record RecordOldPayments(IReadOnlyList<OldPayment> Payments, bool IsAnswer, bool AllRead, string Answer) : SubscriptionCommand;

    /// <summary>The alarm rang: do what is due.</summary>
    public sealed record Wake : SubscriptionCommand;

    /// <summary>The agreement's stream decided, or the rail had nothing new.</summary>
    /// <param name="Status">What the agreement is now.</param>
    /// <param name="Mode">Who ended it, when it ended.</param>
    /// <param name="SignedAt">The rail's time of signing.</param>
    /// <param name="Answer">What the rail said, for people.</param>
    /// <param name="RailDate">The rail's own next charge date, where it said one.</param>
    /// <param name="Evidence">Conclusive when the rail was asked; a hint when it called back, which may be late.</param>
    public sealed record RecordAgreement(
        AgreementStatus Status, TerminationMode? Mode, Instant? SignedAt, string Answer, LocalDate? RailDate = null, Evidence Evidence = Evidence.Conclusive)
        : SubscriptionCommand
    {
        /// <summary>Which agreement; null: the one in use.</summary>
        public AgreementId? Agreement { get; init; }
    }

    /// <summary>The rail answered to the wish to move its own charge date.</summary>
    /// <param name="Date">Where it was to be moved.</param>
    /// <param name="Answer">Its word.</param>
    public sealed record RecordRailDate(LocalDate Date, RailNoticeAnswer Answer) : SubscriptionCommand;

    /// <summary>The notifier answered.</summary>
    /// <param name="NoticeId">Which notice it was.</param>
    /// <param name="Result">What became of it.</param>
    public sealed record RecordNotice(string NoticeId, NoticeResult Result) : SubscriptionCommand
    {
        /// <summary>The channel that was used; null: the one that was due.</summary>
        public string? Channel { get; init; }
    }

    /// <summary>The rail answered to its own notice.</summary>
    /// <param name="Number">Which repeat.</param>
    /// <param name="Answer">Its word.</param>
    public sealed record RecordRailNotice(int Number, RailNoticeAnswer Answer) : SubscriptionCommand;

    /// <summary>Something became known of an order, from whatever side.</summary>
    public sealed record RecordCharge(OrderNumber Order, ChargeAnswer Answer) : SubscriptionCommand;

    /// <summary>Something became known of a refund, ours or made elsewhere.</summary>
    /// <param name="Order">The order it gives back.</param>
    /// <param name="RefundNumber">The refund's number at the rail.</param>
    /// <param name="Answer">What is known.</param>
    public sealed record RecordRefund(OrderNumber Order, string RefundNumber, RefundAnswer Answer) : SubscriptionCommand;

    /// <summary>Stop renewal.</summary>
    /// <param name="By">Who asks.</param>
    /// <param name="Why">In words.</param>
    /// <param name="AtOnce">True: the membership ends now. False: with the paid period.</param>
    public sealed record Cancel(CancelledBy By, string Why, bool AtOnce) : SubscriptionCommand
    {
        /// <summary>True: the agreement is ended with the membership, and the cancel can be undone until then. Only without <see cref="AtOnce"/>.</summary>
        public bool KeepsAgreement { get; init; }

        /// <summary>What is given back with it, where that is possible; then the membership ends now. Null: nothing.</summary>
        public GrantRefund? GivesBack { get; init; }

        /// <summary>Who asks, by name; null: it is not known.</summary>
        public string? AskedBy { get; init; }

        /// <summary>Why nothing can be given back, where it was asked for. Null elsewhere.</summary>
        public string? NothingBack { get; init; }
    }

    /// <summary>Let a person look first.</summary>
    public sealed record Park(ParkReason Reason, string Detail) : SubscriptionCommand;

    /// <summary>A person looked.</summary>
    public sealed record Unpark(string By, string Why) : SubscriptionCommand;

    /// <summary>A person says what becomes of the periods that were missed; only while the membership waits for that.</summary>
    /// <param name="As">Anything but <see cref="CatchUpPolicy.Ask"/>; <see cref="CatchUpPolicy.OldestFirst"/> only where the rail allows it.</param>
    /// <param name="By">Who decides.</param>
    /// <param name="Why">Why.</param>
    public sealed record DecideCatchUp(CatchUpPolicy As, string By, string Why) : SubscriptionCommand;
}

/// <summary>What a notifier says of a notice.</summary>
public abstract record NoticeResult
{
    private NoticeResult()
    {
    }

    /// <summary>A channel took it (a push service, an SMS gateway).</summary>
    /// <param name="Receipt">The channel's own number of it.</param>
    /// <param name="At">When.</param>
    public sealed record HandedOver(string Receipt, Instant At) : NoticeResult;

    /// <summary>The member has it.</summary>
    /// <inheritdoc cref="HandedOver"/>
    public sealed record Delivered(string Receipt, Instant At) : NoticeResult;

    /// <summary>What was handed over before did not arrive, and will not.</summary>
    /// <param name="Receipt">The channel's number of this word.</param>
    /// <param name="Why">In words.</param>
    /// <param name="At">When it came back.</param>
    public sealed record Bounced(string Receipt, string Why, Instant At) : NoticeResult
    {
        /// <inheritdoc cref="Bounced"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>Nothing left this machine, because the member's quiet hours had begun meanwhile. No try is counted.</summary>
    public sealed record NotSent : NoticeResult;

    /// <summary>No channel took it.</summary>
    /// <param name="Why">In words.</param>
    public sealed record Failed(string Why) : NoticeResult
    {
        /// <inheritdoc cref="Failed"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }
}

/// <summary>What a decision may look at besides the membership itself.</summary>
/// <param name="Now">When it is taken.</param>
/// <param name="Traits">The rail.</param>
/// <param name="Limits">Our own bounds.</param>
public sealed record DecisionContext(Instant Now, RailTraits Traits, DecisionLimits Limits)
{
    /// <summary>The account whose rail it is, and whose word is decided on; null: the one the membership is charged at.</summary>
    public MerchantAccount? Account { get; init; }

    /// <summary>
    /// False: no order may be requested now, because charging is stopped or the account's permits are used up. The charge stays due; all else is
    /// decided as ever, also that its window has closed. Default true.
    /// </summary>
    public bool MayCharge { get; init; } = true;

    /// <summary>
    /// True: the ledger is a copy or was restored, and is not adopted yet. Nothing is done by itself, and an order the rail has and the events do not
    /// is one that was sent after the moment the ledger was restored to. Default false.
    /// </summary>
    public bool Frozen { get; init; }
}

/// <summary>Bounds of decisions. Every one has a test at the limit.</summary>
public sealed record DecisionLimits
{
    /// <summary>The defaults.</summary>
    public static DecisionLimits Default { get; } = new();

    /// <summary>A sender that has not called this long after its order was committed gives up. Default 60 s.</summary>
    public Duration SendWithin { get; init; } = Duration.FromSeconds(60);

    /// <summary>How long a member may take to sign. Default 2 h.</summary>
    public Duration SignWithin { get; init; } = Duration.FromHours(2);

    /// <summary>How often an order is asked for before it is parked. Default 12, over about five days.</summary>
    public int MaxAsks { get; init; } = 12;

    /// <summary>How often one order is sent. Default 6.</summary>
    public int MaxSends { get; init; } = 6;

    /// <summary>How often a notice at the rail is sent for one renewal. Default 5.</summary>
    public int MaxRailNotices { get; init; } = 5;

    /// <summary>The channels a member is told by, in the order in which they are tried; names of the notifier's. Default one without a name.</summary>
    public IReadOnlyList<string> NoticeChannels { get; init; } = [""];

    /// <summary>How often telling a member may fail on one channel before the next is tried, or the membership is parked. Default 24.</summary>
    public int MaxNoticeFailures { get; init; } = 24;

    /// <summary>
    /// How long before the member's notice and before a charge the agreement is looked at, at most; each membership keeps to a part of it, from half
    /// to the whole, so that not all are asked about at once. Zero: not at all. Default 1 day.
    /// </summary>
    public Duration VerifyAhead { get; init; } = Duration.FromDays(1);

    /// <summary>An agreement is looked at no less often than this. Default 30 days.</summary>
    public Duration VerifyEvery { get; init; } = Duration.FromDays(30);

    /// <summary>How often a look without an answer is repeated before the membership goes on without it. Default 3, over 40 minutes.</summary>
    public int MaxVerifyAsks { get; init; } = 3;

    /// <summary>How many agreements a membership may have had beside its first. Default 8.</summary>
    public int MaxBackups { get; init; } = 8;

    /// <summary>How many events a membership may have before it is parked. Default 10,000.</summary>
    public int MaxEvents { get; init; } = 10_000;

    /// <summary>The wait before ask <paramref name="asks"/> + 1: minutes at first, then hours, then a day.</summary>
    public static Duration AskDelay(int asks) => asks switch
    {
        <= 0 => Duration.FromMinutes(2),
        1 => Duration.FromMinutes(10),
        2 => Duration.FromMinutes(30),
        3 => Duration.FromHours(2),
        4 => Duration.FromHours(6),
        _ => Duration.FromHours(24),
    };
}
