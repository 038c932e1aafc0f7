using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The pages in a real browser: who cannot see well reads them too, and a person's work is done with them.</summary>
public sealed class DashboardBrowserTests(DashboardWorld world) : IClassFixture<DashboardWorld>
{
    private static readonly string[] Paths =
        ["/", "/coming", "/dunning", "/subscriptions", $"/subscriptions/{DashboardWorld.Declined}", "/stops", "/reconciliation", "/agreements"];

    [BrowserTheory]
    [InlineData(ColorScheme.Light, "en", 1200)]
    [InlineData(ColorScheme.Dark, "zh", 390)]
    public async Task No_page_has_a_serious_fault_of_accessibility_or_is_wider_than_a_phone(ColorScheme scheme, string language, int width)
    {
        await using var chromium = await Chromium.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 800 } });
        var page = await context.NewPageAsync();
        List<string> outside = [];
        page.Request += (_, request) => outside.AddRange(new[] { request.Url }.Where(url => !url.StartsWith($"{world.Keyless.Address}", StringComparison.Ordinal)));
        foreach (var path in Paths)
        {
            await page.GotoAsync($"{new Uri(world.Keyless.Address, path)}?lang={language}");
            outside.Should().BeEmpty("no other host is asked");
            (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).Should().BeTrue("{0} fits", path);
            var found = await page.RunAxe();
            found.Passes.Should().NotBeEmpty("it was looked at");
            found.Violations.Where(fault => fault.Impact is "serious" or "critical").Select(fault => $"{path}: {fault.Id}").Should().BeEmpty();

            // What axe does for itself is not the page's.
            outside.Clear();
        }
    }

    [BrowserFact]
    public async Task Pictures_of_the_main_pages_are_made_for_the_readme()
    {
        var folder = Environment.GetEnvironmentVariable("RENEWALS_SCREENSHOTS") ?? Directory.CreateTempSubdirectory("renewals-pictures-").FullName;
        await using var chromium = await Chromium.StartAsync();
        foreach (var (name, path, language, scheme) in new[]
        {
            ("today", "/", "en", ColorScheme.Light), ("coming", "/coming", "en", ColorScheme.Light),
            ("subscription", $"/subscriptions/{DashboardWorld.Declined}", "en", ColorScheme.Light), ("stops-zh-dark", "/stops", "zh", ColorScheme.Dark),
        })
        {
            await using var context = await chromium.Browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = 1100, Height = 760 } });
            var page = await context.NewPageAsync();
            await page.GotoAsync($"{new Uri(world.Keyless.Address, path)}?lang={language}");
            (await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") })).Length.Should().BeGreaterThan(10_000, "{0} is not an empty page", path);
        }

        if (Environment.GetEnvironmentVariable("RENEWALS_SCREENSHOTS") is null)
            Directory.Delete(folder, recursive: true);
    }

    [BrowserFact]
    public async Task A_person_signs_in_looks_acts_and_sees_what_came_of_it()
    {
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.Browser.NewPageAsync(new() { BaseURL = $"{world.World.Address}", Locale = "en-GB" });
        await page.GotoAsync("/stops");
        await page.GetByLabel("API key").FillAsync(ApiWorld.Operator);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync("/stops");

        // The parked member goes on, and is charged again when its day comes.
        var card = page.Locator("section", new() { HasText = "m3" });
        await card.GetByLabel("Why").FillAsync("nothing was wrong");
        await card.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync($"/subscriptions/{DashboardWorld.Parked}");
        (await world.World.Host.FindAsync(DashboardWorld.Parked)).Parked.Should().BeNull();
        await world.World.Host.SweepUntilAsync<Charged>(DashboardWorld.Parked, times: 2);
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator(".timeline li", new() { HasText = "Paid:" })).ToHaveCountAsync(2);

        // A bar for each day to come, and the keyboard alone leads to the content.
        await page.GetByRole(AriaRole.Link, new() { Name = "Coming 30 days" }).ClickAsync();
        await Assertions.Expect(page.Locator("svg.chart").First.Locator("rect")).ToHaveCountAsync(31);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync("/coming#main");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync("/sign-in");
    }
}
