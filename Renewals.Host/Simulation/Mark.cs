using System.Text.Json;

namespace Renewals.Host.Simulation;

/// <summary>What is counted: a fault that was injected, a truth that came late, a thing that happened. What never happened proves nothing.</summary>
internal enum Mark
{
    // What members live through.
    Signed,
    SignedAgain,
    PaidAtCashier,
    FirstCharge,
    Renewal,
    Declined,
    Recovered,
    NoticeHandedOver,
    NoticeDelivered,
    NoticeBounced,
    NoticeWaitsForMorning,
    ToldBySecondChannel,
    Unreachable,
    Reminded,
    RailNoticeTaken,
    RailDateMoved,
    CancelledWithMerchant,
    EndedInWallet,
    AccountClosed,
    LostToDunning,
    Refunded,
    Parked,
    Unparked,
    StatementRead,
    AbsenceProved,
    PeriodSkipped,
    PeriodGiven,
    CatchUpAsked,
    CatchUpDecided,
    CaughtUp,
    LateMoneyStopped,
    LateMoneyRaised,
    WishGranted,
    WishRefused,
    TrialBegun,
    StartsLater,
    CouponUsed,
    ChangePlanned,
    ChangeWithdrawn,
    ChangeTookEffect,
    ChangedAtOnce,
    BillingDayMoved,
    RenewalPaused,
    RenewalResumed,
    PriceOffered,
    PriceAgreed,
    PriceRefused,
    PriceUnanswered,
    NeedsNewAgreement,
    RefundGranted,
    PaidOutside,
    Disputed,
    DisputeLost,
    CancelUndone,
    BackupAdded,
    BackupRetired,
    BackupTookOverAfterEnd,
    BackupTookOverAfterDecline,
    AgreementSwitched,
    ChargingHeld,
    ChargingReleased,
    DueChargeHeld,
    MovedIn,
    MoveRefused,
    MoveCompared,
    PaidElsewhere,
    PaidAfterCutOver,
    MovedInRenewal,
    ForeignOrderStopped,
    FuseReset,
    MemberErased,
    MemberErasedAgain,
    ErasureRefused,
    ErasureWhileFrozen,

    // Crashes at named points.
    CrashBeforeIntentCommit,
    CrashAfterIntentCommit,
    CrashBeforeOutcomeCommit,
    CrashAfterOutcomeCommit,
    CrashBeforeSend,
    CrashAfterSend,
    CrashBeforeNotice,
    CrashAfterNotice,
    CrashBeforeAcknowledgement,
    CrashAfterAcknowledgement,
    CrashAnywhere,

    // Other faults.
    CommitReplyLost,
    CommitLost,
    CommitRefused,
    RequestLost,
    RequestLate,
    AnswerLost,
    AnswerLate,
    CallRepeated,
    CallbackLost,
    CallbackDuplicated,
    CallbackDelayed,
    CallbackReordered,
    CallbacksAtOnceOnTwoEngines,
    RailOutage,
    RailBreakerOpen,
    NotifierOutage,
    EngineOutage,
    EnginePaused,
    PausedBeforeSend,
    ClockJump,
    TwoEnginesSwept,
    SignedInTwoPlaces,
    LeftInFlight,
    StopAsked,
    EndedInWalletInFlight,
    StatementLate,

    // Restores of the database.
    Restored,
    RestoredWhileAllWereDown,
    FrozenNoticed,
    Adopted,
    AdoptedAtALaterTry,
    LostOrderFound,
    LostAgreementEndFound,
    MembershipLost,
    LostMembersMoneyNamed,
    CancelLost,
    NoticeLost,

    // Late truths.
    SuccessAfterCancel,
    SuccessAfterDecline,
    SuccessAfterNewerAttempt,
    SuccessTwice,
    OtherAmount,
    OrderNotOurs,
    DeclineAfterSuccess,
    RefundElsewhere,
}

/// <summary>How often what happened.</summary>
internal sealed class Reach
{
    private readonly long[] counts = new long[Enum.GetValues<Mark>().Length];

    public long this[Mark mark] => counts[(int)mark];

    public void Saw(Mark mark) => counts[(int)mark]++;

    public void Add(Reach other)
    {
        for (var i = 0; i < counts.Length; i++)
            counts[i] += other.counts[i];
    }

    /// <summary>By name, as they are printed.</summary>
    public IReadOnlyDictionary<string, long> ByName() => Enum.GetValues<Mark>().ToDictionary(NameOf, mark => this[mark]);

    public static string NameOf(Mark mark) => JsonNamingPolicy.KebabCaseLower.ConvertName(mark.ToString());
}
