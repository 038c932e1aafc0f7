using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Dashboard;

namespace Renewals.Tests.Service;

/// <summary>The pages over HTTP: what they show, in both languages, to whom.</summary>
/// <remarks>One service for all of it: nothing that is asked here changes anything.</remarks>
public sealed partial class DashboardTests(DashboardWorld world) : IClassFixture<DashboardWorld>
{
    private static readonly (string Path, string English, string Chinese)[] Pages =
    [
        ("/", "Today", "今日"), ("/coming", "Coming 30 days", "未来 30 天"), ("/dunning", "Dunning", "补扣"), ("/subscriptions", "Subscriptions", "会员"),
        ($"/subscriptions/{DashboardWorld.Declined}", "Membership of m2", "会员 m2"), ("/stops", "Stops", "停扣"), ("/reconciliation", "Reconciliation", "对账"),
        ("/agreements", "Ending agreements", "将到期协议"),
    ];

    [Fact]
    public async Task Every_page_is_read_in_both_languages_without_a_script_and_names_no_other_host()
    {
        Routes("GET").Where(path => !path.EndsWith(".csv", StringComparison.Ordinal)).Should().BeSubsetOf(Pages.Select(page => page.Path), "every page is looked at");
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        foreach (var (path, english, chinese) in Pages)
        {
            foreach (var (language, tag, heading) in new[] { ("en", "en", english), ("zh", "zh-CN", chinese) })
            {
                var page = await reader.GetAsync($"{path}?lang={language}");
                page.Status.Should().Be(200, page.Text);
                page.Text.Should().Contain($"<html lang=\"{tag}\">").And.Contain($"<h1>{heading}</h1>").And.Contain($"<title>{heading} – Renewals</title>");
                page.Headers["Content-Security-Policy"].Should().Be(DashboardAccess.Policy);
                page.Headers["Cache-Control"].Should().Contain("no-store");
                Outside().Matches(page.Html).Should().BeEmpty("{0} asks no other host and runs nothing", path);
            }

            (await reader.GetAsync(path)).Text.Should().Contain($"<h1>{chinese}</h1>", "the last choice is remembered");
        }
    }

