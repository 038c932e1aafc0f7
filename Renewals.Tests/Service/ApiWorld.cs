using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Service;
using Renewals.Host.Webhooks;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The service's real door over the engine on a clock the test moves: what is asked goes over HTTP, what is charged over a scripted rail.</summary>
internal sealed class ApiWorld : IAsyncDisposable
{
    /// <summary>The names of the keys, which are the keys as well.</summary>
    public const string Reader = "of the dashboard", Operator = "of the shop", Admin = "of the owner";

    /// <summary>Another price for all on the monthly plan.</summary>
    public const string Campaign = """
        { "name": "2026-06", "plan": "monthly", "planVersion": 1, "price": { "minorUnits": 2800, "currency": "CNY" }, "account": "wechat:1900000109",
          "effectiveFrom": "2026-06-01T00:00:00Z", "answerBy": "2026-05-25T00:00:00Z" }
        """;

    private readonly FrontDoor door;
    private readonly HttpClient http = new();

    private ApiWorld(TestHost host, FrontDoor door) => (Host, this.door) = (host, door);

    public TestHost Host { get; }

    public Uri Address => door.Address;

    public IReadOnlyList<RouteEndpoint> Routes => [.. door.Routes];

    /// <summary>Starts it, in memory unless a connection string is given.</summary>
    public static async Task<ApiWorld> StartAsync(string? connectionString = null, Action<ApiSettings>? change = null)
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        void More(Core.RenewalsOptions options)
        {
            options.Coupons.Add(new("SPRING", 1, 10, null));
            options.Plans.Add(new()
            {
                Id = "gold", Subject = "Gold", Interval = BillingInterval.Monthly, Price = Money.Cny(5000), StepDownPlan = "monthly", WithdrawalDays = 7,
                AddOns = new([new("seat", "Seat", Money.Cny(500), 3)]), Templates = new Dictionary<Core.Gateways.MerchantAccount, string> { [rail.Account] = "12536" },
            });
        }

        var host = await TestHost.StartAsync(connectionString, time, rail, More, services => services.AddSingleton(Endpoints()), []);
        // A walk over all routes makes more calls in a second than a caller is allowed.
        var settings = new ApiSettings { CallsPerSecond = 10_000, Burst = 100_000 };
        foreach (var (name, role) in new[] { (Reader, ApiRole.Reader), (Operator, ApiRole.Operator), (Admin, ApiRole.Admin) })
            settings.Keys[name] = new() { Sha256 = HashOf(name), Role = role };
        change?.Invoke(settings);
        var door = await FrontDoor.StartAsync(["http://127.0.0.1:0"], 65_536, ApiAccess.Read(settings, time), _ => { }, default);
        door.Open(host.Services);
        return new(host, door);
    }

    /// <summary>Calls the API; the body is JSON as it is written.</summary>
    public async Task<Said> CallAsync(string method, string path, string? body = null, string? key = Operator, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(door.Address, path.StartsWith('/') ? path : $"/api/v1/{path}"));
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request);
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync())
        {
            Headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase),
        };
    }

    private static WebhookEndpoints Endpoints()
    {
        var shop = new WebhookEndpointSettings { Url = "https://shop.example.com/hooks/of-the-shop", Events = { "charged" } };
        shop.Secrets.Add("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        return WebhookEndpoints.Read(new() { Endpoints = { ["shop"] = shop } });
    }

    /// <summary>The hash of a key, as settings hold it.</summary>
    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Asks for something of a membership that must be granted.</summary>
    public async Task<JsonNode> AskAsync(SubscriptionId id, string what, string body, string method = "POST")
    {
        var said = await CallAsync(method, $"subscriptions/{id}/{what}", body);
        said.Status.Should().Be(200, said.Text);
        return said.Json;
    }

    /// <summary>Asks for something that is refused; nothing is stored.</summary>
    public async Task RefusedAsync(SubscriptionId id, string what, string body, int status, string sentence)
    {
        var before = (await Host.FindAsync(id)).Version;
        var said = await CallAsync("POST", $"subscriptions/{id}/{what}", body);
        said.Status.Should().Be(status, said.Text);
        said.Detail.Should().Match(sentence);
        (await Host.FindAsync(id)).Version.Should().Be(before, "what is refused changes nothing");
    }

    /// <summary>Reads something of a membership, as who may only read.</summary>
    public async Task<JsonNode> ReadAsync(SubscriptionId id, string what = "")
    {
        var said = await CallAsync("GET", $"subscriptions/{id}/{what}", key: Reader);
        said.Status.Should().Be(200, said.Text);
        return said.Json;
    }

    /// <summary>Signs a member over HTTP and lets the first period be paid.</summary>
    public async Task<SubscriptionId> MemberAsync(int number = 1, string plan = "monthly", string more = "")
    {
        var id = Samples.IdOf(number);
        var said = await CallAsync("POST", "subscriptions", SignBody(number, plan, more));
        said.Status.Should().Be(200, said.Text);
        Host.Time.Advance(TimeSpan.FromMinutes(10));
        await Host.SweepAsync();
        return id;
    }

    public static string SignBody(int number, string plan, string more = "", string? member = null) =>
        $$"""{ "id": "{{Samples.IdOf(number).Value}}", "member": "{{member ?? $"m{number}"}}", "plan": "{{plan}}", "account": "wechat:1900000109", "displayAccount": "Ann"{{more}} }""";

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await door.DisposeAsync();
        await Host.DisposeAsync();
    }
}

/// <summary>An answer of the API.</summary>
internal sealed record Said(int Status, string Text)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Detail => (string?)Json["detail"] ?? "";
}
