using Microsoft.AspNetCore.Routing;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The door of the HTTP API: who gets nothing, on every route there is, and what is said of a bad body.</summary>
/// <remarks>One service and one member for all of it: nothing that is asked here changes anything.</remarks>
public sealed class ApiDoorTests(ApiDoorTests.OneMember one) : IClassFixture<ApiDoorTests.OneMember>
{
    /// <summary>What is open to the world: it says nothing, or what comes in is signed by a rail.</summary>
    private static readonly string[] Open = ["/health/live", "/health/ready", "/openapi/{documentName}.json", "/callbacks/{account}"];

    /// <summary>What concerns many members at once.</summary>
    private static readonly string[] ForAdmins = ["/price-campaigns", "/stops", "/release", "/reset", "/limit", "/decisions"];

    private readonly ApiWorld world = one.World;
    private readonly SubscriptionId id = one.Id;

    [Fact]
    public async Task Who_has_no_right_gets_nothing_on_any_route()
    {
        const string Nobody = "Send a key as \"Authorization: Bearer …\".";
        var calls = Calls(id);
        calls.Should().HaveCountGreaterThanOrEqualTo(22, "the walk must see the routes");
        foreach (var (method, path) in calls)
        {
            // A body that is none shows whether the door looks at the key first.
            foreach (var body in method == "GET" ? [null] : new[] { "{", "{}", null })
            {
                var call = $"{method} {path} {body}";
                foreach (var key in new[] { null, "a guess", ApiWorld.Reader[..^1] })
                    ShouldBe(await world.CallAsync(method, path, body, key), 401, Nobody, call);
                var needed = RoleFor(method, path);
                foreach (var (key, role) in new[] { (ApiWorld.Reader, ApiRole.Reader), (ApiWorld.Operator, ApiRole.Operator) })
                {
                    if (role < needed)
                        ShouldBe(await world.CallAsync(method, path, body, key), 403, $"This needs a key of role {needed}.", call);
                    else if (role == ApiRole.Reader)
                        (await world.CallAsync(method, path, body, key)).Status.Should().NotBe(401, call).And.NotBe(403, call);
                }
            }
        }

        (await world.CallAsync("GET", "no-such-thing", key: null)).Status.Should().Be(401, "not even what there is is told");
        (await world.Host.FindAsync(id)).Status.Should().Be(SubscriptionStatus.Active);
    }

