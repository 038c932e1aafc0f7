namespace Renewals.Host.MovingIn;

/// <summary>Finds what looks like a payment card's number in a text: it has no business in a book of memberships.</summary>
internal static class CardNumbers
{
    private const int Least = 13;
    private const int Most = 19;

    /// <summary>
    /// Whether the text holds 13 to 19 digits in a row (single blanks and dashes between them do not matter) that begin as card numbers do and whose check
    /// digit is right. A member's number that begins otherwise is none, however long it is.
    /// </summary>
    public static bool AreIn(ReadOnlySpan<char> text)
    {
        Span<char> digits = stackalloc char[Most + 1];
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsAsciiDigit(text[at]))
                continue;
            var count = 0;
            for (; at < text.Length; at++)
            {
                if (char.IsAsciiDigit(text[at]))
                {
                    if (count <= Most)
                        digits[count++] = text[at];
                    else
                        count = Most + 1;
                }
                else if (!(text[at] is ' ' or '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
                {
                    break;
                }
            }

            if (count is >= Least and <= Most && BeginsAsCard(digits[..count]) && HasCheckDigit(digits[..count]))
                return true;
        }

        return false;
    }

    // 3 to 6 are the schemes' first digits (62 and 60 UnionPay, 4 Visa, 5 Mastercard, 3 others); 2221 to 2720 are Mastercard's new ones, of 16 digits.
    private static bool BeginsAsCard(ReadOnlySpan<char> digits) =>
        digits[0] is >= '3' and <= '6' || (digits.Length == 16 && int.Parse(digits[..4]) is >= 2221 and <= 2720);

    private static bool HasCheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : (2 * digit) - 9;
        }

        return sum % 10 == 0;
    }
}
