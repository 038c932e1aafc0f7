using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Gateways;

/// <summary>Where the member is while signing.</summary>
public enum SigningScene
{
    /// <summary>A page inside the wallet's browser (公众号).</summary>
    OfficialAccount = 0,

    /// <summary>The merchant's app.</summary>
    App = 1,

    /// <summary>A browser outside the wallet (H5).</summary>
    MobileBrowser = 2,

    /// <summary>A mini program (小程序).</summary>
    MiniProgram = 3,
}

/// <summary>What a rail needs to prepare a signing.</summary>
/// <param name="Agreement">Our agreement; its signing code goes on the wire.</param>
/// <param name="Template">The rail's template the plan is sold under (协议模板).</param>
/// <param name="Scene">Where the member is.</param>
/// <param name="DisplayAccount">What the wallet shows as the member's account; no emoji.</param>
/// <param name="ClientAddress">The member's IP address; required by <see cref="SigningScene.MobileBrowser"/>.</param>
/// <param name="PayerId">The member's id at the rail (openid) when it is known; required to pay inside the wallet.</param>
/// <param name="StartedAt">The rail's timestamp; a repeat carries the same.</param>
/// <param name="FirstPayment">The first period's order, to pay and sign in one step; null to sign only.</param>
/// <param name="Plan">What is agreed on amounts and dates, for rails that write it into the agreement.</param>
/// <param name="Card">The member's card, for rails where the merchant hands it over; null elsewhere.</param>
public sealed record SigningRequest(
    AgreementId Agreement, string Template, SigningScene Scene, string DisplayAccount, string? ClientAddress, string? PayerId, Instant StartedAt,
    FirstPaymentOrder? FirstPayment, SigningPlan Plan, PayerCard? Card = null);

/// <summary>What a rail writes into an agreement.</summary>
/// <param name="Interval">How often money is taken.</param>
/// <param name="Ceiling">The most that one charge takes.</param>
/// <param name="FirstChargeOn">
/// The rail's first planned charge date, in the rail's zone; solved so that the due day lies in the rail's window. With a first payment it
/// is the date of the second period.
/// </param>
public sealed record SigningPlan(BillingInterval Interval, Money Ceiling, LocalDate FirstChargeOn);

/// <summary>A member's bank card and what identifies its holder, where the merchant hands them to the rail. Never logged.</summary>
/// <param name="Number">The card number (<c>accNo</c>); kept in the vault, because every collection wants it.</param>
/// <param name="Holder">The holder's name (<c>customerNm</c>); not kept.</param>
/// <param name="CertificateType">Kind of identity document: 01 is the identity card (<c>certifTp</c>); not kept.</param>
/// <param name="CertificateNumber">Its number (<c>certifId</c>); not kept.</param>
/// <param name="Phone">The phone number the bank knows (<c>phoneNo</c>); not kept.</param>
/// <param name="SmsCode">The one-time code, when the merchant collected it; then no page is shown. Never kept.</param>
public sealed record PayerCard(string Number, string Holder, string CertificateType, string CertificateNumber, string Phone, string? SmsCode = null)
{
    /// <summary>Tells nothing.</summary>
    public override string ToString() => "a card";
}

/// <summary>The order that is paid while signing.</summary>
/// <param name="Number">The order number.</param>
/// <param name="Amount">What is paid.</param>
/// <param name="Subject">What is sold, as the member reads it.</param>
/// <param name="ExpiresAt">After this the order can no longer be paid.</param>
public sealed record FirstPaymentOrder(OrderNumber Number, Money Amount, string Subject, Instant ExpiresAt);

/// <summary>What came of preparing a signing.</summary>
public abstract record SigningAnswer
{
    private SigningAnswer()
    {
    }

    /// <summary>Show this to the member.</summary>
    public sealed record Ready(SigningPage Page) : SigningAnswer;

    /// <summary>The member already holds an agreement on this template: look it up, do not sign again.</summary>
    public sealed record AlreadySigned : SigningAnswer;

    /// <summary>Signed at once, without a page.</summary>
    public sealed record Signed(AgreementAnswer.Active Agreement) : SigningAnswer;

    /// <summary>The rail refused; nothing may be shown, nothing is payable.</summary>
    public sealed record Refused(string RailCode, string Why) : SigningAnswer
    {
        /// <inheritdoc cref="Refused"/>
        public string RailCode { get; init; } = RailWords.Code(RailCode);

        /// <inheritdoc cref="Refused"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>The call may or may not have arrived. Nothing may be shown; repeating it is safe.</summary>
    public sealed record Unknown(string Why) : SigningAnswer
    {
        /// <inheritdoc cref="Unknown"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }
}

/// <summary>What the member's device opens.</summary>
public abstract record SigningPage
{
    private SigningPage()
    {
    }

    /// <summary>A web address to navigate to.</summary>
    public sealed record Redirect(Uri Address) : SigningPage;

    /// <summary>A form that the member's browser posts to the rail as it is (UnionPay front transactions).</summary>
    public sealed record Form(Uri Address, IReadOnlyDictionary<string, string> Fields) : SigningPage;

    /// <summary>A mini program to open.</summary>
    public sealed record MiniProgram(string AppId, string Path, IReadOnlyDictionary<string, string> ExtraData) : SigningPage;

    /// <summary>Parameters for the rail's SDK in the app or page.</summary>
    public sealed record SdkParameters(IReadOnlyDictionary<string, string> Values) : SigningPage;

    /// <summary>Text to show as a QR code.</summary>
    public sealed record QrCode(string Text) : SigningPage;
}
