using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Plans;

namespace Renewals.Gateways.Alipay;

/// <summary>How the rail writes times, amounts and forms. Times are Beijing time, always eight hours ahead.</summary>
public static class AlipayWire
{
    private static readonly Offset Beijing = Offset.FromHours(8);
    private static readonly LocalDateTimePattern Seconds = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss");

    // Times of refunds in notifications have milliseconds.
    private static readonly LocalDateTimePattern Fractions = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss;FFF");

    /// <summary>UTF-8 that throws on bytes that are no text: what is decoded gives the same bytes again.</summary>
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>GBK, strict in the same way.</summary>
    public static Encoding Gbk { get; } =
        CodePagesEncodingProvider.Instance.GetEncoding(936, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>The encoding of a <c>charset</c>; null for one the rail does not have.</summary>
    public static Encoding? Charset(string name) => name.ToLowerInvariant() switch
    {
        "utf-8" or "utf8" => Utf8,
        "gbk" or "gb2312" => Gbk,
        _ => null,
    };

    /// <summary><c>yyyy-MM-dd HH:mm:ss</c>.</summary>
    public static string Time(Instant at) => Seconds.Format(at.WithOffset(Beijing).LocalDateTime);

    /// <summary>Reads <c>yyyy-MM-dd HH:mm:ss</c>, with or without a fraction.</summary>
    /// <returns>Null when the text is no such time.</returns>
    public static Instant? TryTime(string text)
    {
        var local = Fractions.Parse(text);
        return local.Success ? local.Value.WithOffset(Beijing).ToInstant() : null;
    }

    /// <summary><c>yyyy-MM-dd</c>.</summary>
    public static string Date(LocalDate date) => LocalDatePattern.Iso.Format(date);

    /// <summary>Reads <c>yyyy-MM-dd</c>, alone or at the head of a time.</summary>
    /// <returns>Null when the text is no date.</returns>
    public static LocalDate? TryDate(string text)
    {
        var date = LocalDatePattern.Iso.Parse(text.Length == 19 ? text[..10] : text);
        return date.Success ? date.Value : null;
    }

    /// <summary>Fen as yuan with two decimals.</summary>
    /// <exception cref="ArgumentException">The amount is negative or in another currency.</exception>
    public static string Yuan(Money amount) => amount is { Currency: "CNY", MinorUnits: >= 0 and var fen }
        ? string.Create(CultureInfo.InvariantCulture, $"{fen / 100}.{fen % 100:00}")
        : throw new ArgumentException($"The rail takes yuan, not {amount}.", nameof(amount));

    /// <summary>Reads yuan with at most two decimals.</summary>
    /// <returns>Null when the text is no such amount: a sign, an exponent, a third decimal.</returns>
    public static Money? TryYuan(string text)
    {
        var point = text.IndexOf('.');
        var (whole, rest) = point < 0 ? (text, "00") : (text[..point], text[(point + 1)..]);
        return whole.Length is > 0 and <= 13 && rest.Length is 1 or 2 && whole.All(char.IsAsciiDigit) && rest.All(char.IsAsciiDigit)
            ? Money.Cny(long.Parse(whole + rest.PadRight(2, '0'), CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>Percent-encodes all but RFC 3986's unreserved characters.</summary>
    public static string Encode(string text, Encoding encoding)
    {
        var result = new StringBuilder(text.Length * 2);
        foreach (var one in encoding.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                result.Append((char)one);
            else
                result.Append('%').Append(one.ToString("X2", CultureInfo.InvariantCulture));
        }

        return result.ToString();
    }

    /// <summary>Parameters with a value as a form or query, by name.</summary>
    public static string Form(IEnumerable<KeyValuePair<string, string>> parameters, Encoding encoding) => string.Join('&', parameters
        .Where(pair => pair.Value.Length > 0)
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => $"{Encode(pair.Key, encoding)}={Encode(pair.Value, encoding)}"));

    /// <summary>Decodes a form once, in the charset its own <c>charset</c> field names (UTF-8 without one).</summary>
    /// <returns>Null when a field stands twice or has no name, an escape is broken, or the bytes are no text of the charset.</returns>
    public static (IReadOnlyDictionary<string, string> Fields, Encoding Encoding)? TryReadForm(ReadOnlySpan<byte> body)
    {
        var pairs = new List<(byte[] Name, byte[] Value)>();
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            var sign = pair.IndexOf((byte)'=');
            if (sign <= 0 || Unescape(pair[..sign]) is not { } name || Unescape(pair[(sign + 1)..]) is not { } value)
                return null;
            pairs.Add((name, value));
        }

        var declared = pairs.Find(pair => pair.Name.AsSpan().SequenceEqual("charset"u8)).Value;
        if (Charset(declared is null ? "utf-8" : Encoding.Latin1.GetString(declared)) is not { } encoding)
            return null;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            return pairs.TrueForAll(pair => fields.TryAdd(encoding.GetString(pair.Name), encoding.GetString(pair.Value))) ? (fields, encoding) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The value of a field; empty when it is absent.</summary>
    internal static string Text(this IReadOnlyDictionary<string, string> fields, string name) => fields.GetValueOrDefault(name, "");

    /// <summary>A JSON property as text, numbers in the digits they were sent in; empty when it is absent or anything else.</summary>
    internal static string Text(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value))
            return "";
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Number => value.GetRawText(),
                _ => "",
            };
        }
        catch (InvalidOperationException)
        {
            // "\ud800" is well-formed JSON and no text.
            return "";
        }
    }

    private static byte[]? Unescape(ReadOnlySpan<byte> text)
    {
        var result = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != (byte)'%')
            {
                result[length++] = text[i] == (byte)'+' ? (byte)' ' : text[i];
                continue;
            }

            if (i + 2 >= text.Length
                || !byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out result[length++]))
                return null;
            i += 2;
        }

        return result[..length];
    }
}
