using Renewals.Core.Engine;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>The HTTP API, <c>/api/v1</c>. Every error is a problem document (RFC 9457).</summary>
internal static class ApiEndpoints
{
    /// <summary>Where it begins.</summary>
    public const string Root = Area + "/v1";

    /// <summary>Where every error is a problem document, whatever the version.</summary>
    public const string Area = "/api";

    /// <summary>What the service counts, in the form of Prometheus.</summary>
    public const string Metrics = "/metrics";

    /// <summary>Whether a call needs a right.</summary>
    public static bool IsGuarded(HttpContext context) => context.Request.Path.StartsWithSegments(Root) || context.Request.Path.StartsWithSegments(Metrics);

    /// <summary>Finds out who calls, counts the calls, and lets nobody through whose role a route is not for.</summary>
    /// <remarks>Before the body is read: what is wrong with one would tell a stranger what the route is for.</remarks>
    public static void UseApiAccess(this IApplicationBuilder app, ApiAccess access)
    {
        app.Use(async (context, next) =>
        {
            if (IsGuarded(context))
            {
                ApiLimits.Bound(context, access.Settings);
                context.Features.Set(await access.CallerOfAsync(context));
            }

            await next(context);
        });
        app.UseRateLimiter();
        app.Use(async (context, next) =>
        {
            if (!IsGuarded(context) || Refusal(context, access) is not { } refusal)
                await next(context);
            else
                await refusal.ExecuteAsync(context);
        });
    }

    /// <summary>Adds the routes.</summary>
    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Root).AddEndpointFilter(WithProblems);
        SubscriptionsApi.Map(api.MapGroup("/subscriptions"));
        ParkedApi.Map(api.MapGroup("/parked"));
        PriceCampaignsApi.Map(api.MapGroup("/price-campaigns"));
        PlansApi.Map(api.MapGroup("/plans"));
        PoliciesApi.Map(api.MapGroup("/policies"));
        StopsApi.Map(api.MapGroup("/stops"));
        ReconciliationsApi.Map(api.MapGroup("/reconciliations"));
        CatchUpApi.Map(api.MapGroup("/catch-up"));
        WebhooksApi.Map(api.MapGroup("/webhooks"));
        FeedApi.Map(api);
        StatusApi.Map(api);
    }

    /// <summary>Only for callers of a role, and of those above it. A route that says nothing is for admins.</summary>
    public static TBuilder For<TBuilder>(this TBuilder endpoint, ApiRole role)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new NeededRole(role));

    /// <summary>What a route does and what it answers, for its document.</summary>
    public static RouteHandlerBuilder Gives<TAnswer>(this RouteHandlerBuilder route, string summary) => route.Produces<TAnswer>().WithSummary(summary);

    /// <summary>A problem document.</summary>
    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    private static IResult? Refusal(HttpContext context, ApiAccess access)
    {
        if (context.Features.Get<ApiCaller>() is not { } caller)
        {
            return access.IsLocalOnly
                ? Problem(403, "Without a key in Renewals:Api:Keys only callers on the service's own machine are served.")
                : Unknown(context);
        }

        var needed = context.GetEndpoint() is RouteEndpoint route ? route.Metadata.GetMetadata<NeededRole>()?.Role ?? ApiRole.Admin : ApiRole.Reader;
        return caller.Role < needed ? Problem(403, $"This needs a key of role {needed}.") : null;
    }

    private static IResult Unknown(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem(401, "Send a key as \"Authorization: Bearer …\".");
    }

    private static async ValueTask<object?> WithProblems(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.Arguments.OfType<IBody>().Select(body => BodyValues.FaultOf(body) ?? body.Fault).FirstOrDefault(fault => fault is not null) is { } wrong)
            return Problem(400, wrong);
        try
        {
            return await next(context);
        }
        catch (CannotSignException e)
        {
            return Problem(422, e.Message);
        }
        catch (CannotDoException e)
        {
            return Problem(409, e.Message);
        }
        catch (MembershipMovedException e)
        {
            return Problem(412, e.Message);
        }
        catch (Exception e) when (e is CommitUnknownException or LedgerUnavailableException or LedgerConflictException)
        {
            return NotConfirmed(context.HttpContext);
        }
    }

    /// <summary>The database did not confirm.</summary>
    public static IResult NotConfirmed(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return Problem(503, "The database did not confirm. Ask again: asking twice is no error.");
    }
}
