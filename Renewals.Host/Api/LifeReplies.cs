using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>A planned change.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Plan">The plan it brings.</param>
/// <param name="Price">What its first period comes to.</param>
/// <param name="FromPeriod">The first period it prices, at the earliest.</param>
/// <param name="NotBefore">Not for a period that begins before this.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
internal sealed record ChangeReply(string Name, string Plan, Money Price, int FromPeriod, Instant? NotBefore, string By, string Why)
{
    public static ChangeReply Of(PlannedChange x) => new(x.Name, x.Terms.PlanId, x.Terms.PriceOf(x.FromOrdinal), x.FromOrdinal, x.NotBefore, x.By, x.Why);
}

/// <summary>An open offer of another price.</summary>
/// <param name="Name">Name of the campaign.</param>
/// <param name="Price">The price of a period.</param>
/// <param name="EffectiveFrom">Not for periods that begin before this.</param>
/// <param name="AnswerBy">After this silence counts.</param>
/// <param name="ToldAt">When the member was told; it can be answered from then on.</param>
internal sealed record OfferReply(string Name, Money Price, Instant EffectiveFrom, Instant AnswerBy, Instant? ToldAt)
{
    public static OfferReply Of(PriceOffer x) => new(x.Name, x.Terms.Price, x.EffectiveFrom, x.AnswerBy, x.ToldAt);
}

/// <summary>Money that goes back, or went back.</summary>
/// <param name="Number">The refund's number.</param>
/// <param name="Order">The payment's.</param>
/// <param name="Amount">How much.</param>
/// <param name="Status">What is known of it.</param>
/// <param name="Key">The caller's name of the wish, where somebody asked for it.</param>
internal sealed record RefundReply(string Number, string Order, Money Amount, RefundStatus Status, string? Key)
{
    public static RefundReply Of(Refund x) => new(x.Number, x.Order.ToString(), x.Amount, x.Status, x.Key);
}

/// <summary>One line of what a member sees.</summary>
/// <param name="At">When it happened, or is expected to.</param>
/// <param name="Day">The same as a day of the plan's zone, in words.</param>
/// <param name="Words">What, in words.</param>
/// <param name="Kind">What, as a fact.</param>
/// <param name="Amount">How much.</param>
/// <param name="From">From when it concerns the member.</param>
/// <param name="Until">Until when.</param>
/// <param name="ToldAt">When the member was told of it.</param>
/// <param name="Subject">What it is about.</param>
internal sealed record TimelineReply(
    Instant At, string Day, string Words, TimelineKind Kind, Money? Amount, Instant? From, Instant? Until, Instant? ToldAt, string? Subject)
{
    public static TimelineReply Of(TimelineEntry e, TimelineWords words) =>
        new(e.At, words.Day(e.At), words.Of(e), e.Kind, e.Amount, e.From, e.Until, e.ToldAt, e.Subject);
}

/// <summary>What came of a campaign.</summary>
/// <param name="Offered">How many memberships have the offer now.</param>
/// <param name="Before">How many had it before.</param>
/// <param name="NotOffered">How many could not have it.</param>
/// <param name="Reasons">Why not.</param>
internal sealed record CampaignReply(int Offered, int Before, int NotOffered, IReadOnlyList<ReasonReply> Reasons);

/// <summary>What came of taking a campaign back.</summary>
/// <param name="Withdrawn">From how many memberships the offer was taken back.</param>
/// <param name="Answered">How many answered while it was taken back.</param>
internal sealed record WithdrawnReply(int Withdrawn, int Answered);

/// <summary>Why some memberships could not have an offer.</summary>
/// <param name="Why">In a sentence.</param>
/// <param name="Count">How many.</param>
/// <param name="Memberships">Which; of many the first.</param>
internal sealed record ReasonReply(string Why, int Count, IReadOnlyList<Guid> Memberships);
