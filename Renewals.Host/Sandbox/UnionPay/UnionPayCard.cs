namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>A member's card in the sandbox and what its bank knows of the holder. Invented: derived from the member's name.</summary>
/// <param name="Number">19 digits, beginning with 62, with a right check digit.</param>
/// <param name="Member">The bank's member it belongs to.</param>
/// <param name="Holder">The holder's name (<c>customerNm</c>).</param>
/// <param name="CertificateNumber">Number of the identity card (<c>certifId</c>, <c>certifTp</c> 01).</param>
/// <param name="Phone">The phone number (<c>phoneNo</c>).</param>
/// <param name="IsCredit">True for a credit card (<c>payCardType</c> 02).</param>
public sealed record UnionPayCard(string Number, string Member, string Holder, string CertificateNumber, string Phone, bool IsCredit)
{
    private const string Surnames = "王李张刘陈杨赵黄周吴";
    private const string GivenNames = "伟芳娜敏静丽强磊军洋";

    /// <summary>The first six and the last four digits.</summary>
    public string Masked => $"{Number[..6]}{new string('*', Number.Length - 10)}{Number[^4..]}";

    /// <summary>Without the card number.</summary>
    public override string ToString() => $"card of {Member}";

    /// <summary>The card of a member, always the same.</summary>
    internal static UnionPayCard Of(string member, bool isCredit)
    {
        var digits = (isCredit ? "622155" : "621626") + StableId.Digits(12, "card", member);
        var hash = StableId.Hash("holder", member);
        return new UnionPayCard(
            digits + CheckDigit(digits), member, $"{Surnames[hash[0] % 10]}{GivenNames[hash[1] % 10]}{GivenNames[hash[2] % 10]}",
            Certificate(member), "138" + StableId.Digits(8, "phone", member), isCredit);
    }

    // The digit that makes a number pass the Luhn check.
    private static int CheckDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var doubled = (digits[^(i + 1)] - '0') * (i % 2 == 0 ? 2 : 1);
            sum += doubled > 9 ? doubled - 9 : doubled;
        }

        return (10 - (sum % 10)) % 10;
    }

    // Region, birthday, sequence and the check character of GB 11643.
    private static string Certificate(string member)
    {
        const string checks = "10X98765432";
        var hash = StableId.Hash("certificate", member);
        var body = $"110101{1960 + (hash[0] % 40)}{1 + (hash[1] % 12):00}{1 + (hash[2] % 28):00}{(hash[3] * 256 + hash[4]) % 1000:000}";
        var sum = 0;
        for (var i = 0; i < 17; i++)
            sum += (body[i] - '0') * ((1 << (17 - i)) % 11);
        return body + checks[sum % 11];
    }
}
