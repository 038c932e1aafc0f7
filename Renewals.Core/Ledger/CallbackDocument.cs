using System.Text;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>The form a callback is kept in: its headers line by line, an empty line, the body's bytes.</summary>
/// <remarks>The headers too, because several rails sign in them: without them nobody could verify the message again.</remarks>
internal static class CallbackDocument
{
    /// <summary>Writes it, and no more than so many bytes of it.</summary>
    public static ReadOnlyMemory<byte> Write(Callback callback, int maxBytes)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in callback.Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
            text.Append(OneLine(name)).Append(": ").Append(OneLine(value)).Append('\n');
        var whole = new byte[Encoding.UTF8.GetByteCount(text.Append('\n').ToString()) + callback.Body.Length];
        var head = Encoding.UTF8.GetBytes(text.ToString(), whole);
        callback.Body.CopyTo(whole.AsMemory(head));
        return whole.AsMemory(0, Math.Min(whole.Length, maxBytes));
    }

    /// <summary>Reads it back. What was cut short may lack its body.</summary>
    public static Callback Read(ReadOnlyMemory<byte> content)
    {
        var end = content.Span.StartsWith("\n"u8) ? 0 : content.Span.IndexOf("\n\n"u8) + 1;
        var (head, body) = end > 0 || content.Span.StartsWith("\n"u8) ? (content[..end], content[(end + 1)..]) : (content, default);
        var lines = Encoding.UTF8.GetString(head.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2));
        return new(lines.ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1] : "", StringComparer.OrdinalIgnoreCase), body);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
