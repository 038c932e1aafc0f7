using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Renewals.Host.Api;
using Renewals.Host.Service;

namespace Renewals.Host.Dashboard;

/// <summary>What stands in the sealed cookie of somebody who signed in at the identity provider.</summary>
/// <param name="Registration">At which provider, under which registration.</param>
/// <param name="Name">The person's name there.</param>
/// <param name="Roles">Those of the provider's roles that mean something here.</param>
internal sealed record Person(string Registration, string Name, IReadOnlyList<string> Roles);

/// <summary>The identity provider whose people may sign in to the dashboard: checked settings, and what its claims mean here.</summary>
/// <remarks>The framework's own handler does the protocol: authorization code with PKCE, state and nonce in short cookies, the ID token's signature, issuer, audience and time.</remarks>
internal sealed class OpenIdProvider
{
    /// <summary>Name of the handler's options.</summary>
    public const string Scheme = "openid";

    private const string Place = "Renewals:Dashboard:OpenId";

    // A person who takes longer to sign in begins again.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly OpenIdSettings settings;
    private readonly Uri authority;
    private readonly string secret;

    private OpenIdProvider(OpenIdSettings settings, Uri authority, string secret) => (this.settings, this.authority, this.secret) = (settings, authority, secret);

    /// <summary>What people call it.</summary>
    public string Name => string.IsNullOrEmpty(settings.Name) ? authority.Host : settings.Name;

    /// <summary>The claim that names a person.</summary>
    public string NameClaim => settings.NameClaim;

    /// <summary>The claim that holds roles.</summary>
    public string RoleClaim => settings.RoleClaim;

    /// <summary>The provider's roles that mean something here, and what, the smallest first.</summary>
    public IEnumerable<(string Theirs, ApiRole Ours)> Roles => settings.Roles.Select(role => (role.Key, role.Value)).OrderBy(role => role.Value).ThenBy(role => role.Key, StringComparer.Ordinal);

    // Another provider or another registration there may give the same name to somebody else.
    private string Registration => $"{authority} {settings.ClientId}";

    /// <summary>Reads the settings; null: people sign in with keys only.</summary>
    /// <param name="settings">As they were written.</param>
    /// <param name="folder">Where a relative path in them begins.</param>
    /// <exception cref="CannotRunException">They are not whole. The message names the setting.</exception>
    public static OpenIdProvider? Read(OpenIdSettings settings, string folder)
    {
        if (string.IsNullOrEmpty(settings.Authority))
        {
            return settings is { ClientId: null or "", ClientSecret: null or "", ClientSecretFile: null or "", Roles.Count: 0 }
                ? null
                : throw new CannotRunException($"{Place}:Authority is missing: name the identity provider, or remove {Place}.");
        }

        var authority = AddressOf(nameof(settings.Authority), settings.Authority);
        Require(!string.IsNullOrEmpty(settings.ClientId), $"{Place}:ClientId is missing: write the name under which this service is registered at the identity provider.");
        Require(
            settings.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains("openid", StringComparer.Ordinal),
            $"{Place}:Scope is '{settings.Scope}': openid must be among it, or the identity provider does not say who signed in.");
        Require(settings.Roles.Count > 0, $"{Place}:Roles is empty, so nobody could sign in: say what the provider's roles may do, such as \"renewals-desk\": \"Operator\".");
        Require(settings.RoleClaim.Length > 0 && settings.NameClaim.Length > 0, $"{Place}:RoleClaim or NameClaim is empty: write the name of a claim, or leave it out.");
        if (!string.IsNullOrEmpty(settings.PublicAddress))
            Require(AddressOf(nameof(settings.PublicAddress), settings.PublicAddress).PathAndQuery == "/", $"{Place}:PublicAddress is '{settings.PublicAddress}': write it without a path.");
        return new(settings, authority, SecretOf(settings, folder));
    }

    /// <summary>What somebody may do who signed in there; null: nothing, or no longer.</summary>
    /// <remarks>Looked up at every request, so that a role that is taken out of the settings ends what was had by it.</remarks>
    public ApiCaller? CallerOf(Person person)
    {
        var roles = person.Registration == Registration ? person.Roles.Where(settings.Roles.ContainsKey).Select(role => settings.Roles[role]).ToList() : [];

        // No person can bear the name of a key or of a token.
        return roles.Count > 0 ? new($"openid:{person.Name}", roles.Max()) : null;
    }

