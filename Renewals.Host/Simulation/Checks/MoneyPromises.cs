using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Sandbox;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Checks;

/// <summary>A charge has at most one success on the bank's own list, except where the bank breaks its word.</summary>
internal sealed class OneSuccessPerCharge(SimWorld world) : Promise(world)
{
    private readonly Dictionary<Charge, int> successes = [];

    public override string Name => "one-success-per-charge";

    public override void Taken(SimRail rail, RailOrder order)
    {
        if (order.WordBroken)
            return;
        var booked = World.Bank.EntriesBetween(World.Now, World.Now + Duration.FromTicks(1))
            .Count(entry => entry.Kind == BankEntryKind.Payment && entry.OrderNumber == order.Text);
        var count = successes[order.Number.Charge] = successes.GetValueOrDefault(order.Number.Charge) + booked;
        Hold(count <= 1, order.Number.Charge.Subscription, $"{order.Number.Charge} was paid {count} times");
    }
}

/// <summary>Bank and events say the same of every order and refund, as far as it can be known.</summary>
internal sealed class LedgersEqual(SimWorld world) : Promise(world)
{
    // After this even what was told by nobody is known from a statement.
    private static readonly Duration Bearable = Duration.FromDays(60);

    private readonly Dictionary<OrderNumber, (SimRail Rail, RailOrder Order)> paid = [];
    private readonly Dictionary<OrderNumber, (SimRail Rail, RailOrder Order)> unrecorded = [];
    private readonly Dictionary<string, (RailOrder Order, RailRefund Refund)> given = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (RailOrder Order, RailRefund Refund)> unrecordedRefunds = new(StringComparer.Ordinal);

    // Orders that were lost with a restore, paid before it or after: nobody can ask for them before somebody adopts the ledger.
    private readonly HashSet<OrderNumber> lost = [];
    private bool isUnadopted;

    public override string Name => "ledgers-equal";

    public override void Restored(Instant to)
    {
        foreach (var (number, order) in paid)
            unrecorded[number] = order;
        foreach (var (number, refund) in given)
            unrecordedRefunds[number] = refund;
        foreach (var e in World.Ledger.Tracks.SelectMany(track => track.Events))
            Forget(e);
        lost.UnionWith(unrecorded.Keys);
        isUnadopted = true;
    }

    // Now everything was asked for and read; what is still not recorded is in flight, as ever.
    public override void Adopted()
    {
        lost.Clear();
        isUnadopted = false;
    }

    public override void Taken(SimRail rail, RailOrder order)
    {
        // The bank's list counts, not what the rail believes of it.
        if (!World.Bank.EntriesBetween(World.Now, World.Now + Duration.FromTicks(1)).Exists(entry => entry.OrderNumber == order.Text))
            return;
        paid[order.Number] = unrecorded[order.Number] = (rail, order);
        if (isUnadopted && World.Ledger.Track(order.Number.Charge.Subscription)?.State.Attempts.Any(attempt => attempt.Order == order.Number) != true)
            lost.Add(order.Number);
    }

