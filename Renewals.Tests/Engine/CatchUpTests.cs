using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>After an outage: the money limit of late charges, and what a person does about a backlog.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class CatchUpTests(PostgresFixture postgres)
{
    private const int LateMoneyStopped = 1036;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Late_charges_go_out_up_to_the_money_limit_and_what_is_in_time_goes_on(bool inMemory)
    {
        await using var host = await OutageAsync(inMemory, more: options => options.Engine.MaxLateMoney = 5_000);
        var punctual = await host.SignAsync(9);
        host.Rail.Orders.Clear();
        await SweepUntilLateAsync(host);
        Late(host).Should().HaveCount(2, "two of 25.00 yuan are borne");
        host.Logs.Count(LateMoneyStopped).Should().Be(1);
        var stop = (await Box(host).ListAsync()).Should().ContainSingle().Subject;
        stop.Should().Match<ChargeStop>(x => x.Rule == FuseRule.LateMoney && x.By == "engine");
        (await Box(host).ResetAsync(stop.Id, "ann", "x")).Should().BeOfType<StopResult.NothingMatched>().Which.Why.Should().Contain("catch-up");

        await host.SweepUntilAsync(async () => (await host.FindAsync(punctual)).PaidThrough == 2);
        Late(host).Should().HaveCount(2, "days have passed, and the late ones wait for a person");
        (await host.EventsAsync<PeriodsSkipped>(Samples.IdOf(4))).Select(e => (e.From, e.To)).Should().Equal([(3, 4), (5, 5)], "nobody let it go on while its period ran");
        host.Rail.Orders.Count(order => order.Number.Charge.Ordinal == 6).Should().Be(2, "who is up to date is charged in time; for the others the next period has become late too");
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_raises_the_limit_for_this_backlog_and_it_goes_on_as_far_as_that(bool inMemory)
    {
        await using var host = await OutageAsync(inMemory, more: options => options.Engine.MaxLateMoney = 2_500);
        await SweepUntilLateAsync(host);
        Late(host).Should().ContainSingle();
        var desk = host.Services.GetRequiredService<CatchUpDesk>();
        foreach (var (limit, by, why) in ((long, string, string)[])[(0, "ann", "x"), (1, " ", "x"), (1, "ann", "")])
            await FluentActions.Awaiting(() => desk.RaiseAsync(Samples.Account, Money.Cny(limit), by, why)).Should().ThrowAsync<ArgumentException>();
        var ended = await desk.RaiseAsync(Samples.Account, Money.Cny(5_000), "ann", "the outage of June");
        ended!.End!.Should().Match<StopEnd>(end => end.By == "ann" && end.Why.Contains("CNY 5000") && end.Why.EndsWith("the outage of June"));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await host.SweepAsync();
        Late(host).Should().HaveCount(3, "two more fit, whatever went out before");
        host.Logs.Count(LateMoneyStopped).Should().Be(2, "the fourth is above it");
        (await Box(host).ListAsync(all: true)).Select(stop => stop.IsOpen).Should().Equal(true, false);
        (await desk.RaiseAsync(Samples.Account, Money.Cny(100_000), "ann", "all of it")).Should().NotBeNull();
        await host.SweepAsync();
        Late(host).Should().HaveCount(4);
        (await desk.RaiseAsync(Samples.Account, Money.Cny(1), "ann", "nothing was stopped")).Should().BeNull();
    }

    [Fact]
    public async Task Two_hosts_share_the_money_limit()
    {
        await using var host = await OutageAsync(inMemory: false, more: options => (options.Engine.MaxLateMoney, options.Engine.BatchSize) = (5_000, 1), other: out var second);
        await using var other = await second;
        await host.SweepUntilAsync(async () => (await host.EventsAsync<Announced>(Samples.IdOf(4))).Count == 2);
        host.Rail.Orders.Clear();
        host.Time.Advance(TimeSpan.FromDays(7));
        foreach (var each in (TestHost[])[host, other, host, other])
            await each.Services.GetRequiredService<Sweep>().RunAsync(Samples.Account, default);
        (host.Rail.Orders.Count + other.Rail.Orders.Count).Should().Be(2);
    }

    [Fact]
    public async Task The_preview_says_what_then_happens_and_writes_nothing()
    {
        await using var host = await OutageAsync(inMemory: false, more: options => options.Engine.MaxLateMoney = 5_000);
        var before = await Task.WhenAll(Enumerable.Range(1, 4).Select(i => host.Ledger.ReadEventsAsync(Samples.IdOf(i), default)));
        var report = await host.Services.GetRequiredService<CatchUpSurvey>().RunAsync(Samples.Account);
        report.Lines.Should().ContainSingle().Which.Should().Match<CatchUpLine>(line => line.Plan == "monthly" && line.Policy == CatchUpPolicy.CurrentPeriodOnly
            && line.Behind == 4 && line.MissedPeriods == 8 && line.NotCharged == 8 && line.Charges == 4 && line.Money == 10_000 && line.Forgiven == 0 && line.Asked == 0);
        var forecast = report.Late.Should().ContainSingle().Subject;
        forecast.Should().Match<LateForecast>(late => late.Total == 10_000 && late.Limit == 5_000 && late.GoneBy == 5_000);
        report.GoesOutByItself.Should().BeFalse();
        var after = await Task.WhenAll(Enumerable.Range(1, 4).Select(i => host.Ledger.ReadEventsAsync(Samples.IdOf(i), default)));
        after.Select(events => events.Count).Should().Equal(before.Select(events => events.Count));
        host.Rail.Notices.Should().HaveCount(4, "those of the period before the outage");

        await host.SweepUntilAsync(() => Task.FromResult(Late(host).Count > 0));
        Instant.FromDateTimeOffset(host.Time.GetUtcNow()).Should().Be(report.Lines[0].FirstChargeAt!.Value).And.Be(forecast.StopsAt!.Value);
        (await host.EventsAsync<Announced>(Samples.IdOf(1)))[^1].Notice.HandedOverAt.Should().Be(report.Lines[0].FirstNoticeAt!.Value);
    }

    [Fact]
    public async Task Members_whose_plan_asks_wait_and_go_on_as_a_person_decides_for_all_of_them_or_for_one()
    {
        await using var host = await OutageAsync(inMemory: true, policy: CatchUpPolicy.Ask);
        await host.SweepAsync();
        var report = await host.Services.GetRequiredService<CatchUpSurvey>().RunAsync(Samples.Account);
        report.Lines.Should().ContainSingle().Which.Should().Match<CatchUpLine>(line => line.Asked == 4 && line.AskedMoney == 20_000 && line.Charges == 0);
        report.GoesOutByItself.Should().BeFalse();
        var desk = host.Services.GetRequiredService<CatchUpDesk>();
        foreach (var policy in (CatchUpPolicy[])[CatchUpPolicy.Ask, CatchUpPolicy.OldestFirst])
            await FluentActions.Awaiting(() => desk.DecideAllAsync(Samples.Account, null, policy, "ann", "x")).Should().ThrowAsync<ArgumentException>();
        (await desk.DecideAsync(Samples.IdOf(1), CatchUpPolicy.CurrentPeriodOnly, "ann", "one")).Should().BeTrue();
        (await desk.DecideAsync(Samples.IdOf(1), CatchUpPolicy.CurrentPeriodOnly, "ann", "one")).Should().BeFalse();
        (await desk.DecideAllAsync(Samples.Account, "yearly", CatchUpPolicy.Forgive, "ann", "none is")).Should().Be(0);
        (await desk.DecideAllAsync(Samples.Account, "monthly", CatchUpPolicy.Forgive, "ann", "ours")).Should().Be(3);
        await host.SweepAsync();
        (await host.FindAsync(Samples.IdOf(1))).Cycle.Should().NotBeNull();
        (await host.EventsAsync<PeriodsSkipped>(Samples.IdOf(2))).Should().ContainSingle().Which.Given.Should().BeTrue();
        (await host.EventsAsync<CatchUpDecided>(Samples.IdOf(2))).Should().ContainSingle().Which.Why.Should().Be("ours");
    }

    [Fact]
    public async Task Oldest_first_is_refused_at_the_start_where_the_rail_takes_one_success_a_period_and_kept_where_it_takes_several()
    {
        var time = TestHost.Clock();
        var refused = await FluentActions.Awaiting(() => TestHost.StartAsync(time: time, more: options => Sell(options, CatchUpPolicy.OldestFirst))).Should().ThrowAsync<OptionsValidationException>();
        refused.Which.Message.Should().Contain("'monthly'").And.Contain($"{Samples.Account} takes one success a period");

        await using var host = await OutageAsync(inMemory: true, policy: CatchUpPolicy.OldestFirst);
        host.Rail.Notices.Clear();
        await host.SweepUntilAsync(async () => (await host.FindAsync(Samples.IdOf(1))).PaidThrough == 5);
        var orders = Late(host).Where(order => order.Number.Charge.Subscription == Samples.IdOf(1)).Select(order => order.Number.Charge).ToList();
        orders.Select(charge => charge.Ordinal).Should().Equal(3, 4, 5);
        orders.Take(2).Should().OnlyContain(charge => charge.Kind == ChargeKind.CatchUp);
        host.Rail.Notices.Where(notice => notice.Subscription == Samples.IdOf(1)).Select(notice => notice.PeriodStart).Should().HaveCount(4, "the coming renewal is announced too").And.OnlyHaveUniqueItems().And.BeInAscendingOrder();
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(nameof(EngineOptions.MaxLateMoney), -1L, 0L)]
    [InlineData(nameof(EngineOptions.MaxLateMoney), 1_000_000_000_000_001L, 1_000_000_000_000_000L)]
    public async Task A_money_limit_out_of_range_refuses_to_start_and_names_the_option(string option, long wrong, long right)
    {
        (await FluentActions.Awaiting(() => TestHost.StartAsync(more: options => options.Engine.MaxLateMoney = wrong)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Message.Should().Contain(option);
        await using var host = await TestHost.StartAsync(more: options => options.Engine.MaxLateMoney = right);
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public async Task How_late_is_late_has_a_range(int minutes, bool starts)
    {
        var start = () => TestHost.StartAsync(more: options => options.Engine.LateAfter = TimeSpan.FromMinutes(minutes));
        if (starts)
            await (await start()).DisposeAsync();
        else
            (await start.Should().ThrowAsync<OptionsValidationException>()).Which.Message.Should().Contain(nameof(EngineOptions.LateAfter));
    }

    /// <summary>What went out for a period that had begun before the service was back.</summary>
    private static IReadOnlyList<Core.Gateways.ChargeOrder> Late(TestHost host) => [.. host.Rail.Orders.Where(order => order.Number.Charge.Ordinal is > 2 and <= 5)];

    private static FuseBox Box(TestHost host) => host.Services.GetRequiredService<FuseBox>();

    private static Task SweepUntilLateAsync(TestHost host) =>
        host.SweepUntilAsync(() => Task.FromResult(host.Logs.Count(LateMoneyStopped) > 0));

    private Task<TestHost> OutageAsync(bool inMemory, CatchUpPolicy policy = CatchUpPolicy.CurrentPeriodOnly, Action<RenewalsOptions>? more = null) =>
        OutageAsync(inMemory, more ?? (_ => { }), out _, policy);

    private Task<TestHost> OutageAsync(bool inMemory, Action<RenewalsOptions> more, out Task<TestHost> other, CatchUpPolicy policy = CatchUpPolicy.CurrentPeriodOnly)
    {
        var second = new TaskCompletionSource<TestHost>();
        other = second.Task;
        return RunAsync();

        async Task<TestHost> RunAsync()
        {
            var time = TestHost.Clock();
            var connection = inMemory ? null : await postgres.CreateDatabaseAsync();
            ScriptedRail Rail() => new(time) { Traits = new ScriptedRail(time).Traits with { SeveralSuccessesPerPeriod = policy == CatchUpPolicy.OldestFirst } };
            void Options(RenewalsOptions options)
            {
                Sell(options, policy);
                more(options);
            }

            var host = await TestHost.StartAsync(connection, time, Rail(), Options);
            for (var i = 1; i <= 4; i++)
                await host.SignAsync(i);
            await host.SweepUntilAsync(async () => (await host.FindAsync(Samples.IdOf(4))).PaidThrough == 2);
            if (connection is not null)
                second.SetResult(await TestHost.StartAsync(connection, time, Rail(), Options));

            // Everything stands still from the beginning of March to the twentieth of June.
            host.Time.Advance(TimeSpan.FromDays(109));
            host.Rail.Orders.Clear();
            return host;
        }
    }

    private static void Sell(RenewalsOptions options, CatchUpPolicy policy)
    {
        var plan = options.Plans[0];
        options.Plans[0] = plan with { CatchUp = policy };
    }
}
