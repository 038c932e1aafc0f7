using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Core.Audit;

/// <summary>An agreement that a rail told us is in force and that no membership has. It is listed and never charged; a person ends it at the rail.</summary>
/// <remarks>
/// No rail lists its agreements, so only those are known that a callback named: signed through another system under the same merchant account, or by a
/// ledger that was lost. The codes are kept encrypted, as another system's may name a person.
/// </remarks>
/// <param name="Account">Where.</param>
/// <param name="SigningCode">The merchant's code of it at the rail.</param>
/// <param name="RailAgreementId">The rail's own id of it.</param>
/// <param name="FirstSeen">When we first heard of it.</param>
/// <param name="LastSeen">When we last did.</param>
public sealed record OrphanAgreement(MerchantAccount Account, string SigningCode, string RailAgreementId, Instant FirstSeen, Instant LastSeen)
{
    /// <summary>Without the codes.</summary>
    public override string ToString() => $"an agreement at {Account} that no membership has, last heard of at {LastSeen}";
}
