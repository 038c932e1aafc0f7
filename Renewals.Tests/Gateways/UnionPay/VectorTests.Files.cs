using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

public sealed partial class VectorTests
{
    private static int RunSettlement(string file)
    {
        var vector = Samples.Vector(file);
        var zip = Samples.Bytes(vector.GetProperty("files").Text("zip"));
        var detail = Samples.Bytes(vector.GetProperty("files").Text("detail"));
        Convert.ToHexStringLower(SHA256.HashData(zip)).Should().Be(vector.Text("zipSha256"));
        Convert.ToHexStringLower(SHA256.HashData(detail)).Should().Be(vector.Text("detailSha256"));
        UnionPayStatementLayout.LineLength.Should().Be(vector.GetProperty("lineLength").GetInt32());
        UnionPayStatementContent.Unpack(vector.Text("fileContent"), 1 << 20).ToArray().Should().Equal(zip);
        UnionPayStatementContent.Unpack(UnionPayStatementContent.Pack(zip), 1 << 20).ToArray().Should().Equal(zip);

        var lines = Lines(zip);
        CheckTotals(vector, lines);
        var at = 0;
        return 1
            + ForEachCase(file, "layout", field => UnionPayStatementLayout.PlaceOf(field.Text("name"))
                .Should().Be((field.GetProperty("start").GetInt32(), field.GetProperty("length").GetInt32())))
            + ForEachCase(file, "rows", row =>
            {
                var line = detail.AsSpan(at * (UnionPayStatementLayout.LineLength + 2), UnionPayStatementLayout.LineLength).ToArray();
                UnionPayStatementLayout.Names.Select(name => KeyValuePair.Create(name, UnionPayStatementLayout.Field(line, name)))
                    .Where(field => field.Value.Length > 0).Should().BeEquivalentTo(Values(row));
                UnionPayStatementLayout.Write(Values(row)).Should().Equal(line);
                lines[at++].Should().Be(LineOf(Values(row)));
            });
    }

    // Collections are the rail's 11, what is given back its 04; both count with the order's own amount.
    private static StatementLine LineOf(Dictionary<string, string> row) => new(
        row["txnType"] == "04" ? row["origOrderId"] : row["orderId"], row["txnType"] == "04" ? row["orderId"] : null,
        UnionPayText.Fen(row["txnAmt"])!.Value, row["txnType"] == "04" ? row["origQryId"] : row["queryId"], UnionPayText.Time($"2026{row["traceTime"]}")!.Value);

    private static void CheckTotals(JsonElement vector, List<StatementLine> lines)
    {
        var totals = vector.GetProperty("totals");
        var (paid, back) = (lines.Where(line => line.RefundNumber is null).ToList(), lines.Where(line => line.RefundNumber is not null).ToList());
        long Total(string name) => totals.GetProperty(name).GetInt64();
        (lines.Count, paid.Count, back.Count).Should().Be(((int)Total("rows"), (int)Total("collectionRows"), (int)Total("refundRows")));
        paid.Sum(line => line.Amount.MinorUnits).Should().Be(Total("collectionAmountFen"));
        back.Sum(line => line.Amount.MinorUnits).Should().Be(Total("refundAmountFen"));
        var summary = UnionPayStatementSummary.Read(
            UnionPayStatementLayout.Gbk.GetString(Samples.Bytes(vector.GetProperty("files").Text("summary"))), Samples.MerId, new(2026, 3, 5));
        (summary.Rows, summary.Credit, summary.Debit).Should().Be((Total("rows"), Total("collectionAmountFen"), Total("refundAmountFen")));
        (summary.FeeDebit, summary.FeeCredit, summary.NetCredit - summary.NetDebit).Should().Be((Total("feeDebitFen"), Total("feeCreditFen"), Total("netFen")));
    }

    private static List<StatementLine> Lines(byte[] zip) => [.. UnionPayStatement.Read(zip, Samples.Options(), new LocalDate(2026, 3, 5))
        .Should().BeOfType<StatementAnswer.Ready>().Subject.Lines];

    private static Dictionary<string, string> Values(JsonElement row) => row.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);

    /// <summary>
    /// The engine collects one by one: a batch is answered an hour later at the earliest, names no entrust and tells nobody. Its messages go
    /// through the signatures and wire forms of the adapter, its files through the sandbox, which serves batches to clients that have them.
    /// </summary>
    private static int RunBatch(string file)
    {
        var vector = Samples.Vector(file);
        var check = vector.GetProperty("deflateCheck");
        Encoding.ASCII.GetString(UnionPayStatementContent.Unpack(check.Text("fileContent"), 100).Span).Should().Be(check.Text("text"));
        RunSigned(vector.GetProperty("request"));
        RunSigned(vector.GetProperty("query"));

        var request = Batch(vector.GetProperty("request").Map("fields")["fileContent"], vector.Text("requestFile"));
        request.Write().Should().Be(Samples.Text(vector.Text("requestFile")));
        var fields = vector.GetProperty("request").Map("fields");
        (request.Rows.Count.ToString(), request.Rows.Sum(BatchFile.AmountOf).ToString()).Should().Be((fields["totalQty"], fields["totalAmt"]));

        var answer = vector.GetProperty("queryAnswer");
        UnionPayWire.TryReadAnswer(Encoding.UTF8.GetBytes(answer.Text("body")), Samples.Utf8, out var read, out var why).Should().BeTrue(why);
        read.Should().Equal(answer.Map("fields"));
        using var leaf = UnionPayCertificates.TryParse(read!["signPubKeyCert"])!.GetRSAPublicKey()!;
        UnionPaySigner.VerifyRsa(new Dictionary<string, string>(read), leaf, UnionPaySigner.Version510, Samples.Utf8).Should().BeTrue();
        var result = Batch(read["fileContent"], vector.Text("resultFile"));
        result.Write().Should().Be(Samples.Text(vector.Text("resultFile")));

        // The result is the request with what became of each row.
        var codes = result.Rows.ToDictionary(row => row["orderId"]);
        request.ToResult(row => codes[row["orderId"]].Where(cell => !row.ContainsKey(cell.Key))).Write().Should().Be(result.Write());
        return 4 + ForEachCase(file, "expectedResult", expected =>
            BatchFile.IsPaid(codes[expected.Text("orderId")]).Should().Be(expected.Text("state") == "succeeded"));
    }

    private static BatchFile Batch(string content, string file)
    {
        var bytes = UnionPayStatementContent.Unpack(content, 1 << 20);
        bytes.ToArray().Should().Equal(Samples.Bytes(file));
        return BatchFile.Read(Samples.Utf8.GetString(bytes.Span));
    }
}
