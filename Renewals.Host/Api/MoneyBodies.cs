using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Plans;

namespace Renewals.Host.Api;

/// <summary>Money is to go back.</summary>
/// <param name="Key">The caller's name of the wish: asking twice gives back once.</param>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <param name="Order">The payment's order number. Default: the last payment.</param>
/// <param name="Amount">How much, in minor units of the payment's currency, 1 or more. Default: all that is left of it.</param>
/// <example>{ "key": "complaint-711", "why": "an hour of outage", "amount": { "minorUnits": 500, "currency": "CNY" } }</example>
internal sealed record RefundBody(string Key, string Why, string? Order = null, Money? Amount = null) : IBody
{
    string? IBody.Fault => Check.Name("key", Key) ?? Check.Reason(Why) ?? Check.Amount("amount", Amount) ?? (Order is null ? null : Orders.FaultOf(Order));
}

/// <summary>A refund the rail could not make was paid by other means.</summary>
/// <param name="Reference">Where that stands, such as the number of a bank transfer.</param>
/// <example>{ "reference": "transfer 2026-0042" }</example>
internal sealed record PaidOutsideBody(string Reference) : IBody
{
    string? IBody.Fault => Check.Name("reference", Reference);
}

/// <summary>A chargeback or a complaint was opened.</summary>
/// <param name="Dispute">The rail's or the merchant's number of it.</param>
/// <param name="Order">The order that took the money.</param>
/// <param name="Amount">How much of it, in minor units, 1 or more.</param>
/// <param name="Why">In words; it stands in the events, so no personal data.</param>
/// <example>{ "dispute": "200000020260305", "order": "AG000000008008000000000001000112", "amount": { "minorUnits": 2500, "currency": "CNY" }, "why": "the member does not know the payment" }</example>
internal sealed record DisputeBody(string Dispute, string Order, Money Amount, string Why) : IBody
{
    string? IBody.Fault => Check.Segment("dispute", Dispute) ?? Check.Amount("amount", Amount) ?? Check.Reason(Why) ?? Orders.FaultOf(Order);
}

/// <summary>A dispute is over.</summary>
/// <param name="Won">Whether the merchant keeps the money.</param>
/// <example>{ "won": true }</example>
internal sealed record SettleBody(bool Won) : IBody
{
    string? IBody.Fault => null;
}

/// <summary>Order numbers, as callers write them.</summary>
internal static class Orders
{
    /// <summary>Why a text is no order's number; null: it is.</summary>
    public static string? FaultOf(string text) => OrderNumber.TryParse(text, out var number) && !number.IsRefund
        ? null
        : $"order is no order's number: write the {OrderNumber.Length} characters of the payment, as the membership's account has them.";

    /// <summary>The number of a text that was checked.</summary>
    public static OrderNumber Read(string text) => OrderNumber.TryParse(text, out var number)
        ? number
        : throw new InvalidOperationException("The order number was not checked.");
}

/// <summary>Another price for all who have a plan at an account.</summary>
/// <param name="Name">Name of the campaign; a membership has its offer once.</param>
/// <param name="Plan">The plan.</param>
/// <param name="PlanVersion">The version that has the price.</param>
/// <param name="Price">The price of a period, in minor units, 1 or more.</param>
/// <param name="Account">Where: <c>rail:number</c>.</param>
/// <param name="EffectiveFrom">Not for periods that begin before this.</param>
/// <param name="AnswerBy">After this silence counts, as the terms say.</param>
/// <example>{ "name": "2026-06", "plan": "monthly", "planVersion": 2, "price": { "minorUnits": 2800, "currency": "CNY" }, "account": "wechat:1900000109", "effectiveFrom": "2026-06-01T00:00:00Z", "answerBy": "2026-05-25T00:00:00Z" }</example>
internal sealed record CampaignBody(string Name, string Plan, int PlanVersion, Money Price, string Account, Instant EffectiveFrom, Instant AnswerBy) : IBody
{
    string? IBody.Fault => Check.Name("name", Name) ?? Check.Name("plan", Plan) ?? Check.Amount("price", Price)
        ?? (PlanVersion < 1 ? "planVersion is 1 or more." : null)
        ?? (AnswerBy > EffectiveFrom ? "answerBy is after effectiveFrom; the time to answer ends before the price takes effect." : null);

    /// <summary>The engine's own form.</summary>
    public PriceCampaign ToCampaign() => new(Name, Plan, PlanVersion, Price, EffectiveFrom, AnswerBy);
}

/// <summary>Which offers of a campaign are taken back.</summary>
/// <param name="Account">Where: <c>rail:number</c>.</param>
/// <example>{ "account": "wechat:1900000109" }</example>
internal sealed record WithdrawOfferBody(string Account) : IBody
{
    string? IBody.Fault => null;
}
