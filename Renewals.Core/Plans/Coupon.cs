namespace Renewals.Core.Plans;

/// <summary>A reduction of the price for some periods: a part of it, or an amount.</summary>
/// <remarks>Never makes a period free: rails take no order of nothing. Who wants to give time gives trial days.</remarks>
/// <param name="Code">As the member enters it.</param>
/// <param name="Periods">For how many periods, 1 or more.</param>
/// <param name="PercentOff">Hundredths of the price, 1 to 99; null: an amount is taken off.</param>
/// <param name="AmountOff">What is taken off; null: a part is.</param>
public sealed record Coupon(string Code, int Periods, int? PercentOff, Money? AmountOff)
{
    /// <summary>The plans it is good for; empty: all.</summary>
    public IReadOnlyList<string> Plans { get; init; } = [];

    /// <summary>True: it is for who never had a membership. Default false.</summary>
    public bool ForNewMembers { get; init; }

    /// <summary>The price less the reduction, at least one minor unit. A part of a minor unit is rounded in the member's favour.</summary>
    public Money Reduce(Money price)
    {
        var off = AmountOff?.MinorUnits ?? ((price.MinorUnits * PercentOff!.Value) + 99) / 100;
        return price with { MinorUnits = Math.Max(1, price.MinorUnits - off) };
    }

    /// <summary>What is wrong with it, in a sentence; null: nothing.</summary>
    public string? Fault => (PercentOff, AmountOff) switch
    {
        _ when Code.Length == 0 => "A coupon has no code.",
        _ when Periods < 1 => $"Coupon '{Code}' is for {Periods} periods; at least one.",
        (null, null) or (not null, not null) => $"Coupon '{Code}' takes off a part or an amount, one of the two.",
        ( < 1 or > 99, _) => $"Coupon '{Code}' takes off {PercentOff} hundredths; 1 to 99.",
        (_, { MinorUnits: < 1 }) => $"Coupon '{Code}' takes off {AmountOff}; at least one minor unit.",
        _ => null,
    };

    /// <inheritdoc/>
    public bool Equals(Coupon? other) => other is not null && Code == other.Code && Periods == other.Periods && PercentOff == other.PercentOff
        && AmountOff == other.AmountOff && ForNewMembers == other.ForNewMembers && Plans.SequenceEqual(other.Plans);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Periods, PercentOff, AmountOff);
}

/// <summary>A coupon as it was used.</summary>
/// <param name="Coupon">Which.</param>
/// <param name="From">The first period it reduces.</param>
public sealed record UsedCoupon(Coupon Coupon, int From)
{
    /// <summary>Whether it reduces a period.</summary>
    public bool Covers(int ordinal) => ordinal >= From && ordinal < From + Coupon.Periods;
}
