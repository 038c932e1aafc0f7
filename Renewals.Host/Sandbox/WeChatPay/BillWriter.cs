using System.Text;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Writes a bill: a header, a line per entry, then the totals; cells begin with a back-quote.</summary>
internal sealed class BillWriter(WeChatPayState state, string type)
{
    private const string AllColumns =
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
        + "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";

    private const string RefundTimes = "退款申请时间,退款成功时间";
    private const string Totals = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

    private const string OldColumns =
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额,"
        + "微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,,,";

    private const string OldTotals = "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额";
    private const int OldColumnCount = 24;
    private const int FirstRefundColumn = 14;
    private const int LastRefundColumn = 19;
    private const int RequestedRefundColumn = 25;

    private string Columns => state.Options.OldBillLayout ? OldColumns : AllColumns;

    public byte[] Write(List<BankEntry> entries)
    {
        var header = Shape([.. Columns.Split(',')], RefundTimes.Split(','));
        var text = new StringBuilder().Append('\uFEFF').Append(string.Join(',', header)).Append("\r\n");
        foreach (var entry in entries)
            text.Append('`').Append(string.Join(",`", Cells(entry))).Append("\r\n");
        var paid = entries.Where(entry => entry.Kind == BankEntryKind.Payment).Sum(entry => entry.Amount.MinorUnits);
        var refunded = entries.Where(entry => entry.Kind == BankEntryKind.Refund).Sum(entry => entry.Amount.MinorUnits);
        string[] totals = [entries.Count.ToString(), Yuan(paid), Yuan(refunded), Yuan(0), Fee(paid - refunded), Yuan(paid), Yuan(refunded)];
        var names = state.Options.OldBillLayout ? OldTotals : Totals;
        text.Append(names).Append("\r\n`").Append(string.Join(",`", totals[..names.Split(',').Length])).Append("\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private List<string> Cells(BankEntry entry)
    {
        var order = state.Orders[entry.OrderNumber];
        var amount = entry.Amount.MinorUnits;
        var refund = entry.RefundNumber is { } number ? state.Refunds[number] : null;
        var (paid, back) = refund is null ? (amount, 0L) : (0L, amount);
        List<string> cells =
        [
            BeijingTime.Readable(entry.At), state.Credentials.AppId, state.Credentials.MchId, "0", "", entry.TransactionId,
            entry.OrderNumber, state.OpenIdOf(entry.Member), order.TradeType, refund is null ? "SUCCESS" : "REFUND", Wire.BankType,
            entry.Amount.Currency, Yuan(paid), Yuan(0), refund?.Id ?? "0", refund?.Number ?? "0", Yuan(back), Yuan(0), refund is null ? "" : "ORIGINAL",
            refund is null ? "" : "SUCCESS", Plain(order.Subject), Plain(order.Attach), Fee(paid - back), "0.60%",
            Yuan(paid), Yuan(back), "",
        ];
        return Shape(cells, refund is null ? ["", ""] : [BeijingTime.Readable(refund.AskedAt), BeijingTime.Readable(refund.EndedAt)]);
    }

    // SUCCESS leaves the refund columns out, REFUND has two more before them; older layouts end after the rate.
    private List<string> Shape(List<string> cells, string[] times)
    {
        if (state.Options.OldBillLayout)
        {
            cells.RemoveRange(OldColumnCount, cells.Count - OldColumnCount);
            return cells;
        }

        if (type == "REFUND")
            cells.InsertRange(FirstRefundColumn, times);
        if (type == "SUCCESS")
        {
            cells.RemoveAt(RequestedRefundColumn);
            cells.RemoveRange(FirstRefundColumn, LastRefundColumn - FirstRefundColumn + 1);
        }

        return cells;
    }

    private static string Plain(string text) => text.Replace('`', ' ').Replace('\r', ' ').Replace('\n', ' ');

    private static string Yuan(long fen) => $"{fen / 100}.{fen % 100:00}";

    // 0.60 % of an amount in fen, in yuan with five decimals: exactly six units per fen.
    private static string Fee(long fen) => $"{(fen < 0 ? "-" : "")}{Math.Abs(fen) * 6 / 100_000}.{Math.Abs(fen) * 6 % 100_000:00000}";
}
