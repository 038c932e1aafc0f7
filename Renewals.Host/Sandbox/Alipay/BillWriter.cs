using System.IO.Compression;
using System.Text;
using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Writes a day's bill (业务明细账单): a zip of two CSV files in GBK, details and summary, named in GBK too.</summary>
internal sealed class BillWriter(AlipayState state, LocalDate day)
{
    private const string Columns =
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,"
        + "集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

    private const string SummaryColumns =
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";

    // A title may hold signs the file's charset has not; a question mark stands there.
    private static readonly Encoding Gbk =
        CodePagesEncodingProvider.Instance.GetEncoding(936, new EncoderReplacementFallback("?"), DecoderFallback.ExceptionFallback)!;

    private string Account => $"{state.Credentials.SellerId}0156";

    /// <summary>The zip.</summary>
    public byte[] Write(List<BankEntry> entries)
    {
        var name = $"{Account}_{day:uuuuMMdd}_业务明细";
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true, AlipayWire.Gbk))
        {
            Add(zip, $"{name}.csv", Details(entries));
            Add(zip, $"{name}(汇总).csv", Summary(entries));
        }

        return buffer.ToArray();
    }

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var stream = zip.CreateEntry(name, CompressionLevel.Fastest).Open();

        stream.Write(Gbk.GetBytes(text));
    }

    private string Details(List<BankEntry> entries)
    {
        var text = Head("业务明细查询", "业务明细列表").Append(Columns).Append("\r\n");
        foreach (var entry in entries)
            text.Append(Row(entry)).Append("\r\n");
        text.Append("#-----------------------------------------业务明细列表结束------------------------------------\r\n");
        text.Append($"#交易合计：{Count(entries, BankEntryKind.Payment)}笔，商家实收共{Yuan(Sum(entries, BankEntryKind.Payment))}元，商家优惠共0.00元\r\n");
        text.Append($"#退款合计：{Count(entries, BankEntryKind.Refund)}笔，商家实收退款共{Yuan(-Sum(entries, BankEntryKind.Refund))}元，商家优惠退款共0.00元\r\n");
        return Foot(text);
    }

    private string Summary(List<BankEntry> entries)
    {
        var (paid, back) = (Sum(entries, BankEntryKind.Payment), Sum(entries, BankEntryKind.Refund));
        var (net, fee) = (paid - back, entries.Sum(Fee));
        var text = Head("业务汇总查询", "业务汇总列表").Append(SummaryColumns).Append("\r\n");
        text.Append($"合计,,{Count(entries, BankEntryKind.Payment)},{Count(entries, BankEntryKind.Refund)},{Yuan(net)},{Yuan(net)},0.00,0.00,0.00,")
            .Append($"{Yuan(fee)},0.00,{Yuan(net + fee)}\r\n");
        text.Append("#----------------------------------------业务汇总列表结束-------------------------------------\r\n");
        return Foot(text);
    }

    private StringBuilder Head(string title, string list) => new StringBuilder()
        .Append($"#支付宝{title}\r\n#账号：[{Account}]\r\n")
        .Append($"#起始日期：[{Chinese(day)} 00:00:00]   终止日期：[{Chinese(day.PlusDays(1))} 00:00:00]\r\n")
        .Append($"#-----------------------------------------{list}----------------------------------------\r\n");

    private string Foot(StringBuilder text) =>
        text.Append($"#导出时间：[{Chinese(state.Now.BeijingDay())} {state.Now.InBeijing().TimeOfDay:HH:mm:ss}]\r\n").ToString();

    private string Row(BankEntry entry)
    {
        var trade = state.Trades[entry.OrderNumber];
        var isRefund = entry.Kind == BankEntryKind.Refund;
        var amount = Yuan(isRefund ? -entry.Amount.MinorUnits : entry.Amount.MinorUnits);

        // The numbers end with a tab, so that tables keep them as text.
        return string.Join(',',
        [
            $"{entry.TransactionId}\t", $"{entry.OrderNumber}\t", isRefund ? "退款" : "交易", Plain(trade.Subject),
            AlipayWire.Time(isRefund ? entry.At : trade.CreatedAt), AlipayWire.Time(entry.At), "", "", "", "\t",
            $"*{AlipayState.LogonIdOf(entry.Member)}", amount, amount, "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00",
            $"{(isRefund ? entry.RefundNumber : "")}\t", Yuan(Fee(entry)), "0.00", "",
        ]);
    }

    // 0.60 %, rounded to a fen; given back with a refund.
    private static long Fee(BankEntry entry)
    {
        var fee = ((entry.Amount.MinorUnits * 6) + 500) / 1_000;
        return entry.Kind == BankEntryKind.Refund ? fee : -fee;
    }

    private static string Plain(string text) => text.Replace('\r', ' ').Replace('\n', ' ').Replace('"', ' ');

    private static int Count(List<BankEntry> entries, BankEntryKind kind) => entries.Count(entry => entry.Kind == kind);

    private static long Sum(List<BankEntry> entries, BankEntryKind kind) =>
        entries.Where(entry => entry.Kind == kind).Sum(entry => entry.Amount.MinorUnits);

    private static string Yuan(long fen) => fen < 0 ? $"-{TradeNews.Yuan(-fen)}" : TradeNews.Yuan(fen);

    private static string Chinese(LocalDate date) => $"{date.Year:0000}年{date.Month:00}月{date.Day:00}日";
}
