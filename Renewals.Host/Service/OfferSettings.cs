namespace Renewals.Host.Service;

/// <remarks>What a plan offers besides its interval and price; <see cref="OfferReader"/> reads it.</remarks>
internal sealed partial class PlanSettings
{
    /// <summary>Prices of the first periods, in the order of the periods they end with. Default none.</summary>
    public IList<OfferSettings> Offers { get; } = [];

    /// <summary>Days that are given before period 1. Default 0.</summary>
    public int TrialDays { get; set; }

    /// <summary>Whether first-period price, offers and trial are only for who never had a membership. Default false.</summary>
    public bool OffersForNewMembers { get; set; }

    /// <summary>Days the membership goes on being given while a charge is still tried. Default 0.</summary>
    public int GraceDays { get; set; }

    /// <summary>Days after the first payment within which the member may withdraw. Default 0: no such right.</summary>
    public int WithdrawalDays { get; set; }

    /// <summary>The most a charge may come to, as it is signed at rails that fix it, in minor units. Default: the highest price.</summary>
    public long? Ceiling { get; set; }

    /// <summary>What can be sold with it. Default none.</summary>
    public IList<AddOnSettings> AddOns { get; } = [];

    /// <summary>What no answer to a price offer means: <c>old-price</c>, <c>end</c> or <c>new-price</c>. Default <c>old-price</c>.</summary>
    public string PriceSilence { get; set; } = "old-price";

    /// <summary>What a disputed payment means for renewal: <c>wait-for-person</c>, <c>stop-renewal</c> or <c>go-on</c>. Default <c>wait-for-person</c>.</summary>
    public string OnDispute { get; set; } = "wait-for-person";

    /// <summary>The cheaper plan that may be offered to who wants to leave. Default none.</summary>
    public string? StepDownPlan { get; set; }
}

/// <summary>The price of the first periods, as it was written.</summary>
internal sealed class OfferSettings
{
    /// <summary>The last period it is the price of. Required.</summary>
    public int Through { get; set; }

    /// <summary>Price of a period in minor units. Required.</summary>
    public long Price { get; set; }
}

/// <summary>Something sold with a plan, as it was written.</summary>
internal sealed class AddOnSettings
{
    /// <summary>Short name. Required.</summary>
    public string Id { get; set; } = "";

    /// <summary>What it is, as the member reads it. Required.</summary>
    public string Subject { get; set; } = "";

    /// <summary>What one costs a period, in minor units. Required.</summary>
    public long Price { get; set; }

    /// <summary>How many one membership may have. Default 1.</summary>
    public int Most { get; set; } = 1;
}

/// <summary>A coupon, as it was written.</summary>
internal sealed class CouponSettings
{
    /// <summary>As the member enters it. Required.</summary>
    public string Code { get; set; } = "";

    /// <summary>For how many periods. Default 1.</summary>
    public int Periods { get; set; } = 1;

    /// <summary>Hundredths of the price that are taken off; this or <see cref="AmountOff"/>.</summary>
    public int? PercentOff { get; set; }

    /// <summary>What is taken off, in minor units; this or <see cref="PercentOff"/>.</summary>
    public long? AmountOff { get; set; }

    /// <summary>ISO code of <see cref="AmountOff"/>. Default CNY.</summary>
    public string Currency { get; set; } = "CNY";

    /// <summary>Whether it is only for who never had a membership. Default false.</summary>
    public bool ForNewMembers { get; set; }

    /// <summary>The plans it is good for. Default all.</summary>
    public IList<string> Plans { get; } = [];
}
