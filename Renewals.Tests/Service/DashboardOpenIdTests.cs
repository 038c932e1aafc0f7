using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.IdentityModel.Tokens;
using Renewals.Host.Api;
using Renewals.Host.Dashboard;
using Renewals.Host.Service;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>People sign in to the pages at an identity provider, over the real protocol.</summary>
public sealed class DashboardOpenIdTests(OpenIdWorld world) : IClassFixture<OpenIdWorld>
{
    [Theory]
    [InlineData("look", false)]
    [InlineData("desk", false)]
    [InlineData("own", true)]
    public async Task A_person_does_what_the_role_may_and_no_more_and_it_is_kept_who_it_was(string role, bool acts)
    {
        using var browser = await PersonAsync($"{role}-ann", role);
        var page = await browser.GetAsync("/stops?lang=en");
        (page.Status, page.Html.Contains("name=\"why\"", StringComparison.Ordinal)).Should().Be((200, acts), "only what may be done is offered");
        page.Text.Should().Contain($"openid:{role}-ann", "it is said who looks");

        var why = $"held by {role}";
        (await browser.PostAsync("/stops/hold", ("scope", "plan/monthly"), ("why", why))).Status.Should().Be(acts ? 303 : 403);
        var holds = (await world.Fuses.ListAsync(all: true)).Where(stop => stop.Why == why).ToList();
        holds.Select(stop => stop.By).Should().Equal(acts ? [$"openid:{role}-ann"] : []);
        foreach (var hold in holds)
            (await browser.PostAsync($"/stops/{hold.Id}/release", ("why", "it was tried"))).Status.Should().Be(303);

        (await browser.GetAsync("/api/v1/plans")).Status.Should().Be(401, "the sign-in is for pages and opens nothing of the API");
    }

    [Fact]
    public async Task The_larger_of_several_roles_holds_and_a_role_that_is_not_named_means_nothing()
    {
        using var browser = await PersonAsync("ann", "look", "somebody", "own");
        (await browser.GetAsync("/stops")).Html.Should().Contain("name=\"why\"");
    }

