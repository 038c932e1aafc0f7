namespace Renewals.Host.Api;

/// <summary>The API's document as a page to read and to try, <c>/openapi</c>.</summary>
/// <remarks>
/// The page is of the package and of this service alone: the browser is told to ask no other host. It and the document say what this version can do,
/// which anybody can read where it comes from, and nothing of this ledger; so they need no right. What is tried on it does.
/// </remarks>
internal static class ApiPage
{
    private const string Root = "openapi";

    // Styles inside the page are its own.
    private const string Policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    /// <summary>Adds the page.</summary>
    public static void UseApiPage(this IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments($"/{Root}"))
                context.Response.Headers.ContentSecurityPolicy = Policy;
            return next(context);
        });
        app.UseSwaggerUI(page =>
        {
            (page.RoutePrefix, page.DocumentTitle) = (Root, "Renewals");
            page.SwaggerEndpoint("v1.json", "Renewals");
            page.EnableValidator(null);
        });
    }
}
