using Renewals.Core.Charging;

namespace Renewals.Gateways.UnionPay;

/// <summary>What a response code asks for (section 13 of the protocol note). A code that is not in the table is never acted upon.</summary>
internal enum UnionPayCodeClass
{
    /// <summary>Not known: neither success nor failure, ask and in the end let a person decide.</summary>
    Unknown = 0,

    /// <summary>Done; as the synchronous answer of a money call it means accepted only.</summary>
    Success = 1,

    /// <summary>The rail has it and has not decided.</summary>
    Open = 2,

    /// <summary>The rail does not know itself, or has it from before: ask.</summary>
    Unclear = 3,

    /// <summary>No such transaction.</summary>
    NoneSuch = 4,

    /// <summary>Our message.</summary>
    OwnDefect = 5,

    /// <summary>The merchant's state, contract or permission.</summary>
    MerchantStop = 6,

    /// <summary>The platform's trouble: failed for no fault of ours or the member's.</summary>
    Platform = 7,

    /// <summary>The member's means or limits; may work later.</summary>
    Funds = 8,

    /// <summary>The card cannot be charged.</summary>
    Card = 9,

    /// <summary>The entrust or binding is not, or no longer, in force.</summary>
    Entrust = 10,

    /// <summary>The holder's identity was not confirmed.</summary>
    Identity = 11,

    /// <summary>The original of a void or refund is missing, in a wrong state or does not match.</summary>
    Original = 12,

    /// <summary>Money may have left the card although the transaction failed: a case for people, and the settlement file decides.</summary>
    MoneyMayHaveLeft = 13,

    /// <summary>No such file, or not yet.</summary>
    NoFile = 14,

    /// <summary>Failed, for reasons of other products or without any.</summary>
    Failed = 15,
}

/// <summary>The response codes of the Online ACP gateway.</summary>
internal static class UnionPayCodes
{
    /// <summary>The row of a code.</summary>
    public static UnionPayCodeClass ClassOf(string code) => code switch
    {
        // A6 is a success with a defect (有缺陷的成功): the file confirms it.
        "00" or "A6" => UnionPayCodeClass.Success,
        "05" or "70" or "83" => UnionPayCodeClass.Open,
        "03" or "04" or "12" or "37" or "41" => UnionPayCodeClass.Unclear,
        "34" => UnionPayCodeClass.NoneSuch,
        "10" or "11" or "13" or "14" => UnionPayCodeClass.OwnDefect,
        "31" or "32" or "38" or "39" or "43" or "92" or "93" or "94" or "95" or "96" => UnionPayCodeClass.MerchantStop,
        "02" or "06" or "99" => UnionPayCodeClass.Platform,
        "33" or "64" or "81" or "90" => UnionPayCodeClass.Funds,
        "44" or "61" or "62" or "63" or "68" or "73" or "77" or "78" => UnionPayCodeClass.Card,
        "40" or "72" or "80" or "89" => UnionPayCodeClass.Entrust,
        "65" or "66" or "67" or "69" or "71" or "76" or "79" or "82" or "91" => UnionPayCodeClass.Identity,
        "35" or "36" or "45" or "46" => UnionPayCodeClass.Original,
        "42" or "74" or "75" => UnionPayCodeClass.MoneyMayHaveLeft,
        "98" => UnionPayCodeClass.NoFile,
        "01" or "30" or "60" or "85" or "86" or "87" or "88" => UnionPayCodeClass.Failed,
        _ => UnionPayCodeClass.Unknown,
    };

    /// <summary>Why a collection failed; null for codes that are no failure of a collection.</summary>
    public static DeclineReason? ReasonOf(string code) => (ClassOf(code), code) switch
    {
        (UnionPayCodeClass.Funds, "64" or "90") => DeclineReason.InsufficientFunds,
        (UnionPayCodeClass.Funds, _) => DeclineReason.LimitReached,
        (UnionPayCodeClass.Card, _) => DeclineReason.AccountAbnormal,
        (UnionPayCodeClass.Entrust, _) => DeclineReason.AgreementNotInForce,
        (UnionPayCodeClass.Identity, "69") => DeclineReason.OrderClosed,
        (UnionPayCodeClass.Identity, _) => DeclineReason.AccountAbnormal,
        (UnionPayCodeClass.Original, "46") => DeclineReason.OrderClosed,
        (UnionPayCodeClass.Platform, _) => DeclineReason.BankFault,
        (UnionPayCodeClass.Failed, _) => DeclineReason.Other,
        (UnionPayCodeClass.Unknown or UnionPayCodeClass.Success or UnionPayCodeClass.Open or UnionPayCodeClass.Unclear, _) => null,
        (UnionPayCodeClass.NoneSuch or UnionPayCodeClass.OwnDefect or UnionPayCodeClass.MerchantStop, _) => null,
        (UnionPayCodeClass.Original or UnionPayCodeClass.MoneyMayHaveLeft or UnionPayCodeClass.NoFile, _) => null,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
