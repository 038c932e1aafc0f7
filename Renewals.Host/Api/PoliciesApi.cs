using Microsoft.Extensions.Options;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Plans;

namespace Renewals.Host.Api;

/// <summary>The rules in force for who signs now. What was in force for a membership stands in its events.</summary>
internal static class PoliciesApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/", Read).For(ApiRole.Reader).Gives<PoliciesReply>("The rules in force: laws, dunning, catch-up, bounds of the engine and the audit.");

    private static IResult Read(ApiEngine engine)
    {
        var options = engine.Get<IOptions<RenewalsOptions>>().Value;
        return Answer.Of(new PoliciesReply(
            DunningReply.Of(options.Dunning), options.Law,
            [.. options.Plans.Select(plan => new PlanPolicyReply(plan.Id, plan.Version, plan.Law ?? options.Law, plan.CatchUp))],
            options.Engine, options.Audit));
    }
}

/// <summary>The rules in force.</summary>
/// <param name="Dunning">What happens after a decline.</param>
/// <param name="Law">The law where a plan names none.</param>
/// <param name="Plans">What each plan says of its own.</param>
/// <param name="Engine">Bounds of the engine.</param>
/// <param name="Audit">Bounds of the audit.</param>
internal sealed record PoliciesReply(DunningReply Dunning, MarketRules Law, IReadOnlyList<PlanPolicyReply> Plans, EngineOptions Engine, AuditOptions Audit);

/// <summary>The rules of one plan.</summary>
/// <param name="Plan">Which.</param>
/// <param name="Version">Which version.</param>
/// <param name="Law">The law it is sold under.</param>
/// <param name="CatchUp">What becomes of whole periods that an outage missed.</param>
internal sealed record PlanPolicyReply(string Plan, int Version, MarketRules Law, CatchUpPolicy CatchUp);

/// <summary>What happens after a decline.</summary>
/// <param name="Name">Name of the policy.</param>
/// <param name="Version">Version of it.</param>
/// <param name="Hash">Two policies with one hash do the same.</param>
/// <param name="Rules">The days between tries, by reason and, where one differs, by rail.</param>
internal sealed record DunningReply(string Name, int Version, string Hash, IReadOnlyList<DunningRule> Rules)
{
    public static DunningReply Of(DunningPolicy x) => new(x.Name, x.Version, x.Hash(), x.Rules);
}
