using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Host.Webhooks;

namespace Renewals.Host.Api;

/// <summary>Webhooks: how far each endpoint is, what was given up there, and sending it again.</summary>
internal static class WebhooksApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("/", ListAsync).For(ApiRole.Reader).Gives<PageReply<WebhookReply>>("The endpoints events are sent to, and how far each is.");
        var one = routes.MapGroup("/{endpoint}");
        one.MapGet("/dead", DeadAsync).For(ApiRole.Reader).Gives<PageReply<DeadReply>>("Events that were given up, in their order.");
        one.MapGet("/actions", ActionsAsync).For(ApiRole.Reader).Gives<PageReply<WebhookActionReply>>("What persons had sent again there, the newest first.");
        one.MapPost("/dead/{id:guid}/retry", RetryAsync).For(ApiRole.Operator).Gives<WebhookReply>("Sends an event again that was given up.");
        one.MapPost("/replay", ReplayAsync).For(ApiRole.Operator).Gives<WebhookReply>("Sends everything from a place of the feed on again, under the same ids.");
    }

    private static async Task<IResult> ListAsync(ApiEngine engine, CancellationToken cancellation)
    {
        List<WebhookReply> endpoints = [];
        foreach (var endpoint in engine.Get<WebhookEndpoints>().All)
            endpoints.Add(await StandAsync(engine, endpoint, cancellation));
        return Answer.Of(new PageReply<WebhookReply>(endpoints, null));
    }

    private static async Task<IResult> DeadAsync(string endpoint, ApiEngine engine, CancellationToken cancellation, long after = 0, int limit = Page.Usual)
    {
        if (Page.FaultOf(limit) is { } fault)
            return fault;
        if (engine.Get<WebhookEndpoints>().Find(endpoint) is null)
            return NotFound(endpoint);
        var dead = await engine.Get<LedgerDatabase>().Webhooks.DeadAsync(endpoint, after, limit + 1, cancellation);
        return Answer.Of(Page.Of(dead, limit, DeadReply.Of, e => e.Sequence));
    }

    private static async Task<IResult> ActionsAsync(string endpoint, ApiEngine engine, CancellationToken cancellation, Guid? after = null, int limit = Page.Usual)
    {
        // Also of an endpoint that is no longer in the settings: what was done there stays.
        if (Page.FaultOf(limit) is { } fault)
            return fault;
        return Answer.Of(Page.Of(await engine.Get<LedgerDatabase>().Webhooks.ActionsAsync(endpoint, after, limit + 1, cancellation), limit, WebhookActionReply.Of, action => action.Id));
    }

    private static async Task<IResult> RetryAsync(
        string endpoint, Guid id, WhyBody body, ApiCaller caller, ApiEngine engine, ILoggerFactory logs, CancellationToken cancellation)
    {
        if (engine.Get<WebhookEndpoints>().Find(endpoint) is not { } known)
            return NotFound(endpoint);
        if (!await engine.Get<LedgerDatabase>().Webhooks.ReviveAsync(endpoint, id, Word(engine, caller, body), cancellation))
            return ApiEndpoints.Problem(404, $"No event {id} was given up at endpoint {endpoint}.");
        WebhookLog.Revived(logs.CreateLogger(nameof(WebhooksApi)), caller.Name, id, endpoint, body.Why);
        return Answer.Of(await StandAsync(engine, known, cancellation));
    }

    private static async Task<IResult> ReplayAsync(
        string endpoint, WhyBody body, ApiCaller caller, ApiEngine engine, ILoggerFactory logs, CancellationToken cancellation, long from = 0)
    {
        if (engine.Get<WebhookEndpoints>().Find(endpoint) is not { } known)
            return NotFound(endpoint);
        var (store, last) = (engine.Get<LedgerDatabase>(), await engine.Get<LedgerDatabase>().Feed.LastAsync(cancellation));
        if (from < 1 || from > last)
            return ApiEndpoints.Problem(400, $"from is {from}; write the sequence of the first event that is to come again, 1 to {last}.");
        if (!await store.Webhooks.ReplayAsync(endpoint, from, Word(engine, caller, body), cancellation))
        {
            var cursor = (await store.Webhooks.StandAsync(endpoint, cancellation)).Cursor;
            return ApiEndpoints.Problem(409, $"from is {from}, and endpoint {endpoint} is at {cursor}: everything after that still goes there by itself, and what was not sent cannot be sent again.");
        }

        WebhookLog.Replayed(logs.CreateLogger(nameof(WebhooksApi)), caller.Name, from, endpoint, body.Why);
        return Answer.Of(await StandAsync(engine, known, cancellation));
    }

    private static async Task<WebhookReply> StandAsync(ApiEngine engine, WebhookEndpoint endpoint, CancellationToken cancellation)
    {
        var database = engine.Get<LedgerDatabase>();
        var stand = await database.Webhooks.StandAsync(endpoint.Name, cancellation);
        var last = await database.Feed.LastAsync(cancellation);
        return new(
            endpoint.Name, endpoint.Url.Host, endpoint.Enabled, [.. endpoint.Events.Order(StringComparer.Ordinal)], stand.Cursor,
            stand.Cursor is { } cursor ? Math.Max(0, last - cursor) : null, stand.Waiting, stand.Dead);
    }

    private static PersonsWord Word(ApiEngine engine, ApiCaller caller, WhyBody body) => new(engine.Get<EngineClock>().Now, caller.Name, body.Why);

    private static IResult NotFound(string endpoint) => ApiEndpoints.Problem(404, $"There is no endpoint '{endpoint}'; Renewals:Webhooks:Endpoints names those there are.");
}

/// <summary>An endpoint.</summary>
/// <param name="Name">Its name in the settings.</param>
/// <param name="Host">Whose host it is; the rest of its address may hold a secret.</param>
/// <param name="Enabled">Whether anything is sent.</param>
/// <param name="Events">The names of the events that are sent; empty: all.</param>
/// <param name="Cursor">The place of the feed that was sent last; absent before the first look.</param>
/// <param name="Lag">How many places the feed is ahead; some are no membership's.</param>
/// <param name="Waiting">How many events failed and are tried again, or wait behind such a one.</param>
/// <param name="Dead">How many events were given up.</param>
internal sealed record WebhookReply(string Name, string Host, bool Enabled, IReadOnlyList<string> Events, long? Cursor, long? Lag, long Waiting, long Dead);

/// <summary>An event that was given up.</summary>
/// <param name="Id">The event's id, also its <c>webhook-id</c>.</param>
/// <param name="Sequence">Its place in the feed.</param>
/// <param name="Membership">Whose.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="At">When it was given up.</param>
/// <param name="Answer">What came of the last try: a status, or why there was none.</param>
internal sealed record DeadReply(Guid Id, long Sequence, Guid Membership, string Name, int Tries, Instant At, string Answer)
{
    public static DeadReply Of(DeadEvent e) => new(e.Id, e.Sequence, e.Membership.Value, e.Name, e.Tries, e.At, e.Answer);
}

/// <summary>Something a person had sent again; it is kept for ever.</summary>
/// <param name="Kind">One event that was given up, or everything from a place of the feed on.</param>
/// <param name="Event">The event's id; absent where it was everything from a place on.</param>
/// <param name="Sequence">The event's place in the feed, or the first place.</param>
/// <param name="At">When it was asked for.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
internal sealed record WebhookActionReply(WebhookActionKind Kind, Guid? Event, long Sequence, Instant At, string By, string Why)
{
    public static WebhookActionReply Of(WebhookAction x) => new(x.Kind, x.Event, x.Sequence, x.Word.At, x.Word.By, x.Word.Why);
}
