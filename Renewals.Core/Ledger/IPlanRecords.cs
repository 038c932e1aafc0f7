using NodaTime;

namespace Renewals.Core.Ledger;

/// <summary>Every version of every plan that was ever published here. Rows are added, never changed.</summary>
internal interface IPlanRecords
{
    /// <summary>Adds versions that are not on record yet, all or none; one that is there already stays as it is, whatever its content.</summary>
    /// <param name="plans">What is published.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellation">Gives up; nothing is added.</param>
    Task AddAsync(IReadOnlyCollection<PlanContent> plans, Instant now, CancellationToken cancellation);

    /// <summary>Everything on record, by id and version.</summary>
    Task<IReadOnlyList<PlanRecord>> ListAsync(CancellationToken cancellation);
}

/// <summary>One version of a plan, as it was first published.</summary>
/// <param name="Content">What is sold.</param>
/// <param name="PublishedAt">When it was first published.</param>
internal sealed record PlanRecord(PlanContent Content, Instant PublishedAt);

/// <summary>Plans on record for tests and simulations: nothing outlives the process.</summary>
internal sealed class InMemoryPlanRecords : IPlanRecords
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<(string Id, int Version), PlanRecord> records = [];

    public Task AddAsync(IReadOnlyCollection<PlanContent> plans, Instant now, CancellationToken cancellation)
    {
        lock (gate)
        {
            foreach (var plan in plans)
                records.TryAdd((plan.Id, plan.Version), new(plan, now));
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<PlanRecord>> ListAsync(CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<PlanRecord>>([.. records.Values]);
    }
}
