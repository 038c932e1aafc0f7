using System.Text;

namespace Renewals.Host.MovingIn;

/// <summary>Lines of a text, one at a time, however long the text or a line is: no more of a line than <see cref="Most"/> characters is held.</summary>
internal sealed class CsvLines(TextReader reader)
{
    /// <summary>The most characters that are read of a line; the rest of it is passed over.</summary>
    public const int Most = 8_192;

    private readonly char[] buffer = new char[16_384];
    private readonly StringBuilder line = new();
    private int at;
    private int filled;

    /// <summary>The next line; null: there is none.</summary>
    public (string Text, bool IsCut)? Next()
    {
        var (any, cut) = (false, false);
        line.Clear();
        while (Fill())
        {
            any = true;
            var rest = buffer.AsSpan(at, filled - at);
            var end = rest.IndexOfAny('\r', '\n');
            var part = end < 0 ? rest : rest[..end];
            cut |= part.Length > Most - line.Length;
            line.Append(part[..Math.Min(part.Length, Most - line.Length)]);
            at += part.Length;
            if (end < 0)
                continue;
            if (buffer[at++] == '\r' && Fill() && buffer[at] == '\n')
                at++;
            break;
        }

        return any ? (line.ToString(), cut) : null;
    }

    /// <summary>The cells of a line (RFC 4180, but for line breaks inside of cells: they would let one stray quotation mark swallow the rest of a file).</summary>
    /// <returns>The cells and null; or, as far as they can be told, the cells and what is wrong with the quotation marks.</returns>
    public static (string[] Cells, string? Fault) Split(string line)
    {
        List<string> cells = [];
        for (var at = 0; ; at++)
        {
            var (cell, end, fault) = at < line.Length && line[at] == '"' ? Quoted(line, at + 1) : Plain(line, at);
            if (fault is not null)
                return (line.Split(','), fault);
            cells.Add(cell);
            if (end == line.Length)
                return ([.. cells], null);
            at = end;
        }
    }

    private bool Fill()
    {
        if (at < filled)
            return true;
        (at, filled) = (0, reader.Read(buffer));
        return filled > 0;
    }

    private static (string Cell, int End, string? Fault) Plain(string line, int at)
    {
        var end = line.IndexOf(',', at) is >= 0 and var comma ? comma : line.Length;
        var cell = line[at..end];
        return (cell, end, cell.Contains('"', StringComparison.Ordinal) ? "a quotation mark stands inside of a cell that does not begin with one" : null);
    }

    private static (string Cell, int End, string? Fault) Quoted(string line, int at)
    {
        var cell = new StringBuilder();
        for (; at < line.Length; at++)
        {
            if (line[at] != '"')
                cell.Append(line[at]);
            else if (at + 1 == line.Length || line[at + 1] == ',')
                return (cell.ToString(), at + 1, null);
            else if (line[++at] == '"')
                cell.Append('"');
            else
                return ("", at, "a cell goes on after its closing quotation mark; inside of a cell it is written twice");
        }

        return ("", at, "a quotation mark is opened and not closed on its line");
    }
}
