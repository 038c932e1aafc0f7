using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Renewals.Tests.Service;

/// <summary>Who may use the HTTP API, and what it says to those who may.</summary>
public sealed class ApiTests : IDisposable
{
    private readonly SampleSettings scratch = new();
    private readonly HttpClient http = new();

    public void Dispose()
    {
        http.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public async Task Without_a_key_this_machine_is_served_and_nobody_who_comes_through_a_proxy_or_a_web_page()
    {
        using var program = HostProgram.Start(scratch.Folder, "run", "--sandbox", "--urls", "http://127.0.0.1:0");
        var api = (await SandboxRunTests.SaidAsync(program))["api"] + "/subscriptions";
        var none = new Uri($"{api}/{Guid.Empty}");

        (await http.GetAsync(none)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await StatusAsync(none, request => request.Headers.Host = "renewals.example.com")).Should().Be(HttpStatusCode.Forbidden);
        (await StatusAsync(none, request => request.Headers.Add("X-Forwarded-For", "198.51.100.9"))).Should().Be(HttpStatusCode.Forbidden);
        (await StatusAsync(none, request => request.Headers.Add("Origin", "https://evil.example.com"))).Should().Be(HttpStatusCode.Forbidden);
        (await StatusAsync(none, request => request.Headers.Add("Origin", none.GetLeftPart(UriPartial.Authority)))).Should().Be(HttpStatusCode.NotFound, "it is the service's own page");

        var sample = new JsonObject { ["member"] = "m-1", ["plan"] = "monthly", ["account"] = "wechat:1900000109", ["displayAccount"] = "Ann" };
        (await PostAsync(api, sample, "plan", "none")).Should().Be((422, "There is no plan 'none'; the plans are: monthly."));
        (await PostAsync(api, sample, "account", "wechat")).Should().Be((400, "account is 'wechat': write it as rail:number, such as wechat:1900000109."));
        (await PostAsync(api, sample, "account", "wechat:1")).Should().Be((422, "There is no account wechat:1 here."));
        var misspelt = await PostAsync(api, sample, "dsplayAccount", "Ann");
        misspelt.Status.Should().Be(400);
        misspelt.Detail.Should().Contain("'dsplayAccount' is no field of this call", "a field that is not heeded must not pass in silence");

        var signed = (await (await http.PostAsJsonAsync(api, sample)).Content.ReadFromJsonAsync<JsonNode>())!;
        ((string)signed["state"]!).Should().Be("ready");
        using var found = await http.GetAsync(new Uri($"{api}/{signed["id"]}"));
        found.Headers.ETag!.Tag.Should().Be("\"1\"");
        ((string)(await found.Content.ReadFromJsonAsync<JsonNode>())!["status"]!).Should().Be("signing");
        await program.StopAsync();
    }

    [Fact]
    public async Task With_keys_nobody_is_served_without_one_and_each_may_do_what_its_role_may()
    {
        scratch.Set("Api/Keys/of the dashboard", new JsonObject { ["Sha256"] = Hash("read-only-for-tests"), ["Role"] = "Reader" });
        scratch.Set("Api/Keys/of the shop", new JsonObject { ["Sha256"] = Hash("sign-for-tests"), ["Role"] = "Operator" });
        scratch.WriteWithEveryLogLine();
        using var program = HostProgram.Start(scratch.Folder, "run", "--data", scratch.DataFolder);
        var api = (await SandboxRunTests.SaidAsync(program))["api"] + "/subscriptions";
        program.ReadOn();
        var none = new Uri($"{api}/{Guid.Empty}");
        var cancel = new Uri($"{api}/{Guid.Empty}/cancel");

        async Task<(HttpStatusCode Look, HttpStatusCode Act)> As(string? key) =>
            (await StatusAsync(none, request => Carry(request, key)), await StatusAsync(cancel, request =>
            {
                Carry(request, key);
                (request.Method, request.Content) = (HttpMethod.Post, JsonContent.Create(new JsonObject { ["why"] = "enough" }));
            }));

        (await As(null)).Should().Be((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized));
        (await As("read-only-for-test")).Should().Be((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized));
        (await As("read-only-for-tests")).Should().Be((HttpStatusCode.NotFound, HttpStatusCode.Forbidden));
        (await As("sign-for-tests")).Should().Be((HttpStatusCode.NotFound, HttpStatusCode.NotFound));
        const string Name = "a-name-to-be-shown", Address = "203.0.113.77";
        await StatusAsync(new(api), request =>
        {
            Carry(request, "sign-for-tests");
            (request.Method, request.Content) = (HttpMethod.Post, JsonContent.Create(new JsonObject
            {
                ["member"] = "m-1", ["plan"] = "monthly", ["account"] = "wechat:1900000109", ["displayAccount"] = Name, ["clientAddress"] = Address, ["scene"] = "mobile-browser",
            }));
        });

        // Even with every line that there is to log.
        var ending = await program.StopAsync();
        (ending.Output + ending.Errors).Should().Contain("dbug:").And.NotContainAny(
            ["sign-for-tests", "read-only-for-tests", Hash("sign-for-tests"), Name, Address, .. scratch.Secrets]);
    }

    [Fact]
    public async Task A_hash_that_is_none_is_refused_before_anything_starts()
    {
        scratch.Set("Api/Keys/shop", new JsonObject { ["Sha256"] = "sign-for-tests" });
        scratch.Write();
        (await HostProgram.RunAsync(scratch.Folder, "run", "--data", scratch.DataFolder)).ShouldBeRefusal(
            "Renewals:Api:Keys:shop:Sha256 is no SHA-256: write the 64 hexadecimal digits of `printf %s \"$key\" | sha256sum`.");
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static void Carry(HttpRequestMessage request, string? key) =>
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);

    private async Task<HttpStatusCode> StatusAsync(Uri address, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        change(request);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<(int Status, string Detail)> PostAsync(string address, JsonObject sample, string field, string value)
    {
        var body = sample.DeepClone();
        body[field] = value;
        using var answer = await http.PostAsJsonAsync(address, body);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.StartsWith('{') ? (string?)JsonNode.Parse(text)!["detail"] ?? "" : "");
    }
}
