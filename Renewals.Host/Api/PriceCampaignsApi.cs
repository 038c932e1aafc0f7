using Microsoft.Extensions.Options;
using Renewals.Core;
using Renewals.Core.Engine;

namespace Renewals.Host.Api;

/// <summary>Another price for all who have a plan.</summary>
internal static class PriceCampaignsApi
{
    // An answer stays readable, however many memberships there are.
    private const int MostReasons = 100;
    private const int MostNamed = 1_000;

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapPost("/", RunAsync).For(ApiRole.Admin).Gives<CampaignReply>("Offers another price to all who have a plan.");
        routes.MapPost("/{campaign}/withdraw", WithdrawAsync).For(ApiRole.Admin).Gives<WithdrawnReply>("Takes the offer back from all who have not answered it.");
    }

    private static async Task<IResult> WithdrawAsync(string campaign, WithdrawOfferBody body, ApiCaller caller, ApiEngine engine, CancellationToken cancellation)
    {
        if (Accounts.Find(body.Account, engine, out var account) is { } fault)
            return fault;
        var (withdrawn, answered) = (0, 0);
        await foreach (var result in engine.Get<PriceCampaigns>().WithdrawAsync(account, campaign, caller.Name, cancellation))
            (withdrawn, answered) = result.WhyNot is null ? (withdrawn + 1, answered) : (withdrawn, answered + 1);
        return Results.Json(new WithdrawnReply(withdrawn, answered), ApiJson.Options);
    }

    private static async Task<IResult> RunAsync(CampaignBody body, ApiEngine engine, CancellationToken cancellation)
    {
        if (Accounts.Find(body.Account, engine, out var account) is { } fault)
            return fault;

        // A misspelt plan would be a campaign to nobody.
        engine.Get<PlanCatalogue>().Get(body.Plan);
        if (Check.Ahead("effectiveFrom", body.EffectiveFrom.InUtc().Date, engine.Get<EngineClock>().Now) is { } wrong)
            return ApiEndpoints.Problem(400, wrong);
        if (await WhyNoVersionAsync(body, engine, cancellation) is { } unknown)
            return ApiEndpoints.Problem(409, unknown);
        var (offered, before, not) = (0, 0, 0);
        Dictionary<string, (int Count, List<Guid> Named)> reasons = new(StringComparer.Ordinal);
        await foreach (var result in engine.Get<PriceCampaigns>().RunAsync(account, body.ToCampaign(), cancellation))
        {
            if (result.Before)
                before++;
            else if (result.WhyNot is not { } why)
                offered++;
            else
            {
                not++;
                Add(reasons, why, result.Id.Value);
            }
        }

        return Results.Json(
            new CampaignReply(offered, before, not, [.. reasons.Select(reason => new ReasonReply(reason.Key, reason.Value.Count, reason.Value.Named))]), ApiJson.Options);
    }

    // It stands in the events of all who get the offer: a version that nobody can look up would explain nothing.
    private static async Task<string?> WhyNoVersionAsync(CampaignBody body, ApiEngine engine, CancellationToken cancellation)
    {
        var configured = engine.Get<IOptions<RenewalsOptions>>().Value.Plans;
        var versions = (await engine.Get<PlanPublisher>().SurveyAsync([.. configured], cancellation)).Where(plan => plan.Id == body.Plan).Select(plan => plan.Version).ToList();
        return versions.Contains(body.PlanVersion) ? null : $"Plan '{body.Plan}' has no version {body.PlanVersion} on record; it has {string.Join(", ", versions)}.";
    }

    private static void Add(Dictionary<string, (int Count, List<Guid> Named)> reasons, string why, Guid id)
    {
        if (!reasons.ContainsKey(why) && reasons.Count >= MostReasons)
            why = "Other reasons; deal with those that are named and run the campaign again.";
        var (count, named) = reasons.GetValueOrDefault(why, (0, []));
        if (named.Count < MostNamed)
            named.Add(id);
        reasons[why] = (count + 1, named);
    }
}
