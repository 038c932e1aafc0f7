using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Where the columns of a statement stand, found by their names.</summary>
internal sealed class WeChatPayStatementColumns
{
    private const string Payer = "用户标识";
    private const string TradeType = "交易类型";
    private const string UnderAgreement = "PAP";

    private readonly Dictionary<string, int> places;
    private readonly int count;
    private readonly string paid;
    private readonly string refunded;

    /// <summary>Reads the header line.</summary>
    /// <exception cref="FormatException">A column that is needed is missing, or one stands twice.</exception>
    public WeChatPayStatementColumns(string header)
    {
        var names = header.Split(',').Select(name => name.Trim().TrimStart('`')).ToList();
        count = names.Count;
        places = new(StringComparer.Ordinal);
        foreach (var (place, name) in names.Index())
        {
            if (!places.TryAdd(name, place))
                throw new FormatException("a column stands twice");
        }

        // Newer layouts have the amounts of the order; the older one has only what was settled.
        paid = places.ContainsKey("订单金额") ? "订单金额" : "总金额";
        refunded = places.ContainsKey("申请退款金额") ? "申请退款金额" : "退款金额";
        foreach (var name in new[] { "交易时间", "商户号", "微信订单号", "商户订单号", "交易状态", "货币种类", "商户退款单号", "退款状态", paid, refunded })
        {
            if (!places.ContainsKey(name))
                throw new FormatException($"the column {name} is missing");
        }
    }

    /// <summary>Reads one data line and adds it to the sums.</summary>
    /// <returns>Null for a refund that is not done: no money moved, and no line says so.</returns>
    public StatementLine? Read(string[] cells, string mchId, WeChatPayStatementSums sums)
    {
        if (cells.Length != count)
            throw new FormatException($"a line has {cells.Length} cells under {count} columns");
        string Cell(string name) => cells[places[name]].Trim();
        if (Cell("商户号") != mchId)
            throw new FormatException("a line is of another merchant");
        var (payment, refund) = (WeChatPayStatement.Fen(Cell(paid)), WeChatPayStatement.Fen(Cell(refunded)));
        sums.Add(payment, refund);
        var at = WeChatPayWire.Time(Cell("交易时间")) ?? throw new FormatException("a time cannot be read");
        StatementLine Line(string? number, long fen) => new(Cell("商户订单号"), number, new Money(fen, Cell("货币种类")), Cell("微信订单号"), at)
        {
            Payer = number is null ? PayerIn(Cell) : null,
        };
        return (Cell("交易状态"), Cell("退款状态")) switch
        {
            ("SUCCESS", _) => Line(null, payment),
            ("REFUND" or "REVOKED", "SUCCESS" or "") => Line(Cell("商户退款单号"), refund),
            ("REFUND" or "REVOKED", _) => null,
            var (state, _) => throw new FormatException($"the state {RailWords.Code(state)} is not known"),
        };
    }

    // Whose payment it was is told only of an order under an agreement (代扣) that is not ours; of ours the order's number says it.
    private string? PayerIn(Func<string, string> cell) =>
        places.ContainsKey(Payer) && places.ContainsKey(TradeType) && cell(TradeType) == UnderAgreement && !OrderNumber.TryParse(cell("商户订单号"), out _)
            && cell(Payer) is { Length: > 0 } openid
                ? openid
                : null;
}

/// <summary>Adds up a statement's lines and compares them with its own totals.</summary>
internal sealed class WeChatPayStatementSums
{
    private long lines;
    private long payments;
    private long refunds;

    /// <summary>Counts one line.</summary>
    public void Add(long payment, long refund)
    {
        lines++;
        payments += payment;
        refunds += refund;
    }

    /// <summary>Compares with the two last lines: names and values.</summary>
    /// <exception cref="FormatException">A total is missing or another.</exception>
    public void Check(string names, string values)
    {
        var header = names.Split(',').Select(name => name.Trim().TrimStart('`')).ToList();
        var cells = WeChatPayStatement.Cells(values);
        if (header.Count != cells.Length)
            throw new FormatException("the totals do not fit their names");
        var totals = header.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second.Trim(), StringComparer.Ordinal);
        Expect("总交易单数", totals.GetValueOrDefault("总交易单数"), lines * 100);
        Expect("订单总金额", totals.GetValueOrDefault("订单总金额") ?? totals.GetValueOrDefault("总交易额"), payments);
        Expect("申请退款总金额", totals.GetValueOrDefault("申请退款总金额") ?? totals.GetValueOrDefault("总退款金额"), refunds);
    }

    private static void Expect(string name, string? stated, long found)
    {
        if (stated is null)
            throw new FormatException($"the total {name} is missing");
        if (WeChatPayStatement.Fen(stated) != found)
            throw new FormatException($"the total {name} is {stated}, the lines add up to {found / 100}.{found % 100:00}");
    }
}
