namespace Renewals.Core.Charging;

/// <summary>Crockford's base-32 digits, and a check digit over them that finds every mistyped or swapped character.</summary>
internal static class Crockford
{
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static char Digit(int value) => Digits[value];

    /// <returns>0 to 31, or -1: lower case and look-alikes (I, L, O) are refused, because a number has one spelling.</returns>
    public static int Value(char digit) => Digits.IndexOf(digit, StringComparison.Ordinal);

    /// <summary>
    /// The weighted sum of the digits in the field of 32 elements. Each of up to 31 places has its own non-zero weight, so one changed
    /// digit, or two digits exchanged, always change the sum. A sum modulo 32 could not see all exchanges. The check itself, as a 32nd
    /// place, has the weight of the first: see <see cref="OrderNumber"/> for how those two are told apart.
    /// </summary>
    public static int Check(ReadOnlySpan<int> digits)
    {
        var sum = 0;
        var weight = 1;
        foreach (var digit in digits)
        {
            sum ^= Multiply(digit, weight);
            weight = Multiply(weight, 2);
        }

        return sum;
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
