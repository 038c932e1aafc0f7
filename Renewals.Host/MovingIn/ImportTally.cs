using System.Globalization;
using Renewals.Core.Engine;

namespace Renewals.Host.MovingIn;

/// <summary>Counts what became of lines, and writes the refused ones.</summary>
/// <param name="columns">The file's columns.</param>
/// <param name="file">Where refused lines go; null: nowhere.</param>
/// <param name="most">How many of them are remembered.</param>
internal sealed class ImportTally(BookColumns columns, BookWriter? file, int most)
{
    private readonly List<RefusedLine> first = [];

    /// <summary>Lines so far.</summary>
    public long Lines { get; private set; }

    /// <summary>Taken over.</summary>
    public long Imported { get; private set; }

    /// <summary>Taken over by an earlier run.</summary>
    public long There { get; private set; }

    /// <summary>Refused.</summary>
    public long Refused { get; private set; }

    /// <summary>The first refused lines.</summary>
    public IReadOnlyList<RefusedLine> First => first;

    /// <summary>The header of the file of refused lines.</summary>
    public IEnumerable<string> RefusedHeader => [.. columns.Own.Select(column => column.Name), "line", "reason"];

    /// <summary>Counts a batch.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="verdicts">What became of those that could be read, in order.</param>
    public void Take(IReadOnlyList<BookLine> lines, IReadOnlyList<ImportVerdict> verdicts)
    {
        var next = 0;
        foreach (var line in lines)
        {
            Lines++;
            switch (line.Line is null ? new ImportVerdict.Refused(line.Why!) : verdicts[next++])
            {
                case ImportVerdict.Imported:
                    Imported++;
                    break;
                case ImportVerdict.There:
                    There++;
                    break;
                case ImportVerdict.Refused refused:
                    Refuse(line, refused.Why);
                    break;
                default:
                    throw new InvalidOperationException("No such verdict.");
            }
        }
    }

    private void Refuse(BookLine line, string why)
    {
        Refused++;
        if (first.Count < most)
            first.Add(new(line.Number, why));
        file?.Write(
        [
            .. columns.Own.Select(column => column.Place < line.Cells.Length ? line.Cells[column.Place] : ""), line.Number.ToString(CultureInfo.InvariantCulture), why,
        ]);
    }
}

/// <summary>A line that was refused.</summary>
/// <param name="Line">Its number; the header is line 1.</param>
/// <param name="Reason">Why.</param>
internal sealed record RefusedLine(long Line, string Reason);
