using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;

namespace Renewals.Tests.Sandbox;

public class SandboxRefundAndBillTests
{
    [Fact]
    public async Task Partial_refunds_add_up_to_what_was_paid_and_no_more()
    {
        await using var world = await PaidAsync();
        (await world.RefundAsync("order1", "refund1", 500)).Verdict().Should().Be("SUCCESS");
        (await world.RefundAsync("order1", "refund1", 500)).Verdict().Should().Be("SUCCESS", "the same refund again");
        (await world.RefundAsync("order1", "refund1", 501)).Verdict().Should().Be("ERROR", "the number was used");
        (await world.RefundAsync("order1", "refund2", 1001)).Verdict().Should().Be("ERROR", "more than was paid");
        (await world.RefundAsync("order1", "refund2", 1000, total: 1400)).Verdict().Should().Be("PARAM_ERROR");
        (await world.RefundAsync("none", "refund3", 1)).Verdict().Should().Be("ORDERNOTEXIST");
        (await RefundQueryAsync(world))["refund_status_0"].Should().Be("PROCESSING");
        await world.RunForAsync(10);

        (await RefundQueryAsync(world)).Should().Contain("refund_status_0", "SUCCESS").And.Contain("refund_fee_0", "500")
            .And.ContainKey("refund_recv_accout_0");
        (await world.QueryAsync("order1"))["trade_state"].Should().Be("REFUND");
        world.Bank.BalanceOf("ann").Should().Be(99_000);
        world.Bank.Entries.Select(entry => (entry.Kind, entry.RefundNumber, entry.Amount.MinorUnits))
            .Should().Equal((BankEntryKind.Payment, null, 1500L), (BankEntryKind.Refund, "refund1", 500L));
    }

    [Fact]
    public async Task A_refund_is_told_unsigned_with_its_text_encrypted()
    {
        await using var world = await PaidAsync();
        await world.RefundAsync("order1", "refund1", 500);
        await world.RunForAsync(10);
        var told = world.Post.LastXml;
        told.Should().NotContainKey("sign");
        var plain = WeChatPayCipher.TryDecryptReqInfo(SandboxWorld.Credentials.ApiV2Key, told["req_info"]);
        WeChatPayXml.TryRead(plain, out var fields, out _, "root").Should().BeTrue();
        fields.Should().Contain("refund_status", "SUCCESS").And.Contain("out_refund_no", "refund1").And.Contain("refund_request_source", "API");
    }

    [Fact]
    public async Task Refunds_by_v3_are_queried_and_told_by_v3()
    {
        await using var world = await PaidAsync();
        var body = $$"""{"out_trade_no":"order1","out_refund_no":"refund1","notify_url":"{{world.Post.Url("/r")}}","amount":{"refund":600,"total":1500,"currency":"CNY"} }""";
        (await world.CallV3Async("POST", "/v3/refund/domestic/refunds", body)).Should().Match<(int Status, string Body)>(answer => answer.Status == 200 && answer.Body.Contains("PROCESSING"));
        await world.RunForAsync(10);
        (await world.CallV3Async("GET", "/v3/refund/domestic/refunds/refund1")).Body.Should().Contain("\"status\":\"SUCCESS\"");
        (await world.CallV3Async("GET", "/v3/refund/domestic/refunds/none")).Status.Should().Be(404);

        var told = world.Post.Came.Last();
        SandboxWorld.Verified(told.Headers.GetValueOrDefault, told.Body.Span).Should().BeTrue();
        using var envelope = JsonDocument.Parse(told.Body);
        envelope.RootElement.GetProperty("event_type").GetString().Should().Be("REFUND.SUCCESS");
        var resource = envelope.RootElement.GetProperty("resource");
        var plain = WeChatPayCipher.TryDecryptAead(
            SandboxWorld.Credentials.ApiV3Key, resource.GetProperty("nonce").GetString()!, resource.GetProperty("associated_data").GetString(),
            resource.GetProperty("ciphertext").GetString()!);
        Encoding.UTF8.GetString(plain!).Should().Contain("\"refund\":600").And.Contain("\"out_refund_no\":\"refund1\"");
    }

