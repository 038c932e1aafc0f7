using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Subscriptions;

/// <remarks>One agreement is in use at a time; the others wait in their order, or are over.</remarks>
public sealed partial record Subscription
{
    /// <summary>Its other agreements, in the order in which they take over; also those that are over.</summary>
    public IReadOnlyList<BackupAgreement> Backups { get; init; } = [];

    /// <summary>Which agreement was in use when, where it was another than now; in order.</summary>
    public IReadOnlyList<FormerUse> Formerly { get; init; } = [];

    /// <summary>The account an order was sent at, or would be.</summary>
    public MerchantAccount AccountOf(OrderNumber order) =>
        Backups.Count == 0 ? Account
        : Refunds.FirstOrDefault(refund => refund.Order == order)?.Account ?? Formerly.FirstOrDefault(use => use.Covers(order))?.Account ?? Account;

    /// <summary>The agreement an order was sent under, or would be.</summary>
    internal AgreementInUse AgreementOf(OrderNumber order) => Formerly.FirstOrDefault(use => use.Covers(order)) is { } use ? Known(use.Agreement).Agreement : Agreement;

    /// <summary>Whether an order is of the agreement in use: only such a one is ever sent again.</summary>
    internal bool IsUnderAgreementInUse(OrderNumber order) => !Formerly.Any(use => use.Covers(order));

    /// <summary>Every account it has, or had, an agreement at.</summary>
    internal IEnumerable<MerchantAccount> Accounts => Backups.Select(backup => backup.Account).Prepend(Account).Distinct();

    /// <summary>Whether one of its agreements is signed at an account.</summary>
    internal bool HasAgreementAt(MerchantAccount account) => account == Account || Backups.Any(backup => backup.Account == account);

    /// <summary>The newest attempt of a charge that is not paid yet, where it surely was not taken and may be sent again; null: there is none such.</summary>
    internal Attempt? Again => LastAttempt is { Status: AttemptStatus.NotTaken } attempt && IsUnderAgreementInUse(attempt.Order) ? attempt : null;

    /// <summary>One of its agreements, and where it is signed.</summary>
    /// <exception cref="InvalidOperationException">It is none of its own.</exception>
    internal (MerchantAccount Account, AgreementInUse Agreement) Known(AgreementId id) => id == Agreement.Id
        ? (Account, Agreement)
        : Backups.FirstOrDefault(backup => backup.Agreement.Id == id) is { } found
            ? (found.Account, found.Agreement)
            : throw new InvalidOperationException($"Agreement {id} is not one of subscription {Id}.");
}
