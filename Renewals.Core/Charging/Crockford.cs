namespace Renewals.Core.Charging;

/// <summary>Crockford's base-32 digits, and a check digit over them that finds every mistyped or swapped character.</summary>
internal static class Crockford
{
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly sbyte[] Values = [.. Enumerable.Range(0, 128).Select(c => (sbyte)Digits.IndexOf((char)c, StringComparison.Ordinal))];

    // Row: the weight of a place. Column: the digit.
    private static readonly byte[] Weighted = WeightedDigits();

    public static char Digit(int value) => Digits[value];

    /// <returns>0 to 31, or -1: lower case and look-alikes (I, L, O) are refused, because a number has one spelling.</returns>
    public static int Value(char digit) => digit < Values.Length ? Values[digit] : -1;

    /// <summary>
    /// The weighted sum of the digits in the field of 32 elements. Each of up to 31 places has its own non-zero weight, so one changed
    /// digit, or two digits exchanged, always change the sum. A sum modulo 32 could not see all exchanges. The check itself, as a 32nd
    /// place, has the weight of the first: see <see cref="OrderNumber"/> for how those two are told apart.
    /// </summary>
    public static int Check(ReadOnlySpan<int> digits)
    {
        var sum = 0;
        for (var place = 0; place < digits.Length; place++)
            sum ^= Weighted[(place << 5) | digits[place]];
        return sum;
    }

    private static byte[] WeightedDigits()
    {
        var table = new byte[31 * 32];
        for (var (place, weight) = (0, 1); place < 31; place++, weight = Multiply(weight, 2))
        {
            for (var digit = 0; digit < 32; digit++)
                table[(place << 5) | digit] = (byte)Multiply(digit, weight);
        }

        return table;
    }

    // Carry-less product modulo x^5 + x^2 + 1, a primitive polynomial: the powers of 2 run through all 31 non-zero elements.
    private static int Multiply(int left, int right)
    {
        var product = 0;
        for (var bit = 0; bit < 5; bit++)
        {
            if ((right & (1 << bit)) != 0)
                product ^= left << bit;
        }

        for (var bit = 8; bit >= 5; bit--)
        {
            if ((product & (1 << bit)) != 0)
                product ^= 0b100101 << (bit - 5);
        }

        return product;
    }
}
