namespace Renewals.Core.Plans;

/// <summary>An amount of money in whole minor units of one currency.</summary>
/// <remarks>Not a number: amounts of different currencies do not compare or add. The unit is the currency's own (fen 分 for CNY).</remarks>
/// <param name="MinorUnits">Amount in minor units; may be zero, may be negative only in a difference.</param>
/// <param name="Currency">ISO 4217 code, three upper-case letters.</param>
public readonly record struct Money(long MinorUnits, string Currency) : IComparable<Money>
{
    /// <summary>Chinese yuan, in fen (分).</summary>
    public static Money Cny(long fen) => new(fen, "CNY");

    /// <summary>Adds two amounts of one currency.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    /// <exception cref="OverflowException">The sum does not fit.</exception>
    public static Money operator +(Money left, Money right) => new(left.MinorUnits + right.SameCurrencyAs(left).MinorUnits, left.Currency);

    /// <summary>Subtracts two amounts of one currency.</summary>
    /// <inheritdoc cref="op_Addition"/>
    public static Money operator -(Money left, Money right) => new(left.MinorUnits - right.SameCurrencyAs(left).MinorUnits, left.Currency);

    /// <summary>Compares amounts of one currency.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;

    /// <inheritdoc cref="op_GreaterThan"/>
    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;

    /// <inheritdoc cref="op_GreaterThan"/>
    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    /// <inheritdoc cref="op_GreaterThan"/>
    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;

    /// <inheritdoc/>
    public int CompareTo(Money other) => MinorUnits.CompareTo(other.SameCurrencyAs(this).MinorUnits);

    /// <summary>The amount with its currency, in minor units: <c>CNY 2500</c>.</summary>
    public override string ToString() => $"{Currency} {MinorUnits}";

    private Money SameCurrencyAs(Money other) => Currency == other.Currency
        ? this
        : throw new InvalidOperationException($"Amounts in {Currency} and {other.Currency} do not mix.");
}
