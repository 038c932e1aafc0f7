using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Something that became known outside: from a call's answer, a callback, a query or a statement.</summary>
/// <param name="Subscription">About which membership.</param>
internal abstract record Outcome(SubscriptionId Subscription)
{
    /// <summary>For the membership itself.</summary>
    public sealed record OfSubscription(SubscriptionId Subscription, SubscriptionCommand Command) : Outcome(Subscription);

    /// <summary>For its agreement; what the membership makes of it is decided in the same transaction.</summary>
    /// <param name="Subscription">About which membership.</param>
    /// <param name="Agreement">Which.</param>
    /// <param name="Answer">What the rail says.</param>
    /// <param name="Evidence">Conclusive when the rail was asked; a hint when it called back, which may be late.</param>
    public sealed record OfAgreement(
        SubscriptionId Subscription, AgreementId Agreement, AgreementAnswer Answer, Evidence Evidence = Evidence.Conclusive) : Outcome(Subscription);

    /// <summary>The rail's answer to the wish to move its own charge date.</summary>
    public sealed record OfRailDate(SubscriptionId Subscription, AgreementId Agreement, LocalDate Date, RailNoticeAnswer Answer) : Outcome(Subscription);

    /// <summary>The signing could not be started: nothing was shown to the member.</summary>
    public sealed record SigningRefused(SubscriptionId Subscription, AgreementId Agreement, string Why) : Outcome(Subscription);
}
