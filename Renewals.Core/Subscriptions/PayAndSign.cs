namespace Renewals.Core.Subscriptions;

/// <summary>What is known of one of the two results of paying while signing.</summary>
public enum Known
{
    /// <summary>Not yet known.</summary>
    Unknown = 0,

    /// <summary>It happened.</summary>
    Yes = 1,

    /// <summary>It did not and will not.</summary>
    No = 2,
}

/// <summary>What follows from the two results.</summary>
public enum SigningConclusion
{
    /// <summary>Ask again.</summary>
    Wait = 0,

    /// <summary>The membership begins.</summary>
    Begin = 1,

    /// <summary>The paid period runs, then it is over: the member switched renewal off at the cashier.</summary>
    OnePeriodOnly = 2,

    /// <summary>Nothing was paid: the agreement is ended.</summary>
    EndAgreement = 3,

    /// <summary>Neither came: the signing is given up.</summary>
    GiveUp = 4,
}

/// <summary>Pay-while-signing (支付中签约): payment and agreement come separately and in any order. Every cell has a decision.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>payment</term><description>agreement yes · agreement no · agreement unknown</description></listheader>
/// <item><term>yes</term><description>begin · one period only · wait</description></item>
/// <item><term>no</term><description>end the agreement · give up · wait</description></item>
/// <item><term>unknown</term><description>wait · wait · wait</description></item>
/// <item><term>none was asked</term><description>begin · give up · wait</description></item>
/// </list>
/// "Unknown" ends with the time to sign: the agreement then counts as not given, and an order nobody paid is closed at the rail.
/// </remarks>
public static class PayAndSign
{
    /// <summary>The cell.</summary>
    /// <param name="payment">What is known of the first payment; null when none was asked for.</param>
    /// <param name="agreement">What is known of the agreement.</param>
    public static SigningConclusion Decide(Known? payment, Known agreement) => (payment, agreement) switch
    {
        (Known.Unknown, _) or (_, Known.Unknown) => SigningConclusion.Wait,
        (null or Known.Yes, Known.Yes) => SigningConclusion.Begin,
        (Known.Yes, Known.No) => SigningConclusion.OnePeriodOnly,
        (Known.No, Known.Yes) => SigningConclusion.EndAgreement,
        (null or Known.No, Known.No) => SigningConclusion.GiveUp,
        _ => throw new ArgumentOutOfRangeException(nameof(agreement)),
    };
}
