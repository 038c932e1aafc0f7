using System.Text;
using nietras.SeparatedValues;
using Renewals.Core.Engine;
using Renewals.Host.Service;

namespace Renewals.Host.MovingIn;

/// <summary>A file of memberships (CSV, RFC 4180, UTF-8), read a line at a time: memory does not grow with it.</summary>
internal sealed class BookFile : IDisposable
{
    private readonly SepReader reader;
    private readonly string path;

    private BookFile(SepReader reader, BookColumns columns, string path) => (this.reader, Columns, this.path) = (reader, columns, path);

    /// <summary>The file's columns.</summary>
    public BookColumns Columns { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CannotRunException">There is no such file, it is empty, or its header is another.</exception>
    public static BookFile Open(string path)
    {
        if (!File.Exists(path))
            throw new CannotRunException($"There is no file {path}.");
        var reader = Sep.New(',').Reader(o => o with { HasHeader = false, DisableColCountCheck = true, Unescape = true })
            .From(new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)));
        try
        {
            if (!MoveNext(reader, path))
                throw new CannotRunException($"{path} is empty; its first line names the columns.");
            return new(reader, new(Cells(reader.Current)), path);
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
    /// <exception cref="CannotRunException">A quote is opened and never closed.</exception>
    public IEnumerable<BookLine> Read()
    {
        while (MoveNext(reader, path))
        {
            var cells = Cells(reader.Current);
            if (cells is [""])
                continue;
            var (number, last) = (reader.Current.LineNumberFrom, reader.Current.LineNumberToExcl - 1);
            var (line, why) = Columns.Read(cells);
            yield return new(number, last, cells, line, why);
        }
    }

    public void Dispose() => reader.Dispose();

    private static string[] Cells(SepReader.Row row)
    {
        var cells = new string[row.ColCount];
        for (var i = 0; i < cells.Length; i++)
            cells[i] = row[i].ToString();
        return cells;
    }

    private static bool MoveNext(SepReader reader, string path)
    {
        try
        {
            return reader.MoveNext();
        }
        catch (NotSupportedException e)
        {
            throw new CannotRunException($"{path}: a line is longer than can be read; is a quotation mark opened and not closed?", e);
        }
    }
}

/// <summary>A line of the file.</summary>
/// <param name="Number">The line it begins on; the header is line 1.</param>
/// <param name="Last">The line it ends on; the same where no cell goes over several.</param>
/// <param name="Cells">Its cells; what looked like a card number is removed.</param>
/// <param name="Line">What it says; null: it is refused.</param>
/// <param name="Why">Why it is refused; null: it is not.</param>
internal sealed record BookLine(long Number, long Last, string[] Cells, ImportLine? Line, string? Why);
