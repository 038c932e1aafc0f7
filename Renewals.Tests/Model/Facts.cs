using System.Collections.Immutable;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>What the world knows of one order, whatever the membership made of it.</summary>
/// <param name="MayBeTaken">Whether the rail may still take it, by all it said.</param>
/// <param name="Sent">When it was last sent at the latest.</param>
/// <param name="OrderedAt">Since when the rail may know it.</param>
internal sealed record OrderFacts(bool MayBeTaken, Instant Sent, Instant OrderedAt)
{
    public Money? Took { get; init; }

    public int Sends { get; init; }

    /// <summary>Whether the rail has spoken its last word of it: declined, or taken.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Whether the rail last said that it works on it.</summary>
    public bool IsAtRail { get; init; }

    public bool WentBack { get; init; }
}

/// <summary>What happened in the world: what was sent, told and said. Folded beside the membership, from commands and not from its state.</summary>
internal sealed record Facts
{
    public static readonly Facts None = new();

    public ImmutableDictionary<OrderNumber, OrderFacts> Orders { get; private init; } = ImmutableDictionary<OrderNumber, OrderFacts>.Empty;

    /// <summary>Charges booked as paid.</summary>
    public ImmutableHashSet<Charge> Booked { get; private init; } = [];

    /// <summary>Orders whose money is booked: as a payment, or as owed back.</summary>
    public ImmutableHashSet<OrderNumber> Settled { get; private init; } = [];

    /// <summary>The last notice that was handed over, with what stood in it.</summary>
    public MemberNotice? Told { get; private init; }

    public Instant? SignedAt { get; private init; }

    public Instant? CancelledAt { get; private init; }

    public (int Ordinal, Instant PaidUntil)? Tiled { get; private init; }

    public OrderFacts? Of(OrderNumber order) => Orders.GetValueOrDefault(order);

    public Facts After(Subscription? before, Step step, RailTraits traits)
    {
        var heard = Hear(before, step.Command, step.Context.Now, traits);
        return step.Events.Aggregate(heard, (facts, e) => facts.Note(e));
    }

    private Facts Hear(Subscription? before, SubscriptionCommand command, Instant now, RailTraits traits) => command switch
    {
        SubscriptionCommand.RecordCharge x => With(x.Order, Judge(Of(x.Order) ?? new(false, now, now), x.Answer, now, traits)),
        SubscriptionCommand.RecordRefund { Answer: Core.Gateways.RefundAnswer.Refunded } x => With(x.Order, (Of(x.Order) ?? new(false, now, now)) with { WentBack = true }),
        SubscriptionCommand.RecordNotice { Result: NoticeResult.HandedOver done } x when before?.Cycle is { } cycle =>
            this with { Told = new(x.NoticeId, cycle.Ordinal, cycle.Amount, cycle.MoneyFrom, cycle.MoneyUntil, done.At, done.Receipt) },
        SubscriptionCommand.RecordAgreement { Status: Core.Agreements.AgreementStatus.Active, SignedAt: { } at } => this with { SignedAt = SignedAt ?? at },
        _ => this,
    };

    // When a predecessor can still be taken, said again in other words than the decision's.
    private static OrderFacts Judge(OrderFacts order, ChargeAnswer answer, Instant now, RailTraits traits) => answer.Outcome switch
    {
        _ when answer.Evidence == Evidence.Hint => order,
        ChargeOutcome.Succeeded x => order with { MayBeTaken = false, IsFinal = true, Took = order.Took ?? x.Amount },
        ChargeOutcome.Reversed x => order with { MayBeTaken = false, IsFinal = true, Took = order.Took ?? x.Amount, WentBack = true },
        ChargeOutcome.Declined => order with { MayBeTaken = false, IsFinal = true, IsAtRail = false },
        ChargeOutcome.Refused or ChargeOutcome.NotSent => order with { MayBeTaken = false, IsAtRail = false },
        ChargeOutcome.Pending => order with { MayBeTaken = !order.IsFinal, IsAtRail = true },
        ChargeOutcome.Absent => order.IsAtRail ? order : order with { MayBeTaken = false },
        ChargeOutcome.Missing when traits.AbsenceProof == AbsenceProof.Query && now >= order.Sent + traits.CallTimeout + traits.SettleDelay
            && now < order.OrderedAt + traits.RemembersOrders => order with { MayBeTaken = false, IsAtRail = false },
        ChargeOutcome.Missing => order with { IsAtRail = false },
        ChargeOutcome.Unknown => order,
        _ => throw new InvalidOperationException($"Nobody knows what {answer.Outcome.GetType().Name} means."),
    };

    private Facts Note(SubscriptionEvent e) => e switch
    {
        Requested x => With(x.Order, new(true, x.SendBefore, Of(x.Order)?.OrderedAt ?? x.OrderedAt) { Sends = (Of(x.Order)?.Sends ?? 0) + 1 }),
        Charged x => this with
        {
            Booked = Booked.Add(x.Order.Charge), Settled = Settled.Add(x.Order), Tiled = (x.Order.Charge.Ordinal, x.PaidUntil),
        },
        Overpaid x => this with { Settled = Settled.Add(x.Order) },
        AnchorMoved { PaidUntil: { } until } x => this with { Tiled = (x.Ordinal - 1, until) },
        Cancelled x => this with { CancelledAt = CancelledAt ?? x.At },
        _ => this,
    };

    private Facts With(OrderNumber order, OrderFacts facts) => this with { Orders = Orders.SetItem(order, facts) };
}
