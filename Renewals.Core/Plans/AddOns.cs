namespace Renewals.Core.Plans;

/// <summary>What is sold with a membership and renews with it: one price a period, one charge for all.</summary>
/// <param name="Items">Each at most once.</param>
public sealed record AddOns(IReadOnlyList<AddOn> Items)
{
    /// <summary>What they cost a period.</summary>
    /// <param name="currency">The plan's.</param>
    public Money PriceIn(string currency) => Items.Aggregate(new Money(0, currency), (sum, item) => sum + item.Price);

    /// <inheritdoc/>
    public bool Equals(AddOns? other) => other is not null && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override int GetHashCode() => Items.Count;
}

/// <summary>One thing sold with a membership, so many of it.</summary>
/// <param name="Id">Short name in the plan.</param>
/// <param name="Subject">What it is, as the member reads it.</param>
/// <param name="UnitPrice">What one costs a period.</param>
/// <param name="Quantity">How many, 1 or more.</param>
public sealed record AddOn(string Id, string Subject, Money UnitPrice, int Quantity)
{
    /// <summary>What they cost a period.</summary>
    public Money Price => UnitPrice with { MinorUnits = checked(UnitPrice.MinorUnits * Quantity) };
}
