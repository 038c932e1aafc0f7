using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to the vault, which lies in the ledger's database.</summary>
internal sealed class VaultPort(SimLedger ledger) : IAgreementVault, IVaultInBulk
{
    private InMemoryVault Inner
    {
        get
        {
            ledger.ThrowIfAway();
            return ledger.Vault;
        }
    }

    private IVaultInBulk Bulk => Inner;

    public Task PutAsync(AgreementId agreement, MerchantAccount account, RailKeys keys, CancellationToken cancellation) =>
        Inner.PutAsync(agreement, account, keys, cancellation);

    public Task<IReadOnlyDictionary<AgreementId, RailKeys>> GetAsync(IReadOnlyCollection<AgreementId> agreements, CancellationToken cancellation) =>
        Inner.GetAsync(agreements, cancellation);

    public Task EraseAsync(AgreementId agreement, CancellationToken cancellation) => Inner.EraseAsync(agreement, cancellation);

    public Task<IReadOnlyDictionary<string, AgreementId>> FindHoldersAsync(
        MerchantAccount account, IReadOnlyCollection<string> railAgreementIds, CancellationToken cancellation) => Bulk.FindHoldersAsync(account, railAgreementIds, cancellation);

    public Task PutManyAsync(IReadOnlyList<(AgreementId Agreement, RailKeys Keys)> many, MerchantAccount account, CancellationToken cancellation) =>
        Bulk.PutManyAsync(many, account, cancellation);
}
