using System.Text;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Sandbox.UnionPay;

public class UnionPaySandboxFileTests
{
    private const string AnyNumber = "{validMonth=000&frequency=000000}";

    [Fact]
    public async Task The_file_of_a_day_is_the_banks_ledger_of_that_day()
    {
        await using var world = await UnionPayWorld.StartAsync();
        await world.EstablishAsync(terms: AnyNumber);
        var paid = await world.CollectedAsync("collect01", 1990);
        await world.CollectedAsync("collect02", 200_000);
        (await world.ReverseAsync("04", "refund01", paid["queryId"], 990))["respCode"].Should().Be("00");
        await world.RunForAsync(10);
        world.MoveTo(UnionPayWorld.Beijing(1, 23, 30));
        await world.CollectedAsync("collect03", 2990);

        (await world.FileAsync("0501"))["respCode"].Should().Be("98", "files come at nine the next day");
        world.MoveTo(UnionPayWorld.Beijing(2, 9));
        (await LinesAsync(world, 1)).Should().BeEquivalentTo(world.Bank.Entries.Take(2).Select(LineOf)).And.HaveCount(2, "the second failed, the third is of the next day");
        (await LinesAsync(world, 1)).Single(line => line.RefundNumber is not null).Should()
            .Match<StatementLine>(line => line.OrderNumber == "collect01" && line.RefundNumber == "refund01" && line.Amount.MinorUnits == 990);
        world.MoveTo(UnionPayWorld.Beijing(3, 9));
        (await LinesAsync(world, 2)).Should().ContainSingle().Which.OrderNumber.Should().Be("collect03", "a day begins at 23:00 of the day before");
        (await world.FileAsync("0430"))["respCode"].Should().Be("98", "nothing happened");
    }

