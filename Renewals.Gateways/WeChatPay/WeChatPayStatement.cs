using System.IO.Compression;
using System.Text;
using Renewals.Core.Gateways;
using Renewals.Gateways.Files;
using Renewals.Core.Plans;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Reads the statement of a day (对账单): text with Chinese column names, plain or packed.</summary>
/// <remarks>
/// Columns are found by their names, because accounts have layouts of 27 or, the older ones, 24 columns. The totals at the end must
/// agree with the lines: a statement cut short could otherwise seem to prove that an order was never paid.
/// </remarks>
public static class WeChatPayStatement
{
    private const string NoBill = "No Bill Exist";
    private const string NotReadyYet = "Bill Creating";
    private const string Separator = ",`";

    /// <summary>Reads a download.</summary>
    /// <param name="body">The bytes as they came; gzip is recognised by its first two bytes.</param>
    /// <param name="mchId">Our merchant number; a line of another one spoils the statement.</param>
    /// <param name="maxBytes">The most that is unpacked.</param>
    /// <param name="maxLine">The most characters of a line.</param>
    public static StatementAnswer Read(ReadOnlyMemory<byte> body, string mchId, int maxBytes, int maxLine = BoundedLines.Default)
    {
        try
        {
            var bytes = body.Span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? Unpack(body, maxBytes) : body;
            if (bytes.Length <= WeChatPayXml.MaxBytes && bytes.Span.TrimStart("\uFEFF \r\n\t"u8).StartsWith("<xml"u8))
                return ReadError(bytes.Span);
            return new StatementAnswer.Ready(body, ReadLines(bytes, mchId, maxLine));
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException or DecoderFallbackException or OverflowException)
        {
            return new StatementAnswer.Failed(fault.Message);
        }
    }

    private static StatementAnswer ReadError(ReadOnlySpan<byte> body)
    {
        if (!WeChatPayXml.TryRead(body, out var fields, out var why))
            return new StatementAnswer.Failed($"broken XML: {why}");
        var message = fields.Text("return_msg");
        return message.Contains(NoBill, StringComparison.OrdinalIgnoreCase) ? new StatementAnswer.Ready(ReadOnlyMemory<byte>.Empty, [])
            : message.Contains(NotReadyYet, StringComparison.OrdinalIgnoreCase) ? new StatementAnswer.NotReady()
            : new StatementAnswer.Failed($"the rail gives none: {(fields.Code("error_code") is { Length: > 0 } code ? code : WeChatPayCodes.OfReturnMessage(message))}");
    }

    private static List<StatementLine> ReadLines(ReadOnlyMemory<byte> bytes, string mchId, int maxLine)
    {
        using var reader = new BoundedLines(
            new MemoryStream(bytes.ToArray()), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), marks: true, maxLine);
        var columns = new WeChatPayStatementColumns(reader.ReadLine() ?? throw new FormatException("the statement is empty"));
        var sums = new WeChatPayStatementSums();
        var lines = new List<StatementLine>();
        for (var text = reader.ReadLine(); ; text = reader.ReadLine())
        {
            if (text is null)
                throw new FormatException("the statement ends before its totals");
            if (!text.StartsWith('`'))
            {
                sums.Check(text, reader.ReadLine() ?? "");
                break;
            }

            if (columns.Read(Cells(text), mchId, sums) is { } line)
                lines.Add(line);
        }

        while (reader.ReadLine() is { } rest)
        {
            if (rest.Length > 0)
                throw new FormatException("the statement goes on after its totals");
        }

        return lines;
    }

    /// <summary>The cells of a data line: each begins with a back-quote, so a comma inside a name separates nothing.</summary>
    internal static string[] Cells(string line) =>
        line.StartsWith('`') ? line[1..].Split(Separator) : throw new FormatException("a data line does not begin with a back-quote");

    /// <summary>Yuan with at most two decimals that count, in fen.</summary>
    internal static long Fen(string yuan)
    {
        var (whole, point, rest) = yuan.Split('.') switch
        {
            [var only] => (only, true, ""),
            [var left, var right] => (left, right.Length > 0, right.TrimEnd('0')),
            _ => ("", false, ""),
        };
        return point && whole.Length is > 0 and <= 12 && rest.Length <= 2 && whole.All(char.IsAsciiDigit) && rest.All(char.IsAsciiDigit)
            ? (long.Parse(whole) * 100) + (rest.Length == 0 ? 0 : long.Parse(rest.PadRight(2, '0')))
            : throw new FormatException("an amount cannot be read");
    }

    private static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> packed, int maxBytes)
    {
        using var source = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        using var target = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            if (target.Length + read > maxBytes)
                throw new FormatException($"the statement has more than {maxBytes} bytes");
            target.Write(buffer, 0, read);
        }

        return target.ToArray();
    }
}
