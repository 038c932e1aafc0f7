using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Dashboard;

namespace Renewals.Tests.Service;

/// <summary>Who may see and do what on the pages, and that what is done is kept with who and why.</summary>
public sealed class DashboardActionTests(DashboardWorld world) : IClassFixture<DashboardWorld>
{
    private static readonly string[] Looks = ["/", "/coming", "/coming.csv", "/dunning", "/dunning.csv", "/subscriptions", "/stops", "/reconciliation", "/agreements"];

    private static readonly string[] Actions =
        [$"/subscriptions/{DashboardWorld.Payer}/park", $"/subscriptions/{DashboardWorld.Parked}/unpark", "/stops/hold", "/stops/1/release", "/stops/1/reset"];

    [Fact]
    public async Task Who_has_not_signed_in_sees_and_does_nothing()
    {
        world.World.Routes.Count(route => route.Metadata.GetMetadata<DashboardRoute>() is { Role: not null }).Should().Be(Looks.Length + 1 + Actions.Length, "every route is walked");
        using var nobody = await world.SignInAsync(null);
        foreach (var path in Looks.Append($"/subscriptions/{DashboardWorld.Payer}"))
        {
            var page = await nobody.GetAsync($"{path}?q=x");
            (page.Status, page.Location, page.Html).Should().Be((302, $"/sign-in?back={Uri.EscapeDataString(path + "?q=x")}", ""));
        }

        foreach (var path in Actions)
            (await nobody.PostAsync(path, ("why", "x"))).Status.Should().Be(401, path);
        nobody.Headers.Authorization = new("Bearer", "a guess");
        foreach (var path in Looks)
            (await nobody.GetAsync(path)).Status.Should().Be(401, path);
        (await nobody.PostAsync("/sign-in", ("key", "a guess"))).Status.Should().Be(400, "no form was opened");
        nobody.Headers.Authorization = null;
        await nobody.GetAsync("/sign-in");
        var refused = await nobody.PostAsync("/sign-in", ("key", "a guess"));
        (refused.Status, refused.Headers.ContainsKey("Set-Cookie")).Should().Be((401, false));
    }

    [Fact]
    public async Task A_reader_looks_and_does_nothing()
    {
        using var reader = await world.SignInAsync(ApiWorld.Reader);
        foreach (var path in Looks)
        {
            var page = await reader.GetAsync(path);
            page.Status.Should().Be(200, path);
            page.Html.Should().NotContain("name=\"why\"", "no action is offered");
        }

        foreach (var path in Actions)
            (await reader.PostAsync(path, ("why", "x"), ("scope", "everything"))).Status.Should().Be(403, path);
        (await world.World.Host.FindAsync(DashboardWorld.Parked)).Parked.Should().Be(ParkReason.Requested);
    }