    public override void GivenBack(SimRail rail, RailOrder order, RailRefund refund)
    {
        given[refund.Number] = unrecordedRefunds[refund.Number] = (order, refund);
    }

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        foreach (var e in events)
        {
            if (e is Charged x)
                Recorded(track, x.Order, x.Amount);
            else if (e is Overpaid y)
                Recorded(track, y.Order, y.Amount);
            else if (e is Refunded z)
                RecordedRefund(track, z);
        }
    }

    public override void Monthly()
    {
        foreach (var (number, (rail, order)) in unrecorded)
        {
            if (World.Ledger.Track(number.Charge.Subscription)?.State is not { } state)
            {
                Hold(Age(order.EndedAt) < Bearable || IsNamed(rail, order), null, $"{Word(number)} was paid at {order.EndedAt} for a membership that was lost, and no statement's report names it");
                continue;
            }

            var asked = state.Attempts.Any(a => a.Order == number && (a.Status == AttemptStatus.InFlight || a.AskAt is not null));
            Hold(asked || order.WordBroken || lost.Contains(number) || Age(order.EndedAt) < Duration.FromMinutes(1), number.Charge.Subscription, $"{Word(number)} was paid and nobody asks for it");
            Hold(Age(order.EndedAt) < Bearable, number.Charge.Subscription, $"{Word(number)} was paid at {order.EndedAt} and is not recorded");
        }

        foreach (var (number, (order, refund)) in unrecordedRefunds)
            Hold(IsLost(order) || Age(refund.At) < Bearable, order.Number.Charge.Subscription, $"refund {number} was made at {refund.At} and is not recorded");
    }

    public override void AtTheEnd()
    {
        foreach (var (number, (rail, order)) in unrecorded)
            Hold(World.Now - order.EndedAt < Duration.FromDays(3) || (IsLost(order) && IsNamed(rail, order)), number.Charge.Subscription, $"{Word(number)} was paid at {order.EndedAt} and is not recorded at the end");
        foreach (var (number, (order, refund)) in unrecordedRefunds)
            Hold(IsLost(order) || World.Now - refund.At < Duration.FromDays(4), order.Number.Charge.Subscription, $"refund {number} is not recorded at the end");
        Hold(World.Bank.Entries.Count(entry => entry.Kind == BankEntryKind.Payment) == paid.Count + World.Movers.Payments, null, "the bank's list has other payments than were taken");
    }

    private Duration Age(Instant at) => World.Engines.UpSince is { } up ? World.Now - Instant.Max(at, Instant.FromUnixTimeTicks(up)) : Duration.Zero;

    private void Forget(SubscriptionEvent e)
    {
        if (e is Charged x)
            unrecorded.Remove(x.Order);
        else if (e is Overpaid y)
            unrecorded.Remove(y.Order);
        else if (e is Refunded z)
            unrecordedRefunds.Remove(z.RefundNumber);
    }

    // Its membership was signed after the moment the database was put back to.
    private bool IsLost(RailOrder order) => World.Ledger.Track(order.Number.Charge.Subscription) is null;

    // The report of the day's statement lists it as money of nobody here.
    private bool IsNamed(SimRail rail, RailOrder order)
    {
        var report = World.Ledger.Reconciliations.FindAsync(rail.Account, new StatementDays(rail.Traits).Of(order.EndedAt), default);
        return report.Result is { } found && found.Differences.Any(d => d.Kind == DifferenceKind.TheirsOnly && d.Order == order.Text && d.Refund is null);
    }

    private void Recorded(Track track, OrderNumber order, Money amount)
    {
        unrecorded.Remove(order);
        Hold(paid.TryGetValue(order, out var known), track.Id, $"{Word(order)} is recorded as paid, and the bank's list does not have it");
        Hold(known.Order is null || known.Order.Taken == amount, track.Id, $"{Word(order)} is recorded with {amount}, the bank took {known.Order?.Taken}");
    }

    private void RecordedRefund(Track track, Refunded e)
    {
        unrecordedRefunds.Remove(e.RefundNumber);
        Hold(given.TryGetValue(e.RefundNumber, out var known), track.Id, $"refund {e.RefundNumber} is recorded, and the bank's list does not have it");
        Hold(known.Refund is null || known.Refund.Amount == e.Amount, track.Id, $"refund {e.RefundNumber} is recorded with {e.Amount}, the bank gave {known.Refund?.Amount}");
    }
}

/// <summary>What the bank took against its word, or after a cancel, goes back at once and to the last fen.</summary>
internal sealed class DoublesGoBack(SimWorld world) : Promise(world)
{
    private readonly Dictionary<OrderNumber, (Track Track, Instant At)> owed = [];
    private readonly List<Overpaid> all = [];

    public override string Name => "doubles-go-back";

    public override void Restored(Instant to)
    {
        owed.Clear();
        all.Clear();
        foreach (var track in World.Ledger.Tracks)
            Committed(false, track, null, track.Events);
    }

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        foreach (var e in events)
        {
            if (e is Overpaid overpaid)
            {
                all.Add(overpaid);
                owed[overpaid.Order] = (track, World.Now);
            }
            else if (e is RefundRequested asked)
            {
                owed.Remove(asked.Refund.OfAttempt);
            }
            else if (e is Refunded back)
            {
                owed.Remove(back.Order);
            }
        }
    }

    public override void Weekly()
    {
        foreach (var (order, (track, at)) in owed)
            Hold(Idle(track, at) < SweepTolerance, track.Id, $"{Word(order)} was found to be overpaid at {at} and no refund was asked for");
    }

    public override void AtTheEnd()
    {
        foreach (var overpaid in all.Where(x => World.Now - x.At > Duration.FromDays(20)))
        {
            var track = World.Ledger.Track(overpaid.Order.Charge.Subscription)!;
            var order = World.RailOf(track.State.AccountOf(overpaid.Order)).Orders[overpaid.Order.ToString()];

            // What the rail can never give back is paid outside by a person; an event says so.
            var outside = track.State.Refunds.Any(refund => refund.Order == overpaid.Order && refund.Status == RefundStatus.Outside)
                && track.Events.OfType<NotTaken>().Any(e => e.Order == overpaid.Order.Refund(1) && e.ResendAt is null);
            Hold(
                order.Refunds.Where(refund => refund.Done).Sum(refund => refund.Amount.MinorUnits) == order.Taken.MinorUnits || outside, track.Id,
                $"{Word(overpaid.Order)} took {order.Taken} that are not owed ({overpaid.Reason}), and {order.GivenBack} went back");
        }
    }
}
