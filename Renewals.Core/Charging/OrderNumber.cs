using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Charging;

/// <summary>The merchant's number of one attempt or one refund at the rail (商户订单号, 商户退款单号): a pure, reversible function of it.</summary>
/// <remarks>
/// 32 characters of Crockford's base 32: 26 for the subscription, 1 for the kind, 3 for the ordinal, 1 for the attempt, 1 check.
/// Numbers are only made here, so a repeat of the same attempt always carries the same number and the rail refuses to take it twice.
/// The kind's character also says whether the number is the attempt's own or its refund 1 to 5.
/// </remarks>
[JsonConverter(typeof(OrderNumberConverter))]
public readonly record struct OrderNumber
{
    /// <summary>Length on the wire; fits WeChat Pay's 32 characters.</summary>
    public const int Length = 32;

    /// <summary>The largest attempt number: 31.</summary>
    public const int MaxAttempt = 31;

    /// <summary>The largest ordinal: 32,767.</summary>
    public const int MaxOrdinal = 32_767;

    /// <summary>How many refunds one attempt can have: 5.</summary>
    public const int MaxRefund = 5;

    private const int Kinds = 5;
    private const int IdDigits = 26;

    /// <summary>The bits of the first character that belong to the id.</summary>
    private const int TopDigit = 0b00111;

    private OrderNumber(Charge charge, int attempt, int refund) => (Charge, Attempt, RefundNumber) = (charge, attempt, refund);

    /// <summary>The charge the order is for.</summary>
    public Charge Charge { get; }

    /// <summary>Which attempt, 1 to 31.</summary>
    public int Attempt { get; }

    /// <summary>0 for the attempt itself, 1 to 5 for its refunds.</summary>
    public int RefundNumber { get; }

    /// <summary>Whether the number names a refund.</summary>
    public bool IsRefund => RefundNumber > 0;

    /// <summary>The attempt that a refund gives back; the number itself when it is an attempt.</summary>
    public OrderNumber OfAttempt => new(Charge, Attempt, 0);

    /// <summary>The number of an attempt.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Ordinal or attempt is out of range.</exception>
    public static OrderNumber ForAttempt(Charge charge, int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(charge.Ordinal, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(charge.Ordinal, MaxOrdinal);
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attempt, MaxAttempt);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)charge.Kind, Kinds);
        return new(charge, attempt, 0);
    }

    /// <summary>The number of refund <paramref name="number"/> (1 to 5) of this attempt.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The refund number is out of range.</exception>
    public OrderNumber Refund(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxRefund);
        return new(Charge, Attempt, number);
    }

    /// <summary>The 32 characters that go on the wire.</summary>
    public override string ToString() => string.Create(Length, this, static (text, number) =>
    {
        Span<int> digits = stackalloc int[Length - 1];
        number.WriteDigits(digits);
        var check = Crockford.Check(digits);
        digits[0] |= Seal(check);
        for (var i = 0; i < digits.Length; i++)
            text[i] = Crockford.Digit(digits[i]);
        text[^1] = Crockford.Digit(check);
    });

    /// <summary>Reads an order number; the only way from a rail's message to a stream.</summary>
    /// <returns>False when the text is not exactly what <see cref="ToString"/> writes: not ours, or mistyped.</returns>
    public static bool TryParse(string? text, out OrderNumber number)
    {
        number = default;
        if (text is not { Length: Length })
            return false;
        Span<int> digits = stackalloc int[Length];
        for (var i = 0; i < Length; i++)
        {
            digits[i] = Crockford.Value(text[i]);
            if (digits[i] < 0)
                return false;
        }

        var seal = digits[0] & ~TopDigit;
        digits[0] &= TopDigit;
        return seal == Seal(digits[^1]) && Crockford.Check(digits[..^1]) == digits[^1] && TryRead(digits, out number);
    }

    // 31 non-zero weights cannot tell 32 places apart: the first character and the check share one. 26 digits hold 130 bits, an id has
    // 128: the two spare bits of the first character are never those of the check, so that these two cannot be exchanged unseen either.
    private static int Seal(int check) => (check & ~TopDigit) ^ (TopDigit + 1);

    private void WriteDigits(Span<int> digits)
    {
        Span<byte> bytes = stackalloc byte[16];
        Charge.Subscription.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var id = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        for (var i = IdDigits - 1; i >= 0; i--, id >>= 5)
            digits[i] = (int)(id & 31);
        digits[26] = (int)Charge.Kind + (Kinds * RefundNumber);
        digits[27] = Charge.Ordinal >> 10;
        digits[28] = (Charge.Ordinal >> 5) & 31;
        digits[29] = Charge.Ordinal & 31;
        digits[30] = Attempt;
    }

    private static bool TryRead(ReadOnlySpan<int> digits, out OrderNumber number)
    {
        number = default;
        UInt128 id = 0;
        foreach (var digit in digits[..IdDigits])
            id = unchecked((id << 5) | (uint)digit);
        var ordinal = (digits[27] << 10) | (digits[28] << 5) | digits[29];
        var (refund, kind) = (digits[26] / Kinds, digits[26] % Kinds);

        if (ordinal < 1 || digits[30] < 1 || refund > MaxRefund)
            return false;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        var charge = new Charge(new SubscriptionId(new Guid(bytes, bigEndian: true)), (ChargeKind)kind, ordinal);
        number = new(charge, digits[30], refund);
        return true;
    }

    internal sealed class OrderNumberConverter : JsonConverter<OrderNumber>
    {
        public override OrderNumber Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var number) ? number : throw new JsonException($"'{reader.GetString()}' is not an order number.");

        public override void Write(Utf8JsonWriter writer, OrderNumber value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
