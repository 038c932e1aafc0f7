using System.Text;

namespace Renewals.Gateways.Files;

/// <summary>Reads text line by line and never holds a longer line than it may: what comes without line ends is refused, not collected.</summary>
/// <param name="source">The bytes.</param>
/// <param name="encoding">Of the text.</param>
/// <param name="marks">Whether a byte order mark at the beginning says another encoding.</param>
/// <param name="longest">The most characters of a line, without its end.</param>
internal sealed class BoundedLines(Stream source, Encoding encoding, bool marks, int longest) : StreamReader(source, encoding, marks)
{
    /// <summary>What a line may have unless an option says otherwise: a hundred times what the rails write.</summary>
    public const int Default = 65_536;

    private readonly StringBuilder line = new();

    /// <inheritdoc/>
    /// <exception cref="FormatException">The line is longer.</exception>
    public override string? ReadLine()
    {
        line.Clear();
        while (Read() is >= 0 and var next)
        {
            if (next == '\n' || next == '\r')
            {
                if (next == '\r' && Peek() == '\n')
                    Read();
                return line.ToString();
            }

            if (line.Length == longest)
                throw new FormatException($"a line has more than {longest} characters");
            line.Append((char)next);
        }

        return line.Length > 0 ? line.ToString() : null;
    }
}
