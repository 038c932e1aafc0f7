namespace Renewals.Core.Subscriptions;

/// <summary>Who or what stopped renewal.</summary>
public enum CancelledBy
{
    /// <summary>The member, with us.</summary>
    Member = 0,

    /// <summary>The member, in the wallet (or the rail on the member's behalf).</summary>
    Wallet = 1,

    /// <summary>The merchant.</summary>
    Merchant = 2,

    /// <summary>The tries after a decline were used up.</summary>
    Dunning = 3,

    /// <summary>The first period was not paid.</summary>
    FirstPayment = 4,

    /// <summary>The member paid the first period but did not sign for more.</summary>
    NotSigned = 5,

    /// <summary>The offer of another price was not agreed to, and the plan says that this ends it.</summary>
    PriceRefused = 6,

    /// <summary>A payment was disputed, and the terms say that this stops renewal.</summary>
    Dispute = 7,
}

/// <summary>Why a membership is over.</summary>
public enum EndReason
{
    /// <summary>The signing was not finished.</summary>
    SignAbandoned = 0,

    /// <summary>It was cancelled and its paid time ran out.</summary>
    Cancelled = 1,

    /// <summary>It does not renew and its period ran out.</summary>
    TermOver = 2,
}

/// <summary>Why money that was taken is not owed.</summary>
public enum OverpaidReason
{
    /// <summary>The charge had been paid by another order.</summary>
    SecondSuccess = 0,

    /// <summary>It was paid after the cancel.</summary>
    AfterCancel = 1,

    /// <summary>The rail took another amount or currency than was ordered.</summary>
    WrongAmount = 2,

    /// <summary>We have no such order in this subscription.</summary>
    NotOrdered = 3,

    /// <summary>The rail, or a person there, gave it back already: it is paid and refunded, and nothing is owed either way.</summary>
    GivenBack = 4,
}

/// <summary>Why a person must look.</summary>
public enum ParkReason
{
    /// <summary>Deciding or folding failed; the detail has the fault.</summary>
    Fault = 0,

    /// <summary>The rail does not say what became of an order.</summary>
    OutcomeUnknown = 1,

    /// <summary>The rail refuses the request or the merchant's set-up.</summary>
    Refused = 2,

    /// <summary>No lawful day is left for a charge.</summary>
    NoLawfulDay = 3,

    /// <summary>The member cannot be told.</summary>
    Unreachable = 4,

    /// <summary>The rail contradicts its own final word.</summary>
    Contradiction = 5,

    /// <summary>A refund cannot be made at the rail; it is paid outside.</summary>
    RefundImpossible = 6,

    /// <summary>The rail does not say what became of the agreement.</summary>
    AgreementUnknown = 7,

    /// <summary>A person asked for it.</summary>
    Requested = 8,

    /// <summary>Money was taken that we did not order, or in another amount.</summary>
    UnexpectedMoney = 9,

    /// <summary>The rail suspended the agreement and has not lifted it for as long as it is asked.</summary>
    AgreementSuspended = 10,

    /// <summary>Periods were missed, and the terms leave it to a person what becomes of them.</summary>
    CatchUpUndecided = 11,

    /// <summary>A payment is disputed, and the terms leave it to a person whether renewal goes on.</summary>
    Disputed = 12,

    /// <summary>It was taken over, and what the other system took fits no period, or the statements that would say it were not read.</summary>
    MovedIn = 13,
}

/// <summary>What a member is told.</summary>
public enum NoticeKind
{
    /// <summary>A coming charge.</summary>
    Charge = 0,

    /// <summary>That the membership renews itself, for how much, and how it is stopped; where the law asks for it once in a while.</summary>
    Reminder = 1,

    /// <summary>An offer of another price, from when, and by when to answer.</summary>
    PriceOffer = 2,
}

/// <summary>What is known of a notice at the rail.</summary>
public enum RailNoticeResult
{
    /// <summary>Sent, no answer yet.</summary>
    Sent = 0,

    /// <summary>The rail took it.</summary>
    Accepted = 1,

    /// <summary>The rail refused it.</summary>
    Refused = 2,

    /// <summary>It may have landed.</summary>
    Unknown = 3,
}
