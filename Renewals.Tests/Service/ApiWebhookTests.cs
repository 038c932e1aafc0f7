using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Webhooks;
using Renewals.Tests.Support;
using Renewals.Tests.Telemetry;
using Renewals.Tests.Webhooks;

namespace Renewals.Tests.Service;

/// <summary>The feed and the webhooks over HTTP.</summary>
public sealed class ApiWebhookTests : IAsyncLifetime
{
    private ApiWorld world = null!;
    private SubscriptionId id;

    public async Task InitializeAsync()
    {
        world = await ApiWorld.StartAsync();
        id = await world.MemberAsync();
    }

    public async Task DisposeAsync() => await world.DisposeAsync();

    [Fact]
    public async Task The_feed_is_read_page_by_page_and_goes_on_where_it_ended()
    {
        List<JsonNode> read = [];
        var next = 0L;
        for (var page = await PageAsync(0); page["items"]!.AsArray().Count > 0; page = await PageAsync(next))
        {
            read.AddRange(page["items"]!.AsArray()!);
            next = (long)page["next"]!;
        }

        var own = (await world.ReadAsync(id, "events")).AsArray();
        read.Select(e => (string)e["name"]!).Should().Equal(own.Select(e => (string)e!["name"]!)).And.Contain("charged");
        read.Select(e => e["data"]!.ToJsonString()).Should().Equal(own.Select(e => e!["data"]!.ToJsonString()));
        read.Should().OnlyContain(e => (Guid)e["membership"]! == id.Value);
        ((long)(await PageAsync(next))["next"]!).Should().Be(next, "where there is nothing yet, the same place is asked for again");
        await world.MemberAsync(2);
        (await PageAsync(next))["items"]![0]!["name"]!.GetValue<string>().Should().Be("enrolled");
        (await world.CallAsync("GET", "feed?limit=0")).Detail.Should().Be("limit is 0; write 1 to 200.");
        (await world.CallAsync("GET", "feed?after=-1")).Status.Should().Be(400);
    }

