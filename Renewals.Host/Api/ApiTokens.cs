using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Renewals.Host.Service;

namespace Renewals.Host.Api;

/// <summary>Signed tokens (JWT) of an identity provider in the place of a key.</summary>
/// <remarks>The framework's own handler checks signature, issuer, audience and time. Its scheme is asked by us and by nobody else, so no route is opened by it.</remarks>
internal sealed class ApiTokens
{
    private const string Scheme = "tokens";
    private readonly ApiTokenSettings settings;

    private ApiTokens(ApiTokenSettings settings) => this.settings = settings;

    /// <summary>Reads the settings; null: no token is believed.</summary>
    /// <exception cref="CannotRunException">They are not whole.</exception>
    public static ApiTokens? Read(ApiTokenSettings settings)
    {
        const string Place = "Renewals:Api:Tokens";
        if (string.IsNullOrEmpty(settings.Authority))
        {
            return string.IsNullOrEmpty(settings.Audience) && settings.Roles.Count == 0
                ? null
                : throw new CannotRunException($"{Place}:Authority is missing: name the identity provider, or remove {Place}.");
        }

        if (!Uri.TryCreate(settings.Authority, UriKind.Absolute, out var authority) || !(authority.Scheme == "https" || authority is { Scheme: "http", IsLoopback: true }))
            throw new CannotRunException($"{Place}:Authority is '{settings.Authority}': write an address that begins with https.");
        if (string.IsNullOrEmpty(settings.Audience))
            throw new CannotRunException($"{Place}:Audience is missing: tokens that were made for somebody else would be believed.");
        return settings.Roles.Count > 0 ? new(settings) : throw new CannotRunException($"{Place}:Roles is empty: say what the provider's roles may do, such as \"renewals-admins\": \"Admin\".");
    }

    /// <summary>Adds what checks tokens.</summary>
    public void AddTo(IServiceCollection services)
    {
        // Not AddAuthentication: it brings keys on disk for cookies, and there are none.
        services.AddAuthenticationCore(schemes => schemes.AddScheme<JwtBearerHandler>(Scheme, null)).AddWebEncoders();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<JwtBearerOptions>(Scheme).Configure<TimeProvider>((bearer, time) =>
        {
            (bearer.Authority, bearer.Audience, bearer.TimeProvider) = (settings.Authority, settings.Audience, time);
            bearer.RequireHttpsMetadata = new Uri(settings.Authority!).Scheme == "https";
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters.RequireExpirationTime = true;
            bearer.TokenValidationParameters.RequireSignedTokens = true;
            bearer.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(1);
        });
    }

    /// <summary>Who calls; null: the token is none of ours, or its holder has no role here.</summary>
    public async ValueTask<ApiCaller?> CallerOfAsync(HttpContext context)
    {
        if (await context.AuthenticateAsync(Scheme) is not { Succeeded: true, Principal: { } holder })
            return null;
        var roles = holder.FindAll(settings.RoleClaim).Where(claim => settings.Roles.ContainsKey(claim.Value)).Select(claim => settings.Roles[claim.Value]).ToList();
        return roles.Count > 0 && holder.FindFirstValue(settings.NameClaim) is { } name && Check.Name("name", name) is null

            // No token can bear the name of a key.
            ? new($"token:{name}", roles.Max())
            : null;
    }
}
