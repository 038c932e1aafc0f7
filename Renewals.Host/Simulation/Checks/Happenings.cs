using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Checks;

/// <summary>Counts what memberships come to.</summary>
internal static class Happenings
{
    public static void Count(Reach reach, Subscription? before, SubscriptionEvent e)
    {
        switch (e)
        {
            case Charged { Order.Charge.Kind: ChargeKind.First }:
                reach.Saw(Mark.FirstCharge);
                break;
            case Charged { Order: var order }:
                reach.Saw(Mark.Renewal);
                if (order.Attempt > 1)
                    reach.Saw(Mark.Recovered);
                if (order.Charge.Ordinal > (before?.PaidThrough ?? 0) + 1)
                    reach.Saw(Mark.PeriodSkipped);
                break;
            case Cancelled { By: CancelledBy.Dunning }:
                reach.Saw(Mark.LostToDunning);
                break;
            case Parked:
                reach.Saw(Mark.Parked);
                break;
        }
    }
}
