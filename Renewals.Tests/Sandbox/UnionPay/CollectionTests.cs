using NodaTime;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Sandbox.UnionPay;

public class UnionPaySandboxCollectionTests
{
    [Fact]
    public async Task Accepted_is_not_paid_and_the_result_comes_later_by_notification_and_query()
    {
        await using var world = await UnionPayWorld.StartAsync();
        (await world.EstablishAsync())["respCode"].Should().Be("00");
        await world.RunForAsync(2);
        var time = world.Time;
        var accepted = await world.CollectAsync("collect01");
        accepted.Should().Contain("respCode", "00").And.Contain("reqReserved", "c3ViPTQy").And.ContainKey("queryId");
        accepted["queryId"].Should().HaveLength(21);
        world.Bank.Entries.Should().BeEmpty();
        (await world.QueryAsync("collect01", time)).Should().Contain("respCode", "00").And.Contain("origRespCode", "05");

        await world.RunForAsync(3);
        var told = world.LastNotification;
        world.Verified(told).Should().BeTrue();
        told.Should().Contain("respCode", "00").And.Contain("txnAmt", "1500").And.Contain("settleAmt", "1500").And.Contain("settleDate", "0501")
            .And.Contain("orderId", "collect01").And.Contain("txnTime", time).And.Contain("queryId", accepted["queryId"]);
        var asked = await world.QueryAsync("collect01", time);
        asked.Should().Contain("origRespCode", "00").And.Contain("txnType", "11").And.Contain("txnSubType", "03").And.Contain("bizType", "000000");
        world.Bank.Entries.Should().ContainSingle().Which.Should()
            .Match<BankEntry>(entry => entry.TransactionId == accepted["queryId"] && entry.Under == ExecutedUnder.Entrust && entry.Amount.MinorUnits == 1500);
    }

