namespace Renewals.Core.Charging;

/// <summary>Why the rail will never again take an order, as far as it says so. Decides the dunning steps.</summary>
public enum DeclineReason
{
    /// <summary>The rail gave no reason that we know.</summary>
    Other = 0,

    /// <summary>The member has no funds (余额不足).</summary>
    InsufficientFunds = 1,

    /// <summary>A limit of amount or count was reached: the member's, the bank's or the template's (超出限额).</summary>
    LimitReached = 2,

    /// <summary>The member's account is closed, frozen or abnormal (账户异常).</summary>
    AccountAbnormal = 3,

    /// <summary>The agreement is not, or no longer, in force (协议不存在).</summary>
    AgreementNotInForce = 4,

    /// <summary>The bank or its line was at fault (银行系统异常); the order is closed.</summary>
    BankFault = 5,

    /// <summary>The order was closed or timed out before the money was taken.</summary>
    OrderClosed = 6,
}
