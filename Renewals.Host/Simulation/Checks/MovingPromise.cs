using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Cast;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Checks;

/// <summary>A period that another system took before its cut-over, or after it as far as a statement told us, is not charged again; and we say that it was.</summary>
/// <remarks>Judged by the bank's list of both systems' payments, not by what our events say of the other's.</remarks>
internal sealed class MovedInOnce(SimWorld world) : Promise(world)
{
    // An order may be on its way while the statement is read.
    private static readonly Duration UntilSent = Duration.FromHours(1);

    // So long lines are kept for a payer who becomes known only when the rail confirms the agreement.
    private static readonly Duration LinesKept = Duration.FromDays(6);

    public override string Name => "moved-in-once";

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        if (track.State.MovedIn is not null && events.Any(e => e is Charged))
            World.Reach.Saw(Mark.MovedInRenewal);
    }

    public override void Taken(SimRail rail, RailOrder order)
    {
        var (id, charge) = (order.Number.Charge.Subscription, order.Number.Charge);
        if (order.WordBroken || charge.Kind is not (ChargeKind.Renewal or ChargeKind.CatchUp))
            return;
        if (World.Movers.Of(id) is not { } old || World.Ledger.Track(id) is not { State.Periods: { } periods } track)
            return;
        var (first, next) = (periods.FirstDay(charge.Ordinal), periods.FirstDay(charge.Ordinal + 1));
        foreach (var payment in old.Payments.Where(payment => payment.FirstDay < next && first < payment.NextDay))
            Hold(WasLookedAt(track, payment) || !IsKnown(old, payment, order.AcceptedAt - UntilSent), id, $"{Word(order.Number)} is taken for {first}, and the other system took {payment.Order} for it at {payment.At}");
    }

    // Where our days are not the other system's any more, only a person can say what a payment there was for, and one was called.
    private static bool WasLookedAt(Track track, OldTaking payment)
    {
        var at = track.Events.FindIndex(e => e is PaidElsewhere { Ordinal: 0, AwaitsStatements: false } x && x.RailTransaction == payment.Transaction);
        return at >= 0 && track.Events.Take(at).Any(e => e is AnchorMoved or PeriodsSkipped or TermsChanged { Anchor: not null }) && track.Events.Skip(at).Any(e => e is Unparked);
    }

    public override void Weekly()
    {
        foreach (var old in World.Movers.Here)
        {
            if (World.Ledger.IsUnadopted || World.Ledger.Track(old.Id!.Value) is not { State.MovedIn.AskAt: null } track)
                continue;
            foreach (var payment in old.Payments.Where(payment => payment.At >= World.Movers.CutOver && MustBeSeen(old, track, payment)))
            {
                var isSaid = track.Events.Any(e => e is PaidElsewhere x && x.RailTransaction == payment.Transaction);
                Hold(isSaid, track.Id, $"the other system took {payment.Order} after the cut-over, its statement was read, and no event says so");
            }
        }
    }

    private bool MustBeSeen(OldMembership old, Track track, OldTaking payment)
    {
        var imported = track.Events[0].At;
        return IsKnown(old, payment, World.Now - UntilSent)
            && (payment.At < imported + LinesKept || payment.At > track.Events.OfType<StatementsAsked>().Last().At + Duration.FromDays(1));
    }

    // Before the cut-over everything is known before anything is charged. After it, once the statement was read: by its payer, or by the number exported.
    private bool IsKnown(OldMembership old, OldTaking payment, Instant by)
    {
        if (payment.At < World.Movers.CutOver)
            return true;
        if (old.Rail is not WeChatRail && old.Line!.OldOrder != payment.Order)
            return false;
        var day = new StatementDays(old.Rail.Traits).Of(payment.At);
        return SimLedger.Done(World.Ledger.Reconciliations.FindAsync(old.Rail.Account, day, default)) is { State: ReconciliationState.Complete } report && report.Finished < by;
    }
}
