namespace Renewals.Tests.Model;

/// <summary>To what moment time goes; the membership wakes there.</summary>
internal enum Moment
{
    Alarm,
    AlarmWhileChargingIsStopped,
    AlarmAtTheLimitOfEvents,
    WindowOver,
    TwoMonthsLater,
}

/// <summary>What is said of the agreement, by the member's hand or the rail's word.</summary>
internal enum OfAgreement
{
    Signed,
    StillSigning,
    Abandoned,
    InForce,
    NoAnswer,
    Suspended,
    StillSuspended,
    EndedInTheWallet,
    EndConfirmed,
    EndNotConfirmed,
}

/// <summary>What the notifier says.</summary>
internal enum OfNotice
{
    HandedOver,
    HandedOverTooLate,
    Failed,
}

/// <summary>What the rail says of its own notice, or of its own charge date.</summary>
internal enum OfRailNotice
{
    Accepted,
    Refused,
    Unknown,
}

/// <summary>Of which order the rail speaks.</summary>
internal enum Which
{
    Newest,
    Earlier,
    ThePaying,
    NeverOrdered,
    LostInTheRestore,
}

/// <summary>What the rail says of an order.</summary>
internal enum Said
{
    Paid,
    PaidBeforeTheCancel,
    PaidOtherAmount,
    PaidOtherCurrency,
    PaidAndGivenBack,
    DeclinedNoFunds,
    DeclinedForGood,
    DeclinedClosed,
    Pending,
    Unknown,
    Refused,
    NotSent,
    Missing,
    AbsentFromStatements,
    RumouredPaid,
    RumouredDeclined,
}

/// <summary>What the rail says of a refund.</summary>
internal enum OfRefund
{
    Refunded,
    Pending,
    Unknown,
    Missing,
    Refused,
    Impossible,
    MadeElsewhere,
}
