using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Checks;

/// <summary>Counts what memberships come to.</summary>
internal static class Happenings
{
    public static void Count(Reach reach, SubscriptionEvent e)
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
                if (order.Charge.Kind == ChargeKind.CatchUp)
                    reach.Saw(Mark.CaughtUp);
                break;
            case PeriodsSkipped skipped:
                reach.Saw(skipped.Given ? Mark.PeriodGiven : Mark.PeriodSkipped);
                break;
            case Parked { Reason: ParkReason.CatchUpUndecided }:
                reach.Saw(Mark.Parked);
                reach.Saw(Mark.CatchUpAsked);
                break;
            case CatchUpDecided:
                reach.Saw(Mark.CatchUpDecided);
                break;
            case OrderFound:
                reach.Saw(Mark.LostOrderFound);
                break;
            case Parked { Reason: ParkReason.Unreachable }:
                reach.Saw(Mark.Parked);
                reach.Saw(Mark.Unreachable);
                break;
            case Announced { Channel: SimNotifier.Second }:
                reach.Saw(Mark.ToldBySecondChannel);
                break;
            case NoticePostponed:
                reach.Saw(Mark.NoticeWaitsForMorning);
                break;
            case Reminded:
                reach.Saw(Mark.Reminded);
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