    [Theory]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", "今日")]
    [InlineData("fr, en;q=0.5, zh;q=0.4", "Today")]
    [InlineData("fr", "Today")]
    public async Task Without_a_choice_the_browser_says_the_language(string accepts, string heading)
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        reader.Headers.AcceptLanguage.ParseAdd(accepts);
        (await reader.GetAsync("/")).Text.Should().Contain($"<h1>{heading}</h1>");
    }

    [Theory]
    [InlineData("/subscriptions?q=%00", 400, "q has a control character")]
    [InlineData("/subscriptions?account=x:%00", 400, "account has a control character")]
    [InlineData("/reconciliation?account=wechat:1900000109&day=-9998-01-01", 200, "Reconciliation")]
    [InlineData("/reconciliation?account=wechat:1900000109&day=9999-12-31", 200, "Reconciliation")]
    public async Task What_cannot_be_looked_for_is_a_page_and_no_fault_of_ours(string path, int status, string words)
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        var page = await reader.GetAsync($"{path}&lang=en");
        page.Status.Should().Be(status, page.Text);
        page.Text.Should().Contain(words);
        page.Headers["Content-Security-Policy"].Should().Be(DashboardAccess.Policy);
    }

    [Fact]
    public async Task What_a_merchant_calls_a_member_is_text_and_never_markup()
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        foreach (var path in new[] { "/subscriptions", $"/subscriptions/{DashboardWorld.Named}", $"/subscriptions?q={Uri.EscapeDataString("\"><script>")}" })
        {
            var page = await reader.GetAsync(path);
            page.Html.Should().NotContain("<script", path);
            page.Text.Should().Contain("<script>", path);
        }
    }

    [Fact]
    public async Task The_style_sheet_is_ours_and_open_to_all()
    {
        using var nobody = await world.SignInAsync(null);
        var style = await nobody.GetAsync("/dashboard.css");
        (style.Status, style.Headers["Content-Type"]).Should().Be((200, "text/css; charset=utf-8"));
        style.Html.Should().Contain("prefers-color-scheme: dark").And.NotContain("url(").And.NotContain("@import");
    }

    [Fact]
    public async Task Today_says_the_money_the_ledger_has()
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        var page = await reader.GetAsync("/?lang=en");
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var now = Instant.FromDateTimeOffset(world.World.Host.Time.GetUtcNow());
        var taken = 0L;
        await foreach (var movement in world.World.Host.Ledger.ReadMovementsAsync(Support.Samples.Account, zone.AtStartOfDay(now.InZone(zone).Date).ToInstant(), now + Duration.FromSeconds(1), default))
            taken += movement.Amount.MinorUnits;
        taken.Should().BePositive("the renewal that was declined before was paid today");
        page.Table("Money").Single()[2].Should().Be(TimelineWords.Money(Money.Cny(taken)));
        page.Table("Declines").Single().Should().Equal("wechat:1900000109", "0", "1");
        page.Text.Should().Contain("A person should look");
    }

    [Fact]
    public async Task The_days_to_come_add_up_to_what_each_membership_foresees_and_the_file_has_the_same()
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        var rows = (await reader.GetAsync("/coming?lang=en")).Table("By account and day");
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var until = zone.AtStartOfDay(Instant.FromDateTimeOffset(world.World.Host.Time.GetUtcNow()).InZone(zone).Date.PlusDays(31)).ToInstant();
        List<ComingCharge> foreseen = [];
        foreach (var id in new[] { DashboardWorld.Payer, DashboardWorld.Declined, DashboardWorld.Named, DashboardWorld.Later })
            foreseen.AddRange((await world.World.Host.Members.PreviewAsync(id, 2))!.Where(charge => charge.MoneyFrom < until));
        foreseen.Should().NotBeEmpty();
        rows.Sum(row => int.Parse(row[2])).Should().Be(foreseen.Count);
        rows.Select(row => row[3]).Should().BeEquivalentTo(
            foreseen.GroupBy(charge => charge.MoneyFrom.InZone(zone).Date).Select(day => TimelineWords.Money(Money.Cny(day.Sum(charge => charge.Amount.MinorUnits)))));
        (await FileAsync(reader, "/coming.csv")).Should().BeEquivalentTo(rows.Select(row => new[] { row[0], row[1], row[2], row[3] }), "the parked member is charged nothing");
    }

    [Fact]
    public async Task Dunning_says_what_was_recovered_and_the_file_has_the_same()
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        var page = await reader.GetAsync("/dunning?lang=en");
        var price = TimelineWords.Money((await world.World.Host.EventsAsync<Charged>(DashboardWorld.Declined))[^1].Amount);
        page.Table("By try").Should().BeEquivalentTo(new[] { new[] { "1", "1", "1", "0", "0.0 %" }, ["2", "1", "0", "1", "100.0 %"] });
        page.Table("By reason of the first decline").Single().Should().Equal("insufficient funds", "1", "1", "100.0 %", "0", "0", price);
        var line = (await FileAsync(reader, "/dunning.csv", money: 5)).Single();
        line.Should().Equal("wechat:1900000109", "insufficient-funds", "1", "recovered", "1", price);
        page.Table("Every line").Single().Should().Equal(line[0], "insufficient funds", line[2], line[3], line[4], line[5]);
    }

    [Fact]
    public async Task A_membership_is_found_by_id_member_and_state_page_by_page()
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        async Task<List<string>> MembersAsync(string query) => [.. (await reader.GetAsync($"/subscriptions?lang=en&{query}")).Table("Memberships").Select(row => row.Count > 1 ? row[1] : row[0])];
        (await MembersAsync("q=m2")).Should().Equal("m2");
        (await MembersAsync("q=m")).Should().Equal("None.");
        (await MembersAsync("parked=true")).Should().Equal("m3");
        (await MembersAsync("status=Active&account=wechat:1900000109")).Should().Equal("m1", "m2", "m3", DashboardWorld.Markup, "m5");
        (await MembersAsync("status=Ended")).Should().Equal("None.");
        (await MembersAsync($"after={DashboardWorld.Declined}")).Should().Equal("m3", DashboardWorld.Markup, "m5");
        (await reader.GetAsync($"/subscriptions?q={DashboardWorld.Payer}")).Location.Should().Be($"/subscriptions/{DashboardWorld.Payer}");
        (await reader.GetAsync($"/subscriptions/{Support.Samples.IdOf(404)}")).Status.Should().Be(404);
    }

    [Fact]
    public async Task One_membership_shows_every_event_and_why()
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        var events = await world.World.Host.Ledger.ReadEventsAsync(DashboardWorld.Declined, default);
        var page = await reader.GetAsync($"/subscriptions/{DashboardWorld.Declined}?lang=en");
        Regex.Matches(page.Html, "<li><time>").Should().HaveCount(events.Count);
        page.Text.Should().Contain("Declined: insufficient funds").And.Contain("NOTENOUGH").And.Contain("because of notice");
        page.Table("Sums").Should().HaveCount(2);
        page.Table("Next charges, as things stand").Should().NotBeEmpty();
        (await reader.GetAsync($"/subscriptions/{DashboardWorld.Parked}?lang=en")).Text.Should().Contain("ann: the member wrote to us");
    }

    [Fact]
    public void Every_event_there_is_has_words_in_both_languages()
    {
        var life = Support.Samples.Life(DashboardWorld.Payer).Concat(Support.Samples.MovedLife(DashboardWorld.Payer)).ToList();
        life.Select(e => e.GetType()).Should().Contain(Core.Ledger.EventNames.OfSubscriptions.Keys);
        var (english, chinese) = (new Words(false, DateTimeZone.Utc), new Words(true, DateTimeZone.Utc));
        foreach (var e in life)
            EventLine.Of(e, english).Title.Should().MatchRegex("^[ -~–]+$").And.NotBe(EventLine.Of(e, chinese).Title);
    }

    private static async Task<List<string[]>> FileAsync(Browser reader, string path, int money = 3)
    {
        var file = await reader.GetAsync(path);
        file.Headers["Content-Type"].Should().Be("text/csv; charset=utf-8");

        // Minor units and currency as the page writes them.
        return [.. file.Html.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))
            .Select(cells => (string[])[.. cells[..money], TimelineWords.Money(new(long.Parse(cells[money]), cells[money + 1]))])];
    }

    private IEnumerable<string> Routes(string method) => world.World.Routes
        .Where(route => route.Metadata.GetMetadata<DashboardRoute>() is { Role: not null } && route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(method))
        .Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/').Replace("{id:guid}", $"{DashboardWorld.Declined}", StringComparison.Ordinal).Replace("{id:long}", "1", StringComparison.Ordinal));

    [GeneratedRegex("""(?:src|href|action)="(?:[a-z]+:|//)|https?://|<script|<iframe|<object|<embed|\sstyle=|\son[a-z]+=|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex Outside();
}
