using NodaTime;
using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Batches of collections (批量代收, 21 and 22): a file is taken, its result is another file, an hour later at the earliest.</summary>
/// <remarks>
/// For clients that have batches; our engine has none. Each row is a collection like any other, under an entrust in force. When results can be
/// had is not published beyond the advice to ask after an hour; nobody is notified.
/// </remarks>
internal sealed class BatchDesk(UnionPayState state, CollectionDesk collections)
{
    private const int MaxBytes = 32 * 1024 * 1024;
    private static readonly Duration ReadyAfter = Duration.FromHours(1);

    private readonly Dictionary<(string Day, string BatchNo), Batch> batches = [];

    /// <summary>Takes a batch; its rows are collected from now on.</summary>
    public GatewayAnswer Submit(GatewayCall call)
    {
        if (batches.ContainsKey(KeyOf(call)))
            return Answer(call, "12");
        if (ReadFile(call) is not { } file)
            return Answer(call, "14");
        batches.Add(KeyOf(call), new(call, file));
        foreach (var row in file.Rows)
        {
            if (!state.IsUsed(RowCall(call, row)))
                collections.CollectRow(RowCall(call, row), row["accNo"]);
        }

        return Answer(call, "00");
    }

    /// <summary>Asks for the result.</summary>
    public GatewayAnswer Query(GatewayCall call)
    {
        if (batches.GetValueOrDefault(KeyOf(call)) is not { } batch || batch.Call["txnTime"] != call["txnTime"])
            return Answer(call, "34");
        if (call.Now < batch.Call.Now + ReadyAfter || batch.File.Rows.Any(row => Find(batch, row) is { Result: null }))
            return Answer(call, "41");
        var result = batch.File.ToResult(row => ResultOf(Find(batch, row)));
        return Answer(call, "00").With("totalQty", batch.Call["totalQty"]).With("totalAmt", batch.Call["totalAmt"])
            .With("fileContent", UnionPayStatementContent.Pack(GatewayRequest.EncodingOf(call["encoding"]).GetBytes(result.Write())));
    }

    private static BatchFile? ReadFile(GatewayCall call)
    {
        try
        {
            var text = GatewayRequest.EncodingOf(call["encoding"]).GetString(UnionPayStatementContent.Unpack(call["fileContent"], MaxBytes).Span);
            var file = BatchFile.Read(text);
            return $"{file.Rows.Count}" == call["totalQty"] && $"{file.Rows.Sum(BatchFile.AmountOf)}" == call["totalAmt"]
                && file.Rows.All(row => row.ContainsKey("accNo") && FieldFormats.Fits("orderId", row.GetValueOrDefault("orderId", "")))
                ? file
                : null;
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException)
        {
            return null;
        }
    }

    // Without an address: batches are not notified.
    private static GatewayCall RowCall(GatewayCall batch, IReadOnlyDictionary<string, string> row)
    {
        var fields = batch.Fields.Where(field => Operation.Common.Split(' ').Contains(field.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var name in new[] { "orderId", "txnAmt", "billType", "billNo" })
            fields[name] = row.GetValueOrDefault(name, "");
        (fields["txnType"], fields["txnSubType"], fields["currencyCode"]) = ("11", "02", "156");
        return new(fields, batch.Now);
    }

    private Transaction? Find(Batch batch, IReadOnlyDictionary<string, string> row) =>
        state.Transactions.GetValueOrDefault((row["orderId"], batch.Call["txnTime"]));

    // An order number that was used before is no transaction of this batch.
    private static IEnumerable<KeyValuePair<string, string>> ResultOf(Transaction? found) => found is null
        ? [new("respCode", "12"), new("respMsg", ResponseTexts.Of("12"))]
        : [
            new("respCode", found.Result!), new("respMsg", ResponseTexts.Of(found.Result!)), new("queryId", found.QueryId),
            new("sysTraNo", found.TraceNo), new("sysTm", UnionPayTime.Trace(found.AcceptedAt)), new("settleDate", UnionPayTime.MonthDay(found.SettleDay)),
        ];

    private static GatewayAnswer Answer(GatewayCall call, string code) => GatewayAnswer.To(call, code).With("batchNo", call["batchNo"]);

    private static (string Day, string BatchNo) KeyOf(GatewayCall call) => (call["txnTime"][..8], call["batchNo"]);

    private sealed record Batch(GatewayCall Call, BatchFile File);
}
