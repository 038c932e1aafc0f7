using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Renewals.Host.Api;

namespace Renewals.Host.Dashboard;

/// <summary>
/// A sign-in: a sealed cookie with the hash of the key, or with a person's name and roles at the identity provider, looked up among what is configured
/// at every request.
/// </summary>
/// <remarks>So a key or a role that is taken out of the settings ends the sign-ins made with it, and the key itself is kept nowhere.</remarks>
internal sealed class SignInCookie(IDataProtectionProvider protection, ApiAccess access, DashboardSettings settings)
{
    /// <summary>Name of the cookie.</summary>
    public const string Name = "renewals-sign-in";

    // No sealed text has a dot.
    private const string OfPerson = "openid.";

    private readonly ITimeLimitedDataProtector persons = protection.CreateProtector("Renewals.Dashboard.Person").ToTimeLimitedDataProtector();
    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("Renewals.Dashboard.SignIn").ToTimeLimitedDataProtector();

    /// <summary>Who has signed in; null: nobody, or no longer.</summary>
    public ApiCaller? CallerOf(HttpContext context)
    {
        if (context.Request.Cookies[Name] is not { Length: > 0 } text)
            return null;
        try
        {
            return text.StartsWith(OfPerson, StringComparison.Ordinal)
                ? access.People?.CallerOf(JsonSerializer.Deserialize<Person>(persons.Unprotect(text[OfPerson.Length..]))!)
                : access.HolderOf(Convert.FromHexString(protector.Unprotect(text)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            // Too old, of another host, or a stranger's.
            return null;
        }
    }

    /// <summary>Signs the holder of a key in.</summary>
    /// <returns>Who that is; null: it is no key.</returns>
    public ApiCaller? SignIn(HttpContext context, string key)
    {
        var hash = ApiAccess.HashOfKey(key);
        if (access.HolderOf(hash) is not { } holder)
            return null;
        context.Response.Cookies.Append(Name, protector.Protect(Convert.ToHexString(hash), settings.SignInFor), Options(context, settings.SignInFor));
        return holder;
    }

    /// <summary>Signs in who comes from the identity provider.</summary>
    /// <returns>Who that is here; null: nobody, as the person has no role.</returns>
    public ApiCaller? SignIn(HttpContext context, Person person)
    {
        if (access.People?.CallerOf(person) is not { } caller)
            return null;
        context.Response.Cookies.Append(Name, OfPerson + persons.Protect(JsonSerializer.Serialize(person), settings.SignInFor), Options(context, settings.SignInFor));
        return caller;
    }

    /// <summary>Signs out.</summary>
    public static void SignOut(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context, null));

    // Behind a proxy the service itself never sees HTTPS; a browser takes such a cookie over plain HTTP only from its own machine.
    private static CookieOptions Options(HttpContext context, TimeSpan? age) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = age, IsEssential = true, Secure = !ApiAccess.IsLoopbackName(context.Request.Host),
    };
}
