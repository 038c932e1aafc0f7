using Renewals.Core.Engine;

namespace Renewals.Host.Api;

/// <summary>Another price for all who have a plan.</summary>
internal static class PriceCampaignsApi
{
    // An answer stays readable, however many memberships there are.
    private const int MostReasons = 100;
    private const int MostNamed = 1_000;

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes) => routes.MapPost("/", RunAsync).For(ApiRole.Admin).Gives<CampaignReply>("Offers another price to all who have a plan.");

    private static async Task<IResult> RunAsync(CampaignBody body, ApiEngine engine, CancellationToken cancellation)
    {
        if (Accounts.Find(body.Account, engine, out var account) is { } fault)
            return fault;

        // A misspelt plan would be a campaign to nobody.
        engine.Get<PlanCatalogue>().Get(body.Plan);
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
