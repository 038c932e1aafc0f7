using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The way to the identity provider and back in a real browser, which keeps cookies of one site from what another began.</summary>
public sealed class DashboardOpenIdBrowserTests(OpenIdWorld world) : IClassFixture<OpenIdWorld>
{
    [BrowserFact]
    public async Task A_person_comes_back_from_another_site_signed_in_acts_and_signs_out()
    {
        (world.Provider.ShowsPage, world.Provider.Person) = (true, [("sub", "1"), ("preferred_username", "ann"), ("roles", "own")]);
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.Browser.NewPageAsync(new() { BaseURL = $"{world.Door.Address}", Locale = "en-GB" });
        await page.GotoAsync("/stops");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with the company's directory" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("^" + Regex.Escape(world.Provider.Address)));
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue" }).ClickAsync();
        await Assertions.Expect(page.Locator("body")).ToContainTextAsync("openid:ann");
        await Assertions.Expect(page).ToHaveURLAsync("/stops");

        // The fields of the form that holds, as the page has them.
        var form = page.Locator("form[action='/stops/hold']");
        await form.Locator("select[name=scope]").SelectOptionAsync("plan/monthly");
        await form.Locator("[name=why]").FillAsync("a person in a browser");
        await form.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("a person in a browser");
        (await world.Fuses.ListAsync()).Single().By.Should().Be("openid:ann");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync("/sign-in");
        await page.GotoAsync("/stops");

        // The cookie is gone.
        await Assertions.Expect(page).ToHaveURLAsync("/sign-in?back=%2Fstops");
    }
}
