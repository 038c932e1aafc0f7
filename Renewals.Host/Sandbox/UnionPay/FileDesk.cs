using NodaTime;
using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Settlement files (对账文件, 76/01), made from the bank's ledger.</summary>
internal sealed class FileDesk(UnionPayState state)
{
    public GatewayAnswer Download(GatewayCall call)
    {
        var answer = UnionPayTime.LatestDay(call["settleDate"], call.Now) is not { } day
            ? GatewayAnswer.To(call, "10")
            : call.Now < UnionPayTime.FileReadyAt(day) ? GatewayAnswer.To(call, "98") : Of(day, call);
        return answer.With("settleDate", call["settleDate"]).With("fileType", call["fileType"]);
    }

    private GatewayAnswer Of(LocalDate day, GatewayCall call)
    {
        var rows = RowsOf(day);
        return rows.Count == 0 && !state.Options.EmptyFiles
            ? GatewayAnswer.To(call, "98")
            : GatewayAnswer.To(call, "00").With("fileName", $"{state.Credentials.MerId}_{UnionPayTime.Day(day)}.zip")
                .With("fileContent", UnionPayStatementContent.Pack(SettlementFile.Write(state.Credentials.MerId, day, rows)));
    }

    // A row may stand one day after its money moved. What was voided on its own day stands nowhere, and neither does its void.
    private List<SettlementRow> RowsOf(LocalDate day) =>
    [
        .. state.Bank.EntriesBetween(UnionPayTime.StartOf(day.PlusDays(-1)), UnionPayTime.StartOf(day.PlusDays(1)))
            .Where(entry => entry.Account == state.Account)
            .Select(entry => SettlementRow.Of(entry, state))
            .Where(row => row.Day == day && !row.IsVoided)
            .OrderBy(row => row.Entry.At).ThenBy(row => row.About.OrderId, StringComparer.Ordinal),
    ];
}

/// <summary>An entry of the bank's ledger and the transaction it belongs to.</summary>
/// <param name="Entry">What moved.</param>
/// <param name="About">The collection, or the refund.</param>
/// <param name="Original">The collection a refund gives back; null for a collection.</param>
internal sealed record SettlementRow(BankEntry Entry, Transaction About, Collection? Original)
{
    public LocalDate Day => About.SettleDay;

    public bool IsRefund => Original is not null;

    public bool IsVoided => About is Collection { IsVoided: true } or Reversal { IsVoid: true };

    /// <summary>The merchant's fee: 0.3 %, rounded, at least one fen.</summary>
    public long Fee => Math.Max(1, ((Entry.Amount.MinorUnits * 3) + 500) / 1000);

    public static SettlementRow Of(BankEntry entry, UnionPayState state)
    {
        var paid = state.CollectionsByQueryId.GetValueOrDefault(entry.TransactionId)
            ?? state.CollectionsByQueryId.Values.First(collection => collection.OrderId == entry.OrderNumber && collection.Succeeded);
        return entry.RefundNumber is not { } number
            ? new SettlementRow(entry, paid, null)
            : new SettlementRow(entry, paid.Reversals.Find(reversal => reversal.OrderId == number)!, paid);
    }
}
