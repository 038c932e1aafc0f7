using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;

namespace Renewals.Host.Api;

/// <summary>A member wants to sign. Asking again with the same id gives the same signing.</summary>
/// <param name="Member">The merchant's own, opaque name of the member; never a phone number, name or openid.</param>
/// <param name="Plan">The plan's id.</param>
/// <param name="Account">Where: <c>rail:number</c>.</param>
/// <param name="DisplayAccount">What the wallet shows as the member's account.</param>
/// <param name="Id">Name of the new membership; null: one is made, and asking twice may sign twice, unless the call has an idempotency key.</param>
/// <param name="Scene">Where the member is. Default: the merchant's app.</param>
/// <param name="ClientAddress">The member's IP address; some scenes require it.</param>
/// <param name="PayerId">The member's id at the rail, where known.</param>
/// <param name="Card">The member's card, for rails where the merchant hands it over.</param>
/// <param name="PayWhileSigning">True: the first period is paid while signing.</param>
/// <param name="QuietHours">When this member is told nothing, such as <c>21:00-09:00</c>, in the plan's zone. Default: the plan's hours.</param>
/// <param name="StartsOn">First day of period 1 where that is later. Default: the day of signing, after the plan's trial days.</param>
/// <param name="FreeUntilStart">True: the membership is given until then.</param>
/// <param name="Coupon">A coupon's code.</param>
/// <param name="AddOns">Add-ons of the plan, and how many of each.</param>
/// <param name="Price">The price of a period of this membership, 1 minor unit or more; null: the plan's.</param>
/// <param name="Consent">What the member was shown and agreed to; null: it is kept elsewhere.</param>
/// <example>{ "id": "01970000-0000-7000-8000-000000000001", "member": "m-42", "plan": "monthly", "account": "wechat:1900000109", "displayAccount": "Ann", "scene": "mobile-browser", "clientAddress": "203.0.113.7", "quietHours": "21:00-09:00", "consent": { "termsVersion": "2026-01", "termsHash": "9f86d081884c7d65", "boxTicked": true, "channel": "app", "language": "zh-CN", "shownAt": "2026-03-05T01:59:00Z" } }</example>
internal sealed record SignBody(
    string Member, string Plan, string Account, string DisplayAccount, Guid? Id = null, SigningScene Scene = SigningScene.App,
    string? ClientAddress = null, string? PayerId = null, CardBody? Card = null, bool PayWhileSigning = false, string? QuietHours = null,
    LocalDate? StartsOn = null, bool FreeUntilStart = false, string? Coupon = null, IReadOnlyDictionary<string, int>? AddOns = null, Money? Price = null, Consent? Consent = null)
    : IBody
{
    string? IBody.Fault => Check.Name("member", Member) ?? Check.Name("plan", Plan) ?? Check.Name("displayAccount", DisplayAccount) ?? Check.Address("clientAddress", ClientAddress)
        ?? Check.Text("payerId", PayerId, Check.MostOfName) ?? Card?.Fault ?? Check.Amount("price", Price) ?? Check.Text("coupon", Coupon, Check.MostOfName)
        ?? (FreeUntilStart && StartsOn is null ? "freeUntilStart goes with a startsOn: until which day is it free?" : null)
        ?? (Consent is null ? null : FaultOf(Consent));

    /// <summary>The engine's own form.</summary>
    /// <param name="account">The account, as it was found.</param>
    /// <param name="keyed">The id where the body names none and the call has an idempotency key.</param>
    public SignRequest ToRequest(MerchantAccount account, Guid? keyed) => new()
    {
        Id = new(Id ?? keyed ?? Guid.CreateVersion7()), Member = Member, PlanId = Plan, Account = account, Scene = Scene, DisplayAccount = DisplayAccount,
        ClientAddress = ClientAddress, PayerId = PayerId, Card = Card?.ToCard(), PayWhileSigning = PayWhileSigning,
        StartsOn = StartsOn, FreeUntilStart = FreeUntilStart, Wish = Wishes.Of(Price, Coupon, AddOns), Consent = Consent,
        QuietHours = QuietHours is null ? null
            : PlanReader.QuietHoursIn(QuietHours) ?? throw new CannotSignException($"quietHours is '{QuietHours}'; write two times such as 22:00-08:00, or none."),
    };

    /// <summary>What is wrong with what the member was shown; null: nothing.</summary>
    internal static string? FaultOf(Consent consent) =>
        Check.Name("consent.termsVersion", consent.TermsVersion) ?? Check.Name("consent.channel", consent.Channel) ?? Check.Name("consent.language", consent.Language)
        ?? Check.Name("consent.termsHash", consent.TermsHash)
        ?? (consent.TermsHash.All(char.IsAsciiHexDigit) ? null : "consent.termsHash is the hash of the text in hexadecimal digits.");
}

