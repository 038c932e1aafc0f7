using System.Text.Json.Serialization;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Charging;

/// <summary>Why a charge is lawful. There are three ways and no fourth; each can only be made by the function that checks it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "by")]
[JsonDerivedType(typeof(Notice), "notice")]
[JsonDerivedType(typeof(SigningConsent), "signing-consent")]
[JsonDerivedType(typeof(MemberPresent), "member-present")]
public abstract record ChargeAuthority
{
    private ChargeAuthority()
    {
    }

    /// <summary>A notice reached the member in time.</summary>
    public sealed record Notice : ChargeAuthority
    {
        [JsonConstructor]
        internal Notice(string noticeId, Instant handedOverAt) => (NoticeId, HandedOverAt) = (noticeId, handedOverAt);

        /// <summary>Which notice.</summary>
        public string NoticeId { get; }

        /// <summary>When the notifier had handed it over.</summary>
        public Instant HandedOverAt { get; }
    }

    /// <summary>The member has just signed, and consented to the first charge.</summary>
    public sealed record SigningConsent : ChargeAuthority
    {
        [JsonConstructor]
        internal SigningConsent(Instant signedAt) => SignedAt = signedAt;

        /// <summary>When the agreement was signed at the rail.</summary>
        public Instant SignedAt { get; }
    }

    /// <summary>The member pays, at the cashier.</summary>
    public sealed record MemberPresent : ChargeAuthority
    {
        [JsonConstructor]
        internal MemberPresent()
        {
        }
    }

    /// <summary>Authority from a notice, for money that moves between two instants.</summary>
    /// <returns>Null when the notice is too late, too old, of another amount, or does not cover the instants.</returns>
    public static ChargeAuthority? FromNotice(MemberNotice notice, MarketRules law, Money amount, Instant moneyFrom, Instant moneyUntil) =>
        notice.Amount.Currency == amount.Currency && amount <= notice.Amount
        && moneyFrom - notice.HandedOverAt >= law.NoticeLead && moneyUntil - notice.HandedOverAt <= law.NoticeMaxLead
        && moneyFrom >= notice.MoneyFrom && moneyUntil <= notice.MoneyUntil
            ? new Notice(notice.NoticeId, notice.HandedOverAt)
            : null;

    /// <summary>Authority of a first charge under the consent given while signing.</summary>
    /// <returns>Null once the rail's time for it is over.</returns>
    public static ChargeAuthority? FromSigning(Instant signedAt, Instant consentUntil, Instant sendBefore) =>
        sendBefore <= consentUntil ? new SigningConsent(signedAt) : null;

    /// <summary>Authority of an order that only the member can pay.</summary>
    public static ChargeAuthority FromCashier() => new MemberPresent();
}

/// <summary>A notice the member was given of a coming charge.</summary>
/// <param name="NoticeId">Its name; a repeat carries the same.</param>
/// <param name="Ordinal">The period it announced.</param>
/// <param name="Amount">The most it announced.</param>
/// <param name="MoneyFrom">From when, as announced.</param>
/// <param name="MoneyUntil">Until when, as announced.</param>
/// <param name="HandedOverAt">When the notifier had handed it over.</param>
/// <param name="Receipt">The notifier's receipt.</param>
public sealed record MemberNotice(
    string NoticeId, int Ordinal, Money Amount, Instant MoneyFrom, Instant MoneyUntil, Instant HandedOverAt, string Receipt);
