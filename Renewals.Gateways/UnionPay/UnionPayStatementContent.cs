using System.IO.Compression;

namespace Renewals.Gateways.UnionPay;

/// <summary>The field <c>fileContent</c>: base64 of a zlib stream. Settlement files and batch files travel in it.</summary>
public static class UnionPayStatementContent
{
    /// <summary>Packs a file.</summary>
    public static string Pack(ReadOnlySpan<byte> file)
    {
        using var buffer = new MemoryStream();
        using (var zlib = new ZLibStream(buffer, CompressionLevel.Optimal))
            zlib.Write(file);
        return Convert.ToBase64String(buffer.ToArray());
    }

    /// <summary>Unpacks a file.</summary>
    /// <param name="content">The field.</param>
    /// <param name="maxBytes">The most that is unpacked.</param>
    /// <exception cref="FormatException">It is no base64.</exception>
    /// <exception cref="InvalidDataException">It is no zlib stream, cut short, or more than the limit.</exception>
    public static ReadOnlyMemory<byte> Unpack(string content, long maxBytes)
    {
        var packed = Convert.FromBase64String(content);

        // Two bytes of head, four of checksum: less is no stream, and the reader would take none for an empty one.
        if (packed.Length < 6)
            throw new InvalidDataException("the file is no zlib stream");
        using var source = new ZLibStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        using var target = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            if (target.Length + read > maxBytes)
                throw new InvalidDataException($"the file has more than {maxBytes} bytes");
            target.Write(buffer, 0, read);
        }

        return target.GetBuffer().AsMemory(0, (int)target.Length);
    }
}
