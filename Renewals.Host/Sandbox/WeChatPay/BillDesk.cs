using System.IO.Compression;
using System.Text;
using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The rail's list of a day's money (<c>/pay/downloadbill</c>, 对账单), made from the bank's ledger.</summary>
internal sealed class BillDesk(WeChatPayState state)
{
    private static readonly LocalTime ReadyAt = new(10, 0);

    public V2Answer Download(V2Call call)
    {
        if (BeijingTime.ParseDay(call["bill_date"]) is not { } day)
            return Failure("data format error");
        var now = call.Now.InBeijing();
        if (day > now.Date)
            return Failure("invalid bill_date");
        if (now < day.PlusDays(1) + ReadyAt)
            return Failure("Bill Creating");
        var type = call["bill_type"] is { Length: > 0 } named ? named : "SUCCESS";
        var entries = day < now.Date.PlusMonths(-3) ? [] : EntriesOf(day, type);
        if (entries.Count == 0)
            return Failure("No Bill Exist");
        var text = new BillWriter(state, type).Write(entries);
        return call["tar_type"] == "GZIP"
            ? V2Answer.Document("application/x-gzip", Compressed(text))
            : V2Answer.Document("text/plain; charset=utf-8", text);
    }

    private List<BankEntry> EntriesOf(LocalDate day, string type) =>
    [
        .. state.Bank.EntriesBetween(
                day.AtMidnight().BeijingToInstant(), day.PlusDays(1).AtMidnight().BeijingToInstant())
            .Where(entry => entry.Account == state.Account && type switch
            {
                "ALL" => true,
                "SUCCESS" => entry.Kind == BankEntryKind.Payment,
                "REFUND" => entry.Kind == BankEntryKind.Refund,
                _ => false,
            })
            .OrderBy(entry => entry.At)
            .ThenBy(entry => entry.OrderNumber, StringComparer.Ordinal)
            .ThenBy(entry => entry.RefundNumber, StringComparer.Ordinal),
    ];

    private static V2Answer Failure(string message) => V2Answer.NotUnderstood(message);

    private static byte[] Compressed(byte[] text)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(text);
        return buffer.ToArray();
    }
}

/// <summary>Writes a bill: a header, a line per entry, then the totals; cells begin with a back-quote.</summary>
internal sealed class BillWriter(WeChatPayState state, string type)
{
    private const string AllColumns =
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
        + "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";

    private const string RefundTimes = "退款申请时间,退款成功时间";
    private const string Totals = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
    private const int FirstRefundColumn = 14;
    private const int LastRefundColumn = 19;
    private const int RequestedRefundColumn = 25;

    public byte[] Write(List<BankEntry> entries)
    {
        var text = new StringBuilder().Append('\uFEFF').Append(string.Join(',', Shape([.. AllColumns.Split(',')], RefundTimes.Split(',')))).Append("\r\n");
        foreach (var entry in entries)
            text.Append('`').Append(string.Join(",`", Cells(entry))).Append("\r\n");
        var paid = entries.Where(entry => entry.Kind == BankEntryKind.Payment).Sum(entry => entry.Amount.MinorUnits);
        var refunded = entries.Where(entry => entry.Kind == BankEntryKind.Refund).Sum(entry => entry.Amount.MinorUnits);
        string[] totals = [entries.Count.ToString(), Yuan(paid), Yuan(refunded), Yuan(0), Fee(paid - refunded), Yuan(paid), Yuan(refunded)];
        text.Append(Totals).Append("\r\n`").Append(string.Join(",`", totals)).Append("\r\n");
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
            BeijingTime.Readable(entry.At), state.Credentials.AppId, state.Credentials.MchId, "0", "", entry.TransactionId, entry.OrderNumber,
            state.OpenIdOf(entry.Member), order.TradeType, refund is null ? "SUCCESS" : "REFUND", Wire.BankType, entry.Amount.Currency,
            Yuan(paid), Yuan(0), refund?.Id ?? "0", refund?.Number ?? "0", Yuan(back), Yuan(0), refund is null ? "" : "ORIGINAL",
            refund is null ? "" : "SUCCESS", Plain(order.Subject), Plain(order.Attach), Fee(paid - back), "0.60%", Yuan(paid), Yuan(back), "",
        ];
        return Shape(cells, refund is null ? ["", ""] : [BeijingTime.Readable(refund.AskedAt), BeijingTime.Readable(refund.EndedAt)]);
    }

    // SUCCESS leaves the refund columns out, REFUND has two more before them.
    private List<string> Shape(List<string> cells, string[] times)
    {
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
