using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Npgsql;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>Calls that are sent again, calls about what has moved on, and more calls than one caller may make; on a real database.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ApiRepeatTests(PostgresFixture postgres) : IAsyncLifetime
{
    private string connection = "";
    private ApiWorld world = null!;

    public async Task InitializeAsync() => world = await ApiWorld.StartAsync(connection = await postgres.CreateDatabaseAsync());

    public async Task DisposeAsync() => await world.DisposeAsync();

    [Fact]
    public async Task A_repeat_gets_the_answer_it_had_and_nothing_is_done_twice()
    {
        var body = ApiWorld.SignBody(1, "monthly").Replace($"\"id\": \"{Samples.IdOf(1).Value}\", ", "");
        var first = await CallAsync("subscriptions", body, "sign-1");
        first.Status.Should().Be(200, first.Text);
        var id = new SubscriptionId((Guid)first.Json["id"]!);
        world.Host.Time.Advance(TimeSpan.FromMinutes(10));
        await world.Host.SweepAsync();
        var again = await CallAsync("subscriptions", body, "sign-1");
        (again.Status, again.Text, again.Headers[KeyedCalls.Replayed]).Should().Be((200, first.Text, "true"), "it is what was said then, not what is so now");
        first.Headers.Should().NotContainKey(KeyedCalls.Replayed);

        var paused = await CallAsync($"subscriptions/{id}/pause", """{ "why": "abroad" }""", "pause-1");
        var version = (await world.Host.FindAsync(id)).Version;
        (await CallAsync($"subscriptions/{id}/pause", """{ "why": "abroad" }""", "pause-1")).Headers["ETag"].Should().Be(paused.Headers["ETag"]);
        (await world.Host.FindAsync(id)).Version.Should().Be(version);

        var other = await CallAsync($"subscriptions/{id}/pause", """{ "why": "ill" }""", "pause-1");
        (other.Status, other.Detail).Should().Be((422, "This Idempotency-Key was used for another call: give each call a key of its own."));
        (await CallAsync($"subscriptions/{id}/resume", """{ "why": "abroad" }""", "pause-1")).Status.Should().Be(422, "the same body on another route is another call");
        (await CallAsync($"subscriptions/{id}/pause", """{ "why": "ill" }""", "pause-1", ApiWorld.Admin)).Headers.Should().NotContainKey(KeyedCalls.Replayed, "keys are each caller's own");
        (await CallAsync("subscriptions", body, "sign\u0001")).Status.Should().Be(400);

        world.Host.Time.Advance(TimeSpan.FromHours(25));
        (await CallAsync($"subscriptions/{id}/resume", """{ "why": "back" }""", "pause-1")).Headers.Should().NotContainKey(KeyedCalls.Replayed, "after a day the key is forgotten");
    }

    [Fact]
    public async Task What_was_refused_stored_nothing_and_may_be_tried_again_under_its_key()
    {
        var id = await world.MemberAsync();
        (await CallAsync($"subscriptions/{id}/disputes/d-1/settle", """{ "won": true }""", "k")).Status.Should().Be(409, "there is no dispute yet");
        var open = $$"""{ "dispute": "d-1", "order": "{{Samples.Order(id, 1)}}", "amount": { "minorUnits": 990, "currency": "CNY" }, "why": "not mine" }""";
        (await CallAsync($"subscriptions/{id}/disputes", open, "d")).Status.Should().Be(200);
        var again = await CallAsync($"subscriptions/{id}/disputes/d-1/settle", """{ "won": true }""", "k");
        again.Status.Should().Be(200, again.Text);
        again.Headers.Should().NotContainKey(KeyedCalls.Replayed);
    }

    [Fact]
    public async Task Answers_that_were_kept_long_enough_go_by_themselves()
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var count = database.CreateCommand($"select count(*) from {PostgresKeptAnswers.Name}");
        await CallAsync("subscriptions", ApiWorld.SignBody(1, "monthly"), "sign-1");
        (await count.ExecuteScalarAsync()).Should().Be(1L);
        var engine = new ApiEngine();
        engine.Open(world.Host.Services);
        using var eraser = new AnswerEraser(engine, new(), world.Host.Time, NullLogger<AnswerEraser>.Instance);
        await eraser.StartAsync(default);
        var hours = 0.0;
        for (; hours < 200 && await count.ExecuteScalarAsync() is 1L; hours += AnswerEraser.Every.TotalHours)
        {
            world.Host.Time.Advance(AnswerEraser.Every);
            await Task.Delay(10);
        }

        hours.Should().BeInRange(24, 199);
        await eraser.StopAsync(default);
    }

    [Fact]
    public async Task Of_two_at_once_one_is_done_and_the_other_waits_or_gets_its_answer()
    {
        var id = await world.MemberAsync();
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CallAsync($"subscriptions/{id}/refunds", """{ "key": "wish-1", "why": "goodwill" }""", "r")));
        both.Should().OnlyContain(said => said.Status == 200 || (said.Status == 409 && said.Detail.StartsWith("A call with this Idempotency-Key is under way")));
        both.Count(said => said.Status == 200 && !said.Headers.ContainsKey(KeyedCalls.Replayed)).Should().Be(1);
        (await world.Host.EventsAsync<RefundGranted>(id)).Should().ContainSingle();
    }

    [Fact]
    public async Task Nothing_is_done_to_a_membership_that_has_moved_on()
    {
        var id = await world.MemberAsync();
        var seen = (await world.CallAsync("GET", $"subscriptions/{id}")).Headers["ETag"];
        var paused = await IfAsync("pause", """{ "why": "abroad" }""", seen);
        paused.Status.Should().Be(200, paused.Text);
        foreach (var (what, body) in new[] { ("resume", """{ "why": "x" }"""), ("cancel", """{ "why": "x" }"""), ("park", """{ "why": "x" }"""), ("refunds", """{ "key": "k", "why": "x" }""") })
        {
            var late = await IfAsync(what, body, seen);
            (late.Status, late.Detail).Should().Be((412, "The membership has moved on since it was read. Read it again and decide again."), what);
        }

        (await world.Host.FindAsync(id)).Version.Should().Be(long.Parse(paused.Headers["ETag"].Trim('"')));
        (await IfAsync("resume", """{ "why": "x" }""", "W/\"1\"")).Status.Should().Be(400);
        (await IfAsync("resume", """{ "why": "x" }""", "*")).Status.Should().Be(200);

        Task<Said> IfAsync(string what, string body, string tag) =>
            world.CallAsync("POST", $"subscriptions/{id}/{what}", body, ApiWorld.Operator, ("If-Match", tag));
    }

    [Fact]
    public async Task Who_calls_too_often_waits_and_nobody_else_does()
    {
        await using var small = await ApiWorld.StartAsync(null, settings => (settings.CallsPerSecond, settings.Burst, settings.MaxBodyBytes) = (1, 3, 1_024));
        var calls = new List<Said>();
        for (var i = 0; i < 20; i++)
            calls.Add(await small.CallAsync("GET", "plans", key: ApiWorld.Reader));
        calls.Should().Contain(said => said.Status == 200).And.Contain(said => said.Status == 429);
        var refused = calls.First(said => said.Status == 429);
        int.Parse(refused.Headers["Retry-After"]).Should().BeInRange(1, 20);
        refused.Detail.Should().StartWith("These are more calls than Renewals:Api:CallsPerSecond (1) and Burst (3) allow");
        (await small.CallAsync("GET", "plans")).Status.Should().Be(200, "the limit is each caller's own");
        (await small.CallAsync("GET", "/health/live", key: null)).Status.Should().Be(200);

        var guesses = new List<int>();
        for (var i = 0; i < 20; i++)
            guesses.Add((await small.CallAsync("GET", "plans", key: $"guess {i}")).Status);
        guesses.Should().OnlyContain(status => status == 401 || status == 429).And.Contain(429, "keys cannot be tried without end");

        var large = await small.CallAsync("POST", "price-campaigns", $$"""{ "name": "{{new string('x', 1_100)}}" }""", ApiWorld.Admin);
        large.Status.Should().Be(413, large.Text);
    }

    [Fact]
    public async Task A_key_is_changed_without_a_pause_and_the_old_one_ends()
    {
        await using var other = await ApiWorld.StartAsync(null, settings => settings.Keys[ApiWorld.Operator].Also.Add(
            new() { Sha256 = ApiWorld.HashOf("the old one"), NotAfter = (Samples.Now + Duration.FromDays(1)).ToString() }));
        (await other.CallAsync("GET", "plans", key: "the old one")).Status.Should().Be(200);
        (await other.CallAsync("GET", "plans")).Status.Should().Be(200);
        other.Host.Time.Advance(TimeSpan.FromDays(1));
        (await other.CallAsync("GET", "plans", key: "the old one")).Status.Should().Be(401);
        (await other.CallAsync("GET", "plans")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Memberships_are_found_by_plan_in_the_database_too()
    {
        await world.MemberAsync(1);
        await world.MemberAsync(2, "gold");
        var gold = (await world.CallAsync("GET", "subscriptions?plan=gold&status=active", key: ApiWorld.Reader)).Json["items"]!.AsArray();
        ((Guid)gold.Should().ContainSingle().Which!["id"]!).Should().Be(Samples.IdOf(2).Value);
        (await world.CallAsync("GET", "/health/ready", key: null)).Text.Should().Be("ready\n");
    }

    private Task<Said> CallAsync(string path, string body, string idempotency, string key = ApiWorld.Operator) =>
        world.CallAsync("POST", path, body, key, (KeyedCalls.Header, idempotency));
}
