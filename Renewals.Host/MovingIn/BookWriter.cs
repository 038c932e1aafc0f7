using System.Text;
using Renewals.Host.Service;

namespace Renewals.Host.MovingIn;

/// <summary>Writes a file of memberships. It holds the rail's keys: only its owner may read it, and it takes its name when it is whole.</summary>
internal sealed class BookWriter : IDisposable
{
    private readonly TextWriter writer;
    private readonly string? path;

    private BookWriter(TextWriter writer, string? path) => (this.writer, this.path) = (writer, path);

    private static string Unfinished(string path) => path + ".part";

    /// <summary>To a new file.</summary>
    /// <exception cref="CannotRunException">There is one of that name, or it cannot be written there.</exception>
    public static BookWriter Create(string path)
    {
        if (File.Exists(path))
            throw new CannotRunException($"{path} is there already; give another name, or move it away.");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new(new StreamWriter(Unfinished(path), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), options), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>To the output of the command.</summary>
    public static BookWriter Over(TextWriter output) => new(output, null);

    /// <summary>Writes a line.</summary>
    public void Write(IEnumerable<string> cells)
    {
        writer.Write(string.Join(',', cells.Select(Escaped)));
        writer.Write('\n');
    }

    /// <summary>It is whole.</summary>
    public void Finish()
    {
        writer.Flush();
        if (path is null)
            return;
        writer.Dispose();
        File.Move(Unfinished(path), path);
    }

    public void Dispose()
    {
        if (path is not null)
            writer.Dispose();
    }

    private static string Escaped(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
