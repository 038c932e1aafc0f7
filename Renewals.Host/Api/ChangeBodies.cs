using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>Other terms are wished for.</summary>
/// <param name="Name">Name of the change, chosen by the caller.</param>
/// <param name="Plan">The plan, which may be the one there is.</param>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <param name="When">Default: with the next period that was not announced yet.</param>
/// <param name="Coupon">A coupon's code; what is not named is no longer had.</param>
/// <param name="AddOns">Add-ons of the plan and how many of each; what is not named is no longer had.</param>
/// <param name="Price">A price of one's own for a period, 1 minor unit or more; null: the plan's.</param>
/// <param name="Paid">What the member paid for it at the merchant's own checkout; only for a change at once.</param>
/// <param name="Consent">What the member was shown and agreed to; null: it is kept elsewhere.</param>
/// <example>{ "name": "upgrade-2026-03", "plan": "gold", "why": "asked for in the app", "when": "next-period", "addOns": { "seat": 2 } }</example>
internal sealed record ChangeBody(
    string Name, string Plan, string Why, ChangeTiming When = ChangeTiming.NextPeriod, string? Coupon = null, IReadOnlyDictionary<string, int>? AddOns = null,
    Money? Price = null, CheckoutPayment? Paid = null, Consent? Consent = null) : IBody
{
    string? IBody.Fault => Check.Segment("name", Name) ?? Check.Name("plan", Plan) ?? Check.Reason(Why) ?? Check.Text("coupon", Coupon, Check.MostOfName)
        ?? Check.Amount("price", Price) ?? (Paid is null ? null : FaultOf(Paid)) ?? (Consent is null ? null : SignBody.FaultOf(Consent));

    /// <summary>The engine's own form.</summary>
    public ChangeRequest ToRequest(ApiCaller caller) => new(Name, Plan, caller.Name, Why) { Wish = Wishes.Of(Price, Coupon, AddOns), When = When, Paid = Paid, Consent = Consent };

    // Money that is paid and not heeded would be lost to the member.
    private string? FaultOf(CheckoutPayment paid) => Check.Amount("paid.amount", paid.Amount) ?? Check.Name("paid.reference", paid.Reference)
        ?? (When == ChangeTiming.Now ? null : "paid goes with a change at once: write when as now, or leave paid out.");
}

/// <summary>A wish that needs nothing but its reason.</summary>
/// <param name="Why">In words, 1 to 1,000 characters; it is kept with who asked, so no personal data.</param>
/// <example>{ "why": "the member wrote to us" }</example>
internal sealed record WhyBody(string Why) : IBody
{
    string? IBody.Fault => Check.Reason(Why);
}

/// <summary>The cheaper plan is accepted instead of leaving.</summary>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <param name="Consent">What the member was shown and agreed to; null: it is kept elsewhere.</param>
/// <example>{ "why": "stays for the cheaper plan" }</example>
internal sealed record StepDownBody(string Why, Consent? Consent = null) : IBody
{
    string? IBody.Fault => Check.Reason(Why) ?? (Consent is null ? null : SignBody.FaultOf(Consent));
}

/// <summary>The next period is to begin on another day.</summary>
/// <param name="Day">Its new first day.</param>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <example>{ "day": "2026-04-05", "why": "after pay day" }</example>
internal sealed record BillingDayBody(LocalDate Day, string Why) : IBody
{
    string? IBody.Fault => Check.Reason(Why);
}

/// <summary>The membership is to be paused.</summary>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <param name="From">From then, within the paid time; a moment that is past means now. Default: from its end.</param>
/// <param name="Until">The first day after the pause. Default: until it is resumed.</param>
/// <param name="MovesDays">Whether what is paid goes on after the pause and later days count from there. Default false: the days stay.</param>
/// <example>{ "why": "on a journey", "until": "2026-05-01", "movesDays": true }</example>
internal sealed record PauseBody(string Why, Instant? From = null, LocalDate? Until = null, bool MovesDays = false) : IBody
{
    string? IBody.Fault => Check.Reason(Why);
}

/// <summary>The member answers to the offer of another price.</summary>
/// <param name="Offer">Its name.</param>
/// <param name="Agrees">What the member says.</param>
/// <example>{ "offer": "2026-06", "agrees": true }</example>
internal sealed record PriceAnswerBody(string Offer, bool Agrees) : IBody
{
    string? IBody.Fault => Check.Name("offer", Offer);
}
