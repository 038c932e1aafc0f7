using System.Globalization;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The text inside a batch's <c>fileContent</c>: titles and values of the head, titles of the columns, one line an order.</summary>
/// <remarks>
/// Cells lie between bars; the title lines give their order, so that no column is looked for by its place. The layout is reconstructed from a
/// third party's implementation (note on batches), the rail publishes none.
/// </remarks>
/// <param name="Head">Version and totals, by title.</param>
/// <param name="Columns">The titles of the columns, in their order.</param>
/// <param name="Rows">The orders, by column.</param>
internal sealed record BatchFile(
    IReadOnlyList<KeyValuePair<string, string>> Head, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyDictionary<string, string>> Rows)
{
    /// <summary>The columns a result has before those of the request.</summary>
    private static readonly string[] ResultColumns = ["respCode", "respMsg", "queryId", "sysTraNo", "sysTm", "settleDate", "reserved1", "reserved2"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">A line is missing, has another number of cells, or the rows do not add up to the head.</exception>
    public static BatchFile Read(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split('|')).ToList();
        if (lines.Count < 3 || lines[0].Length != lines[1].Length || lines.Skip(3).Any(cells => cells.Length != lines[2].Length))
            throw new FormatException("a line is missing, or has not the cells its titles name");
        if (lines[0].Distinct().Count() != lines[0].Length || lines[2].Distinct().Count() != lines[2].Length)
            throw new FormatException("a title stands twice");
        var file = new BatchFile(
            [.. lines[0].Zip(lines[1], KeyValuePair.Create)], lines[2],
            [.. lines.Skip(3).Select(cells => lines[2].Zip(cells, KeyValuePair.Create).ToDictionary())]);
        return file.HeadNumber("totalNumber") == file.Rows.Count && file.HeadNumber("totalAmount") == file.Rows.Sum(AmountOf)
            ? file
            : throw new FormatException("the rows do not add up to the head");
    }

    /// <summary>What an order asks for, in fen.</summary>
    /// <exception cref="FormatException">It is no amount.</exception>
    public static long AmountOf(IReadOnlyDictionary<string, string> row) => Number(row.GetValueOrDefault("txnAmt", ""));

    /// <summary>Whether an order of a result was paid: 00, or A6 with a defect.</summary>
    public static bool IsPaid(IReadOnlyDictionary<string, string> row) => row.GetValueOrDefault("respCode") is "00" or "A6";

    /// <summary>The file as text.</summary>
    public string Write()
    {
        string[] lines =
        [
            string.Join('|', Head.Select(field => field.Key)), string.Join('|', Head.Select(field => field.Value)), string.Join('|', Columns),
            .. Rows.Select(row => string.Join('|', Columns.Select(column => row.GetValueOrDefault(column, "")))),
        ];
        return string.Concat(lines.Select(line => line + "\r\n"));
    }

    /// <summary>The result of this request: each row with what became of it, and how much was paid.</summary>
    /// <param name="resultOf">Columns of the result for a row; those not named stay empty.</param>
    public BatchFile ToResult(Func<IReadOnlyDictionary<string, string>, IEnumerable<KeyValuePair<string, string>>> resultOf)
    {
        List<Dictionary<string, string>> rows = [.. Rows.Select(row => row.Concat(resultOf(row)).ToDictionary())];
        var paid = rows.Where(IsPaid).ToList();
        return new(
            [
                .. Head, new("successAmount", paid.Sum(AmountOf).ToString(CultureInfo.InvariantCulture)),
                new("successCount", paid.Count.ToString(CultureInfo.InvariantCulture)), new("unionpayReserved1", ""), new("unionpayReserved2", ""),
            ],
            [.. ResultColumns, .. Columns], rows);
    }

    private long HeadNumber(string name) => Number(Head.FirstOrDefault(field => field.Key == name).Value ?? "");

    private static long Number(string text) => text.Length is > 0 and <= 12 && text.All(char.IsAsciiDigit)
        ? long.Parse(text, CultureInfo.InvariantCulture)
        : throw new FormatException($"'{text}' is no number");
}
