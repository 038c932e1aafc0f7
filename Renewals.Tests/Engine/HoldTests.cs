using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>An operator holds an account, a plan or everything: nothing is charged there, everything else goes on, also everywhere else.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class HoldTests(PostgresFixture postgres)
{
    private static readonly MerchantAccount Other = new("alipay", "2");

    private static readonly Callback Empty = new(new Dictionary<string, string>(), ReadOnlyMemory<byte>.Empty);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task At_a_held_account_nothing_is_sent_while_questions_and_callbacks_go_on_and_others_are_charged(bool inMemory)
    {
        var time = TestHost.Clock();
        var other = new ScriptedRail(time, Other);
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), time, null, null, other);
        var asks = 0;
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        host.Rail.OnQueryCharge = _ =>
        {
            asks++;
            return new(new ChargeOutcome.Pending("accepted"));
        };
        var asked = await host.SignAsync(1);
        var called = await host.SignAsync(2);
        var held = await HoldAsync(host, box => box.HoldAccountAsync(Samples.Account, "ann", "wrong key"));
        asks = 0;
        await host.Members.SignAsync(TestHost.Request(4, account: Other));
        var waiting = await host.SignAsync(3);

        asks.Should().BePositive("questions go on");
        host.Rail.Orders.Select(order => order.Number.Charge.Subscription).Should().BeEquivalentTo([asked, called]);
        (await host.EventsAsync<Signed>(waiting)).Should().ContainSingle();
        (await host.EventsAsync<Requested>(waiting)).Should().BeEmpty();
        other.Orders.Should().ContainSingle("the other account is charged in the same sweep");
        host.Rail.OnCallback = _ => new CallbackReading.OfCharge(
            Samples.Order(called, 1).ToString(), new(new ChargeOutcome.Succeeded(Renewals.Core.Plans.Money.Cny(990), "T", Samples.Now)));
        (await host.Callbacks.ReceiveAsync(Samples.Account, Empty)).Status.Should().Be(200);
        (await host.EventsAsync<Charged>(called)).Should().ContainSingle("callbacks go on");
        (await host.SweepAsync()).Should().Be(0, "a held charge is laid aside");

        host.Rail.OnCharge = null;
        (await host.Services.GetRequiredService<FuseBox>().ReleaseAsync(held.Id, "bob", "key replaced")).Should().BeOfType<StopResult.Done>();
        await host.SweepAsync();
        (await host.EventsAsync<Charged>(waiting)).Should().ContainSingle("it is woken by the release, not hours later");
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_held_plan_fills_nobody_elses_batch(bool inMemory)
    {
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), more: options =>
        {
            options.Engine.BatchSize = 2;
            options.Plans.Add(TestHost.Monthly(new ScriptedRail(TestHost.Clock())) with { Id = "gold" });
        });
        for (var i = 1; i <= 7; i++)
            await host.Members.SignAsync(TestHost.Request(i) with { PlanId = i == 7 ? "gold" : "monthly" });
        var hold = await HoldAsync(host, box => box.HoldPlanAsync("monthly", "ann", "wrong price"));
        host.Time.Advance(TimeSpan.FromMinutes(10));
        await host.SweepAsync();
        host.Rail.Orders.Single().Number.Charge.Subscription.Should().Be(Samples.IdOf(7));
        (await host.SweepAsync()).Should().Be(0);
        ((await host.Ledger.NextAlarmAsync(default))!.Value - Now(host)).Should().BeGreaterThan(Duration.FromHours(1));
        await host.Services.GetRequiredService<FuseBox>().ReleaseAsync(hold.Id, "ann", "price is right");
        await host.SweepAsync();
        host.Rail.Orders.Should().HaveCount(7);
    }

    [Fact]
    public async Task When_a_hold_outlasts_the_window_the_engine_decides_as_ever_and_notices_go_on()
    {
        await using var host = await TestHost.StartAsync();
        await host.Members.SignAsync(TestHost.Request(1));
        var hold = await HoldAsync(host, box => box.HoldEverythingAsync("ann", "drill"));
        var id = await host.SignAsync();
        await host.SweepUntilAsync<CyclePlanned>(id);
        host.Rail.Orders.Should().BeEmpty();
        await host.SweepUntilAsync<Announced>(id);
        await host.SweepUntilAsync<CyclePlanned>(id, 2);
        host.Rail.Orders.Should().BeEmpty("the second window closed too");
        await host.Services.GetRequiredService<FuseBox>().ReleaseAsync(hold.Id, "ann", "over");
        await host.SweepUntilAsync<Charged>(id);
        host.Rail.Orders.Should().ContainSingle();
        host.Logs.Count(1001).Should().Be(0, "a held charge is no fault");
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hold_is_in_force_when_it_is_confirmed_no_claim_is_under_way_that_does_not_know_it(bool inMemory)
    {
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var id = await host.SignAsync();
        Task<StopResult> holding;
        await using (var claim = await host.Ledger.OpenAsync([id], default))
        {
            (await claim.LockAccountAsync(Samples.Account, [id], Samples.Now, 10, default)).Stops.Should().BeEmpty();
            holding = Task.Run(() => host.Services.GetRequiredService<FuseBox>().HoldAccountAsync(Samples.Account, "ann", "stop"));
            (await Task.WhenAny(holding, Task.Delay(300))).Should().NotBe(holding);
            await claim.CommitAsync(default);
        }

        (await holding).Should().BeOfType<StopResult.Done>();
        await using var next = await host.Ledger.OpenAsync([id], default);
        (await next.LockAccountAsync(Samples.Account, [id], Samples.Now, 10, default)).Stops.Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_no_membership_has_is_not_held_and_what_is_held_is_not_held_twice(bool inMemory)
    {
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var box = host.Services.GetRequiredService<FuseBox>();
        (await box.HoldEverythingAsync("ann", "x")).Should().BeOfType<StopResult.NothingMatched>();
        await host.SignAsync();
        (await box.HoldAccountAsync(Other, "ann", "x")).Should().BeOfType<StopResult.NothingMatched>();
        (await box.HoldPlanAsync("weekly", "ann", "x")).Should().BeOfType<StopResult.NothingMatched>();
        (await box.ReleaseAsync(1, "ann", "x")).Should().BeOfType<StopResult.NothingMatched>();
        (await box.ListAsync(all: true)).Should().BeEmpty();
        (await box.HoldPlanAsync("monthly", "ann", "x")).Should().BeOfType<StopResult.Done>().Which.Stop.Id.Should().Be(1);
        (await box.HoldPlanAsync("monthly", "ann", "x")).Should().BeOfType<StopResult.NothingMatched>();
        (await box.ResetAsync(1, "ann", "x")).Should().BeOfType<StopResult.NothingMatched>();
        (await box.HoldEverythingAsync("ann", "x")).Should().BeOfType<StopResult.Done>().Which.Stop.Id.Should().Be(2);
    }

    [Fact]
    public async Task What_is_stopped_is_measured_and_said()
    {
        await using var host = await TestHost.StartAsync();
        await host.SignAsync();
        List<(long Count, string Tags)> seen = [];
        using var listener = new MeterListener { InstrumentPublished = (found, own) => own.EnableMeasurementEvents(found) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "renewals.fuses.open")
                seen.Add((value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        });
        listener.Start();
        var hold = await HoldAsync(host, box => box.HoldAccountAsync(Samples.Account, "ann", "wrong key"));
        var watch = host.Services.GetRequiredService<FuseWatch>();
        await watch.LookAsync(default);
        await watch.LookAsync(default);
        listener.RecordObservableInstruments();
        seen.Should().Contain((1, "account=wechat:1900000109 rule=Hold"));
        host.Logs.Count(1031).Should().Be(1, "it is said once");
        await host.Services.GetRequiredService<FuseBox>().ReleaseAsync(hold.Id, "ann", "over");
        await watch.LookAsync(default);
        host.Logs.Count(1032).Should().Be(1);
    }

    private static Instant Now(TestHost host) => Instant.FromDateTimeOffset(host.Time.GetUtcNow());

    private static async Task<ChargeStop> HoldAsync(TestHost host, Func<FuseBox, Task<StopResult>> hold) =>
        (await hold(host.Services.GetRequiredService<FuseBox>())).Should().BeOfType<StopResult.Done>().Subject.Stop;
}
