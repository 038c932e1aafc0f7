using System.Globalization;

namespace Renewals.Host.Api;

/// <summary>What every address is held to: what cannot be printed cannot be stored or looked for everywhere.</summary>
internal static class AddressTexts
{
    /// <summary>Refuses it before any page or call reads it.</summary>
    public static void UseAddressTexts(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.Request.Path.StartsWithSegments("/callbacks") || FaultOf(context.Request) is not { } fault)
            await next(context);
        else if (ApiEndpoints.IsGuarded(context))
            await ApiEndpoints.Problem(400, fault).ExecuteAsync(context);
        else
            await Dashboard.Pages.MessagePage.Of(400, fault, "地址中含有控制字符。").ExecuteAsync(context);
    });

    private static string? FaultOf(HttpRequest request) =>
        request.Path.Value!.Any(char.IsControl) ? "The address has a control character, such as a line break; leave it out."
        : request.Query.FirstOrDefault(one => one.Key.Any(char.IsControl) || one.Value.Any(text => text?.Any(char.IsControl) ?? false)) is { Key: { } name }
            ? string.Create(CultureInfo.InvariantCulture, $"{(name.Any(char.IsControl) ? "A parameter" : name)} has a control character, such as a line break; leave it out.")
        : null;
}
