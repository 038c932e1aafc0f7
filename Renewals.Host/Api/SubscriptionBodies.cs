using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;

namespace Renewals.Host.Api;

/// <summary>A member wants to sign. Asking again with the same id gives the same signing.</summary>
/// <param name="Member">The merchant's own, opaque name of the member; never a phone number, name or openid.</param>
/// <param name="Plan">The plan's id.</param>
/// <param name="Account">Where: <c>rail:number</c>.</param>
/// <param name="DisplayAccount">What the wallet shows as the member's account.</param>
/// <param name="Id">Name of the new membership; null: one is made, and asking twice may sign twice.</param>
/// <param name="Scene">Where the member is. Default: the merchant's app.</param>
/// <param name="ClientAddress">The member's IP address; some scenes require it.</param>
/// <param name="PayerId">The member's id at the rail, where known.</param>
/// <param name="Card">The member's card, for rails where the merchant hands it over.</param>
/// <param name="PayWhileSigning">True: the first period is paid while signing.</param>
/// <param name="QuietHours">When this member is told nothing, such as <c>21:00-09:00</c>, in the plan's zone. Default: the plan's hours.</param>
internal sealed record SignBody(
    string Member, string Plan, string Account, string DisplayAccount, Guid? Id = null, SigningScene Scene = SigningScene.App,
    string? ClientAddress = null, string? PayerId = null, CardBody? Card = null, bool PayWhileSigning = false, string? QuietHours = null)
{
    /// <summary>The engine's own form.</summary>
    public SignRequest ToRequest(MerchantAccount account) => new()
    {
        Id = new(Id ?? Guid.CreateVersion7()), Member = Member, PlanId = Plan, Account = account, Scene = Scene, DisplayAccount = DisplayAccount,
        ClientAddress = ClientAddress, PayerId = PayerId, Card = Card?.ToCard(), PayWhileSigning = PayWhileSigning,
        QuietHours = QuietHours is null ? null
            : PlanReader.QuietHoursIn(QuietHours) ?? throw new CannotSignException($"quietHours is '{QuietHours}'; write two times such as 22:00-08:00, or none."),
    };
}

/// <summary>A bank card; see <see cref="PayerCard"/>.</summary>
internal sealed record CardBody(
    string Number, string Holder, string CertificateNumber, string Phone, string CertificateType = "01", string? SmsCode = null)
{
    /// <summary>The port's own form.</summary>
    public PayerCard ToCard() => new(Number, Holder, CertificateType, CertificateNumber, Phone, SmsCode);

    /// <summary>Tells nothing.</summary>
    public override string ToString() => "a card";
}

/// <summary>Renewal is to stop.</summary>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <param name="AtOnce">True: paid time ends too. Default: it runs on.</param>
/// <param name="By">Whose wish it is.</param>
internal sealed record CancelBody(string Why, bool AtOnce = false, Wish By = Wish.Member)
{
    /// <summary>The engine's own form.</summary>
    public CancelledBy CancelledBy => By switch
    {
        Wish.Member => CancelledBy.Member,
        Wish.Merchant => CancelledBy.Merchant,
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