    [Fact]
    public async Task Without_money_it_fails_later_and_nobody_is_told()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { EntrustNotifications = _ => new() { Lost = true } });
        await world.EstablishAsync();
        (await world.CollectedAsync("collect01", 100_001)).Should().Contain("respCode", "00").And.Contain("origRespCode", "64");
        world.Post.Came.Should().BeEmpty();
        world.Bank.FailedAttempts.Should().ContainSingle().Which.Reason.Should().Be("64");
    }

    [Fact]
    public async Task Failures_are_told_where_the_merchant_is_set_up_so()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { NotifyFailures = true, Collections = _ => CollectionDecision.Fail("60") });
        await world.EstablishAsync();
        (await world.CollectedAsync("collect01")).Should().Contain("origRespCode", "60");
        world.LastNotification.Should().Contain("respCode", "60").And.NotContainKey("settleAmt");
    }

    [Fact]
    public async Task A_refusal_may_be_the_answer_itself_and_the_query_repeats_it()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { Collections = _ => new() { RefusedAtOnce = true } });
        await world.EstablishAsync();
        var time = world.Time;
        (await world.CollectAsync("collect01", 100_001))["respCode"].Should().Be("64");
        (await world.QueryAsync("collect01", time))["origRespCode"].Should().Be("64");
        (await world.CollectAsync("collect02"))["respCode"].Should().Be("00");
    }

    [Fact]
    public async Task An_order_number_is_used_up_for_the_trading_day()
    {
        await using var world = await UnionPayWorld.StartAsync();
        await world.EstablishAsync();
        await world.CollectedAsync("collect01");
        world.MoveTo(UnionPayWorld.Beijing(1, 22, 59));
        (await world.CollectAsync("collect01"))["respCode"].Should().Be("12");
        world.MoveTo(UnionPayWorld.Beijing(1, 23));
        (await world.CollectAsync("collect01"))["respCode"].Should().NotBe("12", "the next trading day began at 23:00");
        world.Bank.Entries.Should().ContainSingle();
    }

    [Theory]
    [InlineData("030002", 2, 3)]
    [InlineData("050001", 1, 2)]
    [InlineData("000000", 3, 3)]
    public async Task The_number_of_successes_per_unit_is_kept(string frequency, int today, int untilTomorrow)
    {
        await using var world = await UnionPayWorld.StartAsync(new() { Collections = draw => draw.OrderNumber == "failing1" ? CollectionDecision.Fail("60") : new() });
        await world.EstablishAsync(terms: $"{{validMonth=000&frequency={frequency}}}");
        await world.CollectedAsync("failing1");
        for (var n = 0; n < 3; n++)
        {
            (await world.CollectAsync($"today00{n}"))["respCode"].Should().Be(n < today ? "00" : "78", "failures do not count");
            await world.RunForAsync(3);
        }

        await world.RunUntilAsync(UnionPayWorld.Beijing(2, 0));
        if (frequency == "030002")
            await world.RunUntilAsync(UnionPayWorld.Beijing(32, 0));
        (await world.CollectAsync("tomorrow1"))["respCode"].Should().Be("00", "a new unit began at midnight in Beijing");
        await world.RunForAsync(3);
        world.Bank.Entries.Count.Should().Be(Math.Min(untilTomorrow, today + 1) + (frequency == "000000" ? 1 : 0));
    }

    [Fact]
    public async Task Two_at_once_do_not_outrun_the_terms()
    {
        await using var world = await UnionPayWorld.StartAsync();
        await world.EstablishAsync();
        await world.CollectAsync("collect01");
        await world.CollectAsync("collect02");
        await world.RunForAsync(3);
        world.Bank.Entries.Should().ContainSingle();
        world.Bank.FailedAttempts.Should().ContainSingle().Which.Reason.Should().Be("78");
    }

    [Fact]
    public async Task A_card_without_entrust_an_expired_one_and_a_closed_account_are_refused()
    {
        await using var world = await UnionPayWorld.StartAsync();
        world.Bank.OpenAccount("bob", 5000);
        (await world.CollectAsync("collect01"))["respCode"].Should().Be("72", "nothing was established");
        await world.EstablishAsync(terms: "{validMonth=001&frequency=000000}");
        (await world.CollectAsync("collect02", member: "bob"))["respCode"].Should().Be("72", "bob has none");
        world.Bank.CloseAccount("ann");
        (await world.CollectAsync("collect03"))["respCode"].Should().Be("63");
        world.MoveTo(UnionPayWorld.Beijing(32, 10));
        (await world.CollectAsync("collect04"))["respCode"].Should().Be("72", "a month is over");
        world.Sandbox.Agreements.Should().ContainSingle().Which.Mode.Should().Be(Core.Gateways.TerminationMode.Expired);
    }

    [Theory]
    [InlineData("03")]
    [InlineData("04")]
    [InlineData("05")]
    public async Task Unclear_answers_hide_a_collection_that_succeeds(string code)
    {
        await using var world = await UnionPayWorld.StartAsync(new() { Collections = _ => new() { AnswerCode = code, Defective = true } });
        await world.EstablishAsync();
        var time = world.Time;
        (await world.CollectAsync("collect01"))["respCode"].Should().Be(code);
        await world.RunForAsync(3);
        (await world.QueryAsync("collect01", time))["origRespCode"].Should().Be("A6");
        world.LastNotification["respCode"].Should().Be("A6");
    }

    [Fact]
    public async Task Lost_requests_and_lost_answers_differ_only_in_the_query()
    {
        await using var world = await UnionPayWorld.StartAsync(new()
        {
            Collections = draw => new() { Answer = draw.OrderNumber == "request1" ? AnswerFate.LostRequest : AnswerFate.LostAnswer },
        });
        await world.EstablishAsync(terms: "{validMonth=000&frequency=000000}");
        var time = world.Time;
        foreach (var order in new[] { "request1", "answer01" })
            await world.Invoking(lost => lost.CollectAsync(order)).Should().ThrowAsync<HttpRequestException>();
        await world.RunForAsync(3);
        (await world.QueryAsync("request1", time)).Should().Contain("respCode", "34").And.Contain("txnType", "00");
        (await world.QueryAsync("answer01", time)).Should().Contain("respCode", "00").And.Contain("origRespCode", "00");
        world.Bank.Entries.Should().ContainSingle();
    }

    [Fact]
    public async Task A_new_transaction_may_be_unknown_for_a_while_yet_its_number_is_used()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { Collections = _ => new() { HiddenFor = Duration.FromMinutes(2) } });
        await world.EstablishAsync();
        var time = world.Time;
        await world.CollectAsync("collect01");
        (await world.QueryAsync("collect01", time))["respCode"].Should().Be("34");
        (await world.CollectAsync("collect01"))["respCode"].Should().Be("12");
        await world.RunForAsync(120);
        (await world.QueryAsync("collect01", time))["origRespCode"].Should().Be("00");
    }

    [Fact]
    public async Task Asking_too_often_is_answered_37()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { QueriesPerOrder = 1 });
        await world.EstablishAsync();
        var time = world.Time;
        (await world.CollectedAsync("collect01"))["origRespCode"].Should().Be("00");
        (await world.QueryAsync("collect01", time))["respCode"].Should().Be("37");
    }

    [Fact]
    public async Task The_notification_may_come_before_the_answer()
    {
        await using var world = await UnionPayWorld.StartAsync(new()
        {
            EntrustNotifications = _ => new() { Lost = true },
            Collections = _ => new() { NotifiedBeforeAnswer = true, Answer = AnswerFate.LostAnswer },
        });
        await world.EstablishAsync();
        await world.Invoking(lost => lost.CollectAsync("collect01")).Should().ThrowAsync<HttpRequestException>();
        world.Post.Came.Should().ContainSingle();
        world.LastNotification["respCode"].Should().Be("00");
        world.Sandbox.NextDue.Should().BeNull();
    }
}
