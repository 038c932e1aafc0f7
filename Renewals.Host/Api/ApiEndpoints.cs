using Renewals.Core.Engine;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>The HTTP API, <c>/api/v1</c>. Every error is a problem document (RFC 9457).</summary>
internal static class ApiEndpoints
{
    /// <summary>Where it begins.</summary>
    public const string Root = "/api/v1";

    /// <summary>Adds the routes.</summary>
    public static void MapApi(this IEndpointRouteBuilder routes, ApiAccess access)
    {
        var api = routes.MapGroup(Root).AddEndpointFilter(WithProblems);
        SubscriptionsApi.Map(api.MapGroup("/subscriptions"), access);
    }

    /// <summary>Only for callers of a role, and of those above it.</summary>
    public static TBuilder For<TBuilder>(this TBuilder endpoint, ApiRole role, ApiAccess access)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddEndpointFilter(async (context, next) => access.RoleOf(context.HttpContext) switch
        {
            null when access.IsLocalOnly => Problem(403, "Without a key in Renewals:Api:Keys only callers on the service's own machine are served."),
            null => Unknown(context.HttpContext),
            { } has when has < role => Problem(403, $"This needs a key of role {role}."),
            _ => await next(context),
        });

    /// <summary>A problem document.</summary>
    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    private static IResult Unknown(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem(401, "Send a key as \"Authorization: Bearer …\".");
    }

    private static async ValueTask<object?> WithProblems(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (CannotSignException e)
        {
            return Problem(422, e.Message);
        }
        catch (Exception e) when (e is CommitUnknownException or LedgerUnavailableException)
        {
            context.HttpContext.Response.Headers.RetryAfter = "1";
            return Problem(503, "The database did not confirm. Ask again: asking twice is no error.");
        }
    }
}
