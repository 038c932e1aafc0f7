using Renewals.Core.Agreements;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>Where the rail's keys of an agreement lie: not in an event, not in the book, not in a log.</summary>
public interface IAgreementVault
{
    /// <summary>Keeps an agreement's keys; keeping them again replaces them, but a known id of the rail is never replaced by none.</summary>
    /// <exception cref="AgreementTakenException">Another agreement of ours holds the same key at this account.</exception>
    Task PutAsync(AgreementId agreement, MerchantAccount account, RailKeys keys, CancellationToken cancellation);

    /// <summary>The keys of these agreements; one without keys is missing from the answer.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">One of them cannot be read: changed, or its key is not configured.</exception>
    Task<IReadOnlyDictionary<AgreementId, RailKeys>> GetAsync(IReadOnlyCollection<AgreementId> agreements, CancellationToken cancellation);

    /// <summary>Forgets an agreement's keys for good.</summary>
    Task EraseAsync(AgreementId agreement, CancellationToken cancellation);
}

/// <summary>What a rail calls an agreement and its member.</summary>
/// <param name="RailAgreementId">The rail's id of the agreement (WeChat Pay: <c>contract_id</c>); null while it is being signed.</param>
/// <param name="PayerId">The rail's id of the member (WeChat Pay: <c>openid</c>), where known.</param>
/// <param name="PayerAccount">The card charged, at rails that want it in every collection (UnionPay: <c>accNo</c>).</param>
public sealed record RailKeys(string? RailAgreementId, string? PayerId, string? PayerAccount = null)
{
    /// <summary>Tells nothing.</summary>
    public override string ToString() => "keys of an agreement";
}

/// <summary>The rail's agreement already belongs to another agreement of ours.</summary>
public sealed class AgreementTakenException(string message, Exception? inner = null) : Exception(message, inner);
