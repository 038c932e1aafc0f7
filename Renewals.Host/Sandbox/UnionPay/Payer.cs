using System.Text;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Who pays, as a request says it: the card number and the items of <c>customerInfo</c>, decrypted.</summary>
/// <param name="CardNumber">Empty when the request has none.</param>
/// <param name="Items"><c>certifTp</c>, <c>certifId</c>, <c>customerNm</c>, <c>phoneNo</c>, <c>smsCode</c>, <c>cvn2</c>, <c>expired</c>.</param>
internal sealed record Payer(string CardNumber, IReadOnlyDictionary<string, string> Items)
{
    /// <summary>The one-time code of the test environment.</summary>
    public const string SmsCode = "111111";

    /// <summary>An item, empty when it is absent.</summary>
    public string this[string name] => Items.GetValueOrDefault(name, "");

    /// <summary>Tells nothing.</summary>
    public override string ToString() => "a payer";

    /// <summary>Reads the fields of a request.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="encoding">Its character set.</param>
    /// <param name="encrypted">Whether the merchant must encrypt.</param>
    /// <param name="decrypt">Opens a cipher text in base64; null when it cannot.</param>
    /// <returns>The payer, or the code the request is refused with.</returns>
    public static (Payer? Payer, string? Refusal) Read(
        IReadOnlyDictionary<string, string> fields, Encoding encoding, bool encrypted, Func<string, byte[]?> decrypt)
    {
        var number = fields.GetValueOrDefault("accNo", "");
        if (number.Length > 0 && encrypted)
            number = decrypt(number) is { } plain ? Encoding.ASCII.GetString(plain) : "?";
        if (number.Any(digit => !char.IsAsciiDigit(digit)))
            return (null, "10");
        var items = new Dictionary<string, string>(StringComparer.Ordinal);
        if (fields.GetValueOrDefault("customerInfo") is { } info)
        {
            if (Decode(info) is not { } bytes || encoding.GetString(bytes) is not ['{', .. var inner, '}'] || !Split(inner, items))
                return (null, "10");
            if (items.Remove("encryptedInfo", out var cipher)
                && (!encrypted || decrypt(cipher) is not { } opened || !Split(encoding.GetString(opened), items)))
                return (null, "10");
            if (encrypted && cipher is null && (items.ContainsKey("phoneNo") || items.ContainsKey("cvn2") || items.ContainsKey("expired")))
                return (null, "10");
        }

        return (new Payer(number, items), null);
    }

    /// <summary>Whether what was said of the holder is what the bank knows; what was not said does not matter.</summary>
    public bool Fits(UnionPayCard card) =>
        Same("customerNm", card.Holder) && Same("certifId", card.CertificateNumber) && Same("certifTp", "01") && Same("phoneNo", card.Phone);

    private bool Same(string name, string known) => this[name] is not { Length: > 0 } said || said == known;

    private static byte[]? Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }

    private static bool Split(string text, Dictionary<string, string> into) => text.Split('&').All(
        item => item.IndexOf('=') is > 0 and var at && into.TryAdd(item[..at], item[(at + 1)..]));
}
