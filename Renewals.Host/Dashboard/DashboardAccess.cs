using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Net.Http.Headers;
using Renewals.Host.Api;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>Marks a route of the dashboard.</summary>
/// <param name="Role">Whom it is for; null: everybody, as who signs in is nobody yet.</param>
internal sealed record DashboardRoute(ApiRole? Role);

/// <summary>Lets nobody see or do more on the pages than their key or role allows, and sends nobody's browser anywhere else.</summary>
internal sealed class DashboardAccess(ApiAccess access, SignInCookie cookie, IAntiforgery antiforgery)
{
    /// <summary>No script, and nothing from or to another host.</summary>
    public const string Policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Before the routes of the dashboard; the others are not its affair.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<DashboardRoute>() is not { } route)
        {
            await next(context);
            return;
        }

        AddHeaders(context.Response.Headers);
        if (await RefusalAsync(context, route) is { } refusal)
            await refusal.ExecuteAsync(context);
        else
            await next(context);
    }

    // For pages a browser's own form counts as a call of this machine; where it came from stands in Origin.
    private ApiCaller? CallerOf(HttpContext context) =>
        access.CallerOf(context, ownPages: true) ?? (access.IsLocalOnly ? null : cookie.CallerOf(context));

    private static void AddHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";

        // Not "no-referrer": a browser would then not say where a form came from.
        headers["Referrer-Policy"] = "same-origin";
    }

    private async Task<IResult?> RefusalAsync(HttpContext context, DashboardRoute route)
    {
        if (CallerOf(context) is { } caller)
        {
            context.Features.Set(caller);

            // A form is for who opened it, and for nobody who signs in later.
            context.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, caller.Name)], "key"));
        }
        else if (access.IsLocalOnly)
        {
            return MessagePage.Of(403, "Without a key in Renewals:Api:Keys only callers on the service's own machine are served.", "未配置 Renewals:Api:Keys 时，仅允许在本机访问。");
        }
        else if (route.Role is not null)
        {
            return Unknown(context);
        }

        if (route.Role is { } needed && context.Features.Get<ApiCaller>()!.Role < needed)
            return MessagePage.Of(403, $"This needs the role {needed}.", $"此操作需要角色 {needed}。");
        if (HttpMethods.IsPost(context.Request.Method) && !await IsLegibleAsync(context.Request))
            return MessagePage.Of(400, "A field of the form cannot be read, or has a control character, such as a line break.", "表单字段无法读取，或含有控制字符。");
        return HttpMethods.IsPost(context.Request.Method) && !await antiforgery.IsRequestValidAsync(context)
            ? MessagePage.Of(400, "This form is not from a page of this sign-in. Open the page again.", "表单已失效，请重新打开页面。")
            : null;
    }

    // The framework throws at some characters. As an error of ours it would let anybody fill the log, who signs in is nobody yet.
    private static async Task<bool> IsLegibleAsync(HttpRequest request)
    {
        try
        {
            return !request.HasFormContentType || !(await request.ReadFormAsync(request.HttpContext.RequestAborted)).Any(field => field.Value.Any(text => text?.Any(char.IsControl) ?? false));
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
        {
            return false;
        }
    }

    private static IResult Unknown(HttpContext context)
    {
        if (!context.Request.Headers.ContainsKey(HeaderNames.Authorization) && HttpMethods.IsGet(context.Request.Method))
            return Results.Redirect($"{SignInPages.Address}{QueryString.Create("back", context.Request.Path + context.Request.QueryString)}");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return MessagePage.Of(401, "Sign in first.", "请先登录。");
    }
}