    /// <summary>Who signed in, by the claims of a token that was checked; null: it does not say the name.</summary>
    public Person? PersonOf(ClaimsPrincipal claims) => claims.FindFirstValue(settings.NameClaim) is { } name && Check.Name("name", name) is null
        ? new(Registration, name, [.. claims.FindAll(settings.RoleClaim).Select(claim => claim.Value).Where(settings.Roles.ContainsKey).Distinct(StringComparer.Ordinal)])
        : null;

    /// <summary>Where the provider sends the browser back to; it must be registered there.</summary>
    public string ReturnAddress(HttpRequest request) =>
        new Uri(new(string.IsNullOrEmpty(settings.PublicAddress) ? $"{(ApiAccess.IsLoopbackName(request.Host) ? "http" : "https")}://{request.Host}" : settings.PublicAddress), OpenIdPages.ReturnAddress).ToString();

    /// <summary>What is wrong with the addresses the provider names; null: nothing.</summary>
    public static string? FaultOf(OpenIdConnectConfiguration named) =>
        new[] { named.AuthorizationEndpoint, named.TokenEndpoint }.Select(address => address ?? "").FirstOrDefault(address => !Uri.TryCreate(address, UriKind.Absolute, out var uri) || !IsSafe(uri)) is { } wrong
            ? $"it names the address '{wrong}', which does not begin with https" : null;

    /// <summary>Adds what does the protocol.</summary>
    /// <remarks>No scheme is registered, so that no request is handled but on the routes of the dashboard.</remarks>
    public void AddTo(IServiceCollection services)
    {
        services.AddWebEncoders().AddSingleton(this).AddSingleton<OpenIdSignIn>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>());
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<OpenIdSignIn, TimeProvider>((options, events, time) =>
        {
            (options.Authority, options.ClientId, options.ClientSecret, options.TimeProvider, options.Events) = (settings.Authority, settings.ClientId, secret, time, events);
            options.RequireHttpsMetadata = authority.Scheme == "https";
            (options.ResponseType, options.ResponseMode, options.UsePkce) = (OpenIdConnectResponseType.Code, OpenIdConnectResponseMode.Query, true);
            options.Scope.Clear();
            foreach (var scope in settings.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                options.Scope.Add(scope);
            (options.CallbackPath, options.RemoteAuthenticationTimeout) = (OpenIdPages.ReturnAddress, Patience);
            (options.CorrelationCookie, options.NonceCookie) = (new ShortCookie("renewals-openid."), new ShortCookie("renewals-nonce."));
            (options.MapInboundClaims, options.SaveTokens, options.DisableTelemetry) = (false, false, true);
            options.ClaimActions.Clear();
            options.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(1);

            // The secret goes to the address the provider names, and to no other.
            options.BackchannelHttpHandler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
            options.BackchannelTimeout = TimeSpan.FromSeconds(15);
        });
    }

    private static bool IsSafe(Uri address) => address.Scheme == "https" || address is { Scheme: "http", IsLoopback: true };

    private static Uri AddressOf(string name, string written) => Uri.TryCreate(written, UriKind.Absolute, out var address) && IsSafe(address)
        ? address
        : throw new CannotRunException($"{Place}:{name} is '{written}': write an address that begins with https.");

    private static string SecretOf(OpenIdSettings settings, string folder)
    {
        var (given, file) = (settings.ClientSecret, settings.ClientSecretFile);
        Require(string.IsNullOrEmpty(given) || string.IsNullOrEmpty(file), $"{Place}:ClientSecret and ClientSecretFile exclude each other: leave one out.");
        if (!string.IsNullOrEmpty(given))
            return given;
        Require(!string.IsNullOrEmpty(file), $"{Place}:ClientSecret is missing: set Renewals__Dashboard__OpenId__ClientSecret in the environment, or {Place}:ClientSecretFile.");
        try
        {
            var read = File.ReadAllText(Path.Combine(folder, file!)).Trim();
            Require(read.Length > 0, $"{Place}:ClientSecretFile '{file}' is empty.");
            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CannotRunException($"{Place}:ClientSecretFile '{file}' cannot be read: {e.Message}", e);
        }
    }

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
            throw new CannotRunException(sentence);
    }

    // Lax, as the browser comes back from another site; for the two addresses of the protocol only.
    private sealed class ShortCookie : CookieBuilder
    {
        public ShortCookie(string name) =>
            (Name, HttpOnly, SameSite, Path, Expiration, IsEssential) = (name, true, SameSiteMode.Lax, OpenIdPages.Address, Patience, true);

        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Secure = !ApiAccess.IsLoopbackName(context.Request.Host);
            return options;
        }
    }
}
