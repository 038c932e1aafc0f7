using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>What stops charging: fuses that blew, and what a person holds.</summary>
internal static class StopsApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("/", ListAsync).For(ApiRole.Reader).Gives<PageReply<StopReply>>("Fuses that blew and holds, newest first; with all=true also those that were ended.");
        routes.MapPost("/", HoldAsync).For(ApiRole.Admin).Gives<StopReply>("Stops charging of an account, a plan or everything.");
        routes.MapPost("/{stop:long}/release", ReleaseAsync).For(ApiRole.Admin).Gives<StopReply>("Ends a hold.");
        routes.MapPost("/{stop:long}/reset", ResetAsync).For(ApiRole.Admin).Gives<StopReply>("Puts a blown fuse in again.");
    }

    private static async Task<IResult> ListAsync(ApiEngine engine, CancellationToken cancellation, bool all = false, long? after = null, int limit = Page.Usual)
    {
        if (Page.FaultOf(limit) is { } fault)
            return fault;
        var stops = (await engine.Get<FuseBox>().ListAsync(all, cancellation)).Where(stop => after is null || stop.Id < after).Take(limit + 1).ToList();
        return Answer.Of(Page.Of(stops, limit, StopReply.Of, stop => stop.Id));
    }

    private static async Task<IResult> HoldAsync(HoldBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation)
    {
        var fuses = engine.Get<FuseBox>();
        return Done(body.Scope switch
        {
            HoldScope.Everything => await fuses.HoldEverythingAsync(caller.Name, body.Why, cancellation),
            HoldScope.Account => await fuses.HoldAccountAsync(MerchantAccount.Parse(body.Key!), caller.Name, body.Why, cancellation),
            HoldScope.Plan => await fuses.HoldPlanAsync(body.Key!, caller.Name, body.Why, cancellation),
            _ => throw new InvalidOperationException("No such scope."),
        });
    }

    private static async Task<IResult> ReleaseAsync(long stop, WhyBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation) =>
        await IsThereAsync(stop, engine, cancellation) ? Done(await engine.Get<FuseBox>().ReleaseAsync(stop, caller.Name, body.Why, cancellation)) : NotFound(stop);

    private static async Task<IResult> ResetAsync(long stop, WhyBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation) =>
        await IsThereAsync(stop, engine, cancellation) ? Done(await engine.Get<FuseBox>().ResetAsync(stop, caller.Name, body.Why, cancellation)) : NotFound(stop);

    private static async Task<bool> IsThereAsync(long stop, ApiEngine engine, CancellationToken cancellation) =>
        await engine.Get<IChargeStops>().FindAsync(stop, cancellation) is not null;

    private static IResult NotFound(long stop) => ApiEndpoints.Problem(404, $"There is no fuse or hold {stop}.");

    private static IResult Done(StopResult result) => result switch
    {
        StopResult.Done done => Answer.Of(StopReply.Of(done.Stop)),
        StopResult.NothingMatched nothing => ApiEndpoints.Problem(409, nothing.Why),
        _ => throw new InvalidOperationException("No such result."),
    };
}

/// <summary>Charging is to stop until somebody releases it.</summary>
/// <param name="Scope">How much of it.</param>
/// <param name="Why">In words; kept for ever.</param>
/// <param name="Key">Which account (<c>rail:number</c>) or plan; left out for everything.</param>
/// <example>{ "scope": "account", "key": "wechat:1900000109", "why": "the rail is being moved" }</example>
internal sealed record HoldBody(HoldScope Scope, string Why, string? Key = null) : IBody
{
    string? IBody.Fault => Check.Reason(Why) ?? Scope switch
    {
        HoldScope.Everything => Key is null ? null : "key: everything has none; leave it out.",
        HoldScope.Account => Accounts.FaultOf("key", Key ?? ""),
        HoldScope.Plan => Check.Name("key", Key ?? ""),
        _ => throw new InvalidOperationException("No such scope."),
    };
}

/// <summary>What a person can hold. One membership is parked instead.</summary>
internal enum HoldScope
{
    /// <summary>All charging.</summary>
    Everything = 0,

    /// <summary>One merchant account.</summary>
    Account = 1,

    /// <summary>One plan, at every account.</summary>
    Plan = 2,
}

/// <summary>Something that stops charging.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Words">What it stops, in words.</param>
/// <param name="Scope">How much.</param>
/// <param name="Key">Which account, plan or membership.</param>
/// <param name="Account">The account it lies within.</param>
/// <param name="Rule">The fuse that blew; absent for a hold.</param>
/// <param name="At">Since when.</param>
/// <param name="By">Who stopped it; <c>engine</c> for a fuse.</param>
/// <param name="Why">Why.</param>
/// <param name="End">How it ended; absent while it is in force.</param>
internal sealed record StopReply(
    long Id, string Words, StopScope Scope, string? Key, MerchantAccount? Account, FuseRule? Rule, Instant At, string By, string Why, StopEnd? End)
{
    public static StopReply Of(ChargeStop x) => new(x.Id, x.Words, x.Scope, x.Key.Length == 0 ? null : x.Key, x.Account, x.Rule, x.At, x.By, x.Why, x.End);
}
