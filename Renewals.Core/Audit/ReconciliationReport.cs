using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Core.Audit;

/// <summary>What became of reading a day's statement.</summary>
public enum ReconciliationState
{
    /// <summary>Read to its end and compared; everything certain was recorded.</summary>
    Complete = 0,

    /// <summary>The rail does not have it yet.</summary>
    NotReady = 1,

    /// <summary>It could not be had or not be read.</summary>
    Failed = 2,
}

/// <summary>One statement day of one merchant account, compared with our ledger.</summary>
public sealed record ReconciliationReport
{
    /// <summary>Whose statement.</summary>
    public required MerchantAccount Account { get; init; }

    /// <summary>Which statement day of the rail.</summary>
    public required LocalDate Day { get; init; }

    /// <summary>When the run began.</summary>
    public required Instant Started { get; init; }

    /// <summary>When it ended.</summary>
    public Instant Finished { get; init; }

    /// <summary>What became of it.</summary>
    public ReconciliationState State { get; init; }

    /// <summary>Why it is not complete; null when it is.</summary>
    public string? Why { get; init; }

    /// <summary>The statement's lines.</summary>
    public long Lines { get; init; }

    /// <summary>Lines that our ledger had already, with the same amount.</summary>
    public long Matched { get; init; }

    /// <summary>Orders in flight that this statement, with those before it, proved never to have been taken.</summary>
    public long Absent { get; init; }

    /// <summary>How many differences of each kind there are; a kind without any is left out.</summary>
    public IReadOnlyDictionary<DifferenceKind, long> Counts { get; init; } = new Dictionary<DifferenceKind, long>();

    /// <summary>The differences; of those only one side has, at most <see cref="AuditOptions.MaxListed"/> each.</summary>
    public IReadOnlyList<Difference> Differences { get; init; } = [];

    /// <summary>The statement as it was kept; null: there was no file.</summary>
    public Guid? Document { get; init; }

    /// <summary>How many agreements the rail told us of that no membership has, on any day. See <see cref="AgreementSurvey"/>.</summary>
    /// <remarks>Others may exist and cannot be known: no rail lists its agreements by an interface.</remarks>
    public long KnownOrphans { get; init; }

    /// <summary>How many differences there are, notes of another day aside.</summary>
    public long Total => TotalOf(Counts);

    internal static long TotalOf(IReadOnlyDictionary<DifferenceKind, long> counts) =>
        counts.Where(count => count.Key != DifferenceKind.OtherDay).Sum(count => count.Value);
}
