using System.Collections.Concurrent;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>A vault for tests and simulations: nothing is encrypted, nothing outlives the process.</summary>
public sealed class InMemoryVault : IAgreementVault, IVaultInBulk
{
    private readonly ConcurrentDictionary<AgreementId, RailKeys> kept = new();
    private readonly ConcurrentDictionary<(MerchantAccount, string), AgreementId> holders = new();

    /// <summary>Holds what another holds, and nothing else: a backup, and a restore.</summary>
    internal void CopyFrom(InMemoryVault other)
    {
        kept.Clear();
        holders.Clear();
        foreach (var (agreement, keys) in other.kept)
            kept[agreement] = keys;
        foreach (var (key, holder) in other.holders)
            holders[key] = holder;
    }

    /// <inheritdoc/>
    public Task PutAsync(AgreementId agreement, MerchantAccount account, RailKeys keys, CancellationToken cancellation)
    {
        if (keys.RailAgreementId is { } id && holders.GetOrAdd((account, id), agreement) != agreement)
            throw new AgreementTakenException($"The rail's agreement behind {agreement} already belongs to another agreement at {account}.");
        kept.AddOrUpdate(agreement, keys, (_, before) => keys.RailAgreementId is null && before.RailAgreementId is not null ? before : keys);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<AgreementId, RailKeys>> GetAsync(IReadOnlyCollection<AgreementId> agreements, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<AgreementId, RailKeys>>(
            agreements.Distinct().Where(kept.ContainsKey).ToDictionary(id => id, id => kept[id]));

    /// <inheritdoc/>
    Task<IReadOnlyDictionary<string, AgreementId>> IVaultInBulk.FindHoldersAsync(
        MerchantAccount account, IReadOnlyCollection<string> railAgreementIds, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, AgreementId>>(
            railAgreementIds.Distinct().Where(id => holders.ContainsKey((account, id))).ToDictionary(id => id, id => holders[(account, id)]));

    /// <inheritdoc/>
    async Task IVaultInBulk.PutManyAsync(IReadOnlyList<(AgreementId Agreement, RailKeys Keys)> many, MerchantAccount account, CancellationToken cancellation)
    {
        foreach (var (agreement, keys) in many.Where(one => !kept.ContainsKey(one.Agreement)))
            await PutAsync(agreement, account, keys, cancellation);
    }

    /// <inheritdoc/>
    public Task EraseAsync(AgreementId agreement, CancellationToken cancellation)
    {
        kept.TryRemove(agreement, out _);
        foreach (var (key, holder) in holders)
        {
            if (holder == agreement)
                holders.TryRemove(key, out _);
        }

        return Task.CompletedTask;
    }
}
