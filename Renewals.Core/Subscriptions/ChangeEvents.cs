using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>Other terms were asked for; they take effect when the period they begin with is planned.</summary>
/// <param name="Change">What, and from when.</param>
/// <param name="At">When.</param>
public sealed record ChangePlanned(PlannedChange Change, Instant At) : SubscriptionEvent(At);

/// <summary>A planned change was withdrawn before it took effect.</summary>
/// <param name="Change">Its name.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
public sealed record ChangeWithdrawn(string Change, string By, string Why, Instant At) : SubscriptionEvent(At);

/// <summary>Other terms hold.</summary>
/// <param name="Change">Name of the change.</param>
/// <param name="Terms">All that holds now.</param>
/// <param name="Ordinal">The first period they price.</param>
/// <param name="EnjoyedFrom">From then the member has what they say; until then what was agreed before.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
public sealed record TermsChanged(string Change, Terms Terms, int Ordinal, Instant EnjoyedFrom, string By, string Why, Instant At) : SubscriptionEvent(At)
{
    /// <summary>First day of that period, where its length is another; null: the days stay.</summary>
    public LocalDate? Anchor { get; init; }

    /// <summary>What the member paid for it at the merchant's own checkout; null: nothing.</summary>
    public CheckoutPayment? Paid { get; init; }

    /// <summary>True where it takes effect at once and its difference comes with the next charge: until then the plan before is the one that is paid.</summary>
    public bool OnNextCharge { get; init; }

    /// <summary>What the member was shown and agreed to, where it takes effect at once; a planned change has it in its own event.</summary>
    public Consent? Consent { get; init; }
}

/// <summary>An amount is added to the next announced charge, or taken off where it is negative.</summary>
/// <param name="Name">Name of the addition; there is one of a name.</param>
/// <param name="Amount">How much.</param>
/// <param name="Why">For what, as the member reads it.</param>
/// <param name="By">Who asked.</param>
/// <param name="At">When.</param>
public sealed record AmountAdded(string Name, Money Amount, string Why, string By, Instant At) : SubscriptionEvent(At);

/// <summary>The membership is paused: nothing is announced or charged for what would begin meanwhile. What becomes of its periods follows.</summary>
/// <param name="From">From then the membership is not given.</param>
/// <param name="Until">Until then; null: until it is resumed.</param>
/// <param name="MovesDays">True: what is paid goes on after the pause, and the days of later periods are counted from there. False: the days stay.</param>
/// <param name="DaysLeft">Paid days that are left for after the pause.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
public sealed record Paused(Instant From, Instant? Until, bool MovesDays, int DaysLeft, string By, string Why, Instant At) : SubscriptionEvent(At)
{
    /// <summary>When the next renewal is planned; null: when the membership is resumed, or what follows says it.</summary>
    public Instant? NextPlanAt { get; init; }
}

/// <summary>The pause is over, or will be at the moment it names. What becomes of the periods follows.</summary>
/// <param name="From">From then the membership is given as far as it is paid.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
/// <param name="NextPlanAt">When the next renewal is planned.</param>
/// <param name="At">When.</param>
public sealed record Resumed(Instant From, string By, string Why, Instant NextPlanAt, Instant At) : SubscriptionEvent(At);

/// <summary>The member is offered the membership at another price.</summary>
/// <param name="Offer">What, from when, and by when to answer.</param>
/// <param name="At">When.</param>
public sealed record PriceOffered(PriceOffer Offer, Instant At) : SubscriptionEvent(At);

/// <summary>The member was told of the offer.</summary>
/// <param name="Offer">Its name.</param>
/// <param name="Receipt">The notifier's receipt.</param>
/// <param name="HandedOverAt">When the notifier had handed it over.</param>
/// <param name="Delivered">True when the notifier knows that it arrived.</param>
/// <param name="At">When.</param>
public sealed record PriceOfferTold(string Offer, string Receipt, Instant HandedOverAt, bool Delivered, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Which channel took it.</summary>
    public string? Channel { get; init; }
}

/// <summary>The offer of another price is concluded.</summary>
/// <param name="Offer">Its name.</param>
/// <param name="Answer">What the member said, or that nothing was said.</param>
/// <param name="By">Who answered.</param>
/// <param name="At">When.</param>
public sealed record PriceAnswered(string Offer, PriceAnswer Answer, string By, Instant At) : SubscriptionEvent(At)
{
    /// <summary>True: the agreement is signed up to less; until a new one is, the old price stays.</summary>
    public bool NeedsNewAgreement { get; init; }
}

/// <summary>Money that was owed is given back, in whole or in part.</summary>
/// <param name="Refund">The refund's number.</param>
/// <param name="Paid">What the order took.</param>
/// <param name="Amount">What goes back.</param>
/// <param name="RailTransaction">The rail's number of the payment.</param>
/// <param name="By">Who decided.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
/// <param name="Key">The caller's name of the wish: asking twice gives back once.</param>
public sealed record RefundGranted(OrderNumber Refund, Money Paid, Money Amount, string RailTransaction, string By, string Why, Instant At, string Key) : SubscriptionEvent(At);

/// <summary>A refund the rail could not make was paid by other means.</summary>
/// <param name="Refund">Its number.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reference">Where that stands, such as a bank transfer's number.</param>
/// <param name="By">Who paid.</param>
/// <param name="At">When.</param>
public sealed record PaidOutside(string Refund, Money Amount, string Reference, string By, Instant At) : SubscriptionEvent(At);

/// <summary>A payment is disputed: a chargeback (拒付) or a complaint (投诉) about it was opened.</summary>
/// <param name="Dispute">The rail's or the merchant's number of it.</param>
/// <param name="Order">The order that took the money.</param>
/// <param name="Amount">How much of it.</param>
/// <param name="Why">In words.</param>
/// <param name="At">When.</param>
public sealed record Disputed(string Dispute, OrderNumber Order, Money Amount, string Why, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Who recorded it; null: it is not known.</summary>
    public string? By { get; init; }
}

/// <summary>A dispute is over.</summary>
/// <param name="Dispute">Its number.</param>
/// <param name="Order">The order it was about.</param>
/// <param name="Won">Whether the merchant keeps the money.</param>
/// <param name="TakenBack">What was taken from the merchant for the member; zero when won.</param>
/// <param name="At">When.</param>
public sealed record DisputeSettled(string Dispute, OrderNumber Order, bool Won, Money TakenBack, Instant At) : SubscriptionEvent(At)
{
    /// <summary>Who recorded it; null: it is not known.</summary>
    public string? By { get; init; }
}

/// <summary>A cancel was undone before the agreement was ended: renewal goes on.</summary>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
/// <param name="NextPlanAt">When the next renewal is planned; null: when the pause is over.</param>
/// <param name="At">When.</param>
public sealed record CancelUndone(string By, string Why, Instant? NextPlanAt, Instant At) : SubscriptionEvent(At);
