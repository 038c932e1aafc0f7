using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Host.Webhooks;
using Renewals.Tests.Database;
using Renewals.Tests.Support;
using Renewals.Tests.Telemetry;

namespace Renewals.Tests.Service;

/// <summary>What is wrong is said, each thing in words of its own, and nothing else is said with it.</summary>
[Collection(PostgresCollection.Name)]
public sealed class HealthTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Late_work_is_said_with_the_account_and_since_when()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.MemberAsync();
        (await SaidAsync(world)).Should().BeEmpty();
        var alarm = (await world.Host.Ledger.NextAlarmAsync(default))!.Value;
        world.Host.Time.SetUtcNow((alarm + Duration.FromMinutes(6)).ToDateTimeOffset());
        (await SaidAsync(world)).Should().Equal(("work", "degraded", $"wechat:1900000109 has 1 memberships due, the first since {alarm}"));
        await world.Host.SweepAsync();
        (await SaidAsync(world)).Should().BeEmpty("it was done");
    }

    [Fact]
    public async Task A_fuse_that_has_blown_is_said_with_its_scope_and_why()
    {
        await using var world = await ApiWorld.StartAsync();
        var foreign = Samples.Order(Samples.IdOf(77), 1).ToString();
        world.Host.Rail.OnCallback = _ => new CallbackReading.OfCharge(foreign, new(new ChargeOutcome.Succeeded(Money.Cny(1), "T", Samples.Now)));
        await world.Host.Callbacks.ReceiveAsync(Samples.Account, new(new Dictionary<string, string>(), default));
        var (name, status, words) = (await SaidAsync(world)).Should().ContainSingle().Subject;
        (name, status).Should().Be(("work", "degraded"));
        words.Should().MatchRegex("account wechat:1900000109 is stopped since .*: .*" + foreign);
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_said_with_its_account_and_one_in_force_is_not()
    {
        await using var world = await ApiWorld.StartAsync();
        world.Host.Rail.Findings =
        [
            new(RailCheck.Keys, FindingVerdict.No, "another thing"), new(RailCheck.Certificates, FindingVerdict.Yes, "in force"),
            new(RailCheck.Certificates, FindingVerdict.Soon, "the merchant's certificate ends in 6 days"),
        ];
        (await SaidAsync(world)).Should().Equal(("certificates", "degraded", "wechat:1900000109: the merchant's certificate ends in 6 days"));
    }

    [Fact]
    public async Task A_row_of_the_book_that_is_not_as_its_events_are_is_said()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var world = await ApiWorld.StartAsync(connection);
        await world.MemberAsync();
        await world.MemberAsync(2);
        await world.MemberAsync(3);
        var lists = world.Host.Services.GetRequiredService<LedgerDatabase>().Lists;
        (await lists.CountBehindAsync(default)).Should().Be(0, "rows are written with the events");
        await using (var database = NpgsqlDataSource.Create(connection))
        await using (var spoil = database.CreateCommand($"update renewals.book set version = version - 1 where id = '{Samples.IdOf(1).Value}'; delete from renewals.book where id = '{Samples.IdOf(2).Value}'"))
            await spoil.ExecuteNonQueryAsync();
        (await SaidAsync(world)).Should().Equal(("book", "degraded", "the book has no row, or one of another version, for 2 memberships"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_is_behind_or_has_dead_events_is_said_and_counted(bool onPostgres)
    {
        await using var world = await ApiWorld.StartAsync(onPostgres ? await postgres.CreateDatabaseAsync() : null);
        var (database, clock) = (world.Host.Services.GetRequiredService<LedgerDatabase>(), world.Host.Services.GetRequiredService<EngineClock>());
        using var meters = new TestMeters();
        using var worker = new WebhookWorker(
            world.Host.Services.GetRequiredService<WebhookEndpoints>(), database, new WebhookMetrics(meters, clock), clock, world.Host.Time, new NeverFrozen(), NullLogger<WebhookWorker>.Instance);
        var (host, start) = (Guid.NewGuid(), clock.Now);
        await database.Webhooks.HoldAsync("shop", host, start, start + Duration.FromDays(9), default);
        await world.MemberAsync();
        var events = await database.Feed.ReadAsync(0, 200, default);
        (await GaugesAsync()).Should().Equal(("waiting", 0), ("dead", 0), ("oldest", (clock.Now - events[0].At).TotalSeconds));

        // Nobody reads for it: it is behind, although nothing failed.
        world.Host.Time.Advance(TimeSpan.FromMinutes(11));
        (await WebhooksAsync()).Should().Be($"endpoint shop is behind: what happened at {events[0].At} did not get there yet, 0 events wait");

        // All was read, and one event failed.
        var failed = WaitingEvent.Unsent(events[2], clock.Now) with { Tries = 1 };
        (await database.Webhooks.AdvanceAsync("shop", host, (await database.Webhooks.StandAsync("shop", default)).Cursor!.Value, await database.Feed.LastAsync(default), [failed], default)).Should().BeTrue();
        (await GaugesAsync()).Should().Equal(("waiting", 1), ("dead", 0), ("oldest", (clock.Now - events[2].At).TotalSeconds));
        (await WebhooksAsync()).Should().Be($"endpoint shop is behind: what happened at {events[2].At} did not get there yet, 1 events wait");

        await database.Webhooks.RecordAsync("shop", host, failed with { Tries = 10, NextAt = null, Answer = "503" }, false, clock.Now, default);
        (await GaugesAsync()).Should().Equal(("waiting", 0), ("dead", 1), ("oldest", 0));
        (await WebhooksAsync()).Should().Be("1 events were given up at endpoint shop");
        await database.Webhooks.ReplayAsync("shop", await database.Feed.LastAsync(default), new(clock.Now, "ann", "it is over"), default);
        await database.Webhooks.EraseDeadAsync(clock.Now + Duration.FromDays(1), default);
        await database.Webhooks.AdvanceAsync("shop", host, await database.Feed.LastAsync(default) - 1, await database.Feed.LastAsync(default), [], default);
        (await SaidAsync(world)).Where(check => check.Name == "webhooks").Should().BeEmpty("all got there");

        async Task<string> WebhooksAsync() => (await SaidAsync(world)).Should().ContainSingle(check => check.Name == "webhooks").Which.Words;

        async Task<IReadOnlyList<(string, double)>> GaugesAsync()
        {
            await worker.LookOnceAsync(default);
            var gauges = meters.Gauges();
            gauges.Should().OnlyContain(gauge => gauge.Tags == "endpoint=shop" && gauge.Name.StartsWith("renewals.webhooks."));
            return [.. gauges.Select(gauge => (gauge.Name["renewals.webhooks.".Length..], gauge.Value))];
        }
    }

    /// <summary>The checks that are not well.</summary>
    private static async Task<IReadOnlyList<(string Name, string Status, string Words)>> SaidAsync(ApiWorld world)
    {
        var health = (await world.CallAsync("GET", "health", key: ApiWorld.Reader)).Json;
        List<(string, string, string)> said =
        [
            .. health["checks"]!.AsArray().Where(check => (string)check!["status"]! != "healthy")
                .Select(check => ((string)check!["name"]!, (string)check["status"]!, (string)check["words"]!)),
        ];
        ((string)health["status"]!).Should().Be(said.Count > 0 ? "degraded" : "healthy");
        (await world.CallAsync("GET", "/health/ready", key: null)).Status.Should().Be(200, "what a person should look at is no reason to take it out of the balancer");
        return said;
    }
}
