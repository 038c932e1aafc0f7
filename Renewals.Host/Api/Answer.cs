using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>Answers that several routes give.</summary>
internal static class Answer
{
    /// <summary>A membership, with its version as the ETag; 404 where there is none.</summary>
    public static IResult Of(Subscription? subscription, HttpContext context)
    {
        if (subscription is null)
            return NotFound();
        context.Response.Headers.ETag = $"\"{subscription.Version}\"";
        return Results.Json(SubscriptionReply.Of(subscription), ApiJson.Options);
    }

    /// <summary>Something of a membership; 404 where there is none.</summary>
    public static IResult Of<T>(T? value)
        where T : class => value is null ? NotFound() : Results.Json(value, ApiJson.Options);

    /// <summary>There is no such membership.</summary>
    public static IResult NotFound() => ApiEndpoints.Problem(404, "There is no such membership.");
}

/// <summary>Merchant accounts, as callers write them.</summary>
internal static class Accounts
{
    /// <summary>What is wrong with the form of an account; null: nothing.</summary>
    public static string? FaultOf(string field, string text) => text.Split(':') is [{ Length: > 0 }, { Length: > 0 }]
        ? null
        : $"{field} is '{text}': write it as rail:number, such as wechat:1900000109.";

    /// <summary>Finds an account that is served here.</summary>
    /// <returns>What is wrong; null: it was found.</returns>
    public static IResult? Find(string text, ApiEngine engine, out MerchantAccount account)
    {
        account = default;
        if (FaultOf("account", text) is { } fault)
            return ApiEndpoints.Problem(400, fault);
        account = MerchantAccount.Parse(text);
        return engine.Get<RegisteredGateways>().Accounts.Contains(account) ? null : ApiEndpoints.Problem(422, $"There is no account {account} here.");
    }
}
