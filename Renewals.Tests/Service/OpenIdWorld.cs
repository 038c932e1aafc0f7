using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Renewals.Core.Engine;
using Renewals.Host.Api;
using Renewals.Host.Dashboard;
using Renewals.Host.Service;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>A service at whose dashboard people sign in at an identity provider; it has no key.</summary>
public sealed class OpenIdWorld : IAsyncLifetime
{
    private ApiWorld world = null!;

    internal TestIdentityProvider Provider { get; private set; } = null!;

    internal FrontDoor Door { get; private set; } = null!;

    internal FuseBox Fuses => world.Host.Services.GetRequiredService<FuseBox>();

    /// <summary>What stood in the log, warnings and above.</summary>
    internal ListLogger Log { get; } = new();

    public async Task InitializeAsync()
    {
        (Provider, world) = (await TestIdentityProvider.StartAsync(), await ApiWorld.StartAsync());
        await world.MemberAsync();
        Door = await DoorAsync(Settings(Provider.Address), Log);
    }

    public async Task DisposeAsync()
    {
        await Door.DisposeAsync();
        await world.DisposeAsync();
        await Provider.DisposeAsync();
    }

    /// <summary>Another door of the same engine.</summary>
    internal async Task<FrontDoor> DoorAsync(OpenIdSettings settings, ListLogger log, ApiSettings? api = null)
    {
        var door = await FrontDoor.StartAsync(
            ["http://127.0.0.1:0"], 65_536, ApiAccess.Read(api ?? new(), people: OpenIdProvider.Read(settings, ".")), logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Warning), default);
        door.Open(world.Host.Services);
        Provider.Registered.Add(new Uri(door.Address, OpenIdPages.ReturnAddress).ToString());
        return door;
    }

    internal static OpenIdSettings Settings(string authority) => new()
    {
        Authority = authority, ClientId = TestIdentityProvider.ClientId, ClientSecret = TestIdentityProvider.ClientSecret, Name = "the company's directory",
        Roles = { ["look"] = ApiRole.Reader, ["desk"] = ApiRole.Operator, ["own"] = ApiRole.Admin },
    };

    /// <summary>Goes to the provider and back, up to the answer of the service's own address.</summary>
    internal async Task<PageSaid> SignInAsync(Browser browser, string back = "/stops")
    {
        var way = await WayBackAsync(browser, back);
        return await browser.GetAsync(way.PathAndQuery);
    }

    /// <summary>Where the provider sends the browser to.</summary>
    internal async Task<Uri> WayBackAsync(Browser browser, string back = "/stops")
    {
        var begun = await browser.GetAsync($"{OpenIdPages.Address}?back={Uri.EscapeDataString(back)}");
        begun.Status.Should().Be(302, begun.Text);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await http.GetAsync(begun.Location);
        ((int)answer.StatusCode).Should().Be(302, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!;
    }
}
