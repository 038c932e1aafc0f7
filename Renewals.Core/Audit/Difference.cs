using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Audit;

/// <summary>How our ledger and a rail's statement can disagree.</summary>
public enum DifferenceKind
{
    /// <summary>Our events say that money moved that day; the statement does not have it.</summary>
    OursOnly = 0,

    /// <summary>The statement has it and it is not ours: another system's order, or one of a membership we do not know. Never acted upon.</summary>
    TheirsOnly = 1,

    /// <summary>Both have it, with different amounts.</summary>
    Amount = 2,

    /// <summary>The statement says paid or refunded, our membership said otherwise (in flight, declined, not taken, owed), or it stands there twice.</summary>
    State = 3,

    /// <summary>A refund of an order of ours that we did not make: on the rail's own pages, or by its service desk.</summary>
    RefundElsewhere = 4,

    /// <summary>Both have it, the statement on another day than our events. A note, no difference: it keeps the other day clean.</summary>
    OtherDay = 5,
}

/// <summary>One thing that differs between our ledger and a rail's statement.</summary>
/// <param name="Kind">How.</param>
/// <param name="Order">Our order number; null for an order that is not in our form, which may hold anything and is not repeated here.</param>
/// <param name="Refund">The refund's number; null for a payment.</param>
/// <param name="RailTransaction">The rail's number of the payment; null when only we have it.</param>
/// <param name="Ours">What our events say.</param>
/// <param name="Theirs">What the statement says.</param>
/// <param name="At">When: the statement's time, or ours when only we have it.</param>
/// <param name="Healed">Whether our ledger says now what the statement says.</param>
/// <param name="Detail">In words, for people.</param>
public sealed record Difference(
    DifferenceKind Kind, string? Order, string? Refund, string? RailTransaction, Money? Ours, Money? Theirs, Instant At, bool Healed, string Detail);
