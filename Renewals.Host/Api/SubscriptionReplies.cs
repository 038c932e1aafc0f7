using System.Text.Json;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>What came of a wish to sign.</summary>
/// <param name="Id">The membership; a signing in progress is found again, so it may not be the one asked for.</param>
/// <param name="State"><c>ready</c>: show the page; <c>already-member</c>: there is nothing to sign.</param>
/// <param name="Page">What the member's device opens.</param>
/// <param name="Membership">As it stands now.</param>
internal sealed record SignReply(Guid Id, string State, PageReply? Page, SubscriptionReply? Membership);

/// <summary>What the member's device opens.</summary>
/// <param name="Kind"><c>redirect</c>, <c>form</c>, <c>mini-program</c>, <c>sdk-parameters</c> or <c>qr-code</c>.</param>
/// <param name="Address">Where to, for a redirect or a form.</param>
/// <param name="Values">A form's fields, a mini program's data, an SDK's parameters.</param>
/// <param name="AppId">Of the mini program.</param>
/// <param name="Path">In the mini program.</param>
/// <param name="Text">To be shown as a QR code.</param>
internal sealed record PageReply(
    string Kind, Uri? Address = null, IReadOnlyDictionary<string, string>? Values = null, string? AppId = null, string? Path = null, string? Text = null)
{
    public static PageReply Of(SigningPage page) => page switch
    {
        SigningPage.Redirect x => new("redirect", x.Address),
        SigningPage.Form x => new("form", x.Address, x.Fields),
        SigningPage.MiniProgram x => new("mini-program", Values: x.ExtraData, AppId: x.AppId, Path: x.Path),
        SigningPage.SdkParameters x => new("sdk-parameters", Values: x.Values),
        SigningPage.QrCode x => new("qr-code", Text: x.Text),
        _ => throw new InvalidOperationException("No such page."),
    };
}

/// <summary>A membership.</summary>
/// <param name="Id">Its id, also the name of its stream of events.</param>
/// <param name="Member">The merchant's own name of the member.</param>
/// <param name="Account">The merchant account it is charged at.</param>
/// <param name="Plan">The plan's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Agreement">The agreement it is charged under.</param>
/// <param name="CancelledAt">When renewal was stopped; absent while it renews.</param>
/// <param name="CancelledBy">Who stopped it.</param>
/// <param name="EndsAt">When a stopped membership is over.</param>
/// <param name="NothingBack">Why nothing went back with a cancel that asked for it.</param>
/// <param name="Version">How many events it has; also its ETag.</param>
/// <param name="PaidPeriods">How many periods are paid.</param>
/// <param name="PaidUntil">Until then the member has paid.</param>
/// <param name="GivenUntil">Until then the membership was given without payment, after an outage; the later of the two counts.</param>
/// <param name="NextCharge">The coming renewal, once its calendar is known.</param>
/// <param name="Parked">Why a person must look.</param>
/// <param name="Predecessor">The membership before this one, of the same member at the same account.</param>
/// <param name="StartsOn">First day of period 1 where that is later than the signing.</param>
/// <param name="Change">Other terms that take effect later.</param>
/// <param name="Pause">The pause, planned or in effect.</param>
/// <param name="Offer">An offer of another price that is open.</param>
/// <param name="Refunds">Money that goes back, or went back.</param>
/// <param name="Disputes">Disputes, open and settled.</param>
/// <param name="FurtherAgreements">Its agreements that are not in use, in the order in which they take over; also those that are over.</param>
internal sealed record SubscriptionReply(
    Guid Id, long Version, string Member, MerchantAccount Account, string Plan, SubscriptionStatus Status, AgreementReply Agreement, int PaidPeriods,
    Instant? PaidUntil, Instant? GivenUntil, NextChargeReply? NextCharge, Instant? CancelledAt, CancelledBy? CancelledBy, Instant? EndsAt, string? NothingBack, ParkReason? Parked,
    Guid? Predecessor, LocalDate? StartsOn, ChangeReply? Change, Pause? Pause, OfferReply? Offer, IReadOnlyList<RefundReply>? Refunds, IReadOnlyList<Dispute>? Disputes,
    IReadOnlyList<BackupReply>? FurtherAgreements)
{
    public static SubscriptionReply Of(Subscription s) => new(
        s.Id.Value, s.Version, s.Member, s.Account, s.Terms.PlanId, s.Status, new(s.Agreement.Id.SigningCode, s.Agreement.Template, s.Agreement.Status), s.PaidThrough, s.PaidUntil, s.GivenUntil,
        s.Cycle is { } cycle ? new(cycle.Amount, cycle.MoneyFrom, cycle.MoneyUntil, s.Notice is not null) : null,
        s.CancelledAt, s.CancelledBy, s.EndsAt, s.NothingBack, s.Parked,
        s.Predecessor?.Value, s.StartsOn, s.Change is { } change ? ChangeReply.Of(change) : null, s.Pause, s.Offer is { } offer ? OfferReply.Of(offer) : null,
        s.Refunds.Count == 0 ? null : [.. s.Refunds.Select(RefundReply.Of)], s.Disputes.Count == 0 ? null : s.Disputes,
        s.Backups.Count == 0 ? null : [.. s.Backups.Select(BackupReply.Of)]);
}

/// <summary>The agreement it is charged under.</summary>
/// <param name="Code">Our code of it on the wire: what the rail's merchant platform finds it by.</param>
/// <param name="Template">The rail's template.</param>
/// <param name="Status">What it is now.</param>
internal sealed record AgreementReply(string Code, string Template, AgreementStatus Status);

/// <summary>The coming renewal.</summary>
/// <param name="Amount">The most that will be taken.</param>
/// <param name="From">The earliest instant the money moves …</param>
/// <param name="Until">… and the latest.</param>
/// <param name="Announced">Whether the member was told; before that nothing is taken.</param>
internal sealed record NextChargeReply(Money Amount, Instant From, Instant Until, bool Announced);

/// <summary>One event of a membership.</summary>
/// <param name="Number">1, 2, …: its place in the stream.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="Data">As it is stored.</param>
internal sealed record EventReply(long Number, string Name, JsonElement Data);
