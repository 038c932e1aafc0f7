using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Renewals.Host.Api;
using Renewals.Host.Service;
using Renewals.Tests.Rules;

namespace Renewals.Tests.Service;

/// <summary>What the service says of itself: the API's document and page, health, metrics.</summary>
public sealed partial class ApiDocumentTests(ApiDoorTests.OneMember one) : IClassFixture<ApiDoorTests.OneMember>
{
    private readonly ApiWorld world = one.World;

    [Fact]
    public async Task Every_route_stands_in_the_document_and_nothing_else()
    {
        var document = await DocumentAsync();
        var told = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));
        var there = world.Routes.Where(route => route.RoutePattern.RawText!.StartsWith(ApiEndpoints.Root, StringComparison.Ordinal))
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {PathOf(route)}"));
        told.Should().BeEquivalentTo(there).And.HaveCountGreaterThanOrEqualTo(40);
    }

    [Fact]
    public async Task Every_operation_says_who_may_call_it_what_it_takes_what_it_answers_and_what_can_go_wrong()
    {
        var document = await DocumentAsync();
        List<string> ids = [];
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var where = $"{method} {path}";
                ids.Add((string)operation!["operationId"]!);
                ((string?)operation["summary"]).Should().NotBeNullOrEmpty(where);
                ((string)operation["security"]![0]!["key"]![0]!).Should().BeOneOf("Reader", "Operator", "Admin");
                operation["responses"]!.AsObject().Select(response => response.Key).Should().Contain(["200", "400", "401", "403", "429", "503"], where);
                operation["responses"]!["200"]!["content"]!["application/json"]!["schema"].Should().NotBeNull(where);
                if (method == "post")
                {
                    operation["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"].Should().NotBeNull(where);
                    Headers(operation).Should().Contain(KeyedCalls.Header, where);
                }

                Headers(operation).Contains("If-Match").Should().Be(method != "get" && path.Contains("/subscriptions/{id}/") && !path.EndsWith("/preview"), where);
            }
        }

        ids.Should().OnlyHaveUniqueItems();
        var body = document["components"]!["schemas"]!["SignBody"]!;
        body["required"]!.AsArray().Select(name => (string)name!).Should().BeEquivalentTo("member", "plan", "account", "displayAccount");
        ((bool)body["additionalProperties"]!).Should().BeFalse();
        document["components"]!["schemas"]!["HoldScope"]!["enum"]!.AsArray().Select(word => (string)word!).Should().Equal("everything", "account", "plan");
        ((string)document["components"]!["responses"]!["409"]!["content"]!["application/problem+json"]!["schema"]!["$ref"]!).Should().EndWith("/Problem");

        static IEnumerable<string> Headers(JsonNode operation) =>
            operation["parameters"]?.AsArray().Where(one => (string)one!["in"]! == "header").Select(one => (string)one!["name"]!) ?? [];
    }
    [Fact]
    public async Task Every_operation_parameter_and_field_has_words()
    {
        var document = await DocumentAsync();
        List<string> silent = [];
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                foreach (var parameter in operation!["parameters"]?.AsArray() ?? [])
                    Look(parameter!, $"{method} {path}: parameter {parameter!["name"]}");
                foreach (var (status, response) in operation["responses"]!.AsObject().Where(response => response.Value!["$ref"] is null))
                    Fields(response!["content"]!["application/json"]!["schema"]!, $"{method} {path}: {status}");
            }
        }

        var schemas = document["components"]!["schemas"]!.AsObject();
        schemas.Count.Should().BeGreaterThan(60, "the walk must see the schemas");
        foreach (var (name, schema) in schemas)
        {
            Look(schema!, name);
            Fields(schema!, name);
        }

        string.Join('\n', silent.Distinct()).Should().BeEmpty();

        void Look(JsonNode node, string where)
        {
            if ((string?)node["description"] is not { Length: > 3 })
                silent.Add(where);
        }

        void Fields(JsonNode schema, string where)
        {
            foreach (var (name, field) in schema["properties"]?.AsObject() ?? [])
            {
                Look(field!, $"{where}.{name}");
                Fields(field!, $"{where}.{name}");
            }

            foreach (var inner in new[] { schema["items"], schema["additionalProperties"] }.OfType<JsonObject>().Concat(schema["oneOf"]?.AsArray().OfType<JsonObject>() ?? []))
                Fields(inner, where);
        }
    }

    [Fact]
    public async Task Every_body_has_an_example_that_would_be_accepted()
    {
        var document = await DocumentAsync();
        var bodies = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Where(one => one.Value!["requestBody"] is not null)
            .Select(one => ((string)one.Value!["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!).Split('/')[^1]).ToHashSet();
        bodies.Count.Should().BeGreaterThan(15, "the walk must see the bodies");
        foreach (var name in bodies)
        {
            var example = document["components"]!["schemas"]![name]!["examples"]?[0];
            example.Should().NotBeNull(name);
            var body = System.Text.Json.JsonSerializer.Deserialize(example!.ToJsonString(), typeof(ApiEndpoints).Assembly.GetType($"{typeof(ApiEndpoints).Namespace}.{name}", throwOnError: true)!, ApiJson.Options);
            ((body as IBody)?.Fault).Should().BeNull($"{name}; an order is {Support.Samples.Order(Support.Samples.IdOf(1), 1)}");
        }
    }

    [Fact]
    public async Task Money_is_said_to_be_in_minor_units()
    {
        var money = (await DocumentAsync())["components"]!["schemas"]!["Money"]!;
        ((string)money["description"]!).Should().Contain("minor units");
        ((string?)money["properties"]!["minorUnits"]!["format"], (string)money["properties"]!["minorUnits"]!["description"]!).Should().Match<(string? Format, string Words)>(
            x => x.Format == "int64" && x.Words.Contains("minor units"));
        ((string)money["properties"]!["currency"]!["description"]!).Should().Contain("ISO 4217");
    }

    [Fact]
    public async Task The_page_is_served_by_the_service_and_asks_no_other_host()
    {
        var page = await world.CallAsync("GET", "/openapi/index.html", key: null);
        page.Status.Should().Be(200);
        page.Headers["Content-Security-Policy"].Should().StartWith("default-src 'self'");
        var parts = Part().Matches(page.Text).Select(match => match.Groups[1].Value).ToList();
        parts.Should().Contain(part => part.EndsWith("swagger-ui-bundle.js")).And.OnlyContain(part => !part.Contains("//"));
        foreach (var part in parts)
            (await world.CallAsync("GET", $"/openapi/{part.TrimStart('.', '/')}", key: null)).Status.Should().Be(200, part);
    }

    [Fact]
    public async Task The_signing_of_the_docs_is_accepted()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(SourceRules.Root(), "docs", "api.md"));
        var body = Body().Match(text).Groups[1].Value;
        (await world.CallAsync("POST", "subscriptions", body.Replace("2026-03-05T01:59:00Z", "2026-01-31T01:59:00Z"))).Status.Should().Be(200, body);
    }

    [Fact]
    public async Task Every_route_stands_in_the_docs()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(SourceRules.Root(), "docs", "api.md"));
        foreach (var operation in (await DocumentAsync())["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(one => $"{one.Key.ToUpperInvariant()} {path.Key}")))
        {
            var words = operation.Replace(ApiEndpoints.Root, "").TrimEnd('/');
            var inShort = words.Replace("/subscriptions/{id}/", "…/");
            (text.Contains($"`{words}") || text.Contains($"`{inShort}")).Should().BeTrue($"docs/api.md says nothing of {words}");
        }
    }

    [Fact]
    public async Task Anybody_learns_whether_it_lives_and_is_ready_and_nothing_else()
    {
        (await world.CallAsync("GET", "/health/live", key: null)).Text.Should().Be("live\n");
        (await world.CallAsync("GET", "/health/ready", key: null)).Text.Should().Be("ready\n");
        (await world.CallAsync("GET", "health", key: null)).Status.Should().Be(401);
        var checks = (await world.CallAsync("GET", "health", key: ApiWorld.Reader)).Json["checks"]!.AsArray();
        checks.Select(check => ((string)check!["name"]!, (string)check["status"]!))
            .Should().Equal(("database", "healthy"), ("ledger", "healthy"), ("work", "healthy"), ("book", "healthy"), ("webhooks", "healthy"), ("certificates", "healthy"));
    }

    [Fact]
    public async Task Before_the_engine_is_there_it_lives_and_is_not_ready()
    {
        await using var door = await FrontDoor.StartAsync(["http://127.0.0.1:0"], 65_536, ApiAccess.Read(new()), _ => { }, default);
        using var http = new HttpClient();
        (await http.GetStringAsync(new Uri(door.Address, "/health/live"))).Should().Be("live\n");
        using var ready = await http.GetAsync(new Uri(door.Address, "/health/ready"));
        ((int)ready.StatusCode, await ready.Content.ReadAsStringAsync()).Should().Be((503, "not ready\n"));
    }

    [Fact]
    public async Task What_is_counted_is_there_for_who_may_read_and_every_name_stands_in_the_docs()
    {
        (await world.CallAsync("GET", "/metrics", key: null)).Status.Should().Be(401);
        var said = await world.CallAsync("GET", "/metrics", key: ApiWorld.Reader);
        said.Status.Should().Be(200);
        said.Text.Should().MatchRegex("""renewals_events_total\{[^}]*account="wechat:1900000109"[^}]*\} [1-9]""").And.Contain("renewals_frozen");
        var names = Name().Matches(said.Text).Select(match => match.Groups[1].Value).Distinct().ToList();
        names.Should().HaveCountGreaterThanOrEqualTo(3);
        var text = await File.ReadAllTextAsync(Path.Combine(SourceRules.Root(), "docs", "operations.md"));
        names.Should().OnlyContain(name => text.Contains($"`{name}`"));
    }

    private static string PathOf(RouteEndpoint route) => Constraint().Replace(route.RoutePattern.RawText!, "}").TrimEnd('/');

    private async Task<JsonNode> DocumentAsync()
    {
        var said = await world.CallAsync("GET", "/openapi/v1.json", key: null);
        said.Status.Should().Be(200, said.Text);
        return said.Json;
    }

    [GeneratedRegex(@":[a-z]+\}")]
    private static partial Regex Constraint();

    [GeneratedRegex("""(?:src|href)="([^"]+)["]""")]
    private static partial Regex Part();

    [GeneratedRegex(@"-d '(\{.*?\})'", RegexOptions.Singleline)]
    private static partial Regex Body();

    [GeneratedRegex(@"^# TYPE (renewals_\w+) ", RegexOptions.Multiline)]
    private static partial Regex Name();
}
