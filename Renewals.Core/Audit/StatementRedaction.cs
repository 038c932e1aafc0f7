using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Renewals.Core.Audit;

/// <summary>Takes a member's lines out of a statement and leaves everybody else's.</summary>
/// <remarks>
/// It knows how statements are packed (zip, gzip) and written (lines, or JSON pages one after another), not what a rail's columns mean: a line that has one of
/// the member's traces goes whole, because its other columns may name the member too. What is left is no longer what the rail sent: its totals and
/// signatures do not fit any more.
/// </remarks>
internal static class StatementRedaction
{
    /// <summary>Takes the lines out.</summary>
    /// <param name="raw">The statement as it is kept.</param>
    /// <param name="traces">The member's.</param>
    /// <returns>How many lines went, and what is left; null: the lines cannot be told apart, and only the whole statement can go.</returns>
    /// <exception cref="InvalidDataException">It cannot be unpacked: nobody can say whether it has the member's lines.</exception>
    public static (int Lines, byte[]? Left) Without(ReadOnlyMemory<byte> raw, MemberTraces traces)
    {
        var (lines, left) = Take(raw.Span, traces);
        return lines == 0 || !Unpacked(left).Any(part => traces.AreIn(part)) ? (lines, left) : (lines, null);
    }

    private static (int Lines, byte[] Left) Take(ReadOnlySpan<byte> raw, MemberTraces traces) => raw switch
    {
        [(byte)'P', (byte)'K', 3 or 5, ..] => OfZip(raw.ToArray(), traces),
        [0x1F, 0x8B, ..] => OfGzip(raw.ToArray(), traces),
        _ => !traces.AreIn(raw) ? (0, raw.ToArray()) : IsJson(raw) ? OfJson(raw, traces) : OfLines(raw, traces),
    };

    private static bool IsJson(ReadOnlySpan<byte> raw) => raw.TrimStart(" \r\n\t"u8) is [(byte)'{' or (byte)'[', ..];

    // Every encoding that rails use writes a line end as one byte that is part of no other letter.
    private static (int Lines, byte[] Left) OfLines(ReadOnlySpan<byte> raw, MemberTraces traces)
    {
        using var left = new MemoryStream(raw.Length);
        var lines = 0;
        while (raw.Length > 0)
        {
            var line = raw[..(raw.IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : raw.Length)];
            if (traces.AreIn(line))
                lines++;
            else
                left.Write(line);
            raw = raw[line.Length..];
        }

        return (lines, left.ToArray());
    }

    private static (int Lines, byte[] Left) OfJson(ReadOnlySpan<byte> raw, MemberTraces traces)
    {
        using var left = new MemoryStream(raw.Length);
        var lines = 0;
        try
        {
            var reader = new Utf8JsonReader(raw, new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                var page = JsonNode.Parse(ref reader)!;
                lines += TakeEntries(page, traces);
                left.Write(Encoding.UTF8.GetBytes(page.ToJsonString()));
            }
        }
        catch (JsonException)
        {
            return OfLines(raw, traces);
        }

        return (Math.Max(lines, 1), left.ToArray());
    }

    // The innermost list has the lines: a page holds others' too.
    private static int TakeEntries(JsonNode? node, MemberTraces traces)
    {
        switch (node)
        {
            case JsonObject fields:
                return fields.Sum(field => TakeEntries(field.Value, traces));
            case JsonArray entries:
                var inner = entries.Sum(entry => TakeEntries(entry, traces));
                return inner + entries.RemoveAll(entry => traces.AreIn(Encoding.UTF8.GetBytes(entry?.ToJsonString() ?? "")));
            default:
                return 0;
        }
    }

    private static (int Lines, byte[] Left) OfGzip(byte[] raw, MemberTraces traces)
    {
        var (lines, left) = Take(Inflated(new GZipStream(new MemoryStream(raw), CompressionMode.Decompress)), traces);
        if (lines == 0)
            return (0, raw);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(left);
        return (lines, packed.ToArray());
    }

    private static (int Lines, byte[] Left) OfZip(byte[] raw, MemberTraces traces)
    {
        using var packed = new MemoryStream();
        var lines = 0;

        // Names may be in any encoding; as bytes they stay what they are.
        using (var from = new ZipArchive(new MemoryStream(raw), ZipArchiveMode.Read, leaveOpen: false, Encoding.Latin1))
        using (var to = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true, Encoding.Latin1))
        {
            foreach (var entry in from.Entries)
            {
                var (taken, left) = Take(Inflated(entry.Open()), traces);
                lines += taken;
                var copy = to.CreateEntry(entry.FullName);
                copy.LastWriteTime = entry.LastWriteTime;
                using var stream = copy.Open();
                stream.Write(left);
            }
        }

        return lines == 0 ? (0, raw) : (lines, packed.ToArray());
    }

    private static IEnumerable<byte[]> Unpacked(byte[] left)
    {
        if (left is [0x1F, 0x8B, ..])
            return [Inflated(new GZipStream(new MemoryStream(left), CompressionMode.Decompress))];
        if (left is not [(byte)'P', (byte)'K', 3 or 5, ..])
            return [left];
        using var zip = new ZipArchive(new MemoryStream(left), ZipArchiveMode.Read);
        return [.. zip.Entries.Select(entry => Inflated(entry.Open()))];
    }

    private static byte[] Inflated(Stream packed)
    {
        using (packed)
        {
            using var whole = new MemoryStream();
            packed.CopyTo(whole);
            return whole.ToArray();
        }
    }
}
