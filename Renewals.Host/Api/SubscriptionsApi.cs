using System.Text.Json;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>Memberships: sign one, look at it, stop it.</summary>
internal static class SubscriptionsApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes, ApiAccess access)
    {
        routes.MapPost("/", SignAsync).For(ApiRole.Operator, access);
        routes.MapGet("/{id:guid}", FindAsync).For(ApiRole.Reader, access);
        routes.MapGet("/{id:guid}/events", EventsAsync).For(ApiRole.Reader, access);
        routes.MapPost("/{id:guid}/cancel", CancelAsync).For(ApiRole.Operator, access);
    }

    private static async Task<IResult> SignAsync(SignBody body, ApiEngine engine, CancellationToken cancellation)
    {
        if (MerchantAccountOf(body.Account) is not { } account)
            return ApiEndpoints.Problem(400, $"account is '{body.Account}': write it as rail:number, such as wechat:1900000109.");
        if (!engine.Get<RegisteredGateways>().Accounts.Contains(account))
            return ApiEndpoints.Problem(422, $"There is no account {account} here.");
        var result = await engine.Memberships.SignAsync(body.ToRequest(account), cancellation);
        return result switch
        {
            SignResult.Ready ready => Results.Json(new SignReply(ready.Id.Value, "ready", PageReply.Of(ready.Page)), ApiJson.Options),
            SignResult.AlreadyMember member => Results.Json(new SignReply(member.Id.Value, "already-member", null), ApiJson.Options),
            SignResult.Refused refused => ApiEndpoints.Problem(409, refused.Why),
            SignResult.TryAgain again => ApiEndpoints.Problem(503, again.Why),
            _ => throw new InvalidOperationException("No such result."),
        };
    }

    private static async Task<IResult> FindAsync(Guid id, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer(await engine.Memberships.FindAsync(new(id), cancellation), context);

    private static async Task<IResult> EventsAsync(Guid id, ApiEngine engine, CancellationToken cancellation)
    {
        var events = await engine.Memberships.HistoryAsync(new(id), cancellation);
        return events.Count == 0
            ? NotFound()
            : Results.Json(events.Select((e, index) => new EventReply(
                index + 1, EventNames.OfSubscriptions[e.GetType()], JsonSerializer.SerializeToElement(e, e.GetType(), LedgerJson.Options))), ApiJson.Options);
    }

    private static async Task<IResult> CancelAsync(Guid id, CancelBody body, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer(await engine.Memberships.CancelAsync(new(id), body.Why, body.AtOnce, body.CancelledBy, cancellation), context);

    private static IResult Answer(Subscription? subscription, HttpContext context)
    {
        if (subscription is null)
            return NotFound();
        context.Response.Headers.ETag = $"\"{subscription.Version}\"";
        return Results.Json(SubscriptionReply.Of(subscription), ApiJson.Options);
    }

    private static IResult NotFound() => ApiEndpoints.Problem(404, "There is no such membership.");

    private static MerchantAccount? MerchantAccountOf(string text)
    {
        try
        {
            return MerchantAccount.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
