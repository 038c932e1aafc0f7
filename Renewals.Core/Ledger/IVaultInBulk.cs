using Renewals.Core.Agreements;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>The vault for many agreements at once.</summary>
internal interface IVaultInBulk
{
    /// <summary>Which agreement of ours holds an id of the rail; an id nobody holds is missing from the answer.</summary>
    Task<IReadOnlyDictionary<string, AgreementId>> FindHoldersAsync(MerchantAccount account, IReadOnlyCollection<string> railAgreementIds, CancellationToken cancellation);

    /// <summary>Keeps the keys of many new agreements. One that has keys already keeps those.</summary>
    /// <exception cref="AgreementTakenException">Another agreement of ours holds one of the ids at this account; nothing was kept.</exception>
    Task PutManyAsync(IReadOnlyList<(AgreementId Agreement, RailKeys Keys)> many, MerchantAccount account, CancellationToken cancellation);
}