    [Fact]
    public async Task A_refund_made_on_the_platform_is_told_under_its_own_number()
    {
        await using var world = await PaidAsync();
        (await world.Sandbox.RefundOnPlatformAsync("order1", "platform1", 1500)).Should().BeTrue();
        await world.RunForAsync(10);
        var plain = WeChatPayCipher.TryDecryptReqInfo(SandboxWorld.Credentials.ApiV2Key, world.Post.LastXml["req_info"]);
        Encoding.UTF8.GetString(plain!).Should().Contain("VENDOR_PLATFORM").And.Contain("platform1");
    }

    [Theory]
    [InlineData("ALL", 27, 2)]
    [InlineData("SUCCESS", 20, 1)]
    [InlineData("REFUND", 29, 1)]
    public async Task A_days_bill_is_there_from_ten_the_next_morning(string type, int columns, int lines)
    {
        await using var world = await PaidAsync();
        await world.RefundAsync("order1", "refund1", 500);
        await world.RunUntilAsync(SandboxWorld.Beijing(2, 9, 59));
        (await BillAsync(world, "20260501", type)).Should().Contain("Bill Creating");
        world.MoveTo(SandboxWorld.Beijing(2, 10));
        (await BillAsync(world, "20260430", type)).Should().Contain("No Bill Exist");
        var bill = (await BillAsync(world, "20260501", type)).TrimStart('\uFEFF').TrimEnd().Split("\r\n");
        bill[0].Split(',').Should().HaveCount(columns);
        bill.Should().HaveCount(lines + 3);
        foreach (var line in bill[1..^2])
            line[1..].Split(",`").Should().HaveCount(columns);
        bill[^1][1..].Split(",`").Should().HaveCount(7).And.StartWith(lines.ToString());
    }

    [Fact]
    public async Task A_bill_comes_packed_on_request_with_amounts_in_yuan()
    {
        await using var world = await PaidAsync();
        world.MoveTo(SandboxWorld.Beijing(2, 10));
        var body = WeChatPayXml.Write(world.Signed(new()
        {
            ["appid"] = SandboxWorld.Credentials.AppId, ["mch_id"] = SandboxWorld.Credentials.MchId, ["nonce_str"] = "n",
            ["bill_date"] = "20260501", ["bill_type"] = "ALL", ["tar_type"] = "GZIP",
        }));
        await using var gzip = new GZipStream(new MemoryStream(await world.PostBytesAsync("/pay/downloadbill", body)), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        (await reader.ReadToEndAsync()).Should().Contain(",`order1,`").And.Contain(",`15.00,`").And.Contain(",`0.09000,`0.60%");
    }

    private static async Task<SandboxWorld> PaidAsync()
    {
        var world = await SandboxWorld.StartAsync();
        await world.ApplyAsync(await world.SignAsync("code1"), "order1");
        await world.RunForAsync(10);
        return world;
    }

    private static Task<IReadOnlyDictionary<string, string>> RefundQueryAsync(SandboxWorld world) =>
        world.CallAsync("/pay/refundquery", new() { ["out_trade_no"] = "order1" });

    private static async Task<string> BillAsync(SandboxWorld world, string day, string type)
    {
        var fields = new Dictionary<string, string>
        {
            ["appid"] = SandboxWorld.Credentials.AppId, ["mch_id"] = SandboxWorld.Credentials.MchId, ["nonce_str"] = "n", ["bill_date"] = day,
            ["bill_type"] = type,
        };
        return Encoding.UTF8.GetString(await world.PostBytesAsync("/pay/downloadbill", WeChatPayXml.Write(world.Signed(fields))));
    }
}
