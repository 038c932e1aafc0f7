using System.Text.Json.Serialization;
using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Charging;

/// <summary>What is known of an order. A closed family: there is no other.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(Succeeded), "succeeded")]
[JsonDerivedType(typeof(Declined), "declined")]
[JsonDerivedType(typeof(Pending), "pending")]
[JsonDerivedType(typeof(Unknown), "unknown")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(NotSent), "not-sent")]
[JsonDerivedType(typeof(Missing), "missing")]
[JsonDerivedType(typeof(Absent), "absent")]
[JsonDerivedType(typeof(Reversed), "reversed")]
public abstract record ChargeOutcome
{
    private ChargeOutcome()
    {
    }

    /// <summary>The money was taken.</summary>
    /// <param name="Amount">What was taken, as the rail says; the decision compares it with the order.</param>
    /// <param name="RailTransaction">The rail's own number of the payment.</param>
    /// <param name="PaidAt">The rail's time of the payment.</param>
    public sealed record Succeeded(Money Amount, string RailTransaction, Instant PaidAt) : ChargeOutcome;

    /// <summary>The money was taken and all of it was given back; the order is closed and can never be taken again.</summary>
    /// <remarks>
    /// Alipay: a closed trade with a payment (cancelled with <c>action=refund</c>, or given back in full elsewhere). UnionPay: a payment that was
    /// voided or reversed. Never used for a part of the money.
    /// </remarks>
    /// <param name="Amount">What was taken and given back.</param>
    /// <param name="RailTransaction">The rail's own number of the payment.</param>
    /// <param name="PaidAt">The rail's time of the payment.</param>
    /// <param name="GivenBackAt">The rail's time of giving it back; null where it does not say: then the time we heard of it is kept.</param>
    /// <param name="RefundNumber">The number statements have for it; null: it is kept under our own number of the order's first refund.</param>
    public sealed record Reversed(Money Amount, string RailTransaction, Instant PaidAt, Instant? GivenBackAt = null, string? RefundNumber = null)
        : ChargeOutcome;

    /// <summary>The rail can never again take this order. Only this (or proved absence) opens the next attempt.</summary>
    /// <param name="Reason">Why, in our words.</param>
    /// <param name="RailCode">Why, in the rail's.</param>
    public sealed record Declined(DeclineReason Reason, string RailCode) : ChargeOutcome
    {
        /// <inheritdoc cref="Declined"/>
        public string RailCode { get; init; } = RailWords.Code(RailCode);
    }

    /// <summary>The rail has the order and has not decided.</summary>
    /// <param name="RailState">The rail's word for it.</param>
    public sealed record Pending(string RailState) : ChargeOutcome
    {
        /// <inheritdoc cref="Pending"/>
        public string RailState { get; init; } = RailWords.Sentence(RailState);
    }

    /// <summary>The call may or may not have arrived. Never retried under another number.</summary>
    /// <param name="Why">What happened, for people.</param>
    public sealed record Unknown(string Why) : ChargeOutcome
    {
        /// <inheritdoc cref="Unknown"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>A fault of the request or of the merchant's set-up, not of the member: same number, no dunning step, an alarm.</summary>
    /// <param name="RailCode">The rail's code.</param>
    /// <param name="Why">What to look at, for people.</param>
    public sealed record Refused(string RailCode, string Why) : ChargeOutcome
    {
        /// <inheritdoc cref="Refused"/>
        public string RailCode { get; init; } = RailWords.Code(RailCode);

        /// <inheritdoc cref="Refused"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>Nothing left this machine: no permit, an open breaker, or the sender was late.</summary>
    /// <param name="Why">Which of them.</param>
    public sealed record NotSent(string Why) : ChargeOutcome
    {
        /// <inheritdoc cref="NotSent"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>The rail says it has no such order. Believed only after the rail's settle delay; opens no attempt by itself.</summary>
    public sealed record Missing : ChargeOutcome;

    /// <summary>Proved never to have been taken: no statement that could hold the order does.</summary>
    /// <param name="Proof">Which statements were read, for people.</param>
    public sealed record Absent(string Proof) : ChargeOutcome;
}

/// <summary>How far an answer may be believed.</summary>
public enum Evidence
{
    /// <summary>Only a reason to ask the rail now.</summary>
    Hint = 0,

    /// <summary>The rail's word.</summary>
    Conclusive = 1,
}

/// <summary>An outcome with the weight the adapter gives it.</summary>
/// <param name="Outcome">What is known.</param>
/// <param name="Evidence">How far it may be believed.</param>
public sealed record ChargeAnswer(ChargeOutcome Outcome, Evidence Evidence = Evidence.Conclusive);
