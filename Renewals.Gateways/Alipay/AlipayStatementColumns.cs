using System.Globalization;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.Alipay;

/// <summary>One row of a statement.</summary>
/// <param name="IsRefund">Whether money went back; its sums are negative.</param>
/// <param name="Received">What the merchant received, in fen.</param>
/// <param name="Discount">What the merchant gave as discount, in fen.</param>
/// <param name="Line">The line; null for a row without an order number of the merchant's.</param>
internal sealed record AlipayStatementRow(bool IsRefund, long Received, long Discount, StatementLine? Line);

/// <summary>Where the columns of a statement stand, found by their names.</summary>
internal sealed class AlipayStatementColumns
{
    private const string Subject = "商品名称";
    private const string Discount = "商家优惠（元）";

    private readonly Dictionary<string, int> places;
    private readonly int count;

    /// <summary>Reads the header line.</summary>
    /// <exception cref="FormatException">A column that is needed is missing, or one stands twice.</exception>
    public AlipayStatementColumns(string header)
    {
        var names = Cells(header);
        count = names.Count;
        places = new(StringComparer.Ordinal);
        foreach (var (place, name) in names.Index())
        {
            if (!places.TryAdd(name, place))
                throw new FormatException("a column stands twice");
        }

        foreach (var name in new[] { "支付宝交易号", "商户订单号", "业务类型", Subject, "完成时间", "订单金额（元）", "商家实收（元）", Discount, "退款批次号/请求号" })
        {
            if (!places.ContainsKey(name))
                throw new FormatException($"the column {name} is missing");
        }
    }

    /// <summary>Reads one row.</summary>
    /// <exception cref="FormatException">A cell cannot be read.</exception>
    public AlipayStatementRow Read(string text)
    {
        var cells = Cells(text);
        Rejoin(cells);
        if (cells.Count != count)
            throw new FormatException($"a row has {cells.Count} cells under {count} columns");
        string Cell(string name) => cells[places[name]];
        var isRefund = Cell("业务类型") switch
        {
            "交易" => false,
            "退款" => true,
            _ => throw new FormatException("the kind of a row is not known"),
        };

        // The order's own sum, not what was settled: discounts the rail pays for are the member's payment too.
        var amount = Fen(Cell("订单金额（元）"));
        if (isRefund ? amount > 0 : amount < 0)
            throw new FormatException("a sum has the wrong sign for its kind");
        return new(isRefund, Fen(Cell("商家实收（元）")), Fen(Cell(Discount)), Cell("商户订单号").Length == 0 ? null : new(
            Cell("商户订单号"), isRefund ? Cell("退款批次号/请求号") : null, Money.Cny(Math.Abs(amount)), Cell("支付宝交易号"), Time(Cell("完成时间"))));
    }

    /// <summary>Yuan with at most two decimals and perhaps a minus, in fen.</summary>
    internal static long Fen(string yuan)
    {
        var isNegative = yuan.StartsWith('-');
        var amount = AlipayWire.TryYuan(isNegative ? yuan[1..] : yuan) ?? throw new FormatException("an amount cannot be read");
        return isNegative ? -amount.MinorUnits : amount.MinorUnits;
    }

    private static Instant Time(string text) => AlipayWire.TryTime(text) ?? throw new FormatException("a time cannot be read");

    // Cells end with a tab, so that tables keep the long numbers as text.
    private static List<string> Cells(string line)
    {
        var cells = new List<string>();
        for (var at = 0; at <= line.Length;)
        {
            var isQuoted = at < line.Length && line[at] == '"';
            var end = isQuoted ? ClosingQuote(line, at) + 1 : at;
            while (end < line.Length && line[end] != ',')
                end++;
            var cell = line[at..end].Trim(' ', '\t');
            cells.Add(isQuoted && cell is ['"', .., '"'] ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal).Trim(' ', '\t') : cell);
            at = end + 1;
        }

        return cells;
    }

    private static int ClosingQuote(string line, int open)
    {
        for (var at = open + 1; at < line.Length; at++)
        {
            if (line[at] != '"')
                continue;
            if (at + 1 == line.Length || line[at + 1] != '"')
                return at;
            at++;
        }

        throw new FormatException("a quoted cell does not end");
    }

    // Whether names with a comma are quoted is not known. Ours have none (see AlipayMessages.Subject); others' surplus cells are the name's.
    private void Rejoin(List<string> cells)
    {
        var surplus = cells.Count - count;
        if (surplus <= 0)
            return;
        var name = places[Subject];
        var joined = string.Join(',', cells.GetRange(name, surplus + 1));
        cells.RemoveRange(name, surplus + 1);
        cells.Insert(name, joined);
    }
}

/// <summary>Adds up a statement's rows and compares them with its own totals.</summary>
internal sealed class AlipayStatementSums
{
    private readonly long[] rows = new long[2];
    private readonly long[] received = new long[2];
    private readonly long[] discounts = new long[2];

    /// <summary>Counts one row.</summary>
    public void Add(AlipayStatementRow row)
    {
        var kind = row.IsRefund ? 1 : 0;
        rows[kind]++;
        received[kind] += row.Received;
        discounts[kind] += row.Discount;
    }

    /// <summary>Compares with a total.</summary>
    /// <exception cref="FormatException">It is another.</exception>
    public void Check(bool isRefund, long count, long sum, long discount)
    {
        var kind = isRefund ? 1 : 0;
        if (count != rows[kind] || sum != received[kind] || discount != discounts[kind])
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"the total of {(isRefund ? "refunds" : "payments")} says {count} with {sum} fen, the rows are {rows[kind]} with {received[kind]}"));
        }
    }
}
