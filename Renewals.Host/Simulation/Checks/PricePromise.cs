using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Checks;

/// <summary>
/// What was charged is the price of the spans that were paid for, under the terms of each, with what was added for spans in between; what went back is no
/// more than what was paid. Reckoned from the events alone, not from what the calendars say.
/// </summary>
internal sealed class MoneyEqualsSpans(SimWorld world) : Promise(world)
{
    public override string Name => "money-equals-spans";

    public override void Monthly() => AtTheEnd();

    public override void AtTheEnd()
    {
        foreach (var track in World.Ledger.Tracks)
            Look(track.Id, track.Events);
    }

    private void Look(SubscriptionId id, IReadOnlyList<SubscriptionEvent> events)
    {
        var (charged, owed) = (0L, 0L);
        Dictionary<OrderNumber, long> left = [];
        Subscription? s = null;
        Terms? before = null;
        foreach (var e in events)
        {
            if (e is Charged x)
            {
                charged += x.Amount.MinorUnits;
                owed += s!.Terms.PriceOf(x.Order.Charge.Ordinal).MinorUnits;
                left[x.Order] = x.Amount.MinorUnits;
            }
            else if (e is AmountAdded added)
            {
                owed += added.Amount.MinorUnits;
                Hold(IsItsShare(s!, before!, added), id, $"{added.Name}: {added.Amount} is not the share of the days that are left");
            }
            else if (e is RefundGranted granted)
            {
                left[granted.Refund.OfAttempt] -= granted.Amount.MinorUnits;
                Hold(left[granted.Refund.OfAttempt] >= 0, id, $"more goes back of {Word(granted.Refund.OfAttempt)} than it took");
            }

            before = e is TermsChanged ? s!.Terms : before ?? s?.Terms;
            s = Evolve.Next(s, e);
        }

        var pending = s!.Additions.Sum(addition => addition.Amount.MinorUnits);
        Hold(charged + pending == owed, id, $"{charged} were charged and {pending} are still to be, for spans that cost {owed}");
    }

    // Of a change at once: the difference of the two prices for the days that are left of the period that runs, less than one minor unit off.
    private static bool IsItsShare(Subscription s, Terms before, AmountAdded added)
    {
        if (!added.Name.EndsWith("-rest", StringComparison.Ordinal) || s.Periods is not { } periods)
            return true;
        var ordinal = periods.OrdinalAt(added.At);
        var (first, end, today) = (periods.FirstDay(ordinal), periods.FirstDay(ordinal + 1), added.At.InZone(RenewalZones.Get(s.Terms.ZoneId)).Date);
        var (days, rest) = (Period.DaysBetween(first, end), Period.DaysBetween(today, end));
        var difference = s.Terms.PriceOf(ordinal).MinorUnits - before.PriceOf(ordinal).MinorUnits;
        return Math.Abs((added.Amount.MinorUnits * days) - (difference * rest)) < days;
    }
}
