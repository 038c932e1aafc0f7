using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation.Checks;

/// <summary>All promises of a world; the first that is broken ends it.</summary>
internal sealed class Promises(SimWorld world)
{
    private readonly Promise[] all =
    [
        new OneSuccessPerCharge(world), new LedgersEqual(world), new AuthorityBeforeMoney(world), new NothingSentAfterCancel(world), new OneOrderInFlight(world),
        new SentBeforeItIsLate(world), new DueChargeExplained(world), new DutyOnTime(world), new ParkedIsQuiet(world), new PeriodsTile(world),
        new DecidedTwice(world), new FoldedTwice(world), new DoublesGoBack(world), new ToldByDay(world), new EngineSound(world), new CaughtUpByTheTerms(world), new LateMoneyWithinLimit(world),
        new FrozenIsStill(world), new HeldIsNotCharged(world), new MoneyEqualsSpans(world), new MovedInOnce(world),
        new ErasedIsGone(world),
    ];

    /// <summary>The first that was broken.</summary>
    public Breach? Breach { get; private set; }

    /// <summary>A hash over everything that was committed.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037UL;

    public static IReadOnlyList<string> Names { get; } =
    [
        "one-success-per-charge", "ledgers-equal", "authority-before-money", "nothing-sent-after-cancel", "one-order-in-flight", "sent-before-it-is-late",
        "due-charge-explained", "duty-on-time", "parked-is-quiet", "periods-tile", "decided-twice", "folded-twice", "doubles-go-back", "told-by-day", "engine-sound", "caught-up-by-the-terms",
        "late-money-within-limit", "frozen-is-still", "held-is-not-charged", "money-equals-spans", "moved-in-once", "erased-is-gone",
    ];

    public void Start()
    {
        Every(Duration.FromDays(7), promise => promise.Weekly());
        Every(Duration.FromDays(30), promise =>
        {
            // What is overdue is told as that, and not by the book that shows it.
            promise.Weekly();
            promise.Monthly();
        });
    }

    public void AtTheEnd() => Array.ForEach(all, promise => promise.AtTheEnd());

    public void Broken(string name, SubscriptionId? about, string detail)
    {
        world.Story?.Say(about, $"BROKEN {name}: {detail}");
        Breach ??= new(name, detail, about is { } id ? world.Members.Of(id)?.Number : null, world.Now) { About = about };
    }

    public void EngineFault(SubscriptionId? about, string detail) => Broken(EngineSound.TheName, about, detail);

    public void Committed(EngineLife life, bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        foreach (var e in events)
        {
            Hash(track.Id, e);
            Happenings.Count(world.Reach, e);
            world.Story?.Say(track.Id, $"engine {life.Number} commits {Brief(e)}");
        }

        foreach (var promise in all)
            promise.Committed(isIntent, track, before, events);
    }

    public void Sending(EngineLife life, SimRail rail, ChargeOrder order)
    {
        world.Story?.Say(order.Number.Charge.Subscription, $"engine {life.Number} sends {order.Number.Charge} attempt {order.Number.Attempt}");
        foreach (var promise in all)
            promise.Sending(life, rail, order);
    }

    public void Telling(EngineLife life, ChargeNotice notice)
    {
        world.Story?.Say(notice.Subscription, $"engine {life.Number} tells the member: {notice.NoticeId}, {notice.Amount} from {notice.MoneyFrom}");
        foreach (var promise in all)
            promise.Telling(life, notice);
    }

    public void AnnouncingAtRail(EngineLife life, RailNoticeOrder notice) => Array.ForEach(all, promise => promise.AnnouncingAtRail(life, notice));

    public void Acting(EngineLife life, SubscriptionId? about, string what)
    {
        foreach (var promise in all)
            promise.Acting(life, about, what);
    }

    public void Restored(Instant to) => Array.ForEach(all, promise => promise.Restored(to));

    public void Adopted() => Array.ForEach(all, promise => promise.Adopted());

    /// <summary>A person comes to adopt the ledger.</summary>
    public void IsNoticed() => all.OfType<FrozenIsStill>().Single().IsNoticed();

    public void Accepted(SimRail rail, RailOrder order)
    {
        world.Story?.Say(order.Number.Charge.Subscription, $"{rail.Account} takes {order.Number.Charge} attempt {order.Number.Attempt} in");
        foreach (var promise in all)
            promise.Accepted(rail, order);
    }

    public void Taken(SimRail rail, RailOrder order)
    {
        world.Story?.Say(order.Number.Charge.Subscription, $"the bank pays {order.Taken} for {order.Number.Charge} attempt {order.Number.Attempt}{(order.WordBroken ? ", against its word" : "")}");
        foreach (var promise in all)
            promise.Taken(rail, order);
    }

    public void GivenBack(SimRail rail, RailOrder order, RailRefund refund)
    {
        world.Story?.Say(order.Number.Charge.Subscription, $"the bank gives back {refund.Amount} of {order.Number.Charge} attempt {order.Number.Attempt}");
        foreach (var promise in all)
            promise.GivenBack(rail, order, refund);
    }

    private static string Brief(SubscriptionEvent e) => e.ToString() is { Length: > 300 } text ? text[..300] + "…" : e.ToString();

    private void Every(Duration wait, Action<Promise> look) => world.Schedule(wait, () =>
    {
        Array.ForEach(all, look);
        Every(wait, look);
    });

    private void Hash(SubscriptionId id, SubscriptionEvent e)
    {
        unchecked
        {
            // By the kind's own name: hash codes of types and strings differ from process to process.
            foreach (var one in e.GetType().Name)
                Trace = (Trace ^ one) * 1099511628211UL;
            Trace = (Trace ^ (ulong)e.At.ToUnixTimeTicks()) * 1099511628211UL;
            Span<byte> bytes = stackalloc byte[16];
            id.Value.TryWriteBytes(bytes);
            Trace = (Trace ^ BitConverter.ToUInt64(bytes)) * 1099511628211UL;
        }
    }
}
