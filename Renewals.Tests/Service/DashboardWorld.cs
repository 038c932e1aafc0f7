using System.Net;
using System.Text.RegularExpressions;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Dashboard;
using Renewals.Host.Service;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>A service with five members: one who pays, one whose renewal was declined and then paid, one who is parked, one with a name that is markup, one who signed three weeks later.</summary>
public sealed class DashboardWorld : IAsyncLifetime
{
    /// <summary>A member's name that a page must not take for markup.</summary>
    public const string Markup = "<script>alert('m')</script>";

    internal static readonly SubscriptionId Payer = Samples.IdOf(1), Declined = Samples.IdOf(2), Parked = Samples.IdOf(3), Named = Samples.IdOf(4), Later = Samples.IdOf(5);

    internal ApiWorld World { get; private set; } = null!;

    /// <summary>The same engine behind a door without keys, as on a developer's machine.</summary>
    internal FrontDoor Keyless { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        World = await ApiWorld.StartAsync();
        foreach (var number in new[] { 1, 2, 3 })
            await World.MemberAsync(number);
        (await World.CallAsync("POST", "subscriptions", ApiWorld.SignBody(4, "monthly", member: Markup))).Status.Should().Be(200);
        World.Host.Time.Advance(TimeSpan.FromMinutes(10));
        await World.Host.SweepAsync();
        await World.Host.Members.ParkAsync(Parked, "ann", "the member wrote to us");
        World.Host.Rail.OnCharge = order => Task.FromResult(
            order.Number.Charge.Subscription == Declined && order.Number.Attempt == 1
                ? new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH"))
                : World.Host.Rail.Take(order));
        await World.Host.SweepUntilAsync<Announced>(Declined);
        await World.MemberAsync(5);
        await World.Host.SweepUntilAsync<Charged>(Declined, times: 2);
        Keyless = await FrontDoor.StartAsync(["http://127.0.0.1:0"], 65_536, ApiAccess.Read(new()), _ => { }, default);
        Keyless.Open(World.Host.Services);
    }

    public async Task DisposeAsync()
    {
        await Keyless.DisposeAsync();
        await World.DisposeAsync();
    }

    /// <summary>Somebody who has signed in with a key; null: who has not.</summary>
    internal async Task<Browser> SignInAsync(string? key)
    {
        var browser = new Browser(World.Address);
        if (key is null)
            return browser;
        await browser.GetAsync(SignInPages.Address);
        (await browser.PostAsync(SignInPages.Address, ("key", key), ("back", "/"))).Status.Should().Be(303);
        return browser;
    }
}

/// <summary>Does with pages what a browser does: keeps cookies, sends the form it was shown.</summary>
internal sealed partial class Browser(Uri address) : IDisposable
{
    private readonly HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new() }) { BaseAddress = address };

    /// <summary>The token of the last form that was seen; null: none is sent.</summary>
    public string? Token { get; set; }

    /// <summary>Sent with every request.</summary>
    public System.Net.Http.Headers.HttpRequestHeaders Headers => http.DefaultRequestHeaders;

    public async Task<PageSaid> GetAsync(string path)
    {
        using var answer = await http.GetAsync(path);
        var said = await SaidAsync(answer);
        if (TokenField().Match(said.Html) is { Success: true } found)
            Token = found.Groups[1].Value;
        return said;
    }

    public async Task<PageSaid> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        var form = fields.ToDictionary(field => field.Name, field => field.Value);
        if (Token is not null)
            form["__RequestVerificationToken"] = Token;
        using var content = new FormUrlEncodedContent(form);
        using var answer = await http.PostAsync(path, content);
        return await SaidAsync(answer);
    }

    public void Dispose() => http.Dispose();

    private static async Task<PageSaid> SaidAsync(HttpResponseMessage answer) => new(
        (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.Location?.OriginalString,
        answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value)));

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}

/// <summary>An answer to a browser.</summary>
internal sealed record PageSaid(int Status, string Html, string? Location, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>As it is read.</summary>
    public string Text => WebUtility.HtmlDecode(Html);

    /// <summary>The rows of the table with this caption, cell by cell.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Table(string caption)
    {
        var table = Html[Html.IndexOf($"<caption>{caption}</caption>", StringComparison.Ordinal)..];
        var body = table[table.IndexOf("<tbody>", StringComparison.Ordinal)..table.IndexOf("</tbody>", StringComparison.Ordinal)];
        return
        [
            .. Regex.Matches(body, "<tr>(.*?)</tr>", RegexOptions.Singleline).Select(row => (IReadOnlyList<string>)[.. Regex.Matches(row.Groups[1].Value, "<t[hd][^>]*>(.*?)</t[hd]>", RegexOptions.Singleline)
                .Select(cell => WebUtility.HtmlDecode(Regex.Replace(cell.Groups[1].Value, "<[^>]*>", "")).Trim())]),
        ];
    }
}
