using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>What a person asks for beyond signing and cancelling. Each is decided in its own file of <see cref="Decide"/>, which has its table.</remarks>
public abstract partial record SubscriptionCommand
{
    /// <summary>Other terms: another plan, interval, price, coupon or add-on.</summary>
    /// <param name="Name">Name of the change, chosen by the caller.</param>
    /// <param name="Terms">All that is to hold. A coupon whose first period is 0 counts from the first period these terms price.</param>
    /// <param name="When">From the next period, or at once.</param>
    /// <param name="By">Who asks.</param>
    /// <param name="Why">In words.</param>
    public sealed record ChangeTerms(string Name, Terms Terms, ChangeTiming When, string By, string Why) : SubscriptionCommand
    {
        /// <summary>What the member paid for it at the merchant's own checkout; null: nothing.</summary>
        public CheckoutPayment? Paid { get; init; }

        /// <summary>What the member was shown and agreed to; null: the merchant keeps that elsewhere.</summary>
        public Consent? Consent { get; init; }
    }

    /// <summary>Withdraw a planned change.</summary>
    public sealed record WithdrawChange(string Name, string By, string Why) : SubscriptionCommand;

    /// <summary>Move the day the next period begins on to a later one; the days between are paid with the next charge.</summary>
    /// <param name="Day">The new first day of the next period.</param>
    /// <param name="By">Who asks.</param>
    /// <param name="Why">In words.</param>
    public sealed record MoveBillingDay(LocalDate Day, string By, string Why) : SubscriptionCommand;

    /// <summary>Pause.</summary>
    /// <param name="From">From then, within the time that runs; null: from its end. A moment that is past means now.</param>
    /// <param name="Until">The first day after the pause; null: until it is resumed.</param>
    /// <param name="MovesDays">Whether what is paid goes on after the pause and later days count from there.</param>
    /// <param name="By">Who asks.</param>
    /// <param name="Why">In words.</param>
    public sealed record PauseRenewal(Instant? From, LocalDate? Until, bool MovesDays, string By, string Why) : SubscriptionCommand;

    /// <summary>End the pause.</summary>
    public sealed record Resume(string By, string Why) : SubscriptionCommand;

    /// <summary>Offer the membership at another price.</summary>
    public sealed record OfferPrice(PriceOffer Offer) : SubscriptionCommand;

    /// <summary>The member answers to the offer.</summary>
    /// <param name="Offer">Its name.</param>
    /// <param name="Agrees">What the member says.</param>
    /// <param name="By">Who says so.</param>
    public sealed record AnswerPrice(string Offer, bool Agrees, string By) : SubscriptionCommand;

    /// <summary>Take an offer back that is not answered yet: the old price stays.</summary>
    /// <param name="Offer">Its name.</param>
    /// <param name="By">Who takes it back.</param>
    public sealed record WithdrawOffer(string Offer, string By) : SubscriptionCommand;

    /// <summary>Give back what was paid, in whole or in part.</summary>
    /// <param name="Key">The caller's name of the wish: asking twice gives back once.</param>
    /// <param name="Payment">The payment, as its own event says.</param>
    /// <param name="Amount">How much goes back.</param>
    /// <param name="By">Who decides.</param>
    /// <param name="Why">In words.</param>
    public sealed record GrantRefund(string Key, Charged Payment, Money Amount, string By, string Why) : SubscriptionCommand;

    /// <summary>A refund the rail could not make was paid by other means.</summary>
    /// <param name="Refund">Its number.</param>
    /// <param name="Reference">Where that stands.</param>
    /// <param name="By">Who paid.</param>
    public sealed record RecordPaidOutside(string Refund, string Reference, string By) : SubscriptionCommand;

    /// <summary>A payment is disputed.</summary>
    /// <param name="Dispute">The rail's or the merchant's number of it.</param>
    /// <param name="Order">The order that took the money.</param>
    /// <param name="Amount">How much of it.</param>
    /// <param name="Why">In words.</param>
    public sealed record OpenDispute(string Dispute, OrderNumber Order, Money Amount, string Why) : SubscriptionCommand
    {
        /// <summary>What the order took: a dispute is about no more. Null: it is not known.</summary>
        public Money? Paid { get; init; }

        /// <summary>Who records it; null: it is not known.</summary>
        public string? By { get; init; }
    }

    /// <summary>A dispute is over.</summary>
    /// <param name="Dispute">Its number.</param>
    /// <param name="Won">Whether the merchant keeps the money.</param>
    public sealed record SettleDispute(string Dispute, bool Won) : SubscriptionCommand
    {
        /// <summary>Who records it; null: it is not known.</summary>
        public string? By { get; init; }
    }

    /// <summary>Undo a cancel whose agreement is still in force.</summary>
    public sealed record UndoCancel(string By, string Why) : SubscriptionCommand;
}

/// <summary>When other terms take effect.</summary>
public enum ChangeTiming
{
    /// <summary>With the next period that nobody was told of yet.</summary>
    NextPeriod = 0,

    /// <summary>At once; the difference for the days that are left is added to the next charge, or paid at the checkout.</summary>
    Now = 1,
}
