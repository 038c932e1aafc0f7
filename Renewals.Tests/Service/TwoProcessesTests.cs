using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Service;

/// <summary>The rails' sandbox and the service as two programs that know each other by settings and HTTP only.</summary>
public sealed class TwoProcessesTests : IDisposable
{
    private readonly SampleSettings scratch = new();
    private readonly HttpClient http = new();

    public void Dispose()
    {
        http.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public async Task On_every_rail_a_member_signs_pays_cancels_and_the_agreement_is_over_at_the_rail()
    {
        var service = new Uri($"http://127.0.0.1:{FreePort()}");
        using var sandbox = HostProgram.Start(scratch.Folder, "sandbox", "--json", "--callbacks", service.AbsoluteUri);
        var said = await JsonOf(sandbox.Output);
        var rails = new Uri(said["address"]!.GetValue<string>());
        var settings = said["settings"]!;
        settings["Renewals"]!["Notifier"] = new JsonObject { ["Url"] = "http://127.0.0.1:9/nobody-is-charged-again-today" };
        settings["Renewals"]!["Urls"] = service.AbsoluteUri;
        settings["Renewals"]!["DataFolder"] = scratch.DataFolder;
        var file = Path.Combine(scratch.Folder, "from-the-sandbox.json");
        await File.WriteAllTextAsync(file, settings.ToJsonString());
        using var run = HostProgram.Start(scratch.Folder, "run", "--config", file);
        await SandboxRunTests.SaidAsync(run);

        await Task.WhenAll(SandboxRails.All.Select(rail => LiveAsync(rail, service, rails)));

        var bank = (await http.GetFromJsonAsync<JsonArray>(new Uri(rails, "/_control/bank")))!;
        bank.Select(entry => (string)entry!["account"]!).Should().BeEquivalentTo(SandboxRails.All.Select(rail => rail.Account.ToString()), "each was charged once");
        (await run.StopAsync()).ExitCode.Should().Be(0);
        (await sandbox.StopAsync()).ExitCode.Should().Be(0);
    }

    private async Task LiveAsync(SandboxRailKind rail, Uri service, Uri rails)
    {
        var id = Guid.CreateVersion7();
        var member = $"member-of-{rail.Name}";
        await DoAsync(new Uri(rails, "/_control/members"), ("member", member), ("balance", "100000"));
        var signing = await PostAsync(new Uri(service, "/api/v1/subscriptions"), new JsonObject
        {
            ["id"] = id, ["member"] = member, ["plan"] = "monthly", ["account"] = rail.Account.ToString(), ["scene"] = "mobile-browser",
            ["displayAccount"] = "Ann", ["clientAddress"] = "203.0.113.7", ["card"] = Card(rail, member),
        });
        if (signing["page"] is { } page)
            await OpenAsync(page);
        var code = (string)(await GetAsync(service, id))["agreement"]!["code"]!;
        if (signing["page"] is not null)
            await DoAsync(new Uri(rails, $"/_control/{rail.Name}/signings/{code}/confirm"), ("member", member));

        await UntilAsync(service, id, state => (string)state["status"]! == "active" && (int)state["paidPeriods"]! == 1, rail.Name);
        await PostAsync(new Uri(service, $"/api/v1/subscriptions/{id}/cancel"), new JsonObject { ["why"] = "enough" });

        await UntilAsync(service, id, state => (string)state["agreement"]!["status"]! == "terminated", rail.Name);
        var agreements = (await http.GetFromJsonAsync<JsonArray>(new Uri(rails, $"/_control/{rail.Name}/agreements")))!;
        agreements.Single(agreement => (string)agreement!["code"]! == code)!["mode"]!.GetValue<string>().Should().Be("Merchant");
        var events = (await http.GetFromJsonAsync<JsonArray>(new Uri(service, $"/api/v1/subscriptions/{id}/events")))!;
        events.Select(e => (string)e!["name"]!).Should().ContainInOrder("enrolled", "signed", "requested", "charged", "cancelled");
    }

    // Only UnionPay's merchants hand a card over.
    private static JsonObject? Card(SandboxRailKind rail, string member)
    {
        var card = UnionPayCard.Of(member, isCredit: false);
        return rail.Name != "unionpay" ? null : new()
        {
            ["number"] = card.Number, ["holder"] = card.Holder, ["certificateNumber"] = card.CertificateNumber, ["phone"] = card.Phone,
        };
    }

    private async Task OpenAsync(JsonNode page)
    {
        using var answer = (string)page["kind"]! switch
        {
            "redirect" => await http.GetAsync(new Uri((string)page["address"]!)),
            "form" => await http.PostAsync(new Uri((string)page["address"]!), new FormUrlEncodedContent(page["values"]!.AsObject().Select(field => KeyValuePair.Create(field.Key, (string?)field.Value)))),
            var other => throw new InvalidOperationException($"A browser cannot open {other}."),
        };
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private async Task DoAsync(Uri control, params (string Name, string Value)[] form)
    {
        using var answer = await http.PostAsync(control, new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> PostAsync(Uri address, JsonObject body)
    {
        using var answer = await http.PostAsJsonAsync(address, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.Should().Be(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<JsonNode> GetAsync(Uri service, Guid id) =>
        (await http.GetFromJsonAsync<JsonNode>(new Uri(service, $"/api/v1/subscriptions/{id}")))!;

    private async Task UntilAsync(Uri service, Guid id, Predicate<JsonNode> holds, string rail)
    {
        JsonNode state = new JsonObject();
        for (var tries = 0; tries < 400; tries++)
        {
            if (holds(state = await GetAsync(service, id)))
                return;
            await Task.Delay(100);
        }

        state.ToJsonString().Should().BeNull($"{rail} did not come to it in 40 s");
    }

    private static async Task<JsonNode> JsonOf(StreamReader output)
    {
        // The object is printed over several lines and ends with a brace of its own.
        List<string> lines = [];
        while (lines.LastOrDefault() != "}" && await output.ReadLineAsync() is { } line)
            lines.Add(line);
        return JsonNode.Parse(string.Join('\n', lines))!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
