using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>What the ledger says of itself.</summary>
internal interface ILedgerIdentities
{
    /// <summary>Looks once; everything is of one moment, but for what others commit meanwhile.</summary>
    /// <param name="mark">What this host has seen; null: nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<LedgerSight> LookAsync(HostMark? mark, CancellationToken cancellation);

    /// <summary>Adds an identity; the database names it, and the ledger where it has no name yet.</summary>
    /// <returns>As it is stored; null: somebody else has just added one of this number.</returns>
    Task<LedgerIdentity?> AddAsync(LedgerIdentity identity, CancellationToken cancellation);

    /// <summary>Every identity, in order.</summary>
    Task<IReadOnlyList<LedgerIdentity>> HistoryAsync(CancellationToken cancellation);

    /// <summary>The merchant accounts that were ever served.</summary>
    Task<IReadOnlyList<MerchantAccount>> AccountsAsync(CancellationToken cancellation);

    /// <summary>Adds accounts to those that were ever served.</summary>
    Task ServeAsync(IReadOnlyCollection<MerchantAccount> accounts, Instant now, CancellationToken cancellation);

    /// <summary>When the last event was decided that was decided before this; null: there is none.</summary>
    Task<Instant?> LastEventBeforeAsync(Instant time, CancellationToken cancellation);
}
