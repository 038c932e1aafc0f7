using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.WebUtilities;
using Renewals.Host.Api;

namespace Renewals.Host.Dashboard;

/// <summary>What every page has around its content.</summary>
/// <param name="Words">The language, and how days and amounts are written.</param>
/// <param name="Path">The page's own path.</param>
/// <param name="OtherLanguage">The same page in the other language.</param>
/// <param name="Caller">Who looks; null: nobody has signed in.</param>
/// <param name="MayAct">Whether actions are offered that concern one membership …</param>
/// <param name="MayStop">… and those that stop charging or let it go on: they are for admins, as in the API.</param>
/// <param name="SignsIn">Whether there is anything to sign out of.</param>
/// <param name="FormField">Name of the field that every form carries …</param>
/// <param name="FormToken">… and its value.</param>
public sealed record Chrome(
    Words Words, string Path, string OtherLanguage, string? Caller, bool MayAct, bool MayStop, bool SignsIn, string FormField, string FormToken)
{
    private const string LanguageCookie = "renewals-language", LanguageField = "lang";

    /// <summary>For a request.</summary>
    internal static Chrome Of(HttpContext context)
    {
        var services = context.RequestServices;
        var language = LanguageOf(context);
        var tokens = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        var caller = context.Features.Get<ApiCaller>();
        var query = QueryHelpers.ParseQuery(context.Request.QueryString.Value).Where(pair => pair.Key is not LanguageField)
            .ToDictionary(pair => pair.Key, pair => (string?)pair.Value.ToString());
        query[LanguageField] = language == "zh" ? "en" : "zh";
        return new(
            new(language == "zh", services.GetRequiredService<DashboardData>().Zone), context.Request.Path, QueryHelpers.AddQueryString(context.Request.Path, query),
            caller?.Name, caller?.Role >= ApiRole.Operator, caller?.Role >= ApiRole.Admin, !services.GetRequiredService<ApiAccess>().IsLocalOnly, tokens.FormFieldName, tokens.RequestToken!);
    }

    private static string LanguageOf(HttpContext context)
    {
        if (context.Request.Query[LanguageField].ToString() is ("zh" or "en") and var asked)
        {
            context.Response.Cookies.Append(
                LanguageCookie, asked, new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = TimeSpan.FromDays(365), IsEssential = true });
            return asked;
        }

        return context.Request.Cookies[LanguageCookie] is ("zh" or "en") and var kept ? kept
            : context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(tag => tag.Quality ?? 1).Select(tag => tag.Value.ToString().ToLowerInvariant().Split('-')[0])
                .FirstOrDefault(tag => tag is "zh" or "en") ?? "en";
    }
}
