using System.IO.Compression;
using NodaTime;
using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Writes the zip of a clearing day: transactions (ZM), exceptions (ZME, always empty here) and a summary to read (RD).</summary>
internal static class SettlementFile
{
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly string Rule = new('_', 120);

    public static byte[] Write(string merId, LocalDate day, IReadOnlyList<SettlementRow> rows)
    {
        var stamp = UnionPayTime.Day(day)[2..];
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, $"INN{stamp}88ZM_{merId}", [.. rows.SelectMany(row => UnionPayStatementLayout.Write(Line(row, merId)).Concat(LineEnd))]);
            Add(zip, $"INN{stamp}88ZME_{merId}", []);
            Add(zip, $"RD2010{stamp}01_{merId}", UnionPayStatementLayout.Gbk.GetBytes(Summary(merId, day, rows)));
        }

        return buffer.ToArray();
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        entry.Write(content);
    }

    // Transaction codes are placeholders, as in every published sample of this product: a row is classified by its type and product.
    private static Dictionary<string, string> Line(SettlementRow row, string merId)
    {
        var (call, card, original) = (row.About.Call, row.About.Card!, row.Original);
        var amount = row.Entry.Amount.MinorUnits;
        var (fee, net) = row.IsRefund ? (Signed('C', row.Fee), Signed('D', amount - row.Fee)) : (Signed('D', row.Fee), Signed('C', amount - row.Fee));
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["transactionCode"] = row.IsRefund ? "S30" : "S56",
            ["agentInstitution"] = "88022900", ["sendingInstitution"] = "00049993", ["traceNo"] = row.About.TraceNo,
            ["traceTime"] = UnionPayTime.Trace(row.About.AcceptedAt), ["accNo"] = card.Masked, ["txnAmt"] = $"{amount:000000000000}",
            ["merCatCode"] = "4899", ["terminalType"] = call["channelType"],
            ["queryId"] = row.IsRefund ? row.About.QueryId : row.Entry.TransactionId, ["payMethodOld"] = "01",
            ["orderId"] = row.About.OrderId, ["payCardType"] = MessageFields.CardType(card), ["origTraceNo"] = original?.TraceNo ?? "",
            ["origTraceTime"] = original is null ? "" : UnionPayTime.Trace(original.AcceptedAt), ["merchantFee"] = fee, ["settleAmt"] = net,
            ["payMethod"] = "0001", ["txnType"] = call["txnType"], ["txnSubType"] = call["txnSubType"], ["bizType"] = call["bizType"],
            ["billType"] = call["billType"], ["billNo"] = Last32(call["billNo"]), ["origQryId"] = original?.QueryId ?? "", ["merId"] = merId,
            ["subMerId"] = "000000000000000", ["subMerSplitAmt"] = "000000000000", ["netSettleAmt"] = net, ["termId"] = "01080209",
            ["merchantReserved"] = call["reqReserved"], ["discountAmt"] = "000000000000", ["invoiceAmt"] = "000000000000",
            ["instalmentFee"] = "00000000000", ["medium"] = "7", ["origOrderId"] = original?.OrderId ?? "",
        };
    }

    // The table of the rail's published sample: one part by kind of transaction, one by kind of card, each with its total. Debit before credit.
    private static string Summary(string merId, LocalDate day, IReadOnlyList<SettlementRow> rows) => string.Join("\r\n",
    [
        "", "                         中国银联全渠道商户交易汇总表", "", $"商户代码:{merId}    清算币种:人民币",
        $"收单机构:88022900    清算日期:{UnionPayTime.Day(day)}", $"商户名称:沙箱商户    生成日期:{UnionPayTime.Day(day.PlusDays(1))}", "",
        .. Part("交易类型", [("代收", rows.Where(row => !row.IsRefund)), ("退货", rows.Where(row => row.IsRefund))], rows), "",
        .. Part("卡性质", [("借记卡", rows.Where(row => !row.About.Card!.IsCredit)), ("贷记卡", rows.Where(row => row.About.Card!.IsCredit))], rows), "",
    ]);

    private static IEnumerable<string> Part(string title, IEnumerable<(string Name, IEnumerable<SettlementRow> Rows)> kinds, IEnumerable<SettlementRow> all) =>
    [
        $"{title}  交易笔数  交易金额 借 贷  费用 借 贷  资金清算差额 借 贷", Rule, .. kinds.Select(kind => Line(kind.Name, [.. kind.Rows])), Rule,
        Line("总计", [.. all]),
    ];

    private static string Line(string name, IReadOnlyList<SettlementRow> rows)
    {
        var (paid, back) = (rows.Where(row => !row.IsRefund).ToList(), rows.Where(row => row.IsRefund).ToList());
        var (credit, debit) = (paid.Sum(row => row.Entry.Amount.MinorUnits), back.Sum(row => row.Entry.Amount.MinorUnits));
        var (feeDebit, feeCredit) = (paid.Sum(row => row.Fee), back.Sum(row => row.Fee));
        return $"{name} {rows.Count,15}"
            + string.Concat(new[] { debit, credit, feeDebit, feeCredit, debit - feeCredit, credit - feeDebit }.Select(fen => $" {Yuan(fen),15}"));
    }

    private static string Signed(char side, long fen) => $"{side}{fen:000000000000}";

    private static string Last32(string text) => text.Length > 32 ? text[^32..] : text;

    private static string Yuan(long fen) => $"{fen / 100}.{fen % 100:00}";
}
