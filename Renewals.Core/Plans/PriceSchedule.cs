namespace Renewals.Core.Plans;

/// <summary>Prices of the first periods, where they differ from the full price (首月, 前三月).</summary>
/// <param name="Phases">In the order of the periods they end with.</param>
public sealed record PriceSchedule(IReadOnlyList<PricePhase> Phases)
{
    /// <summary>The price of a period; null: the full price.</summary>
    public Money? PriceOf(int ordinal)
    {
        foreach (var phase in Phases)
        {
            if (ordinal <= phase.Through)
                return phase.Price;
        }

        return null;
    }

    /// <inheritdoc/>
    public bool Equals(PriceSchedule? other) => other is not null && Phases.SequenceEqual(other.Phases);

    /// <inheritdoc/>
    public override int GetHashCode() => Phases.Count;
}

/// <summary>One price, up to a period.</summary>
/// <param name="Through">The last period it is the price of; the first is that after the phase before.</param>
/// <param name="Price">What a period costs.</param>
public sealed record PricePhase(int Through, Money Price);
