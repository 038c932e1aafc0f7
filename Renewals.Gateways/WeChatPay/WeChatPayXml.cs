using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;

namespace Renewals.Gateways.WeChatPay;

/// <summary>The flat XML of API v2: one root, one level of elements, text only.</summary>
/// <remarks>
/// Reading is strict because what is read is verified and then believed: no document type, no entities of its own, no comments or
/// attributes, no element twice. Nothing is trimmed and unknown elements are kept, because the signature covers them.
/// </remarks>
public static class WeChatPayXml
{
    /// <summary>The largest document that is read: 64 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxBytes,
        MaxCharactersFromEntities = 1024,
        CheckCharacters = true,
        ConformanceLevel = ConformanceLevel.Document,
    };

    /// <summary>Reads a document.</summary>
    /// <param name="body">UTF-8, with or without a byte-order mark; an encoding named in the document is ignored.</param>
    /// <param name="fields">Every element by name; <c>&lt;a/&gt;</c>, <c>&lt;a&gt;&lt;/a&gt;</c> and empty CDATA are all empty text.</param>
    /// <param name="why">When it is refused, the reason, for a log.</param>
    /// <param name="root">The root's name.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out IReadOnlyDictionary<string, string>? fields, out string why, string root = "xml")
    {
        fields = null;
        if (body.Length > MaxBytes)
        {
            why = $"the document has more than {MaxBytes} bytes";
            return false;
        }

        try
        {
            var text = StrictUtf8.GetString(body.StartsWith("\uFEFF"u8) ? body[3..] : body);
            using var reader = XmlReader.Create(new StringReader(text), Settings);
            fields = ReadRoot(reader, root);
            why = "";
            return true;
        }
        catch (Exception fault) when (fault is XmlException or DecoderFallbackException or FormatException)
        {
            // What a parser says of a document may quote it.
            why = fault is FormatException ? fault.Message : $"it is not well-formed ({fault.GetType().Name})";
            return false;
        }
    }

    /// <summary>Writes a document; every value as CDATA.</summary>
    /// <exception cref="ArgumentException">A value has a character XML cannot carry.</exception>
    public static string Write(IEnumerable<KeyValuePair<string, string>> fields, string root = "xml")
    {
        var text = new StringBuilder().Append('<').Append(root).Append('>');
        foreach (var (name, value) in fields)
            text.Append('<').Append(name).Append('>').Append(Escaped(value)).Append("</").Append(name).Append('>');
        return text.Append("</").Append(root).Append('>').ToString();
    }

    private static Dictionary<string, string> ReadRoot(XmlReader reader, string root)
    {
        Advance(reader);
        while (reader.NodeType is XmlNodeType.XmlDeclaration or XmlNodeType.Whitespace)
            Advance(reader);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var empty = EnterElement(reader, root);
        while (!empty)
        {
            Advance(reader);
            if (reader.NodeType == XmlNodeType.EndElement)
                break;
            if (reader.NodeType is XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
                continue;
            var name = reader.Name;
            if (!fields.TryAdd(name, EnterElement(reader, null) ? "" : ReadText(reader)))
                throw new FormatException("an element stands twice");
        }

        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Whitespace)
                throw new FormatException($"{reader.NodeType} after the root");
        }

        return fields;
    }

    /// <returns>True for an element without an end tag.</returns>
    private static bool EnterElement(XmlReader reader, string? name)
    {
        if (reader.NodeType != XmlNodeType.Element || (name is not null && reader.Name != name))
            throw new FormatException($"{reader.NodeType} where {(name is null ? "an element" : $"<{name}>")} was expected");
        if (reader.HasAttributes)
            throw new FormatException("an element has attributes");
        return reader.IsEmptyElement;
    }

    // Adjacent CDATA sections are one text: a writer splits "]]>" over two.
    private static string ReadText(XmlReader reader)
    {
        var text = new StringBuilder();
        for (Advance(reader); reader.NodeType != XmlNodeType.EndElement; Advance(reader))
        {
            if (reader.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace))
                throw new FormatException($"{reader.NodeType} inside a value");
            text.Append(reader.Value);
        }

        return text.ToString();
    }

    private static void Advance(XmlReader reader)
    {
        if (!reader.Read())
            throw new FormatException("the document ends early");
    }

    private static string Escaped(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            var pair = i + 1 < value.Length && XmlConvert.IsXmlSurrogatePair(value[i + 1], value[i]);
            if (!pair && !XmlConvert.IsXmlChar(value[i]))
                throw new ArgumentException($"XML cannot carry the character U+{(int)value[i]:X4}.", nameof(value));
            if (pair)
                i++;
        }

        // A reader turns a carriage return inside CDATA into a line feed, and the signature would no longer fit.
        return value.Contains('\r')
            ? value.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\r", "&#13;")
            : $"<![CDATA[{value.Replace("]]>", "]]]]><![CDATA[>")}]]>";
    }
}
