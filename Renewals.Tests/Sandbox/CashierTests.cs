using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxCashierTests
{
    [Fact]
    public async Task Paying_while_signing_makes_an_ordinary_payment_and_a_contract()
    {
        await using var world = await SandboxWorld.StartAsync();
        var created = await world.CallAsync("/pay/contractorder", world.ContractOrderFields("code1", "order1"));
        created.Should().Contain("contract_result_code", "SUCCESS").And.Contain("contract_code", "code1");
        (await world.QueryAsync("order1", "/pay/orderquery"))["trade_state"].Should().Be("NOTPAY");

        using var paid = await world.PostJsonAsync($"/wechat/cashier/{created["prepay_id"]}/pay", """{"member":"ann","renew":true}""");
        paid.IsSuccessStatusCode.Should().BeTrue();
        await world.RunForAsync(5);

        world.Bank.Entries.Should().ContainSingle().Which.Under.Should().Be(ExecutedUnder.Cashier);
        world.Sandbox.Agreements.Should().ContainSingle();
        world.Post.Came.Should().HaveCount(2, "payment and ADD");
        (await world.QueryAsync("order1", "/pay/orderquery"))["trade_state"].Should().Be("SUCCESS");
        (await world.QueryAsync("order1")).Should().Contain("err_code", "INVALID_REQUEST").And.Contain("err_code_des", "the order is not an entrusted-deduction order");
        (await world.ApplyAsync(world.Sandbox.Agreements[0].RailAgreementId, "order1")).Verdict().Should().Be("OUT_TRADE_NO_USED");
    }

    [Fact]
    public async Task Switching_the_renewal_off_pays_without_a_contract()
    {
        await using var world = await SandboxWorld.StartAsync();
        var created = await world.CallAsync("/pay/contractorder", world.ContractOrderFields("code1", "order1"));
        var result = await world.Sandbox.PayAsync(created["prepay_id"], "ann", renew: false);
        (result.TransactionId is null, result.ContractId).Should().Be((false, null));
        await world.RunForAsync(5);
        world.Post.Came.Should().ContainSingle();
        (await world.QueryContractAsync("code1")).Verdict().Should().Be("-25");
    }

    [Fact]
    public async Task A_failed_pre_signing_leaves_a_payable_order_that_can_be_closed()
    {
        await using var world = await SandboxWorld.StartAsync(new() { PreSignFails = code => code == "code1" });
        var created = await world.CallAsync("/pay/contractorder", world.ContractOrderFields("code1", "order1"));
        (created["result_code"], created["contract_result_code"]).Should().Be(("SUCCESS", "FAIL"));
        (await world.CallAsync("/pay/closeorder", new() { ["out_trade_no"] = "order1" })).Verdict().Should().Be("SUCCESS");
        (await world.CallAsync("/pay/closeorder", new() { ["out_trade_no"] = "order1" })).Verdict().Should().Be("ORDERCLOSED");
        (await world.Sandbox.PayAsync(created["prepay_id"], "ann")).Refusal.Should().Be("ORDERCLOSED");
        world.Bank.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Orders_end_after_two_hours_and_repeats_are_the_same_order()
    {
        await using var world = await SandboxWorld.StartAsync();
        var created = await world.CallAsync("/pay/contractorder", world.ContractOrderFields("code1", "order1"));
        (await world.CallAsync("/pay/contractorder", world.ContractOrderFields("code1", "order1")))["prepay_id"].Should().Be(created["prepay_id"]);
        var changed = new Dictionary<string, string>(world.ContractOrderFields("code1", "order1")) { ["total_fee"] = "901" };
        (await world.CallAsync("/pay/contractorder", changed)).Verdict().Should().Be("INVALID_REQUEST");
        world.MoveTo(SandboxWorld.Beijing(1, 12));
        (await world.Sandbox.PayAsync(created["prepay_id"], "ann")).Refusal.Should().Be("ORDERCLOSED");
    }

    [Fact]
    public async Task A_holder_of_a_contract_is_told_in_the_pre_signing_result()
    {
        await using var world = await SandboxWorld.StartAsync();
        await world.SignAsync("code1");
        var fields = new Dictionary<string, string>(world.ContractOrderFields("code2", "order1"))
        {
            ["trade_type"] = "JSAPI", ["openid"] = world.Sandbox.OpenIdOf("ann"),
        };
        (await world.CallAsync("/pay/contractorder", fields)).Should().Contain("contract_result_code", "FAIL")
            .And.Contain("contract_err_code", "CONTRACT_EXISTED");
    }
}
