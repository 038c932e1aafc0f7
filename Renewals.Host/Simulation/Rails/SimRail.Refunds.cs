using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Simulation.Rails;

/// <summary>What a rail makes of a wish to give money back.</summary>
internal enum RefundWish
{
    /// <summary>It is under way, or done.</summary>
    Taken,

    /// <summary>There is no such payment.</summary>
    NoPayment,

    /// <summary>The merchant's account is short at the moment.</summary>
    ShortFunds,

    /// <summary>The member's account is gone.</summary>
    AccountClosed,

    /// <summary>The payment was given back already.</summary>
    TooMuch,
}

internal abstract partial class SimRail
{
    private readonly HashSet<string> refusedOnce = new(StringComparer.Ordinal);

    /// <summary>A person gives a payment back on the rail's own pages.</summary>
    public void RefundElsewhere(RailOrder order)
    {
        if (order.Stage != OrderStage.Paid || order.Refunds.Count > 0 || !world.Bank.IsOpen(order.Member))
            return;
        var refund = new RailRefund($"SHOP-{order.Text}", order.Taken, Now);
        order.Refunds.Add(refund);
        world.Reach.Saw(Mark.RefundElsewhere);
        Finish(order, refund);
    }

    protected abstract void TellRefund(RailOrder order, RailRefund refund);

    protected RefundWish TakeRefund(RefundOrder wish)
    {
        if (Find(wish.Number.OfAttempt.ToString()) is not { Stage: OrderStage.Paid } order)
            return RefundWish.NoPayment;
        var number = wish.Number.ToString();
        if (order.Refunds.Any(refund => refund.Number == number))
            return RefundWish.Taken;
        if (order.GivenBack + wish.Amount.MinorUnits > order.Taken.MinorUnits)
            return RefundWish.TooMuch;
        if (!world.Bank.IsOpen(order.Member))
            return RefundWish.AccountClosed;
        var dice = Dice.Of(world.Seed, number);
        if (dice.Chance(0.1) && refusedOnce.Add(number))
            return RefundWish.ShortFunds;
        var refund = new RailRefund(number, wish.Amount, Now);
        order.Refunds.Add(refund);
        world.Schedule(dice.Between(Duration.FromSeconds(1), dice.Chance(0.1) ? Duration.FromHours(30) : Duration.FromSeconds(30)), () => Finish(order, refund));
        return RefundWish.Taken;
    }

    private void Finish(RailOrder order, RailRefund refund)
    {
        var entry = new BankEntry(
            order.Text, refund.Number, order.Member, account, refund.Amount, BankEntryKind.Refund, Now, order.Transaction, ExecutedUnder.PreNotice);
        if (!world.Bank.PayBack(entry))
        {
            order.Refunds.Remove(refund);
            return;
        }

        (refund.Done, refund.At) = (true, Now);
        world.Checks.GivenBack(this, order, refund);
        world.Reach.Saw(Mark.Refunded);
        TellRefund(order, refund);
    }

    private Money AmountTaken(RailOrder order)
    {
        if (!world.Dice.Chance(0.004 * world.Faults[Fault.BrokenWord]))
            return order.Amount;
        order.WordBroken = true;
        world.Reach.Saw(Mark.OtherAmount);
        return order.Amount with { MinorUnits = order.Amount.MinorUnits + 7 };
    }
}
