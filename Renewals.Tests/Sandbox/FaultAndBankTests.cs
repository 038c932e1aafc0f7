using System.Globalization;
using System.Net;
using System.Text.Json;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Commands;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxFaultAndBankTests
{
    [Theory]
    [InlineData(ApplyAnswer.LostBeforeAcceptance, false)]
    [InlineData(ApplyAnswer.LostAfterAcceptance, true)]
    public async Task A_lost_answer_breaks_the_connection_once(ApplyAnswer fate, bool accepted)
    {
        var asked = 0;
        await using var world = await SandboxWorld.StartAsync(new()
        {
            Charges = _ =>
            {
                asked++;
                return new() { FirstAnswer = fate };
            },
        });
        var contract = await world.SignAsync("code1");
        await world.Invoking(w => w.ApplyAsync(contract, "order1")).Should().ThrowAsync<HttpRequestException>();
        (await world.QueryAsync("order1")).Verdict().Should().Be(accepted ? "SUCCESS" : "ORDERNOTEXIST");
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("SUCCESS");
        await world.RunForAsync(10);
        world.Bank.Entries.Should().ContainSingle();
        asked.Should().Be(1);
    }

    [Fact]
    public async Task Faults_are_injected_over_HTTP_for_one_call()
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        foreach (var fault in new[] { "system-error", "return-fail", "lose-answer", "bad-signature" })
            using (var answer = await world.PostJsonAsync("/_control/wechat/faults", $$"""{"key":"order1","fault":"{{fault}}"}"""))
                answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("SYSTEMERROR");
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("return FAIL");
        world.Bank.FailedAttempts.Should().BeEmpty();
        await world.Invoking(w => w.ApplyAsync(contract, "order1")).Should().ThrowAsync<HttpRequestException>();
        var unsigned = await world.PostRawAsync("/pay/paporderquery", WeChatPayXml.Write(world.Signed(new()
        {
            ["appid"] = SandboxWorld.Credentials.AppId, ["mch_id"] = SandboxWorld.Credentials.MchId, ["nonce_str"] = "n", ["out_trade_no"] = "order1",
        })));
        WeChatPaySigner.Verify(unsigned, SandboxWorld.Credentials.ApiV2Key, WeChatPaySignType.Md5).Should().BeFalse();
        (await world.QueryAsync("order1"))["trade_state"].Should().Be("NOTPAY", "the lost call was executed");
        using var wrong = await world.PostJsonAsync("/_control/wechat/faults", """{"key":"order1","fault":"gremlins"}""");
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Planted_defects_show_in_the_ledger_and_not_in_what_the_merchant_is_told()
    {
        await using var world = await SandboxWorld.StartAsync();
        world.Bank.OpenAccount("bob", 9000);
        world.Bank.PlantDoubleBooking(order => order == "order2");
        world.Bank.PlantForgottenPayment();
        await world.ApplyAsync(await world.SignAsync("code1"), "order1");
        await world.RunForAsync(10);
        await world.ApplyAsync(await world.SignAsync("code2", "bob"), "order2");
        await world.RunForAsync(10);
        (await world.QueryAsync("order1"))["trade_state"].Should().Be("SUCCESS", "the merchant believes it");
        world.Bank.Entries.Select(entry => entry.OrderNumber).Should().Equal("order2", "order2");
        world.Bank.Entries.Select(entry => entry.TransactionId).Distinct().Should().HaveCount(2);
    }

    [Fact]
    public async Task Two_runs_give_the_same_figures_whatever_the_order_of_calls()
    {
        var forwards = await HistoryAsync(["a", "b", "c", "d", "e", "f"], 1);
        var backwards = await HistoryAsync(["f", "e", "d", "c", "b", "a"], 4);
        backwards.Should().Be(forwards);
        JsonDocument.Parse(forwards).RootElement.GetArrayLength().Should().Be(4, "two of six failed");
    }

    [Fact]
    public async Task The_sandbox_command_runs_alone_and_says_when_its_port_is_taken()
    {
        using var ending = new CancellationTokenSource();
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var errors = new StringWriter(CultureInfo.InvariantCulture);
        var running = SandboxCommand.RunAsync(0, null, json: true, output, errors, ending.Token);
        while (output.ToString().Length == 0 && !running.IsCompleted)
            await Task.Delay(20);
        var address = new Uri(JsonDocument.Parse(output.ToString()).RootElement.GetProperty("address").GetString()!);
        (await SandboxCommand.RunAsync(address.Port, null, json: false, output, errors, CancellationToken.None)).Should().Be(1);
        errors.ToString().Trim().Should().Contain("taken").And.NotContain("\n");
        using (var http = new HttpClient())
            (await http.GetStringAsync(new Uri(address, "/_control/bank"))).Should().Be("[]");
        await ending.CancelAsync();
        (await running).Should().Be(0);
    }

    // Six members sign and pay at the same instants, called in another order; every third charge fails.
    private static async Task<string> HistoryAsync(string[] members, int atOnce)
    {
        await using var world = await SandboxWorld.StartAsync(new()
        {
            CallbacksAtOnce = atOnce,
            Charges = draw => draw.Member is "c" or "f" ? ChargeDecision.Fail("BANKERROR") : new(),
        });
        foreach (var member in members)
            world.Bank.OpenAccount(member, 9000);
        await Task.WhenAll(members.Select(async member => await world.ApplyAsync(await world.SignAsync("code" + member, member), "order" + member)));
        await world.RunForAsync(60);
        world.Post.Came.Should().HaveCount(12, "an ADD and a result each");
        return JsonSerializer.Serialize(world.Bank.Entries);
    }
}
