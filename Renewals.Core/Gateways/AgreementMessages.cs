using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;

namespace Renewals.Core.Gateways;

/// <summary>An agreement as a rail knows it.</summary>
/// <param name="Agreement">Our id; its signing code is the merchant's code on the wire.</param>
/// <param name="Template">The rail's template.</param>
/// <param name="RailAgreementId">The rail's own id (WeChat Pay: <c>contract_id</c>); null until it is known.</param>
/// <param name="StartedAt">The rail's timestamp of the signing (UnionPay asks for an entrust by it).</param>
/// <param name="PayerAccount">The card charged, from the vault, at rails that want it in every collection; null elsewhere. Never logged.</param>
public sealed record AgreementOrder(AgreementId Agreement, string Template, string? RailAgreementId, Instant StartedAt = default, string? PayerAccount = null)
{
    /// <summary>
    /// True when another system had it signed: the merchant's code on the wire is that system's, and an answer is about this agreement when it names
    /// <see cref="RailAgreementId"/>. Default false: the code must be ours.
    /// </summary>
    public bool IsTakenOver { get; init; }

    /// <summary>Without the card number.</summary>
    public override string ToString() => $"{Agreement} under {Template}";
}

/// <summary>Who ended an agreement.</summary>
public enum TerminationMode
{
    /// <summary>The rail did not say.</summary>
    Unstated = 0,

    /// <summary>Its validity ran out.</summary>
    Expired = 1,

    /// <summary>The member, in the wallet.</summary>
    Member = 2,

    /// <summary>We, by the interface.</summary>
    Merchant = 3,

    /// <summary>A person on the merchant platform, or the rail's service desk.</summary>
    Platform = 4,

    /// <summary>The member's account was closed.</summary>
    AccountClosed = 5,
}

/// <summary>What a rail says of an agreement.</summary>
public abstract record AgreementAnswer
{
    private AgreementAnswer()
    {
    }

    /// <summary>Signed and in force.</summary>
    /// <param name="RailAgreementId">The rail's own id.</param>
    /// <param name="PayerId">The member's id at the rail (openid), where given.</param>
    /// <param name="SignedAt">The rail's time of signing.</param>
    /// <param name="ExpiresAt">When it ends by itself, where given.</param>
    /// <param name="NextChargeOn">The rail's own next charge date, where it keeps one (Alipay: <c>next_deduct_time</c>).</param>
    public sealed record Active(string RailAgreementId, string? PayerId, Instant SignedAt, Instant? ExpiresAt, LocalDate? NextChargeOn = null)
        : AgreementAnswer;

    /// <summary>Being signed: the member can still confirm it.</summary>
    public sealed record Pending : AgreementAnswer;

    /// <summary>The rail has none under this code: not signed, or not yet.</summary>
    public sealed record NotFound : AgreementAnswer;

    /// <summary>Signed and not in force now: the rail refuses charges until it lifts this (Alipay: STOP, 暂停). It may come back.</summary>
    /// <param name="Why">The rail's word for it, for people.</param>
    public sealed record Suspended(string Why) : AgreementAnswer
    {
        /// <inheritdoc cref="Suspended"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>It was signed and has ended; no charge can be taken under it.</summary>
    /// <param name="Mode">Who ended it, where the rail says so.</param>
    /// <param name="At">The rail's time of it; null where it gives none.</param>
    public sealed record Terminated(TerminationMode Mode, Instant? At) : AgreementAnswer;

    /// <summary>A fault of the request or of the merchant's set-up; it says nothing of the agreement.</summary>
    /// <param name="RailCode">The rail's code.</param>
    /// <param name="Why">What to look at, for people.</param>
    public sealed record Refused(string RailCode, string Why) : AgreementAnswer
    {
        /// <inheritdoc cref="Refused"/>
        public string RailCode { get; init; } = RailWords.Code(RailCode);

        /// <inheritdoc cref="Refused"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>The call may or may not have arrived, or its answer could not be verified.</summary>
    /// <param name="Why">What happened, for people.</param>
    public sealed record Unknown(string Why) : AgreementAnswer
    {
        /// <inheritdoc cref="Unknown"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }
}

/// <summary>The rail's own notice before a charge.</summary>
/// <param name="Agreement">The agreement charged.</param>
/// <param name="Amount">The most that will be taken.</param>
public sealed record RailNoticeOrder(AgreementOrder Agreement, Plans.Money Amount);

/// <summary>What came of a notice at the rail.</summary>
public abstract record RailNoticeAnswer
{
    private RailNoticeAnswer()
    {
    }

    /// <summary>The rail took it and tells the member.</summary>
    public sealed record Accepted : RailNoticeAnswer;

    /// <summary>The rail refused it; no notice exists from this call.</summary>
    public sealed record Refused(string RailCode, string Why) : RailNoticeAnswer
    {
        /// <inheritdoc cref="Refused"/>
        public string RailCode { get; init; } = RailWords.Code(RailCode);

        /// <inheritdoc cref="Refused"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>It may have landed: it is repeated, and charging keeps to the windows of all that may have landed.</summary>
    public sealed record Unknown(string Why) : RailNoticeAnswer
    {
        /// <inheritdoc cref="Unknown"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }
}
