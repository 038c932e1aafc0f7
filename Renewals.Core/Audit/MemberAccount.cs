using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>All money of one membership as its events say: what was paid, what went back, what is on its way.</summary>
/// <param name="Lines">In order.</param>
/// <param name="Paid">What was taken under the agreement and at the checkout.</param>
/// <param name="Back">What went back: by the rail, outside of it, or taken by the bank.</param>
/// <param name="OnItsWay">What is owed back and not there yet.</param>
public sealed record MemberAccount(IReadOnlyList<AccountLine> Lines, Money Paid, Money Back, Money OnItsWay)
{
    /// <summary>What the merchant has of it, once all that is on its way has arrived.</summary>
    public Money Kept => Paid - Back - OnItsWay;

    /// <summary>The account of a membership.</summary>
    /// <param name="events">All its events, in order; at least the first.</param>
    public static MemberAccount Of(IReadOnlyList<SubscriptionEvent> events)
    {
        var s = Evolve.All(null, events)!;
        List<AccountLine> lines = [.. events.Select(LineOf).OfType<AccountLine>()];
        var none = s.Terms.Price with { MinorUnits = 0 };
        return new(
            lines, lines.Where(line => line.Amount > none).Aggregate(none, (sum, line) => sum + line.Amount),
            none - lines.Where(line => line.Amount < none).Aggregate(none, (sum, line) => sum + line.Amount),
            s.Refunds.Where(refund => refund.Status != RefundStatus.Done).Aggregate(none, (sum, refund) => sum + refund.Amount));
    }

    private static AccountLine? LineOf(SubscriptionEvent e) => e switch
    {
        Charged x => new(x.PaidAt, x.Amount, AccountLineKind.Charge, x.Order.ToString()),
        Overpaid x => new(x.PaidAt, x.Amount, AccountLineKind.NotOwed, x.Order.ToString()),
        TermsChanged { Paid: { } paid } x => new(x.At, paid.Amount, AccountLineKind.Checkout, paid.Reference),
        Refunded x => new(x.RefundedAt, Minus(x.Amount), AccountLineKind.Refund, x.RefundNumber),
        PaidOutside x => new(x.At, Minus(x.Amount), AccountLineKind.PaidOutside, x.Reference),
        DisputeSettled { TakenBack.MinorUnits: > 0 } x => new(x.At, Minus(x.TakenBack), AccountLineKind.TakenBack, x.Dispute),
        _ => null,
    };

    private static Money Minus(Money amount) => amount with { MinorUnits = -amount.MinorUnits };
}

/// <summary>One sum.</summary>
/// <param name="At">When it moved.</param>
/// <param name="Amount">How much; negative: it went back.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Reference">The order, the refund or where else it stands.</param>
public sealed record AccountLine(Instant At, Money Amount, AccountLineKind Kind, string Reference);

/// <summary>What a sum was.</summary>
public enum AccountLineKind
{
    /// <summary>A charge.</summary>
    Charge = 0,

    /// <summary>Money that is not owed and goes back.</summary>
    NotOwed = 1,

    /// <summary>Paid at the merchant's checkout.</summary>
    Checkout = 2,

    /// <summary>Given back by the rail.</summary>
    Refund = 3,

    /// <summary>Given back outside of the rail.</summary>
    PaidOutside = 4,

    /// <summary>Taken by the bank after a dispute.</summary>
    TakenBack = 5,
}
