using System.IO.Compression;
using NodaTime;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Writes the zip of a clearing day: transactions (ZM), exceptions (ZME, always empty here) and a summary to read (RD).</summary>
internal static class SettlementFile
{
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();

    public static byte[] Write(string merId, LocalDate day, IReadOnlyList<SettlementRow> rows)
    {
        var stamp = UnionPayTime.Day(day)[2..];
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, $"INN{stamp}88ZM_{merId}", [.. rows.SelectMany(row => SettlementLayout.Write(Line(row, merId)).Concat(LineEnd))]);
            Add(zip, $"INN{stamp}88ZME_{merId}", []);
            Add(zip, $"RD2010{stamp}01_{merId}", SettlementLayout.Gbk.GetBytes(Summary(merId, day, rows)));
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

    private static string Summary(string merId, LocalDate day, IReadOnlyList<SettlementRow> rows)
    {
        var paid = rows.Where(row => !row.IsRefund).ToList();
        var back = rows.Where(row => row.IsRefund).ToList();
        var (credit, debit) = (paid.Sum(row => row.Entry.Amount.MinorUnits), back.Sum(row => row.Entry.Amount.MinorUnits));
        var (feeDebit, feeCredit) = (paid.Sum(row => row.Fee), back.Sum(row => row.Fee));
        return $"商户交易汇总\r\n商户代码:{merId}    清算币种:人民币\r\n"
            + $"清算日期:{UnionPayTime.Day(day)}    生成日期:{UnionPayTime.Day(day.PlusDays(1))}\r\n"
            + $"笔数 {rows.Count}  贷方金额 {Yuan(credit)}  借方金额 {Yuan(debit)}\r\n"
            + $"费用借 {Yuan(feeDebit)} 费用贷 {Yuan(feeCredit)}\r\n"
            + $"清算净额贷 {Yuan(credit - feeDebit)} 借 {Yuan(debit - feeCredit)}\r\n";
    }

    private static string Signed(char side, long fen) => $"{side}{fen:000000000000}";

    private static string Last32(string text) => text.Length > 32 ? text[^32..] : text;

    private static string Yuan(long fen) => $"{(fen < 0 ? "-" : "")}{Math.Abs(fen) / 100}.{Math.Abs(fen) % 100:00}";
}
