using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// The membership at another price. The member is told first, in the law's time; nobody is ever charged more than was announced and agreed.
/// <list type="table">
/// <listheader><term>answer</term><description>silence means the old price · an end · the new price</description></listheader>
/// <item><term>yes</term><description>the new price from the first period that begins after the offer's day and was not announced yet; above what was signed: the old price, until a new agreement is signed</description></item>
/// <item><term>no</term><description>the old price · renewal stops · renewal stops</description></item>
/// <item><term>nothing in time</term><description>the old price · renewal stops · the new price, as with yes</description></item>
/// <item><term>not told in time</term><description>the old price; the offer lapsed</description></item>
/// <item><term>withdrawn before an answer</term><description>the old price</description></item>
/// </list>
/// </remarks>
public static partial class Decide
{
    private static string? WhyNotOffer(Subscription s, SubscriptionCommand.OfferPrice x, DecisionContext context)
    {
        if (s.LastOffer == x.Offer.Name)
            return s.Offer is { } same && From(same.Terms, 0) != From(x.Offer.Terms, 0) ? $"The offer '{same.Name}' is open with other terms; give this one a name of its own." : null;
        if (NotRenewing(s) is { } reason)
            return reason;
        var (offer, law) = (x.Offer, s.Terms.Law);
        if (s.Offer is { } open)
            return $"The offer '{open.Name}' is open; one at a time.";
        if (s.Change is { } planned)
            return $"The change '{planned.Name}' is planned; withdraw it first.";
        if (offer.Terms.Interval != s.Terms.Interval || offer.Terms.Price.Currency != s.Terms.Price.Currency || offer.Terms.ZoneId != s.Terms.ZoneId || !offer.Terms.Renews)
            return "An offer is of another price; interval, currency and zone stay.";
        if (DayOf(s, offer.EffectiveFrom) > DayOf(s, context.Now).Plus(LongestAhead))
            return "A price is offered for a day within two years.";
        if (offer.AnswerBy > offer.EffectiveFrom || offer.AnswerBy <= context.Now)
            return "The time to answer must lie ahead, and end before the price takes effect.";
        return law.ChangeMinDays > 0 && offer.EffectiveFrom - context.Now < Duration.FromDays(law.ChangeMinDays)
            ? $"{law.Name} wants a change of the price told {law.ChangeMinDays} days before it takes effect."
            : null;
    }

    private static IReadOnlyList<SubscriptionEvent> OfferPrice(Subscription s, SubscriptionCommand.OfferPrice x, DecisionContext context)
    {
        if (s.LastOffer == x.Offer.Name)
            return Nothing;
        var max = s.Terms.Law.ChangeMaxDays;
        var from = max > 0 ? Instant.Max(context.Now, x.Offer.EffectiveFrom - Duration.FromDays(max)) : context.Now;
        return [new PriceOffered(x.Offer with { TellFrom = s.Terms.QuietHours.NextAwake(from, s.Zone), ToldAt = null, Retry = null }, context.Now)];
    }

    private static IReadOnlyList<SubscriptionEvent> TellOfPrice(Subscription s, DecisionContext context)
    {
        var (now, offer) = (context.Now, s.Offer!);
        if (now >= offer.AnswerBy || offer.EffectiveFrom - now < Duration.FromDays(s.Terms.Law.ChangeMinDays))
            return ConcludeOffer(s, PriceAnswer.NotTold, "nobody", context);
        var awake = s.Terms.QuietHours.NextAwake(now, s.Zone);
        return awake == now ? Nothing : [new NoticePostponed(s.OfferNoticeId!, awake, "the member's night", now)];
    }

    private static IReadOnlyList<SubscriptionEvent> RecordOfferNotice(Subscription s, SubscriptionCommand.RecordNotice x, DecisionContext context)
    {
        var (now, offer) = (context.Now, s.Offer!);
        if (offer.ToldAt is not null)
            return Nothing;
        return x.Result switch
        {
            NoticeResult.HandedOver done => [new PriceOfferTold(offer.Name, done.Receipt, done.At, false, now) { Channel = x.Channel }],
            NoticeResult.Delivered done => [new PriceOfferTold(offer.Name, done.Receipt, done.At, true, now) { Channel = x.Channel }],
            NoticeResult.Failed failed => NotTold(s, x, failed.Why, offer.Retry?.RetryAt ?? offer.TellFrom, context),
            NoticeResult.NotSent => Duty.Of(s).Any(duty => duty.Kind == DutyKind.OfferPrice && duty.Due <= now) ? TellOfPrice(s, context) : Nothing,
            _ => throw new InvalidOperationException($"No decision for {x.Result.GetType().Name}."),
        };
    }

