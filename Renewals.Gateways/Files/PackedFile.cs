using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Renewals.Gateways.Files;

/// <summary>Opens one file inside a zip that stands in memory.</summary>
internal static class PackedFile
{
    /// <summary>Opens the only file with such a name; disposing the stream disposes everything.</summary>
    /// <param name="zip">The packed bytes; they are not copied where that can be avoided.</param>
    /// <param name="isIt">Whether a name, its folders included, is the one.</param>
    /// <param name="maxBytes">The most that is unpacked; more is an <see cref="InvalidDataException"/>.</param>
    /// <param name="names">How names are written; null: the format's own way.</param>
    /// <exception cref="FormatException">None has such a name, or more than one.</exception>
    /// <exception cref="InvalidDataException">It is no zip.</exception>
    public static Stream OpenOnly(ReadOnlyMemory<byte> zip, Func<string, bool> isIt, long maxBytes, Encoding? names = null)
    {
        var archive = OpenZip(zip, names);
        try
        {
            return archive.Entries.Where(entry => isIt(entry.FullName)).Take(2).ToList() is [var only]
                ? new LimitedStream(only.Open(), maxBytes, archive)
                : throw new FormatException("the zip holds not exactly one file of the expected name");
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>The names of all files, with their folders.</summary>
    /// <inheritdoc cref="OpenOnly"/>
    public static IReadOnlyList<string> Names(ReadOnlyMemory<byte> zip)
    {
        using var archive = OpenZip(zip, names: null);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static ZipArchive OpenZip(ReadOnlyMemory<byte> zip, Encoding? names) => new(
        MemoryMarshal.TryGetArray(zip, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(zip.ToArray(), writable: false),
        ZipArchiveMode.Read, leaveOpen: false, names);
}
