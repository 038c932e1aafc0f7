using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.Files;

namespace Renewals.Gateways.Alipay;

/// <summary>Reads the statement of a day (业务明细账单): a zip of CSV files in GBK.</summary>
/// <remarks>
/// Read twice: first from end to end, to see that it is ours, of the day, whole and equal to its own totals; then line by line as the
/// lines are asked for. Neither pass holds it unpacked. A statement cut short could otherwise seem to prove that an order was never paid.
/// </remarks>
public static partial class AlipayStatement
{
    private const string DetailFile = "_业务明细.csv";
    private const string Begins = "业务明细列表";
    private const string Ends = "业务明细列表结束";

    /// <summary>Reads a download.</summary>
    /// <param name="zip">The bytes as they came.</param>
    /// <param name="sellerId">Our seller number; a statement of another's account is not used.</param>
    /// <param name="day">The day that was asked for.</param>
    /// <param name="maxBytes">The most that is unpacked.</param>
    /// <param name="maxLine">The most characters of a line.</param>
    public static StatementAnswer Read(ReadOnlyMemory<byte> zip, string sellerId, LocalDate day, long maxBytes, int maxLine = BoundedLines.Default)
    {
        try
        {
            using var reader = Open(zip, maxBytes, maxLine);
            CheckHead(reader, sellerId, day);
            var columns = new AlipayStatementColumns(reader.ReadLine() ?? throw new FormatException("the statement is empty"));
            var sums = new AlipayStatementSums();
            foreach (var row in Rows(reader, columns))
                sums.Add(row);
            CheckFoot(reader, sums);
            return new StatementAnswer.Ready(zip, Lines(zip, maxBytes, maxLine));
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException or DecoderFallbackException or OverflowException)
        {
            return new StatementAnswer.Failed(fault.Message);
        }
    }

    private static IEnumerable<StatementLine> Lines(ReadOnlyMemory<byte> zip, long maxBytes, int maxLine)
    {
        using var reader = Open(zip, maxBytes, maxLine);
        while (reader.ReadLine() is { } text && !text.Contains(Begins, StringComparison.Ordinal))
        {
        }

        var columns = new AlipayStatementColumns(reader.ReadLine()!);
        foreach (var row in Rows(reader, columns))
        {
            if (row.Line is { } line)
                yield return line;
        }
    }

    private static IEnumerable<AlipayStatementRow> Rows(TextReader reader, AlipayStatementColumns columns)
    {
        while (reader.ReadLine() is { } text)
        {
            if (text.StartsWith('#') && text.Contains(Ends, StringComparison.Ordinal))
                yield break;
            if (text.Length > 0)
                yield return columns.Read(text);
        }

        throw new FormatException("the statement ends before its end mark");
    }

    // Before the list: whose account, which day.
    private static void CheckHead(TextReader reader, string sellerId, LocalDate day)
    {
        var (account, from) = (false, false);
        for (var text = reader.ReadLine(); ; text = reader.ReadLine())
        {
            if (text is null || !text.StartsWith('#'))
                throw new FormatException("the statement has no list");
            if (text.Contains(Begins, StringComparison.Ordinal))
                break;
            account |= text.StartsWith($"#账号：[{sellerId}", StringComparison.Ordinal);
            from |= text.StartsWith($"#起始日期：[{day.Year:0000}年{day.Month:00}月{day.Day:00}日 00:00:00]", StringComparison.Ordinal);
        }

        if (!account)
            throw new FormatException("the statement is of another account");
        if (!from)
            throw new FormatException("the statement is of another day");
    }

    // After the list: the totals, and nothing that is no remark.
    private static void CheckFoot(TextReader reader, AlipayStatementSums sums)
    {
        var totals = new HashSet<string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } text)
        {
            if (text.Length > 0 && !text.StartsWith('#'))
                throw new FormatException("the statement goes on after its end mark");
            if (Total().Match(text) is not { Success: true } found)
                continue;
            if (!totals.Add(found.Groups["kind"].Value))
                throw new FormatException("a total stands twice");
            sums.Check(
                found.Groups["kind"].Value == "退款", long.Parse(found.Groups["count"].Value, CultureInfo.InvariantCulture),
                AlipayStatementColumns.Fen(found.Groups["received"].Value), AlipayStatementColumns.Fen(found.Groups["discount"].Value));
        }

        if (totals.Count != 2)
            throw new FormatException("the statement has not both totals");
    }

    // Names of entries are GBK without saying so.
    private static BoundedLines Open(ReadOnlyMemory<byte> zip, long maxBytes, int maxLine) => new(
        PackedFile.OpenOnly(zip, name => name.EndsWith(DetailFile, StringComparison.Ordinal), maxBytes, AlipayWire.Gbk),
        AlipayWire.Gbk, marks: false, maxLine);

    [GeneratedRegex(
        "^#(?<kind>交易|退款)合计：(?<count>[0-9]{1,12})笔，商家实收(退款)?共(?<received>-?[0-9.]{1,20})元，商家优惠(退款)?共(?<discount>-?[0-9.]{1,20})元$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Total();
}