    [Fact]
    public async Task What_was_given_up_is_listed_sent_again_one_by_one_or_from_a_place_on()
    {
        var (store, charged) = (world.Host.Services.GetRequiredService<LedgerDatabase>().Webhooks, await ChargedAsync());
        var first = (await ListAsync()).Single()!;
        ((string)first["host"]!, (bool)first["enabled"]!, first["cursor"] is null).Should().Be(("shop.example.com", true, true));
        (await world.CallAsync("GET", "webhooks")).Text.Should().NotContain("of-the-shop", "the rest of an address may hold a secret");

        var (host, now, last) = (id.Value, Samples.Now, await world.Host.Services.GetRequiredService<LedgerDatabase>().Feed.LastAsync(default));
        await store.HoldAsync("shop", host, now, now + Duration.FromMinutes(1), default);
        await store.ReplayAsync("shop", 1, new(now, "ann", "a first look"), default);
        var waiting = WaitingEvent.Unsent(charged, now) with { Tries = 9 };
        (await store.AdvanceAsync("shop", host, 0, last - 1, [waiting], default)).Should().BeTrue();
        await store.RecordAsync("shop", host, waiting with { Tries = 10, NextAt = null, Answer = "503" }, false, now, default);
        Shown(await ListAsync()).Should().Be((last - 1, 1, 0, 1));

        var dead = (await world.CallAsync("GET", "webhooks/shop/dead", key: ApiWorld.Reader)).Json["items"]!.AsArray().Single()!;
        ((Guid)dead["id"]!, (string)dead["name"]!, (int)dead["tries"]!, (string)dead["answer"]!).Should().Be((charged.Id, "charged", 10, "503"));
        (await world.CallAsync("POST", $"webhooks/shop/dead/{id.Value}/retry", Why)).Status.Should().Be(404);
        (await world.CallAsync("POST", $"webhooks/shop/dead/{charged.Id}/retry", Why)).Status.Should().Be(200);
        Shown(await ListAsync()).Should().Be((last - 1, 1, 1, 0));

        world.Host.Time.Advance(TimeSpan.FromSeconds(1));
        (await world.CallAsync("POST", "webhooks/shop/replay", Why)).Detail.Should().Be($"from is 0; write the sequence of the first event that is to come again, 1 to {last}.");
        (await world.CallAsync("POST", $"webhooks/shop/replay?from={last + 1}", Why)).Status.Should().Be(400);
        (await world.CallAsync("POST", "webhooks/shop/replay?from=2", Why, ApiWorld.Reader)).Status.Should().Be(403);
        var ahead = await world.CallAsync("POST", $"webhooks/shop/replay?from={last}", Why);
        (ahead.Status, ahead.Detail).Should().Be((409, $"from is {last}, and endpoint shop is at {last - 1}: everything after that still goes there by itself, and what was not sent cannot be sent again."));
        Shown(await ListAsync()).Should().Be((last - 1, 1, 1, 0), "the cursor goes forward by sending alone");
        (await world.CallAsync("POST", "webhooks/shop/replay?from=2", Why)).Status.Should().Be(200);
        Shown(await ListAsync()).Should().Be((1, last - 1, 0, 0));
        var done = (await world.CallAsync("GET", "webhooks/shop/actions?limit=2", key: ApiWorld.Reader)).Json;
        done["items"]!.AsArray().Select(one => ((string)one!["kind"]!, (Guid?)one["event"], (long)one["sequence"]!, (string)one["by"]!, (string)one["why"]!)).Should().Equal(
            ("replay", null, 2, ApiWorld.Operator, "the shop was closed"), ("retry", charged.Id, charged.Sequence, ApiWorld.Operator, "the shop was closed"));
        var before = (await world.CallAsync("GET", $"webhooks/shop/actions?after={done["next"]}", key: ApiWorld.Reader)).Json["items"]!.AsArray().Single()!;
        ((string)before["by"]!, (string)before["why"]!, (string)before["at"]!).Should().Be(("ann", "a first look", "2026-01-31T02:00:00Z"), "what was refused stands nowhere");
        (await world.CallAsync("GET", "webhooks/shopp/dead")).Detail.Should().StartWith("There is no endpoint 'shopp'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_ledger_is_frozen_nothing_is_sent(bool frozen)
    {
        var time = TestHost.Clock();
        await using var database = new LedgerDatabase(Options.Create(new RenewalsOptions { InMemory = true }), time);
        var endpoints = new WebhookEndpoints([StandardWebhooksTests.Read()], new());
        using var meters = new TestMeters();
        using var worker = new WebhookWorker(endpoints, database, new WebhookMetrics(meters, new EngineClock(time)), new EngineClock(time), time, new Freeze(frozen), NullLogger<WebhookWorker>.Instance);
        await worker.RunOnceAsync(default);
        (await database.Webhooks.StandAsync("shop", default)).Cursor.Should().Be(frozen ? null : 0, "an endpoint begins when it is looked at");
    }

    private const string Why = """{ "why": "the shop was closed" }""";

    private async Task<JsonNode> PageAsync(long after)
    {
        var said = await world.CallAsync("GET", string.Create(CultureInfo.InvariantCulture, $"feed?after={after}&limit=3"), key: ApiWorld.Reader);
        said.Status.Should().Be(200, said.Text);
        return said.Json;
    }

    private async Task<FeedEvent> ChargedAsync() =>
        (await world.Host.Services.GetRequiredService<LedgerDatabase>().Feed.ReadAsync(0, 200, default)).First(e => e.Name == "charged");

    private async Task<JsonArray> ListAsync() => (await world.CallAsync("GET", "webhooks", key: ApiWorld.Reader)).Json["items"]!.AsArray();

    private static (long Cursor, long Lag, long Waiting, long Dead) Shown(JsonArray list) =>
        ((long)list[0]!["cursor"]!, (long)list[0]!["lag"]!, (long)list[0]!["waiting"]!, (long)list[0]!["dead"]!);

    private sealed class Freeze(bool frozen) : IFreeze
    {
        public ChargeStop? Known => frozen ? new ChargeStop { Scope = StopScope.Everything, At = Samples.Now, By = "engine", Why = "a copy" } : null;

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ValueTask<ChargeStop?> LookAsync(CancellationToken cancellation) => ValueTask.FromResult(Known);

        public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
    }
}
