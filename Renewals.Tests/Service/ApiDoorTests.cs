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
    private static readonly string[] ForAdmins = ["/price-campaigns", "/withdraw", "/stops", "/release", "/reset", "/limit", "/decisions"];

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
    [InlineData("changes", """{ "name": "a", "plan": "gold" }""", "'why': missing, and it must be there.")]
    [InlineData("changes", """{ "name": "a\u0000b", "plan": "gold", "why": "x" }""", "name has a control character, *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "by": "somebody else" }""", "'by' is no field of this call; *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 0, "currency": "CNY" } }""", "price: minorUnits is 0; *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 9223372036854775807, "currency": "CNY" } }""", "price: minorUnits is *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 100, "currency": "yuan" } }""", "price: currency is three capital letters*")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 100 } }""", "price: currency is three capital letters*")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "paid": { "amount": { "minorUnits": 1, "currency": "CNY" }, "reference": "t" } }""", "paid goes with a change at once*")]
    [InlineData("changes/preview?charges=25", """{ "name": "a", "plan": "gold", "why": "x" }""", "charges is 25; write 1 to 24.")]
    [InlineData("billing-day", """{ "why": "x" }""", "'day': missing, *")]
    [InlineData("billing-day", """{ "day": "5 March", "why": "x" }""", "day: *")]
    [InlineData("pause", """{ "from": "tomorrow", "why": "x" }""", "from: *")]
    [InlineData("pause", """{ "until": "9999-12-31", "why": "x" }""", "until is 9999-12-31; write a day from 2000-01-01 to 2100-12-31.")]
    [InlineData("pause", """{ "until": "2028-02-01", "why": "x" }""", "until is 2028-02-01; at most two years ahead, 2028-01-31.")]
    [InlineData("pause", """{ "from": "-9998-01-01T00:00:00Z", "why": "x" }""", "from is *; write a day from *")]
    [InlineData("billing-day", """{ "day": "2028-02-01", "why": "x" }""", "day is 2028-02-01; at most two years ahead, *")]
    [InlineData("billing-day", """{ "day": "-9998-01-01", "why": "x" }""", "day is *; write a day from *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "addOns": { "se\u0000at": 1 } }""", "a name in addOns has a control character, *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": "5", "currency": "CNY" } }""", "price.minorUnits: the value is not of its form; *")]
    [InlineData("changes", """{ "name": "a", "name": "b", "plan": "gold", "why": "x" }""", "'name' stands there twice; *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "price": { "minorUnits": 5, "minorUnits": 6, "currency": "CNY" } }""", "*'minorUnits' stands there twice; *")]
    [InlineData("changes", """{ "name": "a", "plan": "gold", "why": "x", "addOns": { "seat": 1, "seat": 2 } }""", "*seat* stands there twice; *")]
    [InlineData("cancel", """{ "why": null }""", "why: it cannot be null.")]
    [InlineData("cancel", "", "The body is missing or is no JSON object: *")]
    [InlineData("cancel", "null", "The body is missing or is no JSON object: *")]
    [InlineData("cancel", "[]", "The body is missing or is no JSON object: *")]
    [InlineData("cancel", "{", "The body is no JSON: look at line 1, byte 2.")]
    [InlineData("cancel", """{ "why": "x", }""", "The body is no JSON: look at line 1, byte *.")]
    [InlineData("cancel", """{ "why": 5 }""", "why: the value is not of its form; *")]
    [InlineData("agreements", """{ "account": "wechat:1900000109", "displayAccount": " " }""", "displayAccount is empty; *")]
    [InlineData("notices/n/delivered", """{ "receipt": "r", "at": "9999-03-01T00:00:00Z" }""", "at is 9999-03-01; *")]
    [InlineData("cancel", """{ "why": "x", "givesBack": "half" }""", "givesBack: write one of nothing, unused-days, all, withdrawal.")]
    [InlineData("cancel", """{ "why": "x", "keepsAgreement": true, "atOnce": true }""", "keepsAgreement is for a cancel with the paid time; *")]
    [InlineData("cancel", """{ "why": "x", "keepsAgreement": true, "givesBack": "all" }""", "keepsAgreement is for a cancel with the paid time; *")]
    [InlineData("refunds", """{ "why": "x" }""", "'key': missing, *")]
    [InlineData("refunds", """{ "key": "k", "why": "x", "order": "A1" }""", "order is no order's number: *")]
    [InlineData("refunds", """{ "key": "k", "why": "x", "amount": { "minorUnits": -5, "currency": "CNY" } }""", "amount: minorUnits is -5; *")]
    [InlineData("disputes", """{ "dispute": "d", "order": "A1", "amount": { "minorUnits": 1, "currency": "CNY" }, "why": "x" }""", "order is no order's number: *")]
    [InlineData("disputes/d/settle", "{}", "'won': missing, *")]
    [InlineData("price-answer", """{ "offer": "o" }""", "'agrees': missing, *")]
    public async Task A_bad_body_is_answered_with_what_to_write_and_changes_nothing(string what, string body, string sentence) =>
        await world.RefusedAsync(id, what, body, 400, sentence);

    [Theory]
    [InlineData(""", "freeUntilStart": true""", 400, "freeUntilStart goes with a startsOn*")]
    [InlineData(""", "scene": "moon" """, 400, "scene: write one of *mobile-browser*")]
    [InlineData(""", "displayAccount": "x" """, 400, "'displayAccount' stands there twice; *")]
    [InlineData(""", "clientAddress": "at home" """, 400, "clientAddress is no IP address; *")]
    [InlineData(""", "payerId": "a\u0000b" """, 400, "payerId has a control character, *")]
    [InlineData(""", "payerId": "{250}" """, 400, "payerId has 250 characters; at most 200.")]
    [InlineData(""", "quietHours": "{1250}" """, 400, "quietHours has 1250 characters; at most 1000.")]
    [InlineData(""", "startsOn": "-9998-01-01" """, 400, "startsOn is *; write a day from *")]
    [InlineData(""", "startsOn": "2100-12-31" """, 422, "A membership starts between today and *")]
    [InlineData(""", "card": { "number": "62 00", "holder": "A", "certificateNumber": "1", "phone": "1" } """, 400, "card.number is 12 to 19 digits, *")]
    [InlineData(""", "card": { "number": "6200000000000000000", "holder": "", "certificateNumber": "1", "phone": "1" } """, 400, "card.holder is empty; *")]
    [InlineData(""", "card": { "number": "6200000000000000000", "holder": "A\nB", "certificateNumber": "1", "phone": "1" } """, 400, "card.holder has a control character, *")]
    [InlineData(""", "card": { "number": "6200000000000000000", "holder": "A", "certificateNumber": "1", "phone": "1", "smsCode": "12345678901234567" } """, 400, "card.smsCode has 17 characters; *")]
    [InlineData(""", "coupon": "NONE" """, 422, "There is no coupon 'NONE'.")]
    [InlineData(""", "addOns": { "seat": 2 } """, 422, "Plan 'monthly' has no add-on 'seat'; *")]
    [InlineData(""", "price": { "minorUnits": 2000, "currency": "USD" } """, 422, "The price USD 2000 is none of plan 'monthly'*")]
    [InlineData(""", "startsOn": "2025-12-24" """, 422, "A membership starts between today and *")]
    [InlineData(""", "consent": { "termsVersion": "1", "termsHash": "no hash", "boxTicked": true, "channel": "app", "language": "en", "shownAt": "2026-01-31T01:59:00Z" } """, 400, "consent.termsHash is the hash*")]
    [InlineData(""", "consent": { "termsVersion": "1", "termsHash": "00", "channel": "app", "language": "en", "shownAt": "2026-01-31T01:59:00Z" } """, 400, "consent: 'boxTicked': missing, *")]
    public async Task A_signing_that_cannot_be_meant_stores_nothing(string more, int status, string sentence)
    {
        var said = await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(2, "monthly", more.Replace("{250}", new('x', 250)).Replace("{1250}", new('x', 1250))));
        said.Status.Should().Be(status, said.Text);
        said.Detail.Should().Match(sentence);
        (await world.Host.Ledger.FindAsync(Samples.IdOf(2), default)).Should().BeNull();
    }

    [Theory]
    [InlineData("preview?charges=0", 400, "charges is 0; write 1 to 24.")]
    [InlineData("preview?charges=some", 400, "charges is not of its form: write a whole number.")]
    [InlineData("timeline?language=%00", 400, "language has a control character, *")]
    [InlineData("timeline?language=fr", 400, "language: write one of zh-CN, en.")]
    public async Task A_bad_question_is_answered_with_what_to_write(string what, int status, string sentence)
    {
        var said = await world.CallAsync("GET", $"subscriptions/{id}/{what}");
        (said.Status, said.Detail).Should().Match<(int Status, string Detail)>(x => x.Status == status);
        said.Detail.Should().Match(sentence);
    }

    [Theory]
    [InlineData("subscriptions?member=%00", "member has a control character, *")]
    [InlineData("subscriptions?plan=a%0Ab", "plan has a control character, *")]
    [InlineData("subscriptions?account=wechat:%00", "account has a control character, *")]
    [InlineData("subscriptions?after=some", "after is not of its form: write an id, *")]
    [InlineData("subscriptions?parked=some", "parked is not of its form: write true or false.")]
    [InlineData("subscriptions?a%00b=1", "A parameter has a control character, *")]
    [InlineData("parked?account=wechat:%00", "account has a control character, *")]
    [InlineData("reconciliations/wechat:1900000109/%0A", "The address has a control character, *")]
    [InlineData("reconciliations/wechat:1900000109/-9998-01-01", "day is *; write a day from 2000-01-01 to 2100-12-31.")]
    [InlineData("reconciliations?from=-9998-01-01&until=-9998-01-02", "from is *; write a day from *")]
    [InlineData("catch-up", "account is missing.")]
    public async Task What_cannot_be_looked_for_is_refused_before_anything_looks_for_it(string what, string sentence)
    {
        var said = await world.CallAsync("GET", what);
        said.Status.Should().Be(400, said.Text);
        said.Detail.Should().Match(sentence);
    }

    [Theory]
    [InlineData("9999-12-31", "day is 9999-12-31; write a day from *")]
    [InlineData("-9998-01-01", "day is *; write a day from *")]
    [InlineData("2026-03-05", "day is 2026-03-05, which has not come; at wechat:1900000109 it is 2026-01-31.")]
    public async Task The_statement_of_a_day_that_cannot_be_had_is_not_asked_for_and_leaves_no_row(string day, string sentence)
    {
        const string Address = "reconciliations?from=2026-01-01&until=2026-04-01";
        var said = await world.CallAsync("POST", "reconciliations", $$"""{ "account": "wechat:1900000109", "day": "{{day}}" }""");
        (said.Status, said.Detail).Should().Match<(int Status, string Detail)>(x => x.Status == 400);
        said.Detail.Should().Match(sentence);
        ((string)(await world.CallAsync("POST", "reconciliations", """{ "account": "wechat:1900000109", "day": "2026-01-31" }""")).Json["why"]!).Should().Be("the day is not over");
        (await world.CallAsync("GET", Address)).Json.AsArray().Should().BeEmpty("nothing was tried");
    }

    [Fact]
    public async Task What_routing_and_the_server_refuse_is_a_problem_document_too()
    {
        foreach (var (method, path, status, words) in new[]
        {
            ("GET", "no-such-thing", 404, "There is nothing at this address; *"), ("GET", "/api/v2/plans", 404, "There is nothing at this address; *"),
            ("PUT", "plans", 405, "The address is right and the method is not; *"),
        })
        {
            var said = await world.CallAsync(method, path, key: ApiWorld.Admin);
            (said.Status, said.Headers["Content-Type"]).Should().Be((status, "application/problem+json"), path);
            said.Detail.Should().Match(words);
        }

        foreach (var headers in new[] { Array.Empty<(string, string)>(), [(KeyedCalls.Header, "a large one")] })
        {
            // Little enough to be written whole before the refusal closes the connection.
            var large = await world.CallAsync("POST", $"subscriptions/{id}/park", $$"""{ "why": "{{new string('x', 70_000)}}" }""", ApiWorld.Operator, headers);
            (large.Status, large.Headers["Content-Type"]).Should().Be((413, "application/problem+json"));
            large.Detail.Should().StartWith("The body is larger than Renewals:Api:MaxBodyBytes (");
        }

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Address, $"/api/v1/subscriptions/{id}/park")) { Content = new StringContent("why=x") };
        request.Headers.Authorization = new("Bearer", ApiWorld.Operator);
        using var answer = await http.SendAsync(request);
        ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType).Should().Be((415, "application/problem+json"));
        (await answer.Content.ReadAsStringAsync()).Should().Contain("Send the body as JSON");
    }

    [Fact]
    public async Task Two_idempotency_keys_of_one_call_are_not_passed_over()
    {
        // A client of the framework would write them on one line.
        using var wire = new System.Net.Sockets.TcpClient(world.Address.Host, world.Address.Port);
        await using var stream = wire.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /api/v1/subscriptions/{id}/park HTTP/1.1\r\nHost: {world.Address.Authority}\r\nAuthorization: Bearer {ApiWorld.Operator}\r\nContent-Type: application/json\r\n" +
            $"{KeyedCalls.Header}: a\r\n{KeyedCalls.Header}: b\r\nConnection: close\r\nContent-Length: 14\r\n\r\n{{ \"why\": \"x\" }}"));
        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync()).Should().StartWith("HTTP/1.1 400 ").And.Contain($"The call has more than one {KeyedCalls.Header}: send one.");
        (await world.Host.FindAsync(id)).Parked.Should().BeNull();
    }

    [Fact]
    public async Task Which_is_not_there_the_membership_or_its_agreement_is_said()
    {
        foreach (var agreement in new[] { "some", Samples.Agreement.SigningCode })
        {
            (await world.CallAsync("DELETE", $"subscriptions/{id}/agreements/{agreement}")).Should().Match<Said>(said => said.Status == 404 && said.Detail.StartsWith("This membership has no such agreement"));
            (await world.CallAsync("POST", $"subscriptions/{id}/agreements/{agreement}/use", """{ "why": "x" }""")).Should().Match<Said>(said => said.Status == 404 && said.Detail.StartsWith("This membership has no such agreement"));
        }
    }

    [Fact]
    public async Task A_limit_in_a_currency_that_nothing_is_sold_in_is_refused()
    {
        var said = await world.CallAsync("POST", "catch-up/limit", """{ "account": "wechat:1900000109", "limit": { "minorUnits": 5, "currency": "USD" }, "why": "x" }""", ApiWorld.Admin);
        (said.Status, said.Detail).Should().Be((400, "limit: USD 5 is in another currency than the plans of wechat:1900000109: CNY."));
    }

    [Fact]
    public void Every_body_there_is_is_held_to_the_checks() => typeof(IBody).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(IBody).Namespace && type.Name.EndsWith("Body", StringComparison.Ordinal) && type is { IsInterface: false } && type != typeof(CardBody))
        .Should().HaveCountGreaterThan(15).And.OnlyContain(type => type.IsAssignableTo(typeof(IBody)));

    [Theory]
    [InlineData("monthly\"", "monthy\"", 422, "There is no plan 'monthy'; the plans are: gold, monthly.")]
    [InlineData("wechat:1900000109", "wechat:1", 422, "There is no account wechat:1 here.")]
    [InlineData("wechat:1900000109", "wechat", 400, "account is 'wechat': *")]
    [InlineData("2026-05-25T", "2026-07-25T", 400, "answerBy is after effectiveFrom; *")]
    [InlineData("\"planVersion\": 1", "\"planVersion\": 0", 400, "planVersion is 1 or more.")]
    [InlineData("\"planVersion\": 1", "\"planVersion\": 77", 409, "Plan 'monthly' has no version 77 on record; it has 1.")]
    [InlineData("2026-06-01T", "9999-06-01T", 400, "effectiveFrom is 9999-06-01; write a day from 2000-01-01 to 2100-12-31.")]
    [InlineData("2026-06-01T", "2028-02-01T", 400, "effectiveFrom is 2028-02-01; at most two years ahead, 2028-01-31.")]
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
