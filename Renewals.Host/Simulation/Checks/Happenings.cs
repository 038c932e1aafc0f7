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
            case NoticeDelivered:
                reach.Saw(Mark.NoticeDelivered);
                break;
            case NoticeBounced { RetryAt: not null }:
                reach.Saw(Mark.NoticeBounced);
                break;
            case Reminded:
                reach.Saw(Mark.Reminded);
                break;
            case Cancelled { By: CancelledBy.Dunning }:
                reach.Saw(Mark.LostToDunning);
                break;
            case Enrolled { Terms.TrialDays: > 0 }:
                reach.Saw(Mark.TrialBegun);
                break;
            case Enrolled { StartsOn: not null }:
                reach.Saw(Mark.StartsLater);
                break;
            case ChangePlanned:
                reach.Saw(Mark.ChangePlanned);
                break;
            case ChangeWithdrawn:
                reach.Saw(Mark.ChangeWithdrawn);
                break;
            case TermsChanged changed:
                reach.Saw(changed.EnjoyedFrom > changed.At ? Mark.ChangeTookEffect : Mark.ChangedAtOnce);
                if (changed.Terms.Coupon is not null)
                    reach.Saw(Mark.CouponUsed);
                break;
            case AnchorMoved { NextPlanAt: not null, Why: not "paused" }:
                reach.Saw(Mark.BillingDayMoved);
                break;
            case Paused:
                reach.Saw(Mark.RenewalPaused);
                break;
            case Resumed:
                reach.Saw(Mark.RenewalResumed);
                break;
            case PriceOffered:
                reach.Saw(Mark.PriceOffered);
                break;
            case PriceAnswered answered:
                reach.Saw(answered.Answer switch { PriceAnswer.Yes => Mark.PriceAgreed, PriceAnswer.No => Mark.PriceRefused, _ => Mark.PriceUnanswered });
                if (answered.NeedsNewAgreement)
                    reach.Saw(Mark.NeedsNewAgreement);
                break;
            case RefundGranted:
                reach.Saw(Mark.RefundGranted);
                break;
            case PaidOutside:
                reach.Saw(Mark.PaidOutside);
                break;
            case Disputed:
                reach.Saw(Mark.Disputed);
                break;
            case DisputeSettled { Won: false }:
                reach.Saw(Mark.DisputeLost);
                break;
            case BackupAdded:
                reach.Saw(Mark.BackupAdded);
                break;
            case BackupRetired:
                reach.Saw(Mark.BackupRetired);
                break;
            case AgreementSwitched { Reason: not SwitchReason.Found } switched:
                reach.Saw(switched.Reason switch
                {
                    SwitchReason.Ended => Mark.BackupTookOverAfterEnd, SwitchReason.Declined => Mark.BackupTookOverAfterDecline, _ => Mark.AgreementSwitched,
                });
                break;
            case Imported:
                reach.Saw(Mark.MovedIn);
                break;
            case StatementsAsked { NextAskAt: null }:
                reach.Saw(Mark.MoveCompared);
                break;
            case PaidElsewhere paid:
                reach.Saw(paid.AfterCutOver ? Mark.PaidAfterCutOver : Mark.PaidElsewhere);
                break;
            case CancelUndone:
                reach.Saw(Mark.CancelUndone);
                break;
            case Parked:
                reach.Saw(Mark.Parked);
                break;
        }
    }
}
