using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Renewals.Tests.Service;

/// <summary>An OpenID provider as small as can be, which still looks at everything it is sent. Its keys and secrets are made for the test and open nothing else.</summary>
internal sealed class TestIdentityProvider : IAsyncDisposable
{
    public const string ClientId = "renewals-dashboard", ClientSecret = "test-only-client-secret";

    private readonly RSA testOnlyKey = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, Started> codes = [];
    private WebApplication app = null!;

    /// <summary>Who sits in front of the browser: the claims of the ID token.</summary>
    public IReadOnlyList<(string Name, string Value)> Person { get; set; } = [];

    /// <summary>Spoils the next ID tokens.</summary>
    public Action<SecurityTokenDescriptor> Spoil { get; set; } = _ => { };

    /// <summary>Everything it was asked, in order: the path.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Addresses it sends browsers back to.</summary>
    public List<string> Registered { get; } = [];

    /// <summary>True: it shows a page, and the person goes on from there.</summary>
    public bool ShowsPage { get; set; }

    /// <summary>Another name of this machine than the service's: to a browser another site.</summary>
    public string Address => app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    public static async Task<TestIdentityProvider> StartAsync()
    {
        var provider = new TestIdentityProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = provider.app = builder.Build();
        app.Use((context, next) =>
        {
            provider.Asked.Enqueue(context.Request.Path);
            return next(context);
        });
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = provider.Address, authorization_endpoint = $"{provider.Address}/authorize", token_endpoint = $"{provider.Address}/token", jwks_uri = $"{provider.Address}/keys",
        }));
        app.MapGet("/keys", provider.Keys);
        app.MapGet("/authorize", provider.Authorize);
        app.MapPost("/token", (Delegate)provider.TokenAsync);
        await app.StartAsync();
        return provider;
    }

    /// <summary>A key of nobody the service knows.</summary>
    public static SigningCredentials Stranger() => new(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "test-only" }, SecurityAlgorithms.RsaSha256);

    /// <summary>A code the provider would redeem, begun elsewhere.</summary>
    public string CodeOf(string nonce, string challenge, string redirect)
    {
        var code = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        codes[code] = new(nonce, challenge, redirect);
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        testOnlyKey.Dispose();
    }

    private IResult Keys()
    {
        var numbers = testOnlyKey.ExportParameters(false);
        return Results.Json(new { keys = new[] { new { kty = "RSA", kid = "test-only", n = Base64UrlEncoder.Encode(numbers.Modulus), e = Base64UrlEncoder.Encode(numbers.Exponent) } } });
    }

    private IResult Authorize(HttpContext context)
    {
        string Query(string name) => context.Request.Query[name].ToString();
        var redirect = Query("redirect_uri");
        if (Query("client_id") != ClientId || !Registered.Contains(redirect))
            return Results.BadRequest("unknown client or address");
        if (Query("response_type") != "code" || Query("code_challenge_method") != "S256" || !Query("scope").Split(' ').Contains("openid") || Query("nonce") is "" || Query("state") is "")
            return Results.BadRequest("not the code flow with PKCE");
        var back = $"{redirect}?code={CodeOf(Query("nonce"), Query("code_challenge"), redirect)}&state={Uri.EscapeDataString(Query("state"))}";
        return ShowsPage ? Results.Content($"<title>Directory</title><a href=\"{back}\">Continue</a>", "text/html") : Results.Redirect(back);
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret)
            return Results.Json(new { error = "invalid_client" }, statusCode: 401);
        var challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        return codes.TryRemove(form["code"].ToString(), out var started) && started.Challenge == challenge && form["redirect_uri"] == started.Redirect && form["grant_type"] == "authorization_code"
            ? Results.Json(new { access_token = "opens nothing", token_type = "Bearer", id_token = IdToken(started.Nonce) })
            : Results.Json(new { error = "invalid_grant" }, statusCode: 400);
    }

    private string IdToken(string nonce)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Address, Audience = ClientId, NotBefore = now.AddHours(-1), IssuedAt = now.AddHours(-1), Expires = now.AddMinutes(5),
            Subject = new([.. Person.Select(claim => new Claim(claim.Name, claim.Value)), new("nonce", nonce)]),
            SigningCredentials = new(new RsaSecurityKey(testOnlyKey) { KeyId = "test-only" }, SecurityAlgorithms.RsaSha256),
        };
        Spoil(token);
        return new JsonWebTokenHandler().CreateToken(token);
    }

    private sealed record Started(string Nonce, string Challenge, string Redirect);
}
