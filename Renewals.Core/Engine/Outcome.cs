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
    /// <summary>By what it became known; for people who trace it, never a reason to decide.</summary>
    public HeardBy HeardBy { get; init; }

    /// <summary>For the membership itself.</summary>
    public sealed record OfSubscription(SubscriptionId Subscription, SubscriptionCommand Command) : Outcome(Subscription)
    {
        /// <summary>It counts only at this version of the membership; null: at any.</summary>
        public ExpectedVersion? If { get; init; }
    }

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

/// <summary>By what something became known.</summary>
internal enum HeardBy : byte
{
    /// <summary>Somebody asked for it.</summary>
    Request,

    /// <summary>The answer to a call that does something.</summary>
    Answer,

    /// <summary>The answer to a question.</summary>
    Query,

    /// <summary>A rail called back.</summary>
    Callback,

    /// <summary>A rail's statement.</summary>
    Statement,
}

/// <summary>The version a caller has seen. Looked at with the row in hand, so that nothing comes between the look and the decision.</summary>
/// <param name="version">How many events the membership had.</param>
internal sealed class ExpectedVersion(long version)
{
    /// <summary>Whether the membership was another when it was decided; then nothing was.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Looks.</summary>
    public bool IsAt(Subscription s) => !(HasMoved = s.Version != version);
}

/// <summary>The membership is not the one the caller has seen any more; nothing was stored.</summary>
public sealed class MembershipMovedException() : Exception("The membership has moved on since it was read. Read it again and decide again.");
