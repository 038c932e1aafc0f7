using Microsoft.AspNetCore.Http.Features;

namespace Renewals.Host.Api;

/// <summary>Whoever calls the API, once it is known who that is.</summary>
/// <param name="Name">The name of its key; it stands in the events as the one who asked.</param>
/// <param name="Role">What it may do.</param>
internal sealed record ApiCaller(string Name, ApiRole Role)
{
    /// <summary>The name of a caller on this machine, who needs no key while none is configured.</summary>
    public const string Local = "local";

    /// <summary>The caller of a request, for the handlers of the routes.</summary>
    public static ValueTask<ApiCaller> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.GetRequiredFeature<ApiCaller>());
}

/// <summary>The role a route is for.</summary>
internal sealed record NeededRole(ApiRole Role);
