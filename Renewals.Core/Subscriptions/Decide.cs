using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;

namespace Renewals.Core.Subscriptions;

/// <summary>The decisions of a membership: given what happened, what follows from a command.</summary>
/// <remarks>
/// Pure and idempotent: decide, evolve, decide again gives nothing. One file for each matter: signing, renewal, outcomes, refunds, endings.
/// </remarks>
public static partial class Decide
{
    /// <summary>More events than this from one alarm mean a fault in a decision.</summary>
    private const int MaxEventsAtOnce = 32;

    private static readonly IReadOnlyList<SubscriptionEvent> Nothing = [];

    /// <summary>What follows from a command.</summary>
    /// <param name="state">The membership; null before its first event.</param>
    /// <param name="command">What is asked or became known.</param>
    /// <param name="context">When, at which rail, within which bounds.</param>
    /// <exception cref="InvalidOperationException">The command needs a membership and there is none, or is a fault of the caller.</exception>
    public static IReadOnlyList<SubscriptionEvent> On(Subscription? state, SubscriptionCommand command, DecisionContext context)
    {
        if (command is SubscriptionCommand.Enrol enrol)
            return state is null ? Enrol(enrol, context) : Nothing;
        if (command is SubscriptionCommand.Import import)
            return state is null ? Import(import, context) : Nothing;
        var s = state ?? throw new InvalidOperationException($"There is no subscription to {command.GetType().Name}.");
        return command switch
        {
            SubscriptionCommand.Wake => Wake(s, context),
            SubscriptionCommand.RecordAgreement x => RecordAgreement(s, x, context),
            SubscriptionCommand.RecordRailDate x => RecordRailDate(s, x, context),
            SubscriptionCommand.RecordNotice x => RecordNotice(s, x, context),
            SubscriptionCommand.RecordRailNotice x => RecordRailNotice(s, x, context),
            SubscriptionCommand.RecordCharge x => RecordCharge(s, x, context),
            SubscriptionCommand.RecordRefund x => RecordRefund(s, x, context),
            SubscriptionCommand.Cancel x => Cancel(s, x, context),
            SubscriptionCommand.Park x => s.Parked is null ? [new Parked(x.Reason, x.Detail, context.Now)] : Nothing,
            SubscriptionCommand.Unpark x => s.Parked is not null ? [new Unparked(x.By, x.Why, context.Now)] : Nothing,
            SubscriptionCommand.DecideCatchUp x => DecideCatchUp(s, x, context),
            SubscriptionCommand.RecordOldPayments x => RecordOldPayments(s, x, context),
            _ => WhyNot(s, command, context) is null ? OnWish(s, command, context) : Nothing,
        };
    }

    /// <summary>Does everything that is due and can be decided without asking anybody; the rest stays due for the engine to carry out.</summary>
    private static IReadOnlyList<SubscriptionEvent> Wake(Subscription s, DecisionContext context)
    {
        if (context.Frozen)
            return Nothing;
        List<SubscriptionEvent> events = [.. ParkAtLimit(s, context)];
        s = Evolve.All(s, events)!;
        while (FirstDecision(s, context) is { Count: > 0 } decided)
        {
            if (events.Count > MaxEventsAtOnce)
                throw new InvalidOperationException($"Subscription {s.Id} does not come to rest: {string.Join(", ", events.Select(e => e.GetType().Name))}.");
            events.AddRange(decided);
            s = Evolve.All(s, decided)!;
        }

        return [.. events, .. ParkAtLimit(s, context)];
    }

    private static IReadOnlyList<SubscriptionEvent> ParkAtLimit(Subscription s, DecisionContext context) =>
        s.Version >= context.Limits.MaxEvents
            ? Some(ParkOnce(s, ParkReason.Fault, $"the stream has {s.Version} events, the limit", context.Now))
            : Nothing;

    // What is charged at another account now is planned by that account's rail.
    private static IReadOnlyList<SubscriptionEvent> FirstDecision(Subscription s, DecisionContext context) => context.Account is { } account && account != s.Account ? Nothing :
        Duty.Of(s).Where(duty => duty.Due <= context.Now).Select(duty => Perform(s, duty, context)).FirstOrDefault(events => events.Count > 0, Nothing);

    /// <summary>One due duty as events. Nothing means: the rail or the notifier must be called, see <see cref="Errand"/>.</summary>
    private static IReadOnlyList<SubscriptionEvent> Perform(Subscription s, Duty duty, DecisionContext context) => duty.Kind switch
    {
        DutyKind.AskSigning or DutyKind.VerifyAgreement or DutyKind.ReadRailDate or DutyKind.AskCharge or DutyKind.AskRefund or DutyKind.CallTermination
            or DutyKind.AskStatements => Nothing,
        DutyKind.PlanCycle => PlanCycle(s, context),
        DutyKind.MoveRailDate => context.Now > s.Cycle!.AnnounceBy ? PlanCycle(s, context) : Nothing,
        DutyKind.Remind => Remind(s, context),
        DutyKind.Announce => Announce(s, context),
        DutyKind.AnnounceAtRail => AnnounceAtRail(s, context),
        DutyKind.Charge => Charge(s, context),
        DutyKind.OfferPrice => TellOfPrice(s, context),
        DutyKind.ConcludeOffer => ConcludeOffer(s, PriceAnswer.Silence, "nobody", context),
        DutyKind.LeaveAgreement => TakeOverOrCancel(s, SwitchReason.Ended, Subscriptions.CancelledBy.Wallet, "the agreement is over", context, byHand: true),
        DutyKind.Refund => RequestRefund(s, s.Refunds.First(refund => refund.Number == duty.Key), context),
        DutyKind.Terminate => [new AgreementChanged(duty.AgreementOf(s), AgreementStatus.Terminating, null, context.Now)],
        DutyKind.End => End(s, context),
        _ => throw new InvalidOperationException($"No decision for duty {duty.Kind}."),
    };

    private static Parked? ParkOnce(Subscription s, ParkReason reason, string detail, Instant now) =>
        s.Parked is null ? new Parked(reason, detail, now) : null;

    private static IReadOnlyList<SubscriptionEvent> Some(params SubscriptionEvent?[] events) => [.. events.OfType<SubscriptionEvent>()];
}
