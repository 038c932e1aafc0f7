using Renewals.Core.Agreements;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <remarks>Further agreements of a membership: one is in use, the others take over in their order.</remarks>
public sealed partial class Memberships
{
    /// <summary>Sends a member to a rail to sign a further agreement of a running membership. Asking again goes on with the signing in progress.</summary>
    /// <returns>
    /// What to show; <see cref="SignResult.AlreadyMember"/>: it is signed. Null: there is no such membership.
    /// </returns>
    /// <exception cref="CannotSignException">The account is not served here, or the plan is not sold there.</exception>
    /// <exception cref="CannotDoException">The membership takes none; the message says why.</exception>
    public Task<SignResult?> AddAgreementAsync(BackupRequest request, CancellationToken cancellation = default) => backups.SignAsync(request, cancellation);

    /// <summary>Ends a further agreement that is not in use.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> RetireAgreementAsync(SubscriptionId id, AgreementId agreement, string by, string why, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.RetireBackup(agreement, by, why), cancellation);

    /// <summary>Charges under another agreement of the membership from now on, and ends the one in use.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<Subscription?> SwitchAgreementAsync(SubscriptionId id, AgreementId agreement, string by, string why, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.SwitchAgreement(agreement, by, why), cancellation);
}