    [Theory]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "when": "later" }""", "when: write one of next-period, now.")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "when": 1 }""", "when: write one of next-period, now.")]
    [InlineData("changes", """{ "name": "", "plan": "gold", "why": "x" }""", "name is empty; *")]
    [InlineData("changes", """{ "name": "a/b", "plan": "gold", "why": "x" }""", "name is a part of addresses: *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": " " }""", "why is empty; *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold" }""", "*missing required properties*'why'*")]
    [InlineData("changes", """{ "name": "a\u0000b", "plan": "gold", "why": "x" }""", "name has a control character*")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "by": "somebody else" }""", "*'by' could not be mapped*")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 0, "currency": "CNY" } }""", "price: minorUnits is 0; *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 9223372036854775807, "currency": "CNY" } }""", "price: minorUnits is *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 100, "currency": "yuan" } }""", "price: currency is three capital letters*")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 100 } }""", "price: currency is three capital letters*")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "paid": { "amount": { "minorUnits": 1, "currency": "CNY" }, "reference": "t" } }""", "paid goes with a change at once*")]
    [InlineData("changes/preview?charges=25", """{ "name": "a", "plan": "gold", "why": "x" }""", "charges is 25; write 1 to 24.")]
    [InlineData("billing-day", """{ "why": "x" }""", "*'day'*")]
    [InlineData("billing-day", """{ "day": "5 March", "why": "x" }""", "day: *")]
    [InlineData("pause", """{ "from": "tomorrow", "why": "x" }""", "from: *")]
    [InlineData("cancel", """{ "why": "x", "givesBack": "half" }""", "givesBack: write one of nothing, unused-days, all, withdrawal.")]
    [InlineData("cancel", """{ "why": "x", "keepsAgreement": true, "atOnce": true }""", "keepsAgreement is for a cancel with the paid time; *")]
    [InlineData("cancel", """{ "why": "x", "keepsAgreement": true, "givesBack": "all" }""", "keepsAgreement is for a cancel with the paid time; *")]
    [InlineData("refunds", """{ "why": "x" }""", "*'key'*")]
    [InlineData("refunds", """{ "key": "k", "why": "x", "order": "A1" }""", "order is no order's number: *")]
    [InlineData("refunds", """{ "key": "k", "why": "x", "amount": { "minorUnits": -5, "currency": "CNY" } }""", "amount: minorUnits is -5; *")]
    [InlineData("disputes", """{ "dispute": "d", "order": "A1", "amount": { "minorUnits": 1, "currency": "CNY" }, "why": "x" }""", "order is no order's number: *")]
    [InlineData("disputes/d/settle", "{}", "*'won'*")]
    [InlineData("price-answer", """{ "offer": "o" }""", "*'agrees'*")]
    public async Task A_bad_body_is_answered_with_what_to_write_and_changes_nothing(string what, string body, string sentence) =>
        await world.RefusedAsync(id, what, body, 400, sentence);

    [Theory]
    [InlineData(""", "freeUntilStart": true""", 400, "freeUntilStart goes with a startsOn*")]
    [InlineData(""", "scene": "moon" """, 400, "scene: write one of *mobile-browser*")]
    [InlineData(""", "coupon": "NONE" """, 422, "There is no coupon 'NONE'.")]
    [InlineData(""", "addOns": { "seat": 2 } """, 422, "Plan 'monthly' has no add-on 'seat'; *")]
    [InlineData(""", "price": { "minorUnits": 2000, "currency": "USD" } """, 422, "The price USD 2000 is none of plan 'monthly'*")]
    [InlineData(""", "startsOn": "2025-12-24" """, 422, "A membership starts between today and *")]
    [InlineData(""", "consent": { "termsVersion": "1", "termsHash": "no hash", "boxTicked": true, "channel": "app", "language": "en", "shownAt": "2026-01-31T01:59:00Z" } """, 400, "consent.termsHash is the hash*")]
    [InlineData(""", "consent": { "termsVersion": "1", "termsHash": "00", "channel": "app", "language": "en", "shownAt": "2026-01-31T01:59:00Z" } """, 400, "*'boxTicked'*")]
    public async Task A_signing_that_cannot_be_meant_stores_nothing(string more, int status, string sentence)
    {
        var said = await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(2, "monthly", more));
        said.Status.Should().Be(status, said.Text);
        said.Detail.Should().Match(sentence);
        (await world.Host.Ledger.FindAsync(Samples.IdOf(2), default)).Should().BeNull();
    }

    [Theory]
    [InlineData("preview?charges=0", 400, "charges is 0; write 1 to 24.")]
    [InlineData("preview?charges=some", 400, "*charges*")]
    [InlineData("timeline?language=fr", 400, "language: write one of zh-CN, en.")]
    public async Task A_bad_question_is_answered_with_what_to_write(string what, int status, string sentence)
    {
        var said = await world.CallAsync("GET", $"subscriptions/{id}/{what}");
        (said.Status, said.Detail).Should().Match<(int Status, string Detail)>(x => x.Status == status);
        said.Detail.Should().Match(sentence);
    }

    [Theory]
    [InlineData("monthly\"", "monthy\"", 422, "There is no plan 'monthy'; the plans are: gold, monthly.")]
    [InlineData("wechat:1900000109", "wechat:1", 422, "There is no account wechat:1 here.")]
    [InlineData("wechat:1900000109", "wechat", 400, "account is 'wechat': *")]
    [InlineData("2026-05-25T", "2026-07-25T", 400, "answerBy is after effectiveFrom; *")]
    [InlineData("\"planVersion\": 2", "\"planVersion\": 0", 400, "planVersion is 1 or more.")]
    [InlineData("2800", "-2800", 400, "price: minorUnits is -2800; *")]
    public async Task A_campaign_that_cannot_be_meant_reaches_nobody(string written, string instead, int status, string sentence)
    {
        ApiWorld.Campaign.Should().Contain(written);
        var said = await world.CallAsync("POST", "price-campaigns", ApiWorld.Campaign.Replace(written, instead), ApiWorld.Admin);
        said.Status.Should().Be(status, said.Text);
        said.Detail.Should().Match(sentence);
        (await world.Host.EventsAsync<PriceOffered>(id)).Should().BeEmpty();
    }

    [Fact]
    public async Task Of_a_membership_that_is_not_there_every_route_says_so()
    {
        foreach (var (method, path) in Calls(Samples.IdOf(404)).Where(call => call.Path.Contains("/subscriptions/" + Samples.IdOf(404))))
        {
            var said = await world.CallAsync(method, path, method is "GET" or "DELETE" ? null : BodyOf(path));
            said.Status.Should().Be(404, $"{method} {path}: {said.Text}");
            said.Detail.Should().Be("There is no such membership.");
        }
    }

    /// <summary>A service with one member who has paid.</summary>
    public sealed class OneMember : IAsyncLifetime
    {
        internal ApiWorld World { get; private set; } = null!;

        internal SubscriptionId Id { get; private set; }

        public async Task InitializeAsync()
        {
            World = await ApiWorld.StartAsync();
            Id = await World.MemberAsync();
        }

        public async Task DisposeAsync() => await World.DisposeAsync();
    }

    private static ApiRole RoleFor(string method, string written) => RoleOf(method, written.TrimEnd('/'));

    private static ApiRole RoleOf(string method, string path) =>
        path == "/metrics" || path.EndsWith("/changes/preview", StringComparison.Ordinal) || (method == "GET" && !path.EndsWith("/catch-up", StringComparison.Ordinal)) ? ApiRole.Reader
        : method == "POST" && ForAdmins.Any(end => path.EndsWith(end, StringComparison.Ordinal)) ? ApiRole.Admin
        : ApiRole.Operator;

    private static string BodyOf(string path) => path.Split('/') switch
    {
        [.., "changes"] or [.., "changes", "preview"] => """{ "name": "a", "plan": "gold", "why": "x" }""",
        [.., "billing-day"] => """{ "day": "2026-03-05", "why": "x" }""",
        [.., "refunds"] => """{ "key": "k", "why": "x" }""",
        [.., "paid-outside"] => """{ "reference": "r" }""",
        [.., "disputes"] => $$"""{ "dispute": "d", "order": "{{Samples.Order(Samples.IdOf(404), 1)}}", "amount": { "minorUnits": 1, "currency": "CNY" }, "why": "x" }""",
        [.., "bounced"] => """{ "receipt": "r", "why": "no such number", "at": "2026-03-01T00:00:00Z" }""",
        [.., "delivered"] => """{ "receipt": "r", "at": "2026-03-01T00:00:00Z" }""",
        [.., "settle"] => """{ "won": true }""",
        [.., "agreements"] => """{ "account": "wechat:1900000109", "displayAccount": "Ann" }""",
        [.., "price-answer"] => """{ "offer": "o", "agrees": true }""",
        _ => """{ "why": "x" }""",
    };

    private static void ShouldBe(Said said, int status, string detail, string call)
    {
        said.Status.Should().Be(status, call);
        said.Json.AsObject().Select(field => field.Key).Should().BeSubsetOf(["type", "title", "status", "detail"], call);
        said.Detail.Should().Be(detail, call);
    }

    private List<(string Method, string Path)> Calls(SubscriptionId of)
    {
        List<(string, string)> calls = [];
        // The pages have a walk of their own, in DashboardTests.
        foreach (var route in world.Routes.Where(route => !Open.Contains(route.RoutePattern.RawText) && route.Metadata.GetMetadata<Host.Dashboard.DashboardRoute>() is null))
        {
            var path = string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
            {
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "id" } => of.ToString(),
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "stop" } => "404",
                _ => "some",
            }))));
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST", "PUT", "DELETE", "PATCH"])
                calls.Add((method, "/" + path + (route.RoutePattern.RawText!.EndsWith('/') ? "/" : "")));
        }

        return calls;
    }
}
