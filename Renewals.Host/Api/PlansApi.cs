using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Engine;

namespace Renewals.Host.Api;

/// <summary>What is and was sold.</summary>
internal static class PlansApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/", ListAsync).For(ApiRole.Reader).Gives<IEnumerable<PlanReply>>("Every version of every plan on record, and whether it is on sale.");

    private static async Task<IResult> ListAsync(ApiEngine engine, CancellationToken cancellation)
    {
        var configured = engine.Get<IOptions<RenewalsOptions>>().Value.Plans;
        return Answer.Of((await engine.Get<PlanPublisher>().SurveyAsync([.. configured], cancellation)).Select(PlanReply.Of));
    }
}

/// <summary>One version of a plan.</summary>
/// <param name="Id">The plan.</param>
/// <param name="Version">Which version.</param>
/// <param name="Hash">SHA-256 of its content, 64 hexadecimal digits.</param>
/// <param name="PublishedAt">Since when it is on record.</param>
/// <param name="OnSale">Whether it can be signed.</param>
internal sealed record PlanReply(string Id, int Version, string Hash, Instant? PublishedAt, bool OnSale)
{
    public static PlanReply Of(PlanOnRecord x) => new(x.Id, x.Version, x.Hash, x.PublishedAt, x.OnSale);
}
