using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Renewals.Gateways.UnionPay;

/// <summary>Reads and writes the two forms of a message: the percent-encoded form of requests and notifications, and the plain text of answers.</summary>
/// <remarks>Strict: a field that stands twice, a broken escape or bytes outside the character set make a message unreadable.</remarks>
public static class UnionPayWire
{
    private const string UpperHex = "0123456789ABCDEF";

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Gbk =
        CodePagesEncodingProvider.Instance.GetEncoding(936, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>The character set of an <c>encoding</c> field: <c>UTF-8</c> or <c>GBK</c>; strict in both directions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another name.</exception>
    public static Encoding EncodingOf(string name) => name switch
    {
        "UTF-8" => Utf8,
        "GBK" => Gbk,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "The rail has UTF-8 and GBK."),
    };

    /// <summary>What a request may carry: blank values are dropped, the others trimmed. Done before signing.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Clean(IEnumerable<KeyValuePair<string, string?>> fields) => fields
        .Where(field => !string.IsNullOrWhiteSpace(field.Value))
        .Select(field => KeyValuePair.Create(field.Key, field.Value!.Trim()));

    /// <summary>The form of a request or notification: percent-encoded with upper-case digits, a space as <c>+</c>.</summary>
    public static byte[] WriteForm(IEnumerable<KeyValuePair<string, string>> fields, Encoding encoding)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in fields)
        {
            if (text.Length > 0)
                text.Append('&');
            Escape(text, name, encoding);
            text.Append('=');
            Escape(text, value, encoding);
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads a form; every value is decoded once.</summary>
    /// <param name="body">The raw bytes.</param>
    /// <param name="encoding">The character set it must be in.</param>
    /// <param name="fields">All fields, empty ones too.</param>
    /// <param name="why">What is wrong, without any content; empty when nothing is.</param>
    public static bool TryReadForm(
        ReadOnlySpan<byte> body, Encoding encoding, [NotNullWhen(true)] out IReadOnlyDictionary<string, string>? fields, out string why)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        (fields, why) = (null, "");
        foreach (var range in body.Split((byte)'&'))
        {
            var part = body[range];
            var equals = part.IndexOf((byte)'=');
            if (equals <= 0)
                why = "a part is not name=value";
            else if (Unescape(part[..equals], encoding) is not { } name || Unescape(part[(equals + 1)..], encoding) is not { } value)
                why = "an escape or a character is broken";
            else if (!read.TryAdd(name, value))
                why = "a field stands twice";
            if (why.Length > 0)
                return false;
        }

        fields = read;
        return true;
    }

    /// <summary>The text of an answer: names and values as they are.</summary>
    public static byte[] WriteAnswer(IEnumerable<KeyValuePair<string, string>> fields, Encoding encoding) =>
        encoding.GetBytes(string.Join('&', fields.Select(field => $"{field.Key}={field.Value}")));

    /// <summary>Reads an answer: split at <c>&amp;</c> outside braces and brackets, then at the first <c>=</c>; nothing is decoded or trimmed.</summary>
    /// <inheritdoc cref="TryReadForm"/>
    public static bool TryReadAnswer(
        ReadOnlySpan<byte> body, Encoding encoding, [NotNullWhen(true)] out IReadOnlyDictionary<string, string>? fields, out string why)
    {
        (fields, why) = (null, "");
        string text;
        try
        {
            text = encoding.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            why = "a character is broken";
            return false;
        }

        if (text is ['{', .. var inner, '}'])
            text = inner;
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Parts(text) is not { } parts)
        {
            why = "braces do not match";
            return false;
        }

        foreach (var part in parts)
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !read.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                why = equals <= 0 ? "a part is not name=value" : "a field stands twice";
                return false;
            }
        }

        fields = read;
        return true;
    }

    /// <summary>The items of a nested value, <c>{k=v&amp;k=v}</c>; null when it is not one.</summary>
    public static IReadOnlyDictionary<string, string>? TryReadGroup(string text)
    {
        if (text is not ['{', .. var inner, '}'] || inner.Length == 0 || Parts(inner) is not { } parts)
            return null;
        var items = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !items.TryAdd(part[..equals], part[(equals + 1)..]))
                return null;
        }

        return items;
    }

    private static List<string>? Parts(string text)
    {
        List<string> parts = [];
        var open = new Stack<char>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '{' or '[')
                open.Push(c == '{' ? '}' : ']');
            else if (c is '}' or ']' && !(open.TryPop(out var expected) && expected == c))
                return null;
            else if (c == '&' && open.Count == 0)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return open.Count == 0 ? parts : null;
    }

    private static void Escape(StringBuilder text, string value, Encoding encoding)
    {
        foreach (var b in encoding.GetBytes(value))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '*' or '_')
                text.Append(c);
            else if (c == ' ')
                text.Append('+');
            else
                text.Append('%').Append(UpperHex[b >> 4]).Append(UpperHex[b & 15]);
        }
    }

    private static string? Unescape(ReadOnlySpan<byte> part, Encoding encoding)
    {
        var bytes = new byte[part.Length];
        var length = 0;
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] != (byte)'%')
                bytes[length++] = part[i] == (byte)'+' ? (byte)' ' : part[i];
            else if (i + 2 < part.Length && char.IsAsciiHexDigit((char)part[i + 1]) && char.IsAsciiHexDigit((char)part[i + 2]))
            {
                bytes[length++] = (byte)((Nibble(part[i + 1]) << 4) | Nibble(part[i + 2]));
                i += 2;
            }
            else
                return null;
        }

        try
        {
            return encoding.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static int Nibble(byte digit) => UpperHex.IndexOf(char.ToUpperInvariant((char)digit), StringComparison.Ordinal);
}