    public static TheoryData<string, int, Action<SecurityTokenDescriptor>> Spoilt => new()
    {
        { "made for another", 401, token => token.Audience = "another" },
        { "another provider's", 401, token => token.Issuer = "https://login.example.com" },
        { "over", 401, token => token.Expires = DateTimeOf(-2) },
        { "not begun", 401, token => (token.NotBefore, token.Expires) = (DateTimeOf(60), DateTimeOf(70)) },
        { "of another sign-in", 401, token => Say(token, "nonce", "1.another") },
        { "without a nonce", 401, token => Say(token, "nonce", null) },
        { "signed by another", 401, token => token.SigningCredentials = TestIdentityProvider.Stranger() },
        { "not signed", 401, token => token.SigningCredentials = null },
        { "without a role of ours", 403, token => Say(token, "roles", "somebody") },
        { "without any role", 403, token => Say(token, "roles", null) },
        { "without a name", 403, token => Say(token, "preferred_username", null) },
        { "with a name that cannot be stored", 403, token => Say(token, "preferred_username", "a\u0000b") },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public async Task A_token_that_is_not_for_this_sign_in_or_gives_no_role_opens_nothing(string why, int status, Action<SecurityTokenDescriptor> spoil)
    {
        using var browser = new Browser(world.Door.Address);
        (world.Provider.Person, world.Provider.Spoil) = ([("sub", "1"), ("preferred_username", "ann"), ("roles", "own")], spoil);
        try
        {
            var said = await world.SignInAsync(browser);
            said.Status.Should().Be(status, $"{why}: {said.Text}");
            said.Headers.GetValueOrDefault("Set-Cookie", "").Should().NotContain(SignInCookie.Name, why);
            (await browser.GetAsync("/stops")).Status.Should().Be(302, why);
        }
        finally
        {
            world.Provider.Spoil = _ => { };
        }
    }

    [Fact]
    public async Task Who_has_no_role_is_told_what_to_ask_for()
    {
        using var browser = new Browser(world.Door.Address);
        world.Provider.Person = [("sub", "1"), ("preferred_username", "<b>ann</b>"), ("roles", "somebody")];
        var said = await world.SignInAsync(browser);
        said.Status.Should().Be(403);
        said.Text.Should().Contain("You have signed in as <b>ann</b>, but have no role here.")
            .And.Contain("the administrator of the company's directory for one of look (Reader), desk (Operator), own (Admin) in the claim roles");
        said.Html.Should().NotContain("<b>ann");
    }

    [Fact]
    public async Task A_way_back_serves_one_browser_once()
    {
        world.Provider.Person = Ann("desk");
        using var browser = new Browser(world.Door.Address);
        var way = (await world.WayBackAsync(browser)).PathAndQuery;
        using (var another = new Browser(world.Door.Address))
            await RefusedAsync(another, way, "begun in another browser");
        await RefusedAsync(browser, Regex.Replace(way, "state=[^&]+", "state=none"), "state that is none of ours");
        await RefusedAsync(browser, Regex.Replace(way, "&?state=[^&]+", ""), "no state");
        await RefusedAsync(browser, OpenIdPages.ReturnAddress, "nothing");

        (await browser.GetAsync(way)).Status.Should().Be(200, "none of that used it up");
        await SignOutAsync(browser);
        await RefusedAsync(browser, way, "used up");

        // A code that was stolen, with the state of a sign-in that the thief began.
        using var thief = new Browser(world.Door.Address);
        var (own, stolen) = (await world.WayBackAsync(thief), await world.WayBackAsync(browser));
        var said = await thief.GetAsync(own.PathAndQuery.Replace(Code(own), Code(stolen)));
        (said.Status, (await thief.GetAsync("/stops")).Status).Should().Be((401, 302), "the code belongs to another's PKCE verifier: {0}", said.Text);

        async Task RefusedAsync(Browser by, string path, string why)
        {
            var tokens = world.Provider.Asked.Count(path => path == "/token");
            var refused = await by.GetAsync(path);
            refused.Status.Should().Be(400, why);
            refused.Text.Should().Contain("Begin again.");
            world.Provider.Asked.Count(path => path == "/token").Should().Be(tokens, "no code is sent anywhere: {0}", why);
            (await by.GetAsync("/stops")).Status.Should().Be(302, why);
        }

        static string Code(Uri way) => Regex.Match(way.Query, "code=([0-9A-F]+)").Groups[1].Value;
    }

    [Fact]
    public async Task A_form_that_no_page_of_this_sign_in_gave_does_nothing()
    {
        using var other = await PersonAsync("look", "look");
        await other.GetAsync("/stops");
        using var owner = await PersonAsync("owner", "own");
        foreach (var token in new[] { null, "x", other.Token })
        {
            owner.Token = token;
            (await owner.PostAsync("/stops/hold", ("scope", "everything"), ("why", "forged"))).Status.Should().Be(400);
            (await owner.PostAsync("/sign-out")).Status.Should().Be(400);
        }

        (await world.Fuses.ListAsync(all: true)).Should().NotContain(stop => stop.Why == "forged");
    }

    [Fact]
    public async Task A_sign_in_leads_back_to_a_page_of_ours_and_can_be_ended()
    {
        world.Provider.Person = Ann("look");
        using var browser = new Browser(world.Door.Address);
        foreach (var (back, leads) in new[] { ("/stops?after=1&x=2", "/stops?after=1&x=2"), ("//evil.example", "/"), ("https://evil.example", "/"), ("", "/") })
        {
            var signed = await world.SignInAsync(browser, back);
            signed.Status.Should().Be(200, signed.Text);
            signed.Text.Should().Contain($"<meta http-equiv=\"refresh\" content=\"0;url={leads}\" />").And.Contain($"<a href=\"{leads}\">");
            signed.Headers["Set-Cookie"].Should().Contain($"{SignInCookie.Name}=").And.Contain("samesite=strict").And.Contain("httponly").And.Contain("max-age=43200");
            signed.Headers["Content-Security-Policy"].Should().Be(DashboardAccess.Policy);
            await SignOutAsync(browser);
            (await browser.GetAsync("/")).Status.Should().Be(302);
        }
    }

    [Fact]
    public async Task It_is_locked_by_default_and_the_provider_is_asked_when_somebody_signs_in_and_not_before()
    {
        var log = new ListLogger();
        await using var provider = await TestIdentityProvider.StartAsync();
        await using var door = await world.DoorAsync(OpenIdWorld.Settings(provider.Address), log);
        using var nobody = new Browser(door.Address);
        foreach (var route in door.Routes.Where(route => route.Metadata.GetMetadata<DashboardRoute>() is { Role: not null }))
        {
            var path = "/" + Regex.Replace(route.RoutePattern.RawText!.TrimStart('/').Replace("{id:guid}", $"{Samples.IdOf(1)}"), "{[^}]+}", "1");
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
                (method == "GET" ? await nobody.GetAsync(path) : await nobody.PostAsync(path, ("why", "x"))).Status.Should().Be(method == "GET" ? 302 : 401, $"{method} {path}");
        }

        door.Routes.Where(route => route.Metadata.GetMetadata<DashboardRoute>() is { Role: null }).Select(route => route.RoutePattern.RawText)
            .Should().BeEquivalentTo("/dashboard.css", "/sign-in", "/sign-in", "/sign-out", "/sign-in/openid", "/sign-in/openid/return");
        (await nobody.GetAsync("/api/v1/plans")).Status.Should().Be(401, "this machine is a stranger too");
        foreach (var (language, words) in new[] { ("en", "Sign in with the company's directory"), ("zh", "使用 the company's directory 登录") })
        {
            var page = await nobody.GetAsync($"/sign-in?back=/stops&lang={language}");
            page.Text.Should().Contain($"<a class=\"button\" href=\"/sign-in/openid?back=%2Fstops\">{words}</a>").And.NotContain("type=\"password\"", "there is no key");
        }

        (await nobody.GetAsync("/sign-in/openid/return?code=x&state=y")).Status.Should().Be(400);
        provider.Asked.Should().BeEmpty();
        log.Entries.Should().BeEmpty("a stranger does not fill the log");
        (await nobody.GetAsync("/sign-in/openid")).Status.Should().Be(302);
        provider.Asked.Should().Equal("/.well-known/openid-configuration", "/keys");
    }

    [Fact]
    public async Task A_provider_that_is_away_or_does_not_know_us_is_said_in_the_log_once()
    {
        var log = new ListLogger();
        await using var door = await world.DoorAsync(OpenIdWorld.Settings("http://127.0.0.1:1"), log);
        using var browser = new Browser(door.Address);
        for (var i = 0; i < 3; i++)
            (await browser.GetAsync("/sign-in/openid")).Status.Should().Be(503);
        var line = log.Entries.Should().ContainSingle("it is not said again and again").Subject;
        line.Id.Id.Should().Be(2020);
        line.Text.Should().Contain("http://127.0.0.1:1/.well-known/openid-configuration").And.Contain("Connection refused").And.NotContain("   at ", "it is one sentence");

        var (other, settings) = (new ListLogger(), OpenIdWorld.Settings(world.Provider.Address));
        settings.ClientSecret = "another";
        await using var unknown = await world.DoorAsync(settings, other);
        using var person = new Browser(unknown.Address);
        world.Provider.Person = Ann("own");
        (await world.SignInAsync(person)).Status.Should().Be(401);
        other.Entries.Select(line => (line.Id.Id, line.Text)).Should().Equal((2020, "Nobody can sign in at the identity provider, or one sign-in was not believed: the provider answers with the error invalid_client"));
    }

    [Fact]
    public async Task A_stranger_makes_us_ask_the_provider_only_so_often()
    {
        await using var door = await world.DoorAsync(OpenIdWorld.Settings(world.Provider.Address), new ListLogger(), new() { CallsPerSecond = 1, Burst = 2 });
        using var browser = new Browser(door.Address);
        List<int> said = [];
        for (var i = 0; i < 8; i++)
            said.Add((await browser.GetAsync(OpenIdPages.Address)).Status);
        said.Should().StartWith([302, 302]).And.Contain(429).And.OnlyContain(status => status == 302 || status == 429);
        (await browser.GetAsync("/sign-in")).Status.Should().Be(200, "the page itself is not counted");
    }

    [Fact]
    public async Task A_role_that_is_taken_out_another_registration_and_time_end_a_sign_in()
    {
        var (protection, context) = (new EphemeralDataProtectionProvider(), new DefaultHttpContext { Request = { Host = new("renewals.example") } });
        SignInCookie Cookie(OpenIdSettings? settings, DashboardSettings? dashboard = null) =>
            new(protection, ApiAccess.Read(new(), people: settings is null ? null : OpenIdProvider.Read(settings, ".")), dashboard ?? new());
        var settings = OpenIdWorld.Settings("https://login.example.com");
        var person = OpenIdProvider.Read(settings, ".")!.PersonOf(new(new System.Security.Claims.ClaimsIdentity([new("preferred_username", "ann"), new("roles", "desk"), new("roles", "x")])))!;
        person.Roles.Should().Equal(["desk"], "what means nothing here is not kept");
        Cookie(settings).SignIn(context, person).Should().Be(new ApiCaller("openid:ann", ApiRole.Operator));
        context.Response.Headers.SetCookie.ToString().Should().Contain("; secure", "it is not this machine");
        var next = Next(context);
        Cookie(settings).CallerOf(next).Should().Be(new ApiCaller("openid:ann", ApiRole.Operator));

        settings.Roles["desk"] = ApiRole.Reader;
        Cookie(settings).CallerOf(next).Should().Be(new ApiCaller("openid:ann", ApiRole.Reader), "a smaller role holds at once");
        settings.ClientId = "another";
        Cookie(settings).CallerOf(next).Should().BeNull("another registration may call somebody else by this name");
        settings.ClientId = TestIdentityProvider.ClientId;
        settings.Roles.Remove("desk");
        Cookie(settings).CallerOf(next).Should().BeNull();
        Cookie(null).CallerOf(next).Should().BeNull("no provider is configured any more");

        settings.Roles["desk"] = ApiRole.Operator;
        var brief = new DefaultHttpContext();
        Cookie(settings, new() { SignInFor = TimeSpan.FromMilliseconds(1) }).SignIn(brief, person).Should().NotBeNull();
        await Task.Delay(50);
        Cookie(settings).CallerOf(Next(brief)).Should().BeNull("its time is over, whatever the browser keeps");

        static HttpContext Next(HttpContext before)
        {
            var next = new DefaultHttpContext();
            next.Request.Headers.Cookie = before.Response.Headers.SetCookie.ToString().Split(';')[0];
            return next;
        }
    }

    [Theory]
    [InlineData("renewals.example.com", null, "https://renewals.example.com/sign-in/openid/return")]
    [InlineData("localhost:5080", null, "http://localhost:5080/sign-in/openid/return")]
    [InlineData("127.0.0.1:5080", "https://renewals.example.com", "https://renewals.example.com/sign-in/openid/return")]
    public void The_provider_sends_browsers_back_to_where_they_reach_the_service(string host, string? configured, string address)
    {
        var settings = OpenIdWorld.Settings("https://login.example.com");
        settings.PublicAddress = configured;
        OpenIdProvider.Read(settings, ".")!.ReturnAddress(new DefaultHttpContext { Request = { Scheme = "http", Host = new(host) } }.Request).Should().Be(address);
    }

    [Fact]
    public void Addresses_of_the_provider_that_are_not_safe_are_refused()
    {
        OpenIdProvider.FaultOf(new() { AuthorizationEndpoint = "https://login.example.com/a", TokenEndpoint = "https://token.example.com/t" }).Should().BeNull();
        OpenIdProvider.FaultOf(new() { AuthorizationEndpoint = "https://login.example.com/a", TokenEndpoint = "http://login.example.com/t" }).Should().Contain("'http://login.example.com/t'");
        OpenIdProvider.FaultOf(new() { AuthorizationEndpoint = "https://login.example.com/a" }).Should().NotBeNull();
    }

    [Fact]
    public void Settings_that_are_not_whole_are_refused()
    {
        foreach (var (change, sentence) in new (Action<OpenIdSettings>, string)[]
        {
            (x => x.Authority = "http://login.example.com", "Renewals:Dashboard:OpenId:Authority is 'http://login.example.com': write an address that begins with https."),
            (x => x.Authority = "login", "Renewals:Dashboard:OpenId:Authority is 'login': *"),
            (x => x.Authority = "", "Renewals:Dashboard:OpenId:Authority is missing: *"),
            (x => x.ClientId = "", "Renewals:Dashboard:OpenId:ClientId is missing: *"),
            (x => x.ClientSecret = "", "Renewals:Dashboard:OpenId:ClientSecret is missing: set Renewals__Dashboard__OpenId__ClientSecret in the environment, *"),
            (x => x.ClientSecretFile = "secret", "Renewals:Dashboard:OpenId:ClientSecret and ClientSecretFile exclude each other: *"),
            (x => (x.ClientSecret, x.ClientSecretFile) = (null, "no-such-file"), "Renewals:Dashboard:OpenId:ClientSecretFile 'no-such-file' cannot be read: *"),
            (x => x.Scope = "profile", "Renewals:Dashboard:OpenId:Scope is 'profile': openid must be among it, *"),
            (x => x.Roles.Clear(), "Renewals:Dashboard:OpenId:Roles is empty, *"),
            (x => x.NameClaim = "", "Renewals:Dashboard:OpenId:RoleClaim or NameClaim is empty: *"),
            (x => x.PublicAddress = "http://renewals.example.com", "Renewals:Dashboard:OpenId:PublicAddress is 'http://renewals.example.com': *"),
            (x => x.PublicAddress = "https://renewals.example.com/x", "Renewals:Dashboard:OpenId:PublicAddress is 'https://renewals.example.com/x': write it without a path."),
        })
        {
            var settings = OpenIdWorld.Settings("https://login.example.com");
            change(settings);
            FluentActions.Invoking(() => OpenIdProvider.Read(settings, ".")).Should().Throw<CannotRunException>().WithMessage(sentence);
        }
    }

    [Fact]
    public void The_service_reads_them_with_the_secret_in_a_file_beside_them()
    {
        using var sample = new SampleSettings();
        File.WriteAllText(Path.Combine(sample.Folder, "openid-secret"), "test-only\n");
        sample.Set("Dashboard", System.Text.Json.Nodes.JsonNode.Parse(
            """{ "OpenId": { "Authority": "https://login.example.com/company", "ClientId": "renewals", "ClientSecretFile": "openid-secret", "Roles": { "renewals-desk": "Operator" } } }"""));
        sample.Write();
        var setup = ServiceSetup.Read(SettingsFile.Load(Path.Combine(sample.Folder, "appsettings.json"), []), sample.Folder, sandbox: false);
        (setup.Access.People!.Name, setup.Access.IsLocalOnly).Should().Be(("login.example.com", false));
    }

    private static (string, string)[] Ann(string role) => [("sub", "1"), ("preferred_username", "ann"), ("roles", role)];

    private static DateTime DateTimeOf(int minutes) => TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(minutes);

    private static void Say(SecurityTokenDescriptor token, string claim, string? value)
    {
        foreach (var said in token.Subject.FindAll(claim).ToList())
            token.Subject.RemoveClaim(said);
        if (value is not null)
            token.Subject.AddClaim(new(claim, value));
    }

    private static async Task SignOutAsync(Browser browser)
    {
        await browser.GetAsync("/stops");
        (await browser.PostAsync(SignInPages.OutAddress)).Location.Should().Be("/sign-in");
    }

    private async Task<Browser> PersonAsync(string name, params string[] roles)
    {
        world.Provider.Person = [("sub", "1"), ("preferred_username", name), .. roles.Select(role => ("roles", role))];
        var browser = new Browser(world.Door.Address);
        var said = await world.SignInAsync(browser);
        said.Status.Should().Be(200, said.Text);
        return browser;
    }
}
