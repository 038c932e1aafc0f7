using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Service;

namespace Renewals.Tests.Service;

/// <summary>Signed tokens in the place of a key.</summary>
public sealed class ApiTokenTests
{
    [Fact]
    public async Task A_token_opens_what_its_role_may_and_nothing_that_is_not_meant_for_us_does()
    {
        await using var provider = await Provider.StartAsync();
        await using var world = await ApiWorld.StartAsync(null, settings =>
        {
            (settings.Tokens.Authority, settings.Tokens.Audience) = (provider.Address, "renewals");
            settings.Tokens.Roles["shop-desk"] = ApiRole.Operator;
            settings.Tokens.Roles["shop-look"] = ApiRole.Reader;
        });
        var id = await world.MemberAsync();

        (await world.CallAsync("GET", "plans", key: provider.Token("ann", "shop-look"))).Status.Should().Be(200);
        (await ParkAsync(provider.Token("ann", "shop-look"))).Status.Should().Be(403);
        (await ParkAsync(provider.Token("ann", ["shop-look", "shop-desk"]))).Status.Should().Be(200);
        (await world.Host.EventsAsync<Parked>(id)).Single().Detail.Should().StartWith("token:ann: ");
        (await world.CallAsync("GET", "plans")).Status.Should().Be(200, "keys go on beside tokens");

        foreach (var (token, why) in new[]
        {
            (provider.Token("ann", "somebody"), "no role here"), (provider.Token("ann", []), "no role"), (provider.Token("", "shop-desk"), "no name"),
            (provider.Token("ann", "shop-desk", audience: "another"), "made for another"), (provider.Token("ann", "shop-desk", minutes: -5), "over"),
            (provider.Token("ann", "shop-desk", issuer: "https://evil.example.com"), "another provider"), (Provider.Unsigned("ann", provider.Address), "not signed"),
            (provider.Token("ann", "shop-desk", key: RSA.Create(2048)), "signed by another"),
        })
            (await world.CallAsync("GET", "plans", key: token)).Status.Should().Be(401, why);

        Task<Said> ParkAsync(string token) => world.CallAsync("POST", $"subscriptions/{id}/park", """{ "why": "x" }""", token);
    }

    [Theory]
    [InlineData("http://login.example.com", "renewals", true, "Renewals:Api:Tokens:Authority is 'http://login.example.com': write an address that begins with https.")]
    [InlineData("https://login.example.com", "", true, "Renewals:Api:Tokens:Audience is missing: tokens that were made for somebody else would be believed.")]
    [InlineData("https://login.example.com", "renewals", false, "Renewals:Api:Tokens:Roles is empty: *")]
    [InlineData("", "renewals", true, "Renewals:Api:Tokens:Authority is missing: *")]
    public void Settings_that_are_not_whole_are_refused(string authority, string audience, bool roles, string sentence)
    {
        var settings = new ApiSettings();
        (settings.Tokens.Authority, settings.Tokens.Audience) = (authority, audience);
        if (roles)
            settings.Tokens.Roles["x"] = ApiRole.Reader;
        FluentActions.Invoking(() => ApiAccess.Read(settings)).Should().Throw<CannotRunException>().WithMessage(sentence);
    }

    /// <summary>An identity provider with one key.</summary>
    private sealed class Provider : IAsyncDisposable
    {
        private readonly RSA key = RSA.Create(2048);
        private WebApplication app = null!;

        public string Address => app.Urls.First();

        public static async Task<Provider> StartAsync()
        {
            var provider = new Provider();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = provider.app = builder.Build();
            app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = provider.Address, jwks_uri = $"{provider.Address}/keys" }));
            app.MapGet("/keys", () =>
            {
                var numbers = provider.key.ExportParameters(false);
                return Results.Json(new { keys = new[] { new { kty = "RSA", kid = "k1", n = Base64UrlEncoder.Encode(numbers.Modulus), e = Base64UrlEncoder.Encode(numbers.Exponent) } } });
            });
            await app.StartAsync();
            return provider;
        }

        public string Token(string name, string[] roles) => Made(name, roles);

        public string Token(string name, string role, string audience = "renewals", string? issuer = null, int minutes = 5, RSA? key = null) =>
            Made(name, [role], audience, issuer, minutes, key);

        public static string Unsigned(string name, string issuer) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer, Audience = "renewals", Subject = new([new("sub", name), new("roles", "shop-desk")]),
        });

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            key.Dispose();
        }

        private string Made(string name, string[] roles, string audience = "renewals", string? issuer = null, int minutes = 5, RSA? signed = null)
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = issuer ?? Address, Audience = audience, NotBefore = now.AddMinutes(-10), IssuedAt = now.AddMinutes(-10), Expires = now.AddMinutes(minutes),
                Subject = new([.. roles.Select(role => new Claim("roles", role)), .. name.Length > 0 ? [new Claim("sub", name)] : Array.Empty<Claim>()]),
                SigningCredentials = new(new RsaSecurityKey(signed ?? key) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256),
            });
        }
    }
}
