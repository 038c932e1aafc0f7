using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox;

/// <summary>Which way money went.</summary>
public enum BankEntryKind
{
    /// <summary>From the member to the merchant.</summary>
    Payment = 0,

    /// <summary>Back to the member.</summary>
    Refund = 1,
}

/// <summary>The rule of the rail a payment was executed under.</summary>
public enum ExecutedUnder
{
    /// <summary>Soon after signing, without a notice (WeChat Pay papay: within 12 hours).</summary>
    FirstChargeException = 0,

    /// <summary>After a notice before the charge and its waiting days (预扣费通知).</summary>
    PreNotice = 1,

    /// <summary>The rail told the member when the merchant applied, and waited 24 hours.</summary>
    TwentyFourHour = 2,

    /// <summary>The member paid in person.</summary>
    Cashier = 3,

    /// <summary>Inside the window of the date the rail keeps for an agreement (Alipay 周期管控规则).</summary>
    RailDate = 4,

    /// <summary>Under the terms of an entrust: its validity and its number of collections per unit (UnionPay 委托).</summary>
    Entrust = 5,

    /// <summary>From a card the member saved for this (Stripe: off-session).</summary>
    SavedCard = 6,
}

/// <summary>One line of the bank's ledger: money that moved. Lines are added, never changed.</summary>
/// <param name="OrderNumber">The merchant's order number.</param>
/// <param name="RefundNumber">The merchant's refund number; null for a payment.</param>
/// <param name="Member">The bank's member, by the name the bank knows.</param>
/// <param name="Account">The merchant account the money went to or came from.</param>
/// <param name="Amount">What moved; always positive.</param>
/// <param name="Kind">Which way.</param>
/// <param name="At">When, by the sandbox's clock.</param>
/// <param name="TransactionId">The rail's number of the payment, also on its refunds.</param>
/// <param name="Under">The rule the payment was executed under; a refund carries its payment's.</param>
public sealed record BankEntry(
    string OrderNumber, string? RefundNumber, string Member, MerchantAccount Account, Money Amount, BankEntryKind Kind, Instant At,
    string TransactionId, ExecutedUnder Under);

/// <summary>A payment the bank tried and could not make.</summary>
/// <param name="OrderNumber">The merchant's order number.</param>
/// <param name="At">When, by the sandbox's clock.</param>
/// <param name="Reason">The rail's own error code, such as <c>NOTENOUGH</c>.</param>
public sealed record FailedAttempt(string OrderNumber, Instant At, string Reason);