    private static string? WhyNotAnswer(Subscription s, SubscriptionCommand.AnswerPrice x) => s.Offer switch
    {
        null when s.LastOffer != x.Offer => $"There is no offer '{x.Offer}'.",
        null => s.LastAnswer is null || s.LastAnswer == (x.Agrees ? PriceAnswer.Yes : PriceAnswer.No) ? null : SettledOffer(s.LastAnswer.Value),
        { } open when open.Name != x.Offer => $"The open offer is '{open.Name}'.",
        { ToldAt: null } => "The member was not told of the offer yet.",
        _ => null,
    };

    private static string SettledOffer(PriceAnswer answer) => answer switch
    {
        PriceAnswer.Yes => "The member has said yes; where the change has not taken effect yet it can be withdrawn.",
        PriceAnswer.No => "The member has said no; another price needs another offer.",
        PriceAnswer.Silence => "The time to answer is over, and silence was the answer.",
        PriceAnswer.Withdrawn => "The offer was withdrawn.",
        _ => "The member could not be told of it in time, so it lapsed.",
    };

    private static string? WhyNotWithdrawOffer(Subscription s, SubscriptionCommand.WithdrawOffer x) =>
        s.Offer?.Name == x.Offer || (s.Offer is null && s is { LastOffer: { } last, LastAnswer: PriceAnswer.Withdrawn } && last == x.Offer) ? null
        : s.Offer is null && s.LastOffer == x.Offer && s.LastAnswer is { } answer ? SettledOffer(answer)
        : $"There is no offer '{x.Offer}'.";

    private static IReadOnlyList<SubscriptionEvent> WithdrawOffer(Subscription s, SubscriptionCommand.WithdrawOffer x, DecisionContext context) =>
        s.Offer?.Name == x.Offer ? ConcludeOffer(s, PriceAnswer.Withdrawn, x.By, context) : Nothing;

    private static IReadOnlyList<SubscriptionEvent> AnswerPrice(Subscription s, SubscriptionCommand.AnswerPrice x, DecisionContext context) =>
        s.Offer is null ? Nothing : ConcludeOffer(s, x.Agrees ? PriceAnswer.Yes : PriceAnswer.No, x.By, context);

    private static IReadOnlyList<SubscriptionEvent> ConcludeOffer(Subscription s, PriceAnswer answer, string by, DecisionContext context)
    {
        var (offer, silence) = (s.Offer!, s.Terms.PriceSilence);
        var agrees = answer == PriceAnswer.Yes || (answer == PriceAnswer.Silence && silence == PriceSilence.NewPrice);
        var stops = (answer == PriceAnswer.No && silence != PriceSilence.OldPrice) || (answer == PriceAnswer.Silence && silence == PriceSilence.End);
        var tooDear = agrees && s.Agreement.Ceiling is { } ceiling && offer.Terms.HighestPrice > ceiling;
        var answered = new PriceAnswered(offer.Name, answer, by, context.Now) { NeedsNewAgreement = tooDear };
        var after = Evolve.Next(s, answered);
        if (stops)
            return [answered, .. CancelWith(after, Subscriptions.CancelledBy.PriceRefused, $"the offer '{offer.Name}' was answered: {answer}", false, context)];
        return agrees && !tooDear && s.Change is null ? [answered, .. PlanChange(after, ChangeOf(s, offer, by), context)] : [answered];
    }

    // Not before the law's time after the member was told, whatever the offer says.
    private static PlannedChange ChangeOf(Subscription s, PriceOffer offer, string by) => new(offer.Name, offer.Terms, 0, by, "the price that was offered")
    {
        NotBefore = Instant.Max(offer.EffectiveFrom, offer.ToldAt!.Value + Duration.FromDays(s.Terms.Law.ChangeMinDays)),
    };
}
