using System.Globalization;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;

namespace Renewals.Core.Engine;

/// <summary>Puts the plans of the settings on record, and sees that no version ever means two things.</summary>
/// <param name="records">The record.</param>
/// <param name="clock">The time of a publication.</param>
/// <param name="law">The law where a plan names none.</param>
internal sealed class PlanPublisher(IPlanRecords records, EngineClock clock, MarketRules law)
{
    /// <summary>Publishes what is not on record yet; all or nothing.</summary>
    /// <returns>Null; or, in a sentence, which version is on record with other content: then nothing was published.</returns>
    public async Task<string?> PublishAsync(IReadOnlyCollection<Plan> plans, CancellationToken cancellation)
    {
        var contents = plans.Select(ContentOf).ToList();
        if (FaultOf(contents, await records.ListAsync(cancellation)) is { } fault)
            return fault;
        await records.AddAsync(contents, clock.Now, cancellation);

        // Another host that starts at this moment with other settings may have been first.
        return FaultOf(contents, await records.ListAsync(cancellation));
    }

    /// <summary>Every version on record, and the plans of the settings that are not.</summary>
    /// <param name="plans">The plans of the settings.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<PlanOnRecord>> SurveyAsync(IReadOnlyCollection<Plan> plans, CancellationToken cancellation)
    {
        var known = await records.ListAsync(cancellation);
        var configured = plans.ToDictionary(plan => (plan.Id, plan.Version));
        var unpublished = plans.Where(plan => !known.Any(record => (record.Content.Id, record.Content.Version) == (plan.Id, plan.Version)));
        return
        [
            .. known.Select(record => Described(record, configured.GetValueOrDefault((record.Content.Id, record.Content.Version))))
                .Concat(unpublished.Select(plan => new PlanOnRecord(plan.Id, plan.Version, ContentOf(plan).Hash, null, plan.OnSale, IsOther: false)))
                .OrderBy(plan => plan.Id, StringComparer.Ordinal).ThenBy(plan => plan.Version),
        ];
    }

    private PlanContent ContentOf(Plan plan) => PlanContent.Of(plan, law);

    private PlanOnRecord Described(PlanRecord record, Plan? configured) => new(
        record.Content.Id, record.Content.Version, record.Content.Hash, record.PublishedAt, configured is { OnSale: true },
        IsOther: configured is not null && !record.Content.IsSameAs(ContentOf(configured)));

    private static string? FaultOf(IReadOnlyList<PlanContent> contents, IReadOnlyList<PlanRecord> known)
    {
        var byVersion = known.ToDictionary(record => (record.Content.Id, record.Content.Version));
        foreach (var plan in contents)
        {
            if (byVersion.TryGetValue((plan.Id, plan.Version), out var record) && !record.Content.IsSameAs(plan))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Plan '{plan.Id}' version {plan.Version} is on record with other content since {record.PublishedAt}: raise its Version, or put its content back. Members who have it keep what they signed either way.");
            }
        }

        return null;
    }
}

/// <summary>One version of a plan, and how it stands.</summary>
/// <param name="Id">The plan.</param>
/// <param name="Version">Which version.</param>
/// <param name="Hash">SHA-256 of its content, 64 hexadecimal digits.</param>
/// <param name="PublishedAt">When it was first published; null: it is in the settings and will be published at the next start.</param>
/// <param name="OnSale">Whether the settings sell it.</param>
/// <param name="IsOther">True: the settings have other content under this version, and the service would not start.</param>
internal sealed record PlanOnRecord(string Id, int Version, string Hash, Instant? PublishedAt, bool OnSale, bool IsOther);
