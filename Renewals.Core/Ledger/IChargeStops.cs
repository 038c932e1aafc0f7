using Renewals.Core.Charging;

namespace Renewals.Core.Ledger;

/// <summary>Fuses and holds beside the ledger: what a person sees of them and does to them.</summary>
internal interface IChargeStops
{
    /// <summary>Stops, newest first.</summary>
    Task<IReadOnlyList<ChargeStop>> ListAsync(bool openOnly, CancellationToken cancellation);

    /// <summary>A stop; null: there is none of this number.</summary>
    Task<ChargeStop?> FindAsync(long id, CancellationToken cancellation);

    /// <summary>Whether the book has any membership in this scope.</summary>
    Task<bool> HasMembershipsAsync(StopScope scope, string key, CancellationToken cancellation);

    /// <summary>Stores a hold. When it returns, no claim that does not know it can still be committed.</summary>
    /// <returns>The hold with its number; null: there is one of this scope.</returns>
    Task<ChargeStop?> HoldAsync(ChargeStop hold, CancellationToken cancellation);

    /// <summary>Ends a stop, clears what its rule counted, and wakes the memberships whose charge waited.</summary>
    /// <returns>The stop with its end; null: it is not in force.</returns>
    Task<ChargeStop?> EndAsync(long id, StopEnd end, CancellationToken cancellation);
}
