using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

public abstract partial record SubscriptionCommand
{
    /// <summary>The member signs a further agreement, which takes over when the one in use ends or declines for good.</summary>
    /// <param name="Agreement">The new agreement.</param>
    /// <param name="Account">Where.</param>
    /// <param name="Template">The rail's template.</param>
    /// <param name="Dunning">The dunning steps of that rail.</param>
    public sealed record AddBackup(AgreementId Agreement, MerchantAccount Account, string Template, DunningPolicy Dunning) : SubscriptionCommand
    {
        /// <inheritdoc cref="Enrolled.Ceiling"/>
        public Money? Ceiling { get; init; }

        /// <inheritdoc cref="BackupAgreement.Interval"/>
        public BillingInterval? Interval { get; init; }

        /// <inheritdoc cref="BackupAgreement.TakesOverAfterAnyEnd"/>
        public bool TakesOverAfterAnyEnd { get; init; }

        /// <inheritdoc cref="Enrolled.Consent"/>
        public Consent? Consent { get; init; }
    }

    /// <summary>A further agreement is not wanted any more.</summary>
    /// <param name="Agreement">Which.</param>
    /// <param name="By">Who asks.</param>
    /// <param name="Why">In words.</param>
    public sealed record RetireBackup(AgreementId Agreement, string By, string Why) : SubscriptionCommand;

    /// <summary>Charge under another agreement of the list from now on, and end the one in use.</summary>
    /// <inheritdoc cref="RetireBackup"/>
    public sealed record SwitchAgreement(AgreementId Agreement, string By, string Why) : SubscriptionCommand;
}
