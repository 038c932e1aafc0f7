using System.Text.Json.Nodes;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>What concerns more than one membership over the HTTP API: lists, parked work, stops, statements, rules, the backlog, how all stands.</summary>
public sealed class ApiBooksTests(ApiBooksTests.ThreeMembers three) : IClassFixture<ApiBooksTests.ThreeMembers>
{
    private readonly ApiWorld world = three.World;

    [Theory]
    [InlineData("", 1, 2, 3)]
    [InlineData("member=m2", 2)]
    [InlineData("plan=gold", 3)]
    [InlineData("status=active&plan=monthly", 1, 2)]
    [InlineData("status=signing")]
    [InlineData("account=wechat:1900000109&member=m1", 1)]
    [InlineData("account=wechat:1")]
    public async Task Memberships_are_found_by_what_is_known_of_them(string filter, params int[] numbers) =>
        (await ItemsAsync($"subscriptions?{filter}")).Select(item => (Guid)item!["id"]!).Should().Equal(numbers.Select(number => Samples.IdOf(number).Value));

    [Fact]
    public async Task Pages_fit_together_and_are_bounded()
    {
        List<string> seen = [];
        for (var after = ""; ;)
        {
            var page = await ReadAsync($"subscriptions?limit=1{after}");
            seen.Add((string)page["items"]!.AsArray().Should().ContainSingle().Which!["member"]!);
            if (page["next"] is not { } next)
                break;
            after = $"&after={next}";
        }

        seen.Should().Equal("m1", "m2", "m3");
        (await world.CallAsync("GET", "subscriptions?limit=201")).Detail.Should().Be("limit is 201; write 1 to 200.");
        (await world.CallAsync("GET", "subscriptions?status=asleep")).Detail.Should().StartWith("status: write one of signing, active,");
        (await world.CallAsync("GET", "parked?account=wechat")).Detail.Should().StartWith("account is 'wechat'");
    }

    [Fact]
    public async Task A_membership_waits_for_a_person_until_one_has_looked_and_the_health_says_so()
    {
        var id = Samples.IdOf(3);
        ((string)(await world.AskAsync(id, "park", """{ "why": "the member wrote to us" }"""))["parked"]!).Should().Be("requested");
        (await ItemsAsync("parked")).Should().ContainSingle().Which!["plan"]!.ToString().Should().Be("gold");
        var health = await ReadAsync("health");
        ((string)health["status"]!).Should().Be("degraded");
        health["checks"]!.AsArray().Single(check => (string)check!["name"]! == "work")!["words"]!.ToString().Should().Be("1 memberships of wechat:1900000109 wait for a person");
        ((bool)(await ReadAsync("status"))["needsAPerson"]!).Should().BeTrue();

        (await world.AskAsync(id, "unpark", """{ "why": "nothing was wrong" }"""))["parked"].Should().BeNull();
        (await ItemsAsync("parked")).Should().BeEmpty();
        (await world.Host.EventsAsync<Parked>(id)).Single().Detail.Should().Be($"{ApiWorld.Operator}: the member wrote to us");
        ((string)(await ReadAsync("health"))["status"]!).Should().Be("healthy");
        var account = (await ReadAsync("status"))["accounts"]!.AsArray().Should().ContainSingle().Which!;
        ((long)account["active"]!, (bool)account["isLate"]!).Should().Be((3, false));
    }

