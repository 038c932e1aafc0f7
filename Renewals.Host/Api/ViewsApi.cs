using Renewals.Core.Audit;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>A membership seen from its sides: access, timeline, money, what comes.</summary>
internal static class ViewsApi
{
    private const int MostCharges = 24;

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder one)
    {
        one.MapGet("/entitlement", EntitlementAsync).For(ApiRole.Reader).Gives<Entitlement>("Whether the member has the membership, until when, why, and which plan.");
        one.MapGet("/timeline", TimelineAsync).For(ApiRole.Reader).Gives<IEnumerable<TimelineReply>>("What happened and what comes, in the member's words.");
        one.MapGet("/account", AccountAsync).For(ApiRole.Reader).Gives<MemberAccount>("Every sum: paid, gone back, on its way, kept.");
        one.MapGet("/preview", PreviewAsync).For(ApiRole.Reader).Gives<IEnumerable<ComingCharge>>("The next charges as they stand.");
    }

    /// <summary>What is wrong with a number of charges; null: nothing.</summary>
    public static IResult? FaultOf(int charges) =>
        charges is >= 1 and <= MostCharges ? null : ApiEndpoints.Problem(400, $"charges is {charges}; write 1 to {MostCharges}.");

    private static async Task<IResult> EntitlementAsync(Guid id, ApiEngine engine, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.EntitlementAsync(new(id), cancellation));

    private static async Task<IResult> AccountAsync(Guid id, ApiEngine engine, CancellationToken cancellation) =>
        Answer.Of(await engine.Memberships.AccountAsync(new(id), cancellation));

    private static async Task<IResult> PreviewAsync(Guid id, ApiEngine engine, CancellationToken cancellation, int charges = 3) =>
        FaultOf(charges) ?? Answer.Of(await engine.Memberships.PreviewAsync(new(id), charges, cancellation));

    private static async Task<IResult> TimelineAsync(Guid id, ApiEngine engine, CancellationToken cancellation, string language = "zh-CN")
    {
        if (language is not ("zh-CN" or "en"))
            return ApiEndpoints.Problem(400, "language: write one of zh-CN, en.");
        var events = await engine.Memberships.HistoryAsync(new(id), cancellation);
        if (Evolve.All(null, events) is not { } s)
            return Answer.NotFound();
        var words = new TimelineWords(language, s.Terms.ZoneId);
        return Results.Json(Timeline.Of(events).Select(entry => TimelineReply.Of(entry, words)), ApiJson.Options);
    }
}
