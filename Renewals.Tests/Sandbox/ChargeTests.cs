using Renewals.Core.Gateways;
using NodaTime;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxChargeTests
{
    [Fact]
    public async Task The_first_charge_within_twelve_hours_needs_no_notice()
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        await world.RunForAsync(10);
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("SUCCESS");
        (await world.QueryAsync("order1"))["trade_state"].Should().Be("NOTPAY");
        await world.RunForAsync(10);

        var entry = world.Bank.Entries.Should().ContainSingle().Subject;
        (entry.OrderNumber, entry.Amount.MinorUnits, entry.Under, entry.Kind).Should().Be(("order1", 1500L, ExecutedUnder.FirstChargeException, BankEntryKind.Payment));
        world.Bank.BalanceOf("ann").Should().Be(98_500);
        var told = world.Post.LastXml;
        WeChatPaySigner.Verify(told, SandboxWorld.Credentials.ApiV2Key, WeChatPaySignType.Md5).Should().BeTrue();
        told.Should().Contain("trade_state", "SUCCESS").And.Contain("contract_id", contract).And.Contain("attach", "a")
            .And.Contain("total_fee", "1500").And.Contain("time_end", "20260501100012");
        var query = await world.QueryAsync("order1");
        (query["trade_state"], query["transaction_id"]).Should().Be(("SUCCESS", entry.TransactionId));
    }

    [Fact]
    public async Task The_exception_ends_after_twelve_hours_with_a_notice_or_with_a_success()
    {
        await using var world = await SandboxWorld.StartAsync();
        world.Bank.OpenAccount("bob", 9000);
        world.Bank.OpenAccount("cid", 9000);
        var (late, noticed, paid) = (await world.SignAsync("code1"), await world.SignAsync("code2", "bob"), await world.SignAsync("code3", "cid"));
        (await world.NotifyAsync(noticed)).Status.Should().Be(204);
        (await world.ApplyAsync(noticed, "order2")).Verdict().Should().Be("INVALID_REQUEST", "the notice's rule holds now");
        await world.ApplyAsync(paid, "order3");
        await world.RunForAsync(10);
        (await world.ApplyAsync(paid, "order4")).Verdict().Should().Be("RULELIMIT", "one success per day");
        world.MoveTo(SandboxWorld.Beijing(1, 22));
        (await world.ApplyAsync(late, "order1")).Verdict().Should().Be("INVALID_REQUEST");
    }

    [Fact]
    public async Task A_notice_opens_days_three_to_nine_from_seven_to_ten_at_night()
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        world.MoveTo(SandboxWorld.Beijing(1, 22));
        (await world.NotifyAsync(contract)).Status.Should().Be(400);
        world.MoveTo(SandboxWorld.Beijing(2, 6, 59));
        (await world.NotifyAsync(contract)).Status.Should().Be(400);
        world.MoveTo(SandboxWorld.Beijing(2, 21, 59));
        (await world.NotifyAsync(contract)).Status.Should().Be(204);
        (await world.NotifyAsync(contract)).Body.Should().Contain("INVALID_REQUEST", "a cycle is open");
        foreach (var (day, hour, verdict) in new[] { (2, 21, "INVALID_REQUEST"), (3, 12, "INVALID_REQUEST"), (4, 6, "INVALID_REQUEST"), (4, 22, "INVALID_REQUEST") })
        {
            world.MoveTo(Instant.Max(world.Now, SandboxWorld.Beijing(day, hour)));
            (await world.ApplyAsync(contract, $"order{day}{hour}")).Verdict().Should().Be(verdict);
        }

        world.MoveTo(SandboxWorld.Beijing(10, 21, 59));
        (await world.ApplyAsync(contract, "above", 1501)).Verdict().Should().Be("INVALID_REQUEST", "above the estimate");
        (await world.ApplyAsync(contract, "last")).Verdict().Should().Be("SUCCESS", "day nine");
        await world.RunForAsync(10);
        world.Bank.Entries.Should().ContainSingle().Which.Under.Should().Be(ExecutedUnder.PreNotice);
        world.Sandbox.RailNotices.Select(notice => notice.Accepted).Should().Equal(false, false, true, false);
    }

    [Fact]
    public async Task The_first_chargeable_moment_is_day_three_at_seven_and_the_cycle_ends_with_a_success()
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        await world.NotifyAsync(contract);
        world.MoveTo(SandboxWorld.Beijing(3, 7));
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("SUCCESS");
        (await world.ApplyAsync(contract, "order2")).Verdict().Should().Be("FREQUENCY_LIMITED", "an earlier one is open");
        await world.RunForAsync(10);
        world.MoveTo(SandboxWorld.Beijing(4, 7));
        (await world.ApplyAsync(contract, "order2")).Verdict().Should().Be("INVALID_REQUEST", "one success ends the cycle");
        (await world.NotifyAsync(contract)).Status.Should().Be(204);
    }

    [Fact]
    public async Task A_cycle_without_success_ends_after_day_nine_and_a_new_notice_is_taken()
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        await world.NotifyAsync(contract);
        world.MoveTo(SandboxWorld.Beijing(10, 8));
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("INVALID_REQUEST");
        (await world.NotifyAsync(contract)).Status.Should().Be(204);
    }

    [Fact]
    public async Task Failures_allow_a_new_number_but_not_the_old_one()
    {
        await using var world = await SandboxWorld.StartAsync(new() { Charges = draw => draw.ApplyCount == 1 ? ChargeDecision.Fail("BANKERROR") : new() });
        var contract = await world.SignAsync("code1");
        await world.ApplyAsync(contract, "order1");
        await world.RunForAsync(10);
        (await world.QueryAsync("order1")).Should().Contain("trade_state", "PAY_FAIL").And.Contain("err_code", "BANKERROR");
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("OUT_TRADE_NO_USED");
        (await world.ApplyAsync(contract, "order2")).Verdict().Should().Be("SUCCESS");
        await world.RunForAsync(10);
        world.Bank.FailedAttempts.Should().ContainSingle().Which.Should().Be(new FailedAttempt("order1", SandboxWorld.Beijing(1, 10) + Duration.FromSeconds(2), "BANKERROR"));
        world.Bank.Entries.Should().ContainSingle().Which.OrderNumber.Should().Be("order2");
    }

    [Fact]
    public async Task Without_funds_nothing_succeeds_whatever_was_decided()
    {
        await using var world = await SandboxWorld.StartAsync();
        world.Bank.OpenAccount("ann", 1499);
        var contract = await world.SignAsync("code1");
        await world.ApplyAsync(contract, "order1");
        await world.RunForAsync(10);
        world.Bank.Entries.Should().BeEmpty();
        world.Post.LastXml.Should().Contain("err_code", "NOTENOUGH").And.Contain("trade_state", "PAY_FAIL").And.NotContainKey("transaction_id");
    }

    [Theory]
    [InlineData(FailureShape.A, "FAIL", "NOTENOUGH", "PAY_FAIL")]
    [InlineData(FailureShape.B, "SUCCESS", null, "PAY_FAIL")]
    [InlineData(FailureShape.C, "FAIL", "0", null)]
    public async Task Failures_are_told_in_three_shapes(FailureShape shape, string result, string? code, string? state)
    {
        await using var world = await SandboxWorld.StartAsync(new() { Charges = _ => ChargeDecision.Fail("NOTENOUGH", shape) });
        await world.ApplyAsync(await world.SignAsync("code1"), "order1");
        await world.RunForAsync(10);
        var told = world.Post.LastXml;
        (told["result_code"], told.GetValueOrDefault("err_code"), told.GetValueOrDefault("trade_state")).Should().Be((result, code, state));
    }

    [Fact]
    public async Task Repeats_never_charge_twice_and_changed_ones_are_refused()
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        for (var i = 0; i < 3; i++)
            (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("SUCCESS");
        (await world.ApplyAsync(contract, "order1", 1499)).Verdict().Should().Be("INVALID_REQUEST");
        await world.RunForAsync(10);
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("ORDERPAID");
        (await world.ApplyAsync(contract, "order1", 1499)).Verdict().Should().Be("OUT_TRADE_NO_USED");
        world.Bank.Entries.Should().ContainSingle();
    }

    [Fact]
    public async Task In_24_hour_mode_an_apply_waits_a_day_and_dies_with_its_contract()
    {
        await using var world = await SandboxWorld.StartAsync();
        world.Bank.OpenAccount("bob", 9000);
        var (stays, ends) = (await world.SignAsync("code1", plan: "90024"), await world.SignAsync("code2", "bob", "90024"));
        (await world.NotifyAsync(stays)).Status.Should().Be(403);
        world.MoveTo(SandboxWorld.Beijing(2, 23));
        (await world.ApplyAsync(stays, "order1")).Verdict().Should().Be("SUCCESS");
        (await world.ApplyAsync(ends, "order2")).Verdict().Should().Be("SUCCESS");
        await world.Sandbox.TerminateAsync(ends, TerminationMode.Member);
        await world.RunUntilAsync(SandboxWorld.Beijing(3, 22, 59));
        (await world.QueryAsync("order1"))["trade_state"].Should().Be("ACCEPT");
        await world.RunUntilAsync(SandboxWorld.Beijing(3, 23, 1));
        var entry = world.Bank.Entries.Should().ContainSingle().Subject;
        (entry.OrderNumber, entry.Under).Should().Be(("order1", ExecutedUnder.TwentyFourHour));
        (await world.QueryAsync("order2")).Should().Contain("trade_state", "PAY_FAIL").And.Contain("err_code", "CONTRACT_NOT_EXIST");
    }

    [Fact]
    public async Task Limits_unknown_contracts_and_closed_accounts_are_refused()
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        (await world.ApplyAsync(contract, "order1", 50_001)).Verdict().Should().Be("RULELIMIT");
        (await world.ApplyAsync("none", "order1")).Verdict().Should().Be("CONTRACT_NOT_EXIST");
        world.Bank.CloseAccount("ann");
        (await world.ApplyAsync(contract, "order1")).Verdict().Should().Be("USER_ACCOUNT_ABNORMAL");
        (await world.QueryAsync("order1")).Verdict().Should().Be("ORDERNOTEXIST", "it was never accepted");
    }

    [Fact]
    public async Task Orders_are_forgotten_after_a_month()
    {
        await using var world = await SandboxWorld.StartAsync();
        await world.ApplyAsync(await world.SignAsync("code1"), "order1");
        await world.RunForAsync(10);
        world.MoveTo(SandboxWorld.Beijing(32, 10));
        (await world.QueryAsync("order1"))["trade_state"].Should().Be("SUCCESS");
        world.MoveTo(SandboxWorld.Beijing(32, 10, 1));
        (await world.QueryAsync("order1")).Verdict().Should().Be("ORDERNOTEXIST");
    }
}
