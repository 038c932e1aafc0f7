using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

internal static partial class Rules
{
    /// <summary>Unknown has a deadline and an owner.</summary>
    public static readonly IReadOnlyList<Rule> OfUnknown =
    [
        new(
            "UNKNOWN-HAS-AN-OWNER", "An order whose outcome is not known is asked for, or a person looks.",
            (_, a) => a.State is { } s && s.Attempts.Any(x => x.Status == AttemptStatus.InFlight),
            (_, a) => a.State!.Parked is not null || a.State.Attempts.All(x => x.Status != AttemptStatus.InFlight || x.AskAt is not null)),
        Rule.Each<Asked>(
            "ASKS-GROW-RARE", "Ten minutes after the first ask, then half an hour, or when the order ends by itself.",
            (at, e) => e.NextAskAt - e.At >= Duration.FromMinutes(e.Asks == 1 ? 10 : 30) || OrderEnds(at, e),
            (at, e) => !e.Order.IsRefund && e.NextAskAt is not null && IsCounted(at, e) && !IsMissing(at)),
        Rule.Each<Asked>(
            "UNKNOWN-IS-PARKED", "When the asks are used up a person looks.",
            (at, _) => at.After.State!.Parked is not null, (at, e) => e.Asks >= at.Step.Context.Limits.MaxAsks && IsOpen(at, e) && IsCounted(at, e) && !IsMissing(at)),
    ];

    /// <summary>Parked: no notice, no charge; all else goes on. What takes a second decision to compare is compared where words are plain.</summary>
    public static readonly IReadOnlyList<Rule> OfParked =
    [
        new(
            "PARKED-IS-QUIET", "While a person looks nothing is planned, announced or ordered.",
            (b, a) => b.State is { Parked: not null, Status: SubscriptionStatus.Active } && a.Last?.Command is SubscriptionCommand.Wake,
            (_, a) => !a.Last!.Has<Requested>() && !a.Last.Has<CyclePlanned>() && !a.Last.Has<RailNoticeRequested>()
                && !Duty.Of(a.State!).Any(duty => duty.Kind is DutyKind.PlanCycle or DutyKind.Announce or DutyKind.Remind or DutyKind.AnnounceAtRail or DutyKind.MoveRailDate or DutyKind.Charge)),
        new(
            "PARKED-GOES-ON", "Outcomes, refunds, cancels and the agreement's end are decided as if nobody looked.",
            (b, a) => b.State is { Parked: not null } && !a.World.IsWordy && a.Last is { Fault: null, Act: "order" or "refund" or "cancels" or "agreement" },
            (b, a) => Sentence(a.Last!.Events) == Sentence(a.World.Decisions.On(b.State! with { Parked = null }, a.Last.Command, a.Last.Context))),
    ];

    /// <summary>A restored ledger.</summary>
    public static readonly IReadOnlyList<Rule> OfFrozen =
    [
        new(
            "FROZEN-DECIDES-NOTHING", "A restored ledger does nothing by itself.",
            (b, a) => b.IsFrozen && a.Last?.Command is SubscriptionCommand.Wake, (_, a) => !a.Last!.Events.Any()),
        new(
            "LOST-ORDER-IS-OURS", "An order that the rail has and a restored ledger has not is taken for ours.",
            (b, a) => b.IsFrozen && a.Last?.Arg is (Which.LostInTheRestore, Said.Paid or Said.PaidBeforeTheCancel or Said.PaidOtherAmount or Said.Pending),
            (_, a) => a.Last!.Has<OrderFound>() && !a.Last.Events.Any(e => e is Overpaid { Reason: OverpaidReason.NotOrdered })),
    ];

    /// <summary>Charging is stopped.</summary>
    public static readonly IReadOnlyList<Rule> OfStops =
    [
        new(
            "STOPPED-ORDERS-NOTHING", "While charging is stopped a charge that is due is not ordered.",
            (b, a) => a.Last is { Context.MayCharge: false } && Duty.Of(b.State!).Any(duty => duty.Kind == DutyKind.Charge && duty.Due <= a.Last.Context.Now),
            (_, a) => !a.Last!.Has<Requested>()),
        new(
            "STOPPED-GOES-ON", "While charging is stopped all that is heard is decided as ever.",
            (b, a) => b.State is not null && !a.World.IsWordy && a.Last is { Fault: null, Act: "order" or "refund" or "cancels" },
            (b, a) => Sentence(a.World.Decisions.On(b.State, a.Last!.Command, a.Last.Context with { MayCharge = false })) == Sentence(a.Last.Events)),
    ];

    /// <summary>Everything has a limit.</summary>
    public static readonly IReadOnlyList<Rule> OfLimits =
    [
        new(
            "EVENTS-END", "A stream that has reached its limit waits for a person.",
            (b, a) => !b.IsFrozen && a.Last?.Arg is Moment.AlarmAtTheLimitOfEvents, (_, a) => a.State!.Parked is not null),
        Rule.Each<NotTaken>(
            "SENDS-END", "An order that was sent as often as may be is not sent again by itself.",
            (at, e) => e.ResendAt is null && at.After.State!.Parked is not null,
            (at, e) => !e.Order.IsRefund && at.State.Status == SubscriptionStatus.Active && at.Before.Facts.Of(e.Order)?.Sends >= at.Step.Context.Limits.MaxSends),
        Rule.Each<NotTaken>(
            "NUMBERS-END", "Where each send has a number of its own the sends of all of them count.",
            (at, e) => e.ResendAt is null && at.After.State!.Parked is not null,
            (at, e) => !e.Order.IsRefund && at.Step.Context.Traits.Resend == Resend.Never && at.State.Status == SubscriptionStatus.Active
                && at.State.Attempts.Count(a => a.Status == AttemptStatus.NotTaken && a.Order.Charge == e.Order.Charge) >= at.Step.Context.Limits.MaxSends - 1),
        Rule.Each<NoticeFailed>(
            "NOTICES-END", "When a member cannot be told again and again, a person looks.",
            (at, _) => at.After.State!.Parked is not null, (at, e) => e.Failures >= at.Step.Context.Limits.MaxNoticeFailures),
        Rule.Each<RailNoticeRequested>(
            "RAIL-NOTICES-END", "A notice at the rail is repeated so often and not more.",
            (at, _) => at.State.RailNotices.Count < at.Step.Context.Limits.MaxRailNotices),
    ];

    private static string Sentence(IEnumerable<SubscriptionEvent> events) => string.Join(", ", events.Where(e => e is not Parked).Select(Words.Of));

    private static bool IsMissing(At at) => at.Step.Command is SubscriptionCommand.RecordCharge { Answer.Outcome: ChargeOutcome.Missing };

    private static bool IsOpen(At at, Asked e) => e.Order.IsRefund
        ? at.After.State!.Refunds.Any(r => r.Number == e.Order.ToString() && r.Status == RefundStatus.Requested)
        : at.After.State!.Attempts.Any(a => a.Order == e.Order && a.Status == AttemptStatus.InFlight);

    // What the rail says without being asked is no ask.
    private static bool IsCounted(At at, Asked e) => e.Order.IsRefund || at.State.Attempts.Any(a => a.Order == e.Order && e.Asks > a.Asks);

    private static bool OrderEnds(At at, Asked e) => at.State.Attempts.Any(a => a.Order == e.Order && a.ExpiresAt is { } end && e.NextAskAt >= end);
}