    [Fact]
    public async Task What_was_voided_stands_in_no_file_and_a_row_may_be_a_day_late()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { Collections = draw => new() { SettledNextDay = draw.OrderNumber == "collect02" } });
        await world.EstablishAsync(terms: AnyNumber);
        var voided = await world.CollectedAsync("collect01");
        await world.CollectedAsync("collect02");
        (await world.ReverseAsync("31", "void0001", voided["queryId"], 1500))["respCode"].Should().Be("00");
        await world.RunForAsync(10);
        world.MoveTo(UnionPayWorld.Beijing(3, 9));
        (await world.FileAsync("0501"))["respCode"].Should().Be("98");
        (await LinesAsync(world, 2)).Should().ContainSingle().Which.OrderNumber.Should().Be("collect02");
    }

    [Fact]
    public async Task Days_without_rows_have_an_empty_file_where_the_merchant_is_set_up_so()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { EmptyFiles = true });
        world.MoveTo(UnionPayWorld.Beijing(2, 9));
        (await LinesAsync(world, 1)).Should().BeEmpty();
    }

    [Fact]
    public async Task Limits_are_kept_and_refused_with_their_own_codes()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { MostPerCollection = 2000, MostPerMonth = 3000 });
        await world.EstablishAsync(terms: AnyNumber);
        (await world.CollectAsync("collect01", 2001))["respCode"].Should().Be("33");
        (await world.CollectedAsync("collect02", 2000))["origRespCode"].Should().Be("00");
        (await world.CollectAsync("collect03", 1001))["respCode"].Should().Be("81");
        (await world.CollectedAsync("collect04", 1000))["origRespCode"].Should().Be("00");
        world.MoveTo(UnionPayWorld.Beijing(32, 10));
        (await world.CollectedAsync("collect05", 2000))["origRespCode"].Should().Be("00", "a new month began");
    }

    [Fact]
    public async Task A_batch_is_taken_and_its_result_is_had_an_hour_later()
    {
        await using var world = await UnionPayWorld.StartAsync();
        world.Bank.OpenAccount("bob", 10);
        await world.EstablishAsync(terms: AnyNumber);
        await world.EstablishAsync("entrust02", "bob");
        var time = world.Time;
        var file = Batch(("batch001", "ann", 1000), ("batch002", "bob", 2000), ("batch003", "eve", 500));
        (await SubmitAsync(world, file, 3, 3500)).Should().Contain("respCode", "00").And.Contain("batchNo", "0001");
        (await SubmitAsync(world, file, 3, 3500))["respCode"].Should().Be("12", "the number was used today");
        (await SubmitAsync(world, file, 3, 3501, "0002"))["respCode"].Should().Be("14", "it does not add up");
        (await QueryAsync(world, "0009", time))["respCode"].Should().Be("34");
        (await QueryAsync(world, "0001", time))["respCode"].Should().Be("41");
        await world.RunForAsync(3600);

        var answer = await QueryAsync(world, "0001", time);
        answer["respCode"].Should().Be("00");
        var result = BatchFile.Read(Encoding.UTF8.GetString(UnionPayStatementContent.Unpack(answer["fileContent"], 1 << 20).Span));
        result.Rows.Select(row => row["respCode"]).Should().Equal("00", "64", "72");
        result.Head.Should().Contain(new KeyValuePair<string, string>("successAmount", "1000")).And.Contain(new KeyValuePair<string, string>("successCount", "1"));
        world.Bank.Entries.Should().ContainSingle().Which.Should().Match<BankEntry>(entry => entry.OrderNumber == "batch001" && entry.Member == "ann");
        world.MoveTo(UnionPayWorld.Beijing(2, 9));
        (await LinesAsync(world, 1)).Should().ContainSingle().Which.OrderNumber.Should().Be("batch001");

        string Batch(params (string Order, string Member, long Fen)[] rows) => new BatchFile(
            [new("version", "5.0.0"), new("totalAmount", $"{rows.Sum(row => row.Fen)}"), new("totalNumber", $"{rows.Length}")],
            ["orderId", "txnAmt", "accNo", "billType", "billNo"],
            [.. rows.Select(row => new Dictionary<string, string>
            {
                ["orderId"] = row.Order, ["txnAmt"] = $"{row.Fen}", ["accNo"] = world.Sandbox.CardOf(row.Member).Number, ["billType"] = "01", ["billNo"] = "user" + row.Member,
            })]).Write();
    }

    private static Task<IReadOnlyDictionary<string, string>> SubmitAsync(UnionPayWorld world, string file, int rows, long fen, string number = "0001") =>
        world.SendAsync(GatewayPaths.Batch, world.Request("21", "02", "000501", new()
        {
            ["channelType"] = "07", ["batchNo"] = number, ["totalQty"] = $"{rows}", ["totalAmt"] = $"{fen}",
            ["fileContent"] = UnionPayStatementContent.Pack(Encoding.UTF8.GetBytes(file)),
        }));

    private static Task<IReadOnlyDictionary<string, string>> QueryAsync(UnionPayWorld world, string number, string time) =>
        world.SendAsync(GatewayPaths.Batch, world.Request("22", "02", "000501", new() { ["channelType"] = "07", ["batchNo"] = number, ["txnTime"] = time }));

    private static async Task<List<StatementLine>> LinesAsync(UnionPayWorld world, int day)
    {
        var answer = await world.FileAsync($"05{day:00}");
        answer["respCode"].Should().Be("00");
        var zip = UnionPayStatementContent.Unpack(answer["fileContent"], 1 << 24);
        return [.. UnionPayStatement.Read(zip, new() { MerId = UnionPayWorld.Credentials.MerId }, new LocalDate(2026, 5, day))
            .Should().BeOfType<StatementAnswer.Ready>().Subject.Lines.Select(line => line with { At = default })];
    }

    private static StatementLine LineOf(BankEntry entry) => new(entry.OrderNumber, entry.RefundNumber, entry.Amount, entry.TransactionId, default);
}
