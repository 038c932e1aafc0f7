using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Checks;

/// <summary>No order is sent that was decided after a cancel was committed, or confirmed to whoever asked for it.</summary>
internal sealed class NothingSentAfterCancel(SimWorld world) : Promise(world)
{
    public override string Name => "nothing-sent-after-cancel";

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        if (events.Any(e => e is CancelUndone))
            (track.CancelConfirmed, track.UndoneAt) = (null, World.Ledger.Commits);
    }

    public override void Sending(EngineLife life, SimRail rail, ChargeOrder order)
    {
        var id = order.Number.Charge.Subscription;
        var claim = life.Claimed[id];
        Hold(claim.State.CancelledAt is null, id, $"{Word(order.Number)} is sent, decided after renewal was stopped at {claim.State.CancelledAt}");
        Hold(!(World.Ledger.Track(id)?.CancelConfirmed < claim.Commit), id, $"{Word(order.Number)} is sent, decided after the member was told that renewal is stopped");
    }
}

/// <summary>No order is sent while another of the membership can still be taken.</summary>
internal sealed class OneOrderInFlight(SimWorld world) : Promise(world)
{
    private const int LookBack = 8;

    private readonly Dictionary<SubscriptionId, List<OrderNumber>> sent = [];

    public override string Name => "one-order-in-flight";

    public override void Sending(EngineLife life, SimRail rail, ChargeOrder order)
    {
        var id = order.Number.Charge.Subscription;
        if (!sent.TryGetValue(id, out var orders))
            sent[id] = orders = [];
        foreach (var other in orders.TakeLast(LookBack))
            Hold(other == order.Number || !rail.CanStillBeTaken(other), id, $"{Word(order.Number)} is sent while {Word(other)} can still be taken");
        if (!orders.Contains(order.Number))
            orders.Add(order.Number);
    }
}

/// <summary>An order is sent within the time its decision allows, however long the machine stood still.</summary>
internal sealed class SentBeforeItIsLate(SimWorld world) : Promise(world)
{
    public override string Name => "sent-before-it-is-late";

    public override void Sending(EngineLife life, SimRail rail, ChargeOrder order)
    {
        var waited = Duration.FromTicks(World.Ticks - life.Claimed[order.Number.Charge.Subscription].At);
        Hold(
            waited <= Duration.FromTimeSpan(World.EngineOptions.Value.SendWithin) + ClockTolerance, order.Number.Charge.Subscription,
            $"{Word(order.Number)} is sent {waited.TotalMinutes:F0} minutes after it was decided");
    }
}

/// <summary>A membership that waits for a person gets no notice and no charge that was decided meanwhile.</summary>
internal sealed class ParkedIsQuiet(SimWorld world) : Promise(world)
{
    public override string Name => "parked-is-quiet";

    public override void Sending(EngineLife life, SimRail rail, ChargeOrder order) => Look(life, order.Number.Charge.Subscription, Word(order.Number));

    public override void Telling(EngineLife life, ChargeNotice notice) => Look(life, notice.Subscription, $"notice {notice.NoticeId}");

    public override void AnnouncingAtRail(EngineLife life, RailNoticeOrder notice)
    {
        if (World.Ledger.MembershipOf(notice.Agreement.Agreement) is { } id)
            Look(life, id, "a notice at the rail");
    }

    private void Look(EngineLife life, SubscriptionId id, string what)
    {
        var claim = life.Claimed[id];
        Hold(claim.State.Parked is null, id, $"{what} goes out, decided while the membership was parked: {claim.State.Parked}");
        Hold(!(World.Ledger.Track(id)?.ParkConfirmed < claim.Commit), id, $"{what} goes out, decided after somebody was told that nothing would");
    }
}

/// <summary>Money is taken only under a notice handed over in time, the consent given while signing, or by the member.</summary>
/// <remarks>Judged by the notifier's own list and the rail's own times, not by what our events say.</remarks>
internal sealed class AuthorityBeforeMoney(SimWorld world) : Promise(world)
{
    // Months are counted in the plan's zone there and in UTC here.
    private static readonly Duration OneDay = Duration.FromDays(1);

    public override string Name => "authority-before-money";

    public override void Accepted(SimRail rail, RailOrder order)
    {
        var id = order.Number.Charge.Subscription;
        var money = World.Now + rail.Traits.ChargeDelay;
        var consented = order.Number.Charge.Kind == ChargeKind.First && World.Now <= order.Agreement!.SignedAt + rail.Traits.SigningConsent + WireTolerance;
        var track = World.Ledger.Track(id)!;
        var (law, notices) = (track.State.Terms.Law, NotKnownToHaveComeBack(track, order));
        Hold(consented || notices.Exists(told => told.Notice.Account == rail.Account && Covers(law, told, order, money)), id, $"{Word(order.Number)} was taken without a notice in time");
        if (law.ReminderMonths == 0 || consented)
            return;
        var since = notices.Where(told => told.Notice.Kind == NoticeKind.Reminder).Select(told => told.At).Append(order.Agreement!.SignedAt!.Value).Max();
        var last = since.InUtc().LocalDateTime.PlusMonths(law.ReminderMonths).InUtc().ToInstant() + OneDay;
        Hold(money <= last + rail.Traits.ChargeDelay, id, $"{Word(order.Number)} was taken, and the member was last reminded at {since}");
    }

    // When the order was decided.
    private List<HandedOver> NotKnownToHaveComeBack(Track track, RailOrder order)
    {
        var decided = track.Events.OfType<Requested>().LastOrDefault(e => e.Order == order.Number)?.At ?? World.Now;
        var back = track.Events.OfType<NoticeBounced>().Where(e => e.At < decided).Select(e => e.Receipt).ToHashSet();
        return [.. World.Notifier.ReceiptsOf(track.Id).Where(told => !back.Contains(told.ReceiptOfBounce))];
    }

    private static bool Covers(MarketRules law, HandedOver told, RailOrder order, Instant money) =>
        told.Notice.Amount.Currency == order.Amount.Currency && told.Notice.Amount >= order.Amount
        && money - told.At >= law.NoticeLead - ClockTolerance && money - told.At <= law.NoticeMaxLead + ClockTolerance
        && told.Notice.MoneyFrom - ClockTolerance <= money && money <= told.Notice.MoneyUntil + WireTolerance
        && told.Notice.NoticeId.StartsWith($"{order.Number.Charge.Subscription}-{order.Number.Charge.Ordinal}-", StringComparison.Ordinal);
}
