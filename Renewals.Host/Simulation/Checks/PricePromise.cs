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
            else if (e is TermsChanged { Paid: null, OnNextCharge: false } free && free.Ordinal == s!.PaidThrough && free.EnjoyedFrom == free.At)
            {
                Hold(IsShare(s, s.Terms, free.Terms, free.At, 0), id, $"{free.Change} takes effect at once and costs nothing");
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

    // Of a change at once: the difference of the two prices for the days that are left of those that were paid, less than one minor unit off.
    private static bool IsItsShare(Subscription s, Terms before, AmountAdded added) =>
        !added.Name.EndsWith("-rest", StringComparison.Ordinal) || IsShare(s, before, s.Terms, added.At, added.Amount.MinorUnits);

    private static bool IsShare(Subscription s, Terms before, Terms after, Instant at, long amount)
    {
        var zone = RenewalZones.Get(s.Terms.ZoneId);
        LocalDate DayOf(Instant instant) => instant.InZone(zone).Date;
        var end = DayOf(s.PaidUntil!.Value);
        var days = s.PaidDays > 0 ? s.PaidDays : Period.DaysBetween(before.Interval.After(end, -1), end);
        var pausedFor = s.Pause is { MovesDays: true, DaysLeft: > 0, Until: { } until } pause && until > at ? Period.DaysBetween(DayOf(Instant.Max(at, pause.From)), DayOf(until)) : 0;
        var rest = Math.Clamp(Period.DaysBetween(DayOf(at), end) - pausedFor - s.UnpaidDays, 0, days);
        var difference = after.PriceOf(s.PaidThrough).MinorUnits - before.PriceOf(s.PaidThrough).MinorUnits;
        return Math.Abs((amount * days) - (difference * rest)) < days;
    }
}
