using Renewals.Core.Charging;
using Renewals.Core.Gateways;

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

    /// <summary>The newest window of late money of each currency.</summary>
    Task<IReadOnlyList<LateWindow>> LateAsync(MerchantAccount account, CancellationToken cancellation);

    /// <summary>Begins a window of late money, ends the stop of late charges if there is one, and wakes what waited for it.</summary>
    /// <returns>The stop with its end; null: late charges were not stopped.</returns>
    Task<ChargeStop?> RaiseAsync(MerchantAccount account, LateWindow window, StopEnd end, CancellationToken cancellation);
}
