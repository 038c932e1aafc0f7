namespace Renewals.Host.Dashboard;

/// <summary>Signing in at the identity provider: the way there and the way back. The routes are there only where one is configured.</summary>
internal static class OpenIdPages
{
    /// <summary>Where the way to the provider begins …</summary>
    public const string Address = "/sign-in/openid";

    /// <summary>… and where it sends the browser back to.</summary>
    public const string ReturnAddress = Address + "/return";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Address, (HttpContext context, OpenIdSignIn signIn) => signIn.BeginAsync(context, SignInPages.Local(context.Request.Query["back"]))).ForPage(null);
        routes.MapGet(ReturnAddress, (HttpContext context, OpenIdSignIn signIn) => signIn.EndAsync(context)).ForPage(null);
    }
}