    [Fact]
    public async Task Charging_is_held_and_released_with_who_and_why()
    {
        const string Hold = """{ "scope": "plan", "key": "gold", "why": "wrong price" }""";
        var hold = (await AskAsync("stops", Hold))["id"]!;
        var stop = (await ItemsAsync("stops")).Should().ContainSingle().Which!;
        ((string)stop["words"]!, (string)stop["by"]!, (string)stop["why"]!).Should().Be(("plan gold", ApiWorld.Admin, "wrong price"));
        stop["rule"].Should().BeNull("a person's hold is no fuse");
        (await world.CallAsync("POST", "stops", Hold, ApiWorld.Admin)).Status.Should().Be(409);
        (await world.CallAsync("POST", $"stops/{hold}/reset", """{ "why": "x" }""", ApiWorld.Admin)).Detail.Should().Be($"{hold} is a hold; release it.");
        (await world.CallAsync("POST", "stops/404/release", """{ "why": "x" }""", ApiWorld.Admin)).Status.Should().Be(404);

        ((string)(await AskAsync($"stops/{hold}/release", """{ "why": "corrected" }"""))["end"]!["why"]!).Should().Be("corrected");
        (await ItemsAsync("stops")).Should().BeEmpty();
        (await ItemsAsync("stops?all=true")).Should().ContainSingle();
        (await ItemsAsync($"stops?all=true&after={hold}")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{ "scope": "membership", "key": "x", "why": "x" }""", "scope: write one of everything, account, plan.")]
    [InlineData("""{ "scope": "everything", "key": "x", "why": "x" }""", "key: everything has none; leave it out.")]
    [InlineData("""{ "scope": "account", "key": "x", "why": "x" }""", "key is 'x': write it as rail:number, *")]
    [InlineData("""{ "scope": "plan", "why": "x" }""", "key is empty; *")]
    public async Task A_hold_that_cannot_be_meant_is_refused(string body, string sentence)
    {
        var said = await world.CallAsync("POST", "stops", body, ApiWorld.Admin);
        said.Status.Should().Be(400, said.Text);
        said.Detail.Should().Match(sentence);
    }

    [Fact]
    public async Task A_statement_is_read_and_its_day_is_listed_with_what_differs()
    {
        world.Host.Rail.OnStatement = _ => new StatementAnswer.Ready("x"u8.ToArray(), []);
        world.Host.Time.Advance(TimeSpan.FromDays(2));
        await world.Host.SweepAsync();
        const string Body = """{ "account": "wechat:1900000109", "day": "2026-01-31" }""";
        var report = await AskAsync("reconciliations", Body, ApiWorld.Operator);
        ((string)report["state"]!, (long)report["total"]!).Should().Be(("complete", 3), "three payments that the rail does not have");

        var day = (await ReadAsync("reconciliations?from=2026-01-30&until=2026-02-02")).AsArray().Should().ContainSingle().Which!;
        ((string)day["day"]!, (long)day["differences"]!).Should().Be(("2026-01-31", 3));
        List<string> orders = [];
        for (var after = ""; ;)
        {
            var page = (await ReadAsync($"reconciliations/wechat:1900000109/2026-01-31?limit=2{after}"))["differences"]!;
            orders.AddRange(page["items"]!.AsArray().Select(one => (string)one!["order"]!));
            if (page["next"] is not { } next)
                break;
            after = $"&after={next}";
        }

        orders.Should().BeEquivalentTo(new[] { 1, 2, 3 }.Select(number => Samples.Order(Samples.IdOf(number), 1).ToString()));
        (await world.CallAsync("GET", "reconciliations/wechat:1900000109/2026-01-02")).Status.Should().Be(404);
        (await world.CallAsync("GET", "reconciliations/wechat:1900000109/yesterday")).Detail.Should().Be("day: write a day such as 2026-03-05.");
        (await world.CallAsync("GET", "reconciliations?from=2025-01-01")).Detail.Should().Be("from and until are 0 to 100 days apart.");
        (await world.CallAsync("POST", "reconciliations", Body.Replace("109", "1"))).Status.Should().Be(422);
    }

    [Fact]
    public async Task Plans_and_the_rules_in_force_are_there_to_read()
    {
        (await ReadAsync("plans")).AsArray().Select(plan => ((string)plan!["id"]!, (int)plan["version"]!, (bool)plan["onSale"]!)).Should().Equal(("gold", 1, true), ("monthly", 1, true));
        var rules = await ReadAsync("policies");
        ((string)rules["dunning"]!["name"]!, (string)rules["law"]!["name"]!, (int)rules["engine"]!["batchSize"]!).Should().Be(("standard", "mainland-china-2021", 500));
        rules["dunning"]!["rules"]!.AsArray().Select(rule => (string)rule!["reason"]!).Should().Contain("insufficient-funds");
        rules["plans"]!.AsArray().Select(plan => (string)plan!["catchUp"]!).Should().AllBe("current-period-only");
    }

    [Fact]
    public async Task A_backlog_is_looked_at_and_decided_by_who_may()
    {
        var report = await world.CallAsync("GET", "catch-up?account=wechat:1900000109");
        ((long)report.Json["behind"]!, (bool)report.Json["goesOutByItself"]!).Should().Be((0, true));
        ((long)(await AskAsync("catch-up/limit", """{ "account": "wechat:1900000109", "limit": { "minorUnits": 5000, "currency": "CNY" }, "why": "looked through" }"""))["limit"]!["minorUnits"]!)
            .Should().Be(5000);
        ((int)(await AskAsync("catch-up/decisions", """{ "account": "wechat:1900000109", "decision": "forgive", "why": "ours" }"""))["decided"]!).Should().Be(0, "nobody waits for it");
        var both = await world.CallAsync("POST", "catch-up/decisions", """{ "decision": "forgive", "why": "ours" }""", ApiWorld.Admin);
        (both.Status, both.Detail).Should().Be((400, "Say for whom: account or membership, one of them."));
        var late = await world.CallAsync("POST", "catch-up/decisions", """{ "account": "wechat:1900000109", "decision": "charge", "why": "ours" }""", ApiWorld.Admin);
        (late.Status, late.Detail).Should().Be((422, "wechat:1900000109 takes one success a period: missed periods cannot be charged late there."));
    }

    private async Task<JsonNode> ReadAsync(string path)
    {
        var said = await world.CallAsync("GET", path, key: ApiWorld.Reader);
        said.Status.Should().Be(200, said.Text);
        return said.Json;
    }

    private async Task<JsonArray> ItemsAsync(string path) => (await ReadAsync(path))["items"]!.AsArray();

    private async Task<JsonNode> AskAsync(string path, string body, string key = ApiWorld.Admin)
    {
        var said = await world.CallAsync("POST", path, body, key);
        said.Status.Should().Be(200, said.Text);
        return said.Json;
    }

    /// <summary>A service with three members who have paid, the third on the dearer plan.</summary>
    public sealed class ThreeMembers : IAsyncLifetime
    {
        internal ApiWorld World { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            World = await ApiWorld.StartAsync();
            await World.MemberAsync(1);
            await World.MemberAsync(2);
            await World.MemberAsync(3, "gold");
        }

        public async Task DisposeAsync() => await World.DisposeAsync();
    }
}
