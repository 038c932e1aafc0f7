using System.Text;
using Renewals.Core.Engine;
using Renewals.Host.Service;

namespace Renewals.Host.MovingIn;

/// <summary>A file of memberships (CSV, RFC 4180, UTF-8), read a line at a time: memory does not grow with it, and a bad line spoils no other.</summary>
internal sealed class BookFile : IDisposable
{
    private readonly TextReader reader;
    private readonly CsvLines lines;

    private BookFile(TextReader reader, CsvLines lines, BookColumns columns) => (this.reader, this.lines, Columns) = (reader, lines, columns);

    /// <summary>The file's columns.</summary>
    public BookColumns Columns { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CannotRunException">There is no such file, it is empty, or its header is another.</exception>
    public static BookFile Open(string path)
    {
        if (!File.Exists(path))
            throw new CannotRunException($"There is no file {path}.");
        var reader = new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        try
        {
            var lines = new CsvLines(reader);
            if (lines.Next() is not { } header)
                throw new CannotRunException($"{path} is empty; its first line names the columns.");
            var (cells, fault) = CsvLines.Split(header.Text);
            return fault is null ? new(reader, lines, new(cells)) : throw new CannotRunException($"The header cannot be read: {fault}.");
        }
        catch
        {
            reader.Dispose();
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
    public IEnumerable<BookLine> Read()
    {
        for (var number = 2L; lines.Next() is var (text, isCut); number++)
        {
            if (text.Length == 0)
                continue;
            var (cells, fault) = CsvLines.Split(text);
            var (line, why) = Columns.Read(cells, isCut ? $"the line has more than {CsvLines.Most} characters" : fault);
            yield return new(number, cells, line, why);
        }
    }

    public void Dispose() => reader.Dispose();
}

/// <summary>A line of the file.</summary>
/// <param name="Number">Which line of the file it is; the header is line 1.</param>
/// <param name="Cells">Its cells; what looked like a card number is removed.</param>
/// <param name="Line">What it says; null: it is refused.</param>
/// <param name="Why">Why it is refused; null: it is not.</param>
internal sealed record BookLine(long Number, string[] Cells, ImportLine? Line, string? Why);
