using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Api;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>What does not go on by itself, and what a person does about it.</summary>
internal static class StopPages
{
    private const string Address = "/stops", Everything = "everything", OfAccount = "account/", OfPlan = "plan/";
    private const int MostParked = 50;

    private delegate Task<StopResult> End(FuseBox fuses, long id, string by, string why, CancellationToken cancellation);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Address, ListAsync).ForPage(ApiRole.Reader);
        routes.MapPost($"{Address}/hold", HoldAsync).ForPage(ApiRole.Admin);
        MapEnd(routes, "release", (fuses, id, by, why, cancellation) => fuses.ReleaseAsync(id, by, why, cancellation));
        MapEnd(routes, "reset", (fuses, id, by, why, cancellation) => fuses.ResetAsync(id, by, why, cancellation));
    }

    private static void MapEnd(IEndpointRouteBuilder routes, string name, End end) => routes.MapPost(
        $"{Address}/{{id:long}}/{name}",
        (long id, HttpContext context, ApiCaller caller, ApiEngine engine) => Forms.ActAsync(
            context, Address, async (_, why) => Of(await end(engine.Get<FuseBox>(), id, caller.Name, why, context.RequestAborted)))).ForPage(ApiRole.Admin);

    private static async Task<IResult> ListAsync(ApiEngine engine, CancellationToken cancellation, Guid? after = null)
    {
        var parked = await engine.Get<MembershipList>().ReadAsync(new() { ParkedOnly = true }, after is { } id ? new SubscriptionId(id) : null, MostParked, cancellation);
        return new PageResult<StopsPage>(new Dictionary<string, object?>
        {
            [nameof(StopsPage.Stops)] = await engine.Get<FuseBox>().ListAsync(all: false, cancellation),
            [nameof(StopsPage.Parked)] = parked,
            [nameof(StopsPage.Accounts)] = engine.Get<RegisteredGateways>().Accounts.OrderBy(account => $"{account}", StringComparer.Ordinal).ToList(),
            [nameof(StopsPage.Plans)] = engine.Get<PlanCatalogue>().All.Select(plan => plan.Id).Order(StringComparer.Ordinal).ToList(),
        });
    }

    private static Task<IResult> HoldAsync(HttpContext context, ApiCaller caller, ApiEngine engine) => Forms.ActAsync(context, Address, async (form, why) =>
    {
        var (fuses, scope, cancellation) = (engine.Get<FuseBox>(), form["scope"].ToString(), context.RequestAborted);
        return scope switch
        {
            Everything => Of(await fuses.HoldEverythingAsync(caller.Name, why, cancellation)),
            _ when scope.StartsWith(OfPlan, StringComparison.Ordinal) => Of(await fuses.HoldPlanAsync(scope[OfPlan.Length..], caller.Name, why, cancellation)),
            _ when engine.Get<RegisteredGateways>().Accounts.Any(account => scope == $"{OfAccount}{account}") =>
                Of(await fuses.HoldAccountAsync(MerchantAccount.Parse(scope[OfAccount.Length..]), caller.Name, why, cancellation)),
            _ => MessagePage.Of(400, "Say what to hold.", "请选择范围。"),
        };
    });

    private static IResult? Of(StopResult result) => result switch
    {
        StopResult.Done => null,
        StopResult.NothingMatched x => MessagePage.Of(409, x.Why),
        _ => throw new InvalidOperationException("No such result."),
    };
}