/// <summary>What a membership has besides its plan.</summary>
internal static class Wishes
{
    /// <summary>The engine's own form.</summary>
    public static TermsWish Of(Money? price, string? coupon, IReadOnlyDictionary<string, int>? addOns) =>
        new() { Price = price, Coupon = coupon, AddOns = addOns ?? TermsWish.None.AddOns };
}

/// <summary>A bank card and what identifies its holder, for rails where the merchant hands them over. Never logged.</summary>
/// <param name="Number">The card's number; kept in the vault, encrypted, because every collection wants it.</param>
/// <param name="Holder">The holder's name; not kept.</param>
/// <param name="CertificateNumber">The number of the holder's identity document; not kept.</param>
/// <param name="Phone">The phone number the bank knows; not kept.</param>
/// <param name="CertificateType">Kind of identity document. Default <c>01</c>: the identity card; not kept.</param>
/// <param name="SmsCode">The one-time code, where the merchant collected it; then no page is shown. Never kept.</param>
internal sealed record CardBody(
    string Number, string Holder, string CertificateNumber, string Phone, string CertificateType = "01", string? SmsCode = null)
{
    private const int LeastOfNumber = 12, MostOfNumber = 19, MostOfCode = 16;

    /// <summary>What is wrong, in a sentence that repeats nothing of it; null: nothing.</summary>
    internal string? Fault =>
        Number.Length is < LeastOfNumber or > MostOfNumber || !Number.All(char.IsAsciiDigit) ? $"card.number is {LeastOfNumber} to {MostOfNumber} digits, without blanks."
        : Check.Name("card.holder", Holder) ?? Check.Name("card.certificateNumber", CertificateNumber) ?? Check.Name("card.phone", Phone)
            ?? (CertificateType is [>= '0' and <= '9', >= '0' and <= '9'] ? null : "card.certificateType is two digits, such as 01.")
            ?? Check.Text("card.smsCode", SmsCode, MostOfCode);

    /// <summary>The port's own form.</summary>
    public PayerCard ToCard() => new(Number, Holder, CertificateType, CertificateNumber, Phone, SmsCode);

    /// <summary>Tells nothing.</summary>
    public override string ToString() => "a card";
}

/// <summary>Renewal is to stop.</summary>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <param name="AtOnce">True: paid time ends too. Default: it runs on.</param>
/// <param name="By">Whose wish it is.</param>
/// <param name="KeepsAgreement">True: the agreement is ended with the paid time, and until then the cancel can be undone. Default: it is ended now.</param>
/// <param name="GivesBack">What goes back of the last payment; with anything but nothing the membership ends now. Default: nothing.</param>
/// <example>{ "why": "moves abroad", "by": "member", "keepsAgreement": true }</example>
internal sealed record CancelBody(
    string Why, bool AtOnce = false, Wish By = Wish.Member, bool KeepsAgreement = false, GiveBack GivesBack = GiveBack.Nothing) : IBody
{
    string? IBody.Fault => Check.Text("why", Why, Check.MostOfReason)
        ?? (KeepsAgreement && (AtOnce || GivesBack != GiveBack.Nothing) ? "keepsAgreement is for a cancel with the paid time; leave out atOnce and givesBack, or keepsAgreement." : null);

    /// <summary>Asks for it.</summary>
    /// <remarks>A plain cancel is heeded also while the ledger is frozen; what moves money or can be undone waits until it is adopted.</remarks>
    public Task<Subscription?> AskAsync(Memberships memberships, SubscriptionId id, ApiCaller caller, CancellationToken cancellation) => KeepsAgreement || GivesBack != GiveBack.Nothing
        ? memberships.CancelAsync(
            id, new CancelRequest(CancelledBy(), Why) { AtOnce = AtOnce, KeepsAgreement = KeepsAgreement, GivesBack = GivesBack, AskedBy = caller.Name }, cancellation)
        : memberships.CancelAsync(id, Why, AtOnce, CancelledBy(), caller.Name, cancellation);

    private CancelledBy CancelledBy() => By switch
    {
        Wish.Member => Core.Subscriptions.CancelledBy.Member,
        Wish.Merchant => Core.Subscriptions.CancelledBy.Merchant,
        _ => throw new InvalidOperationException("No such wish."),
    };
}

/// <summary>Whose wish it is that renewal stops.</summary>
internal enum Wish
{
    /// <summary>The member's.</summary>
    Member = 0,

    /// <summary>The merchant's.</summary>
    Merchant = 1,
}
