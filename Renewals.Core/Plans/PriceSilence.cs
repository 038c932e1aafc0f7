namespace Renewals.Core.Plans;

/// <summary>What no answer to the offer of a higher price means.</summary>
public enum PriceSilence
{
    /// <summary>The membership goes on at the old price.</summary>
    OldPrice = 0,

    /// <summary>The membership ends with the paid time.</summary>
    End = 1,

    /// <summary>The membership goes on at the new price. Only where the law lets silence consent to it.</summary>
    NewPrice = 2,
}

/// <summary>What becomes of renewal when a payment is disputed.</summary>
public enum DisputeRule
{
    /// <summary>Nothing is announced or charged until a person has looked.</summary>
    WaitForPerson = 0,

    /// <summary>Renewal stops, as with a cancel by the merchant.</summary>
    StopRenewal = 1,

    /// <summary>Renewal goes on.</summary>
    GoOn = 2,
}
