using System.Text;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.Files;

namespace Renewals.Gateways.UnionPay;

/// <summary>Reads the settlement file of a clearing day (对账文件): a zip of transactions (ZM), exceptions (ZME) and a summary (RD).</summary>
/// <remarks>
/// Read twice: first from end to end, to see that it is ours, of the day, whole and equal to its summary; then line by line as the lines
/// are asked for. Neither pass holds it unpacked. Exceptions (disputes and adjustments the rail settles by itself) only have their form
/// checked: the names of their fields are not published, so that nothing can be concluded from them; they stay in the file that is kept.
/// </remarks>
internal static class UnionPayStatement
{
    private const int MaxSummaryBytes = 64 * 1024;
    private const int LineEnd = 2;

    /// <summary>Reads a download.</summary>
    /// <param name="zip">The zip, out of its <c>fileContent</c>.</param>
    /// <param name="options">Whose it must be, and the most that is unpacked of each file in it.</param>
    /// <param name="day">The clearing day that was asked for.</param>
    public static StatementAnswer Read(ReadOnlyMemory<byte> zip, UnionPayOptions options, LocalDate day)
    {
        try
        {
            var files = new Names(options.MerId, day);
            files.Check(PackedFile.Names(zip));
            var totals = default(UnionPayStatementTotals);
            foreach (var row in Rows(zip, files.Transactions, options, day))
                totals += row.Totals;
            CheckExceptions(zip, files, options);
            using var summary = new StreamReader(PackedFile.OpenOnly(zip, files.Summary.Equals, MaxSummaryBytes), UnionPayStatementLayout.Gbk, detectEncodingFromByteOrderMarks: false);
            var expected = UnionPayStatementSummary.Read(summary.ReadToEnd(), options.MerId, day);
            return totals == expected
                ? new StatementAnswer.Ready(zip, Rows(zip, files.Transactions, options, day).Select(row => row.Line).OfType<StatementLine>())
                : new StatementAnswer.Failed($"the summary says {expected}, the rows are {totals}");
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException or DecoderFallbackException or OverflowException)
        {
            return new StatementAnswer.Failed(fault.Message);
        }
    }

    private static IEnumerable<UnionPayStatementRow> Rows(ReadOnlyMemory<byte> zip, string name, UnionPayOptions options, LocalDate day)
    {
        // Shanghai's clocks have not been moved for decades; noon of the day lies inside it whenever it ends.
        var near = UnionPayText.Time($"{day.Year:0000}{day.Month:00}{day.Day:00}120000")!.Value;
        using var file = PackedFile.OpenOnly(zip, name.Equals, options.MaxStatementBytes);
        var line = new byte[UnionPayStatementLayout.LineLength + LineEnd];
        while (ReadLine(file, line))
            yield return UnionPayStatementRow.Read(line.AsSpan(0, UnionPayStatementLayout.LineLength), options.MerId, near);
    }

    private static void CheckExceptions(ReadOnlyMemory<byte> zip, Names files, UnionPayOptions options)
    {
        if (!files.HasExceptions)
            return;
        using var file = PackedFile.OpenOnly(zip, files.Exceptions.Equals, options.MaxStatementBytes);
        var line = new byte[UnionPayStatementLayout.ExceptionLineLength + LineEnd];
        while (ReadLine(file, line))
        {
        }
    }

    // Widths are counted in bytes: text is made of fields only, never of a line.
    private static bool ReadLine(Stream file, Span<byte> line)
    {
        var read = file.ReadAtLeast(line, line.Length, throwOnEndOfStream: false);
        if (read == 0)
            return false;
        return read == line.Length && line[^2..].SequenceEqual("\r\n"u8) && line[..^2].IndexOfAny("\r\n"u8) < 0
            ? true
            : throw new FormatException($"a line has not {line.Length - LineEnd} bytes and a line end");
    }

    /// <summary>The names of the files in the zip.</summary>
    private sealed class Names(string merId, LocalDate day)
    {
        private readonly string stamp = $"{day.Year % 100:00}{day.Month:00}{day.Day:00}";

        public string Transactions => $"INN{stamp}88ZM_{merId}";

        public string Exceptions => $"INN{stamp}88ZME_{merId}";

        public string Summary => $"RD2010{stamp}01_{merId}";

        public bool HasExceptions { get; private set; }

        /// <summary>A second list of transactions would be one that nobody reads.</summary>
        /// <exception cref="FormatException">There is one.</exception>
        public void Check(IReadOnlyList<string> names)
        {
            HasExceptions = names.Contains(Exceptions);
            if (names.Any(name => name.StartsWith("INN", StringComparison.Ordinal) && name != Transactions && name != Exceptions))
                throw new FormatException("the zip holds a list of another day, merchant or kind");
        }
    }
}
