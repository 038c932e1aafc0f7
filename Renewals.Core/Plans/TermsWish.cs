namespace Renewals.Core.Plans;

/// <summary>What one membership has besides the plan: a price of its own, a coupon, add-ons.</summary>
public sealed record TermsWish
{
    /// <summary>Nothing besides the plan.</summary>
    public static TermsWish None { get; } = new();

    /// <summary>The full price for this membership; null: the plan's. Offers of the plan do not count then.</summary>
    public Money? Price { get; init; }

    /// <summary>A coupon's code; null: none.</summary>
    public string? Coupon { get; init; }

    /// <summary>Add-ons of the plan and how many of each; empty: none.</summary>
    public IReadOnlyDictionary<string, int> AddOns { get; init; } = new Dictionary<string, int>();
}