    [Fact]
    public async Task A_page_lets_nobody_do_what_the_API_would_not()
    {
        (string Page, string Call)[] same =
        [
            ("/subscriptions/{id:guid}/park", "/subscriptions/{id:guid}/park"), ("/subscriptions/{id:guid}/unpark", "/subscriptions/{id:guid}/unpark"),
            ("/stops/hold", "/stops/"), ("/stops/{id:long}/release", "/stops/{stop:long}/release"), ("/stops/{id:long}/reset", "/stops/{stop:long}/reset"),
        ];
        var acts = world.World.Routes.Where(route => route.Metadata.GetMetadata<DashboardRoute>() is { Role: not null } && IsPost(route)).ToList();
        acts.Select(route => route.RoutePattern.RawText).Should().BeEquivalentTo(same.Select(one => one.Page), "every action has its call");
        foreach (var (page, call) in same)
        {
            var needed = world.World.Routes.Single(route => route.RoutePattern.RawText == ApiEndpoints.Root + call && IsPost(route)).Metadata.GetMetadata<NeededRole>()!.Role;
            acts.Single(route => route.RoutePattern.RawText == page).Metadata.GetMetadata<DashboardRoute>()!.Role.Should().Be(needed, page);
        }

        using var shop = await world.SignInAsync(ApiWorld.Operator);
        var stops = await shop.GetAsync("/stops");
        stops.Text.Should().Contain("/unpark").And.NotContain("/stops/hold", "who may not press a button is not shown it");
        (await shop.PostAsync("/stops/hold", ("scope", "everything"), ("why", "an operator's"))).Status.Should().Be(403);
        foreach (var act in new[] { "release", "reset" })
            (await shop.PostAsync($"/stops/1/{act}", ("why", "an operator's"))).Status.Should().Be(403);
        (await Fuses.ListAsync(all: true)).Should().NotContain(stop => stop.Why == "an operator's");

        static bool IsPost(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST");
    }

    [Fact]
    public async Task A_form_that_no_page_of_this_sign_in_gave_does_nothing()
    {
        using var other = await world.SignInAsync(ApiWorld.Reader);
        await other.GetAsync("/stops");
        using var shop = await world.SignInAsync(ApiWorld.Admin);
        foreach (var token in new[] { null, "x", other.Token })
        {
            shop.Token = token;
            foreach (var path in Actions)
                (await shop.PostAsync(path, ("why", "x"), ("scope", "everything"))).Status.Should().Be(400, $"{path} {token}");
        }

        (await world.World.Host.FindAsync(DashboardWorld.Parked)).Parked.Should().Be(ParkReason.Requested);
        (await Fuses.ListAsync(all: true)).Should().NotContain(stop => stop.Why == "x");
    }

    [Fact]
    public async Task Parking_and_unparking_are_kept_with_who_and_why()
    {
        using var shop = await world.SignInAsync(ApiWorld.Operator);
        var page = $"/subscriptions/{DashboardWorld.Named}";
        (await shop.GetAsync(page)).Text.Should().Contain($"{page}/park");
        (await shop.PostAsync($"{page}/park", ("why", " "))).Status.Should().Be(400, "a reason is asked for");
        (await shop.PostAsync($"{page}/park", ("why", "<b>looks odd</b>"))).Should().Match<PageSaid>(said => said.Status == 303 && said.Location == page);
        (await world.World.Host.EventsAsync<Parked>(DashboardWorld.Named)).Single().Detail.Should().Be($"{ApiWorld.Operator}: <b>looks odd</b>");
        var parked = await shop.GetAsync($"{page}?lang=en");
        parked.Html.Should().NotContain("<b>");
        parked.Text.Should().Contain("<b>looks odd</b>");
        (await shop.GetAsync("/stops")).Text.Should().Contain($"{page}/unpark");
        (await shop.PostAsync($"{page}/unpark", ("why", "it was nothing"))).Status.Should().Be(303);
        (await world.World.Host.EventsAsync<Unparked>(DashboardWorld.Named)).Single().Should().BeEquivalentTo(new { By = ApiWorld.Operator, Why = "it was nothing" });
    }

    [Theory]
    [InlineData("everything", StopScope.Everything, "")]
    [InlineData("account/wechat:1900000109", StopScope.Account, "wechat:1900000109")]
    [InlineData("plan/monthly", StopScope.Plan, "monthly")]
    public async Task Holding_and_releasing_are_kept_with_who_and_why(string scope, StopScope kind, string key)
    {
        using var shop = await world.SignInAsync(ApiWorld.Admin);
        await shop.GetAsync("/stops?lang=en");
        (await shop.PostAsync("/stops/hold", ("scope", scope), ("why", "the rail is being moved"))).Status.Should().Be(303);
        var stop = (await Fuses.ListAsync()).Single(stop => stop.Scope == kind);
        (stop.Key, stop.By, stop.Why).Should().Be((key, ApiWorld.Admin, "the rail is being moved"));
        (await shop.GetAsync("/stops")).Text.Should().Contain("the rail is being moved").And.Contain($"/stops/{stop.Id}/release");
        (await shop.PostAsync("/stops/hold", ("scope", scope), ("why", "again"))).Status.Should().Be(409);
        (await shop.PostAsync($"/stops/{stop.Id}/reset", ("why", "it is no fuse"))).Status.Should().Be(409);
        (await shop.PostAsync($"/stops/{stop.Id}/release", ("why", "it was moved"))).Status.Should().Be(303);
        var end = (await Fuses.ListAsync(all: true)).Single(one => one.Id == stop.Id).End!;
        (end.By, end.Why).Should().Be((ApiWorld.Admin, "it was moved"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("account/wechat:1")]
    [InlineData("account/")]
    [InlineData("plan/none", 409)]
    public async Task What_is_not_there_is_not_held(string scope, int status = 400)
    {
        using var shop = await world.SignInAsync(ApiWorld.Admin);
        await shop.GetAsync("/stops");
        (await shop.PostAsync("/stops/hold", ("scope", scope), ("why", "no such thing"))).Status.Should().Be(status);
        (await Fuses.ListAsync(all: true)).Should().NotContain(stop => stop.Why == "no such thing");
    }

    [Fact]
    public async Task A_sign_in_leads_back_to_a_page_of_ours_and_can_be_ended()
    {
        using var reader = new Browser(world.World.Address);
        foreach (var (back, leads) in new[] { ("/stops?after=1", "/stops?after=1"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/"), ("", "/") })
        {
            await reader.GetAsync($"/sign-in?back={Uri.EscapeDataString(back)}");
            var signed = await reader.PostAsync("/sign-in", ("key", ApiWorld.Reader), ("back", back));
            (signed.Status, signed.Location).Should().Be((303, leads));
            signed.Headers["Set-Cookie"].Should().Contain("httponly").And.Contain("samesite=strict").And.Contain("max-age=43200").And.NotContain(ApiWorld.Reader);
            (await reader.GetAsync("/?lang=en")).Text.Should().Contain(ApiWorld.Reader, "it is said who looks");
            (await reader.PostAsync("/sign-out")).Location.Should().Be("/sign-in");
            (await reader.GetAsync("/")).Status.Should().Be(302);
        }
    }

    [Fact]
    public async Task A_program_reads_the_files_with_its_key()
    {
        using var program = await world.SignInAsync(null);
        program.Headers.Authorization = new("Bearer", ApiWorld.Reader);
        (await program.GetAsync("/coming.csv")).Status.Should().Be(200);
    }

    [Fact]
    public void A_key_that_is_taken_out_of_the_settings_ends_the_sign_ins_made_with_it()
    {
        var (settings, protection) = (new ApiSettings(), new EphemeralDataProtectionProvider());
        settings.Keys["shop"] = new() { Sha256 = Convert.ToHexString(ApiAccess.HashOfKey("k")), Role = ApiRole.Operator };
        settings.Keys["other"] = new() { Sha256 = Convert.ToHexString(ApiAccess.HashOfKey("o")) };
        var before = new SignInCookie(protection, ApiAccess.Read(settings), new());
        var context = new DefaultHttpContext { Request = { Host = new("renewals.example") } };
        before.SignIn(context, "k").Should().Be(new ApiCaller("shop", ApiRole.Operator));
        var cookie = context.Response.Headers.SetCookie.ToString();
        cookie.Should().Contain("; secure", "it is not this machine");
        var next = new DefaultHttpContext();
        next.Request.Headers.Cookie = cookie.Split(';')[0];
        before.CallerOf(next).Should().Be(new ApiCaller("shop", ApiRole.Operator));

        settings.Keys["shop"].Role = ApiRole.Reader;
        new SignInCookie(protection, ApiAccess.Read(settings), new()).CallerOf(next).Should().Be(new ApiCaller("shop", ApiRole.Reader), "a smaller role holds at once");
        settings.Keys.Remove("shop");
        new SignInCookie(protection, ApiAccess.Read(settings), new()).CallerOf(next).Should().BeNull();
        new SignInCookie(new EphemeralDataProtectionProvider(), ApiAccess.Read(settings), new()).CallerOf(next).Should().BeNull("another host sealed it");
    }

    [Fact]
    public async Task Without_a_key_this_machine_is_served_and_no_other_page_and_no_proxy()
    {
        using var here = new Browser(world.Keyless.Address);
        var page = await here.GetAsync("/stops?lang=en");
        page.Text.Should().Contain(ApiCaller.Local).And.Contain("name=\"why\"").And.NotContain("Sign out");
        (await here.GetAsync("/sign-in")).Location.Should().Be("/");
        here.Headers.Add("Origin", $"http://{world.Keyless.Address.Authority}");
        (await here.PostAsync("/stops/hold", ("scope", "plan/none"), ("why", "x"))).Status.Should().Be(409, "a form of its own page is read");
        foreach (var (name, value) in new[] { ("Origin", "https://evil.example"), ("Origin", "null"), ("X-Forwarded-For", "203.0.113.7"), ("Host", "renewals.example") })
        {
            here.Headers.Remove("Origin");
            here.Headers.Add(name, value);
            (await here.GetAsync("/")).Status.Should().Be(403, $"{name}: {value}");
            here.Headers.Remove(name);
        }
    }

    private FuseBox Fuses => world.World.Host.Services.GetRequiredService<FuseBox>();
}
