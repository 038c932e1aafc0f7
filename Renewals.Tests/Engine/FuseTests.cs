using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>When too much happens, charging of that scope stops until a person has looked, and only charging.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class FuseTests(PostgresFixture postgres)
{
    private const int Blown = 1030;

    private static readonly Callback Empty = new(new Dictionary<string, string>(), ReadOnlyMemory<byte>.Empty);

    [Theory]
    [InlineData(3, 3)]
    [InlineData(5, 5)]
    [InlineData(50, 8)]
    public async Task A_runaway_membership_is_charged_up_to_the_limit_and_not_once_more(int limit, int charges)
    {
        // The planted defect: a policy that tries again at once, seven times. With the fuse far away (50) all eight orders go out in one day: the
        // check below would see them.
        await using var host = await RunawayAsync(null, limit);
        MostOrdersOfOneDay(host).Should().Be(charges);
        host.Logs.Count(Blown).Should().Be(charges == limit ? 1 : 0);
        (await OpenAsync(host)).Should().HaveCount(charges == limit ? 1 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_resets_a_fuse_with_a_reason_that_is_kept_and_charging_goes_on(bool inMemory)
    {
        await using var host = await RunawayAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), 3);
        var fuse = (await OpenAsync(host)).Single();
        fuse.Should().Match<ChargeStop>(f => f.Rule == FuseRule.MemberCharges && f.Scope == StopScope.Membership && f.By == "engine");
        host.Time.Advance(TimeSpan.FromMinutes(1));
        (await host.SweepAsync()).Should().Be(0, "a stopped charge fills nobody's batch");
        var box = host.Services.GetRequiredService<FuseBox>();
        foreach (var (by, why) in ((string, string)[])[("ann", " "), ("", "looked")])
            (await FluentActions.Awaiting(() => box.ResetAsync(fuse.Id, by, why)).Should().ThrowAsync<ArgumentException>()).Which.Message.Should().StartWith("Say ");
        (await box.ReleaseAsync(fuse.Id, "ann", "looked")).Should().BeOfType<StopResult.NothingMatched>();
        (await OpenAsync(host)).Should().ContainSingle();

        (await box.ResetAsync(fuse.Id, "ann", "the policy is mended")).Should().BeOfType<StopResult.Done>();
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await host.SweepAsync();
        MostOrdersOfOneDay(host).Should().Be(6, "three more are borne, and the policy was not mended");
        (await box.ResetAsync(fuse.Id, "ann", "again")).Should().BeOfType<StopResult.NothingMatched>();
        var all = await box.ListAsync(all: true);
        all.Select(stop => (stop.Id, stop.IsOpen)).Should().Equal((fuse.Id + 1, true), (fuse.Id, false));
        all[^1].End.Should().Match<StopEnd>(end => end.By == "ann" && end.Why == "the policy is mended");
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Two_hosts_share_the_minutes_count_and_the_charge_after_the_limit_stops_the_account()
    {
        var (first, second) = await TwoHostsAsync(options => (options.Engine.MaxOverForecast, options.Engine.BatchSize) = (2, 1));
        await using var a = first;
        await using var b = second;
        a.Rail.OnQueryAgreement = b.Rail.OnQueryAgreement = _ => new AgreementAnswer.Pending();
        for (var i = 2; i <= 6; i++)
            await a.Members.SignAsync(TestHost.Request(i));
        a.Time.Advance(TimeSpan.FromMinutes(10));
        await a.SweepAsync();

        // One is due when the minute begins; the others sign within it.
        await SignsAsync(a, 2);
        await a.SweepAsync();
        for (var i = 3; i <= 6; i++)
            await SignsAsync(b, i);
        foreach (var host in (TestHost[])[b, a, b, a])
            await host.Services.GetRequiredService<Sweep>().RunAsync(Samples.Account, default);
        (a.Rail.Orders.Count, b.Rail.Orders.Count).Should().Be((2, 1), "one was due and two more are borne");
        (a.Logs.Count(Blown) + b.Logs.Count(Blown)).Should().Be(1);
        var fuse = (await OpenAsync(a)).Single();
        fuse.Should().Match<ChargeStop>(f => f.Rule == FuseRule.OverForecast && f.Key == Samples.Account.ToString());

        await a.Services.GetRequiredService<FuseBox>().ResetAsync(fuse.Id, "ann", "a campaign");
        await b.SweepAsync();
        (a.Rail.Orders.Count + b.Rail.Orders.Count).Should().Be(5, "the minute was counted anew, with what is due now");
        await a.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Two_hosts_share_the_accounts_permits_and_what_has_none_goes_a_second_later()
    {
        var (first, second) = await TwoHostsAsync(options => options.Engine.ChargesPerSecond = 5);
        await using var a = first;
        await using var b = second;
        for (var i = 1; i <= 8; i++)
            await a.Members.SignAsync(TestHost.Request(i));
        a.Time.Advance(TimeSpan.FromMinutes(10));
        await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => (Task[])[Task.Run(a.SweepAsync), Task.Run(b.SweepAsync)]));
        (a.Rail.Orders.Count + b.Rail.Orders.Count).Should().Be(5);
        a.Time.Advance(TimeSpan.FromSeconds(1));
        await a.SweepAsync();
        (a.Rail.Orders.Count + b.Rail.Orders.Count).Should().Be(8);
        (a.Logs.Count(Blown) + b.Logs.Count(Blown)).Should().Be(0);
        await a.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Catching_up_after_an_outage_blows_no_fuse()
    {
        await using var host = await TestHost.StartAsync(more: options => (options.Engine.MaxOverForecast, options.Engine.ChargesPerSecond) = (0, 10));
        for (var i = 1; i <= 60; i++)
            await host.Members.SignAsync(TestHost.Request(i));
        host.Time.Advance(TimeSpan.FromMinutes(90));
        await host.SweepUntilAsync(() => Task.FromResult(host.Rail.Orders.Count == 60));
        host.Logs.Count(Blown).Should().Be(0);
        (host.Time.GetUtcNow() - Samples.Now.ToDateTimeOffset()).Should().BeCloseTo(TimeSpan.FromMinutes(90) + TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_jump_in_declines_stops_the_account_and_a_reset_begins_anew(bool inMemory)
    {
        await using var host = await TestHost.StartAsync(
            inMemory ? null : await postgres.CreateDatabaseAsync(),
            more: options => (options.Engine.DeclineWindow, options.Engine.MinOutcomes, options.Engine.MaxDeclineShare) = (4, 4, 0.5));
        foreach (var i in (int[])[1, 2])
            await host.SignAsync(i);
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.Other, "NO")));
        foreach (var i in (int[])[3, 4])
            await host.SignAsync(i);
        host.Logs.Count(Blown).Should().Be(0, "two of four are declined, and a half is borne");
        await host.SignAsync(5);
        host.Logs.Count(Blown).Should().Be(1);
        await host.SignAsync(6);
        host.Rail.Orders.Should().HaveCount(5);

        var fuse = (await OpenAsync(host)).Single();
        fuse.Rule.Should().Be(FuseRule.Declines);
        await host.Services.GetRequiredService<FuseBox>().ResetAsync(fuse.Id, "ann", "the bank is back");
        await host.SweepAsync();
        host.Rail.Orders.Should().HaveCount(6);
        host.Logs.Count(Blown).Should().Be(1, "one decline among one outcome proves nothing");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Orders_of_our_form_that_are_not_ours_stop_the_account_above_the_limit(bool inMemory)
    {
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), more: options => options.Engine.MaxForeignOrders = 1);
        await host.SignAsync();
        foreach (var (number, blown) in ((string, int)[])[("another system's", 0), (Samples.Order(Samples.IdOf(8), 1).ToString(), 0), (Samples.Order(Samples.IdOf(9), 1).ToString(), 1)])
        {
            host.Rail.OnCallback = _ => new CallbackReading.OfCharge(number, new(new ChargeOutcome.Missing()));
            (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
            host.Logs.Count(Blown).Should().Be(blown);
        }

        (await OpenAsync(host)).Single().Should().Match<ChargeStop>(f => f.Rule == FuseRule.ForeignOrder && f.Why.Contains(Samples.Order(Samples.IdOf(9), 1).ToString()));
        await host.SignAsync(2);
        host.Rail.Orders.Should().ContainSingle();
    }

    [Fact]
    public async Task Money_taken_under_an_order_we_did_not_make_stops_the_account()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        host.Rail.OnCallback = _ => new CallbackReading.OfCharge(
            Samples.Order(id, 2, 7).ToString(), new(new ChargeOutcome.Succeeded(Renewals.Core.Plans.Money.Cny(2500), "T", Samples.Now)));
        await host.Callbacks.ReceiveAsync(Samples.Account, Empty);
        (await OpenAsync(host)).Single().Rule.Should().Be(FuseRule.ForeignOrder);
        (await host.EventsAsync<Overpaid>(id)).Should().ContainSingle("it is given back all the same");
    }

    [Theory]
    [InlineData(nameof(EngineOptions.MaxChargesPerMember), 0, 1)]
    [InlineData(nameof(EngineOptions.MaxChargesPerMember), 51, 50)]
    [InlineData(nameof(EngineOptions.MaxOverForecast), -1, 0)]
    [InlineData(nameof(EngineOptions.ChargesPerSecond), 0, 1)]
    [InlineData(nameof(EngineOptions.DeclineWindow), 2_001, 2_000)]
    [InlineData(nameof(EngineOptions.MinOutcomes), 0, 1)]
    [InlineData(nameof(EngineOptions.MaxDeclineShare), 1.1, 1.0)]
    [InlineData(nameof(EngineOptions.MaxForeignOrders), -1, 0)]
    [InlineData(nameof(EngineOptions.MaxRailNotices), 0, 1)]
    [InlineData(nameof(EngineOptions.MaxNoticeFailures), 201, 200)]
    [InlineData(nameof(EngineOptions.MaxVerifyAsks), 13, 12)]
    [InlineData(nameof(EngineOptions.MaxEvents), 99, 100)]
    public async Task A_limit_out_of_range_refuses_to_start_and_names_the_option(string option, object wrong, object right)
    {
        void Set(RenewalsOptions options, object value) => typeof(EngineOptions).GetProperty(option)!.SetValue(options.Engine, value);
        (await FluentActions.Awaiting(() => TestHost.StartAsync(more: options => Set(options, wrong))).Should().ThrowAsync<OptionsValidationException>())
            .Which.Message.Should().Contain(option);
        await using var host = await TestHost.StartAsync(more: options => Set(options, right));
    }

    /// <summary>The invariant: no membership has more orders within a day than this.</summary>
    private static int MostOrdersOfOneDay(TestHost host) => host.Rail.Orders.GroupBy(order => order.Number.Charge.Subscription)
        .Max(orders => orders.Max(last => orders.Count(o => o.RequestedAt <= last.RequestedAt && o.RequestedAt > last.RequestedAt - Duration.FromDays(1))));

    private static Task<IReadOnlyList<ChargeStop>> OpenAsync(TestHost host) => host.Services.GetRequiredService<FuseBox>().ListAsync();

    private static async Task SignsAsync(TestHost host, int number)
    {
        var agreement = (await host.FindAsync(Samples.IdOf(number))).Agreement.Id;
        host.Rail.OnCallback = _ => new CallbackReading.OfAgreement(
            agreement.SigningCode, new AgreementAnswer.Active($"contract-{agreement}", "openid", Instant.FromDateTimeOffset(host.Time.GetUtcNow()), null));
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
    }

    private async Task<(TestHost First, TestHost Second)> TwoHostsAsync(Action<RenewalsOptions> more)
    {
        var (connectionString, time) = (await postgres.CreateDatabaseAsync(), TestHost.Clock());
        return (await TestHost.StartAsync(connectionString, time, more: more), await TestHost.StartAsync(connectionString, time, more: more));
    }

    private static async Task<TestHost> RunawayAsync(string? connectionString, int limit)
    {
        var host = await TestHost.StartAsync(connectionString, more: options =>
        {
            options.Engine.MaxChargesPerMember = limit;
            options.Dunning = new("runaway", 1, [new(DeclineReason.InsufficientFunds, [0, 0, 0, 0, 0, 0, 0])]);
        });
        var id = await host.SignAsync();
        await host.SweepUntilAsync<Announced>(id);
        host.Rail.Orders.Clear();
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH")));
        await host.SweepUntilAsync<Failed>(id);
        await host.SweepAsync();
        return host;
    }
}
