using System.Text;
using CsvHelper;
using Renewals.Core.Engine;
using Renewals.Host.Service;

namespace Renewals.Host.MovingIn;

/// <summary>
/// A file of memberships (CSV, RFC 4180 but for line breaks inside of cells, UTF-8), read a line at a time: memory does not grow with it, and a bad line
/// spoils no other.
/// </summary>
internal sealed class BookFile : IDisposable
{
    /// <summary>The most bytes a line may have.</summary>
    public const int Most = 8_192;

    // No list of memberships has such a line.
    private const int MostRead = 1 << 20;

    private readonly string path;
    private readonly CsvReader reader;
    private CsvMalformedReason? malformed;

    private BookFile(string path)
    {
        this.path = path;
        reader = CsvReader.FromFile(path, new CsvReaderOptions
        {
            HasHeader = false, Separator = ',', AllowLineBreaksInQuotes = false, SkipEmptyLines = true, TrackLineNumbers = true, DetectSeparatorHint = false,
            MaxRecordSize = MostRead, OnMalformedRecord = record => malformed = record.Reason,
        });
    }

    /// <summary>The file's columns.</summary>
    public BookColumns Columns { get; private set; } = null!;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CannotRunException">There is no such file, it is empty, or its header is another.</exception>
    public static BookFile Open(string path)
    {
        if (!File.Exists(path))
            throw new CannotRunException($"There is no file {path}.");
        var file = new BookFile(path);
        try
        {
            if (!file.MoveNext())
                throw new CannotRunException($"{path} is empty; its first line names the columns.");
            var (cells, fault) = file.Cells();
            file.Columns = fault is null ? new(cells) : throw new CannotRunException($"The header cannot be read: {fault}.");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>How many lines of text a file has, its header among them.</summary>
    /// <returns>The number; null: what is read only once, such as a pipe, is not counted first.</returns>
    public static long? CountLines(string path)
    {
        using var text = new StreamReader(path);
        if (!text.BaseStream.CanSeek)
            return null;
        var (lines, last, block) = (0L, '\n', new char[65_536]);
        for (int read; (read = text.Read(block)) > 0;)
        {
            foreach (var next in block.AsSpan(0, read))
            {
                // Windows ends a line with two characters.
                lines += next == '\r' || (next == '\n' && last != '\r') ? 1 : 0;
                last = next;
            }
        }

        return last is '\n' or '\r' ? lines : lines + 1;
    }

    /// <summary>The lines after the header; empty ones are left out.</summary>
    /// <exception cref="CannotRunException">A line is longer than any of such a file can be.</exception>
    public IEnumerable<BookLine> Read()
    {
        while (MoveNext())
        {
            var (cells, fault) = Cells();
            var (line, why) = Columns.Read(cells, fault);
            yield return new(reader.LineNumber, cells, line, why);
        }
    }

    public void Dispose() => reader.Dispose();

    private bool MoveNext()
    {
        malformed = null;
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException e)
        {
            throw new CannotRunException($"{path}: line {e.LineNumber} has more than {MostRead:N0} bytes; no line of such a file has. Nothing after it was read.", e);
        }
    }

    // Of a line that cannot be told apart in cells what stands between the commas, so that it can be mended.
    private (string[] Cells, string? Fault) Cells() => reader.RawRecord.Length > Most
        ? (Encoding.UTF8.GetString(reader.RawRecord[..Most]).Split(','), $"the line has more than {Most} bytes")
        : malformed is { } reason ? (Encoding.UTF8.GetString(reader.RawRecord).Split(','), WordsOf(reason)) : (reader.Current.ToArray(), null);

    private static string WordsOf(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.StrayQuote => "a quotation mark stands inside of a cell that does not begin with one",
        CsvMalformedReason.TextAfterClosingQuote => "a cell goes on after its closing quotation mark; inside of a cell it is written twice",
        _ => "a quotation mark is opened and not closed on its line",
    };
}

/// <summary>A line of the file.</summary>
/// <param name="Number">Which line of the file it is; the header is line 1.</param>
/// <param name="Cells">Its cells; what looked like a card number is removed.</param>
/// <param name="Line">What it says; null: it is refused.</param>
/// <param name="Why">Why it is refused; null: it is not.</param>
internal sealed record BookLine(long Number, string[] Cells, ImportLine? Line, string? Why);
