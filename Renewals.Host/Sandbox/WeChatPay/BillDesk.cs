using System.IO.Compression;
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
