using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Demo;
using Renewals.Host.Service;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>A member's way through the real service in a real browser: the sandbox's page of the wallet, the engine over HTTP, the dashboard beside it.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class JourneyTests
{
    [BrowserFact]
    public async Task A_member_signs_on_the_rails_page_the_renewal_arrives_and_is_seen_and_the_cancel_ends_the_agreement()
    {
        var clock = new MovableClock(DemoRun.Start);
        await using var world = await DemoWorld.StartAsync(clock, ["wechat"], new Draws(7), new DemoNotifier(clock, Plant.None, _ => false), null, default);
        await using var door = await FrontDoor.StartAsync(["http://127.0.0.1:0"], 65_536, ApiAccess.Read(new()), _ => { }, default);
        door.Open(world.Services);
        using var http = new HttpClient { BaseAddress = door.Address };
        var id = Samples.IdOf(1);
        Task<Subscription?> Find() => world.Memberships.FindAsync(id);

        // The merchant's shop asks for a page, and the member opens and confirms it.
        var said = await AskAsync(http, "api/v1/subscriptions", new
        {
            id = id.Value, member = "m1", plan = "monthly", account = $"{world.Rails["wechat"].Account}", displayAccount = "Ann", scene = "mobile-browser", clientAddress = "203.0.113.7",
        });
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.Browser.NewPageAsync(new() { Locale = "en-GB" });
        await page.GotoAsync((string)said["page"]!["address"]!);
        await page.GetByLabel("会员 / Member").FillAsync("m1");
        await page.GetByRole(AriaRole.Button, new() { Name = "确认签约 / Confirm" }).ClickAsync();
        await Assertions.Expect(page.Locator("body")).ToContainTextAsync("contract_id");
        await world.PassUntilAsync(async () => (await Find())!.PaidThrough == 1, default);

        // A month later the renewal is there, announced and paid.
        await world.PassUntilAsync(async () => (await Find())!.PaidThrough == 2, default);
        await page.GotoAsync($"{new Uri(door.Address, $"/subscriptions/{id}")}?lang=en");
        await Assertions.Expect(page.Locator(".timeline li", new() { HasText = "Paid:" })).ToHaveCountAsync(2);
        await page.GotoAsync($"{new Uri(door.Address, "/coming")}?lang=en");
        await Assertions.Expect(page.Locator("svg.chart").First.Locator("rect")).ToHaveCountAsync(31);

        // The member has enough: nothing is taken any more, and the rail's agreement is over.
        await AskAsync(http, $"api/v1/subscriptions/{id}/cancel", new { why = "enough" });
        await world.PassUntilAsync(async () => (await Find())!.Agreement.Status == AgreementStatus.Terminated, default);
        await world.PassUntilAsync(async () => (await Find())!.Status == SubscriptionStatus.Ended, default);
        world.Sandbox.Bank.Entries.Should().HaveCount(2);
        world.Rails["wechat"].Sandbox.Agreements.Single().EndedAt.Should().NotBeNull();
        await page.GotoAsync($"{new Uri(door.Address, $"/subscriptions/{id}")}?lang=en");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Over");
    }

    private static async Task<JsonNode> AskAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.Should().BeTrue(text);
        return JsonNode.Parse(text)!;
    }
}
