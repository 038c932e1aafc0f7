using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>After an outage: what would become of the backlog, and a person's word about it.</summary>
internal static class CatchUpApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("/", LookAsync).For(ApiRole.Operator).Gives<CatchUpReport>("What would become of an account's backlog; nothing is written or sent.");
        routes.MapPost("/limit", RaiseAsync).For(ApiRole.Admin).Gives<RaisedReply>("Raises the money limit of late charges for this backlog.");
        routes.MapPost("/decisions", DecideAsync).For(ApiRole.Admin).Gives<DecidedReply>("Decides of missed periods where the plan asks.");
    }

    private static async Task<IResult> LookAsync(string account, ApiEngine engine, CancellationToken cancellation) =>
        Accounts.Find(account, engine, out var found) ?? Answer.Of(await engine.Get<CatchUpSurvey>().RunAsync(found, null, cancellation));

    private static async Task<IResult> RaiseAsync(CatchUpLimitBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation)
    {
        if (Accounts.Find(body.Account, engine, out var account) is { } fault)
            return fault;
        if (engine.Get<PlanCatalogue>().FaultOf(account, body.Limit) is { } wrong)
            return ApiEndpoints.Problem(400, $"limit: {wrong}");
        var ended = await engine.Get<CatchUpDesk>().RaiseAsync(account, body.Limit, caller.Name, body.Why, cancellation);
        return Answer.Of(new RaisedReply(body.Limit, ended is null ? null : StopReply.Of(ended)));
    }

    private static async Task<IResult> DecideAsync(CatchUpDecisionBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation)
    {
        var desk = engine.Get<CatchUpDesk>();
        try
        {
            if (body.Membership is { } membership)
                return Answer.Of(new DecidedReply(await desk.DecideAsync(new SubscriptionId(membership), body.Policy, caller.Name, body.Why, cancellation) ? 1 : 0));
            return Accounts.Find(body.Account!, engine, out var account)
                ?? Answer.Of(new DecidedReply(await desk.DecideAllAsync(account, body.Plan, body.Policy, caller.Name, body.Why, null, cancellation)));
        }
        catch (ArgumentException e)
        {
            // The rail does not allow what was decided; the rest was checked.
            return ApiEndpoints.Problem(422, e.Message.Split(" (Parameter")[0]);
        }
    }
}

/// <summary>So much may go out late from now on.</summary>
/// <param name="Account">Where: <c>rail:number</c>.</param>
/// <param name="Limit">How much, in minor units, 1 or more, whatever went out before.</param>
/// <param name="Why">In words; kept for ever.</param>
/// <example>{ "account": "wechat:1900000109", "limit": { "minorUnits": 5000000, "currency": "CNY" }, "why": "the outage of 5 March" }</example>
internal sealed record CatchUpLimitBody(string Account, Money Limit, string Why) : IBody
{
    string? IBody.Fault => Check.Amount("limit", Limit) ?? Check.Reason(Why);
}

/// <summary>What becomes of missed periods where the plan asks.</summary>
/// <param name="Decision">What.</param>
/// <param name="Why">In words; kept for ever.</param>
/// <param name="Account">For all that wait there; or else <paramref name="Membership"/>.</param>
/// <param name="Membership">For this one; or else <paramref name="Account"/>.</param>
/// <param name="Plan">With an account: only memberships of this plan.</param>
/// <example>{ "decision": "forgive", "account": "wechat:1900000109", "plan": "monthly", "why": "our fault" }</example>
internal sealed record CatchUpDecisionBody(CatchUpDecision Decision, string Why, string? Account = null, Guid? Membership = null, string? Plan = null) : IBody
{
    string? IBody.Fault => Check.Reason(Why)
        ?? (Account is null == Membership is null ? "Say for whom: account or membership, one of them." : null)
        ?? Check.Text("plan", Plan, Check.MostOfName)
        ?? (Plan is not null && Account is null ? "plan goes with an account." : null);

    /// <summary>The engine's own word.</summary>
    public CatchUpPolicy Policy => Decision switch
    {
        CatchUpDecision.Forgive => CatchUpPolicy.Forgive,
        CatchUpDecision.CurrentOnly => CatchUpPolicy.CurrentPeriodOnly,
        CatchUpDecision.Charge => CatchUpPolicy.OldestFirst,
        _ => throw new InvalidOperationException("No such decision."),
    };
}

/// <summary>What a person can decide of missed periods.</summary>
internal enum CatchUpDecision
{
    /// <summary>They are given.</summary>
    Forgive = 0,

    /// <summary>They are never charged and leave a gap.</summary>
    CurrentOnly = 1,

    /// <summary>They are charged late, one after another, where the rail allows it.</summary>
    Charge = 2,
}

/// <summary>The limit was raised.</summary>
/// <param name="Limit">How much may go out late from now on.</param>
/// <param name="Ended">The stop of late charges that ended by it.</param>
internal sealed record RaisedReply(Money Limit, StopReply? Ended);

/// <summary>It was decided.</summary>
/// <param name="Decided">Of how many memberships; 0: none waited for it.</param>
internal sealed record DecidedReply(long Decided);
