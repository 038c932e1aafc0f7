using System.Reflection;
using Microsoft.AspNetCore.Antiforgery;
using Renewals.Host.Api;

namespace Renewals.Host.Dashboard;

/// <summary>The dashboard: pages of the service itself, under the access rules of the API, readable without a script.</summary>
internal static class DashboardEndpoints
{
    /// <summary>Where the style sheet is.</summary>
    public const string StyleAddress = "/dashboard.css";

    private static readonly byte[] Style = ReadStyle();

    /// <summary>Adds what the pages need.</summary>
    public static void AddDashboard(this IServiceCollection services, DashboardSettings settings, ApiAccess access)
    {
        SealKeys.Add(services, settings);
        services.AddSingleton(settings).AddSingleton(access).AddSingleton<SignInCookie>().AddSingleton<DashboardData>();
        access.People?.AddTo(services);
    }

    /// <summary>Lets nobody through whose key does not allow it.</summary>
    public static void UseDashboardAccess(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        var access = new DashboardAccess(services.GetRequiredService<ApiAccess>(), services.GetRequiredService<SignInCookie>(), services.GetRequiredService<IAntiforgery>());
        app.Use(next => context => access.InvokeAsync(context, next));
    }

    /// <summary>Adds the pages.</summary>
    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(StyleAddress, () => Results.Bytes(Style, "text/css; charset=utf-8")).ForPage(null);
        SignInPages.Map(routes);
        if (routes.ServiceProvider.GetRequiredService<ApiAccess>().People is not null)
            OpenIdPages.Map(routes);
        var pages = routes.MapGroup("").AddEndpointFilter(WithMessages);
        SurveyPages.Map(pages);
        SubscriptionPages.Map(pages);
        StopPages.Map(pages);
        ReconciliationPages.Map(pages);
    }

    /// <summary>A route of the dashboard, for callers of a role and of those above it.</summary>
    /// <param name="endpoint">The route.</param>
    /// <param name="role">The role; null: everybody.</param>
    public static TBuilder ForPage<TBuilder>(this TBuilder endpoint, ApiRole? role)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new DashboardRoute(role));

    private static async ValueTask<object?> WithMessages(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Core.Engine.CannotDoException e)
        {
            return Pages.MessagePage.Of(409, e.Message);
        }
        catch (Core.Ledger.LedgerUnavailableException e)
        {
            return Pages.MessagePage.Of(503, e.Message);
        }
        catch (Exception e) when (e is Core.Ledger.CommitUnknownException or Core.Ledger.LedgerConflictException)
        {
            return Pages.MessagePage.Of(503, "The database did not confirm. Ask again: asking twice is no error.", "数据库未确认，请重试；重复操作无害。");
        }
    }

    private static byte[] ReadStyle()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("dashboard.css")!;
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
