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
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapPost("/", SignAsync).For(ApiRole.Operator).Gives<SignReply>("Signs a member: what the member's device opens, and the membership.");
        MembershipsApi.Map(routes);
        var one = routes.MapGroup("/{id:guid}");
        one.MapGet("/", FindAsync).For(ApiRole.Reader).Gives<SubscriptionReply>("The membership; its version is the ETag.");
        one.MapGet("/events", EventsAsync).For(ApiRole.Reader).Gives<IEnumerable<EventReply>>("Everything that happened to it, in order.");
        one.MapPost("/cancel", CancelAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Stops renewal.");
        one.MapPost("/undo-cancel", UndoCancelAsync).For(ApiRole.Operator).Gives<SubscriptionReply>("Undoes a cancel that kept its agreement.");
        ViewsApi.Map(one);
        ChangesApi.Map(one);
        AgreementsApi.Map(one);
        RefundsApi.Map(one);
        NoticesApi.Map(one);
        ParkedApi.MapOne(one);
    }

    private static async Task<IResult> SignAsync(SignBody body, ApiEngine engine, HttpContext context, CancellationToken cancellation)
    {
        if (Accounts.Find(body.Account, engine, out var account) is { } fault)
            return fault;
        return await AnswerAsync(await engine.Memberships.SignAsync(body.ToRequest(account, KeyedCalls.IdOf(context)), cancellation), engine, cancellation);
    }

    /// <summary>What came of a wish to sign.</summary>
    public static async Task<IResult> AnswerAsync(SignResult result, ApiEngine engine, CancellationToken cancellation) => result switch
    {
        SignResult.Ready ready => await SignedAsync(ready.Id, "ready", PageReply.Of(ready.Page), engine, cancellation),
        SignResult.AlreadyMember member => await SignedAsync(member.Id, "already-member", null, engine, cancellation),
        SignResult.Refused refused => ApiEndpoints.Problem(409, refused.Why),
        SignResult.TryAgain again => ApiEndpoints.Problem(503, again.Why),
        _ => throw new InvalidOperationException("No such result."),
    };

    private static async Task<IResult> SignedAsync(SubscriptionId id, string state, PageReply? page, ApiEngine engine, CancellationToken cancellation)
    {
        var s = await engine.Memberships.FindAsync(id, cancellation);
        return Results.Json(new SignReply(id.Value, state, page, s is null ? null : SubscriptionReply.Of(s)), ApiJson.Options);
    }

    private static async Task<IResult> FindAsync(Guid id, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.FindAsync(new(id), cancellation), context);

    private static async Task<IResult> EventsAsync(Guid id, ApiEngine engine, CancellationToken cancellation)
    {
        var events = await engine.Memberships.HistoryAsync(new(id), cancellation);
        return events.Count == 0
            ? Answer.NotFound()
            : Results.Json(events.Select((e, index) => new EventReply(
                index + 1, EventNames.OfSubscriptions[e.GetType()], JsonSerializer.SerializeToElement(e, e.GetType(), LedgerJson.Options))), ApiJson.Options);
    }

    private static async Task<IResult> CancelAsync(Guid id, CancelBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await body.AskAsync(engine.At(context), new(id), caller, cancellation), context);

    private static async Task<IResult> UndoCancelAsync(Guid id, WhyBody body, ApiCaller caller, ApiEngine engine, HttpContext context, CancellationToken cancellation) =>
        Answer.Of(await engine.At(context).UndoCancelAsync(new(id), caller.Name, body.Why, cancellation), context);
}
