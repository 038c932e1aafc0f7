using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Rails;

/// <summary>What no rail should do and some did: contradict its own final word. Only under the named fault.</summary>
internal abstract partial class SimRail
{
    /// <summary>An order nobody made takes money.</summary>
    public void InventOrder(Subscription of)
    {
        var number = new Charge(of.Id, Subscription.KindOf(of.PaidThrough + 1), of.PaidThrough + 1).Attempt(20 + world.Dice.Below(11));
        if (world.Rails.Any(rail => rail.Find(number.ToString()) is not null))
            return;
        var order = Keep(new(number, AgreementOf(of.Agreement.Id.SigningCode), of.Member, of.Terms.Price, Now) { WordBroken = true });
        world.Reach.Saw(Mark.OrderNotOurs);
        TakeMoney(order, order.Amount, concludes: false);
    }

    private void MayTakeItAfterAll(RailOrder order)
    {
        if (order.AtCashier || !world.Dice.Chance(0.06 * world.Faults[Fault.BrokenWord]))
            return;
        order.WordBroken = true;
        var dice = world.Dice;
        world.Schedule(dice.Until(Duration.FromDays(3)) + Duration.FromMinutes(1), () =>
        {
            if (order.Stage != OrderStage.Failed)
                return;
            if (!TakeMoney(order, order.Amount, concludes: false))
                return;
            if (world.Ledger.Track(order.Number.Charge.Subscription)?.State is { } state)
                world.Reach.Saw(HowLate(state, order.Number));
        });
    }

    // What the membership had come to when the money was taken after all.
    private static Mark HowLate(Subscription state, OrderNumber order) =>
        order.Charge.Ordinal <= state.PaidThrough ? Mark.SuccessTwice
            : state.Attempts.Any(a => a.Order.Charge == order.Charge && a.Order.Attempt > order.Attempt) ? Mark.SuccessAfterNewerAttempt
            : state.CancelledAt is not null ? Mark.SuccessAfterCancel
            : Mark.SuccessAfterDecline;

    private void MayDenyIt(RailOrder order)
    {
        if (world.Ledger.Track(order.Number.Charge.Subscription)?.State.CancelledAt is not null && !order.WordBroken)
            world.Reach.Saw(Mark.SuccessAfterCancel);
        if (order.AtCashier || order.WordBroken || !world.Dice.Chance(0.003 * world.Faults[Fault.BrokenWord]) || ContradictionOf(order) is not { } contradiction)
            return;
        order.WordBroken = true;
        world.Reach.Saw(Mark.DeclineAfterSuccess);
        world.Schedule(Duration.FromHours(1 + world.Dice.Below(200)), () => world.Callbacks.Send(this, () => contradiction));
    }
}
