using Renewals.Host.Api;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>Signing in with a key, and out again; the way to an identity provider begins here too.</summary>
internal static class SignInPages
{
    /// <summary>Where one signs in …</summary>
    public const string Address = "/sign-in";

    /// <summary>… and out.</summary>
    public const string OutAddress = "/sign-out";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Address, (HttpContext context, ApiAccess access) => 
            access.IsLocalOnly ? Results.Redirect("/") : Form(access, Local(context.Request.Query["back"]), refused: false)).ForPage(null);
        routes.MapPost(Address, SignInAsync).ForPage(null);
        routes.MapPost(OutAddress, SignOut).ForPage(null);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, SignInCookie cookie, ApiAccess access, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var back = Local(form["back"]);
        return cookie.SignIn(context, form["key"].ToString()) is null ? Form(access, back, refused: true) : Forms.Then(back);
    }

    private static IResult SignOut(HttpContext context)
    {
        SignInCookie.SignOut(context);
        return Forms.Then(Address);
    }

    private static IResult Form(ApiAccess access, string back, bool refused) => new PageResult<SignInPage>(
        new Dictionary<string, object?>
        {
            [nameof(SignInPage.Back)] = back, [nameof(SignInPage.Refused)] = refused, [nameof(SignInPage.Provider)] = access.People?.Name, [nameof(SignInPage.TakesKeys)] = access.HasKeys,
        },
        refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK);

    /// <summary>Only a path of our own: whoever sends a link to the sign-in must not choose where it ends.</summary>
    public static string Local(string? back) => back is ['/'] or ['/', not ('/' or '\\'), ..] && !back.Any(char.IsControl) ? back : "/";
}
