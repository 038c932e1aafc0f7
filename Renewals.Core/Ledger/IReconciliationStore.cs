using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>Where runs of the reconciliation and what they found are kept.</summary>
internal interface IReconciliationStore
{
    /// <summary>Keeps a run in the place of an earlier one of the same day. A run that is not complete never takes a complete one's place.</summary>
    /// <remarks>What it found of other days (<see cref="DifferenceKind.OtherDay"/>) is struck from those days' lists.</remarks>
    Task SaveAsync(ReconciliationReport report, CancellationToken cancellation);

    /// <summary>A day's run with its differences; null: there was none.</summary>
    Task<ReconciliationReport?> FindAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation);

    /// <summary>What is known of the days from <paramref name="from"/> on.</summary>
    Task<IReadOnlyDictionary<LocalDate, KnownDay>> DaysAsync(MerchantAccount account, LocalDate from, CancellationToken cancellation);

    /// <summary>Which of these were seen in another day's statement.</summary>
    Task<IReadOnlySet<(string Order, string? Refund)>> SeenOnOtherDaysAsync(
        MerchantAccount account, LocalDate day, IReadOnlyCollection<string> orders, CancellationToken cancellation);

    /// <summary>Whether a statement of these days has a line of this order that could not be recorded.</summary>
    Task<bool> IsUnsettledAsync(MerchantAccount account, LocalDate from, LocalDate until, string order, CancellationToken cancellation);

    /// <summary>Takes a task of an account for this process; null: another one has it. Disposing gives it back.</summary>
    Task<IAsyncDisposable?> TryHoldAsync(string task, MerchantAccount account, CancellationToken cancellation);
}

/// <summary>What is known of a statement day.</summary>
/// <param name="State">What became of reading it.</param>
/// <param name="At">When it was last tried; of a complete one, when it was read.</param>
/// <param name="Differences">How many differences it has, notes of another day aside.</param>
internal readonly record struct KnownDay(ReconciliationState State, Instant At, long Differences);
