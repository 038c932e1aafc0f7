using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>What the notifier really handed over: evidence of its own, apart from what an engine was told.</summary>
internal sealed record HandedOver(ChargeNotice Notice, Instant At, string Receipt)
{
    /// <summary>The number under which a channel says that it came back.</summary>
    public string ReceiptOfBounce => $"{Receipt}-back";
}

/// <summary>The merchant's message service: it outlives engines and keeps its own list.</summary>
internal sealed class SimNotifier(SimWorld world)
{
    public const string First = "push";
    public const string Second = "sms";

    private readonly Dictionary<SubscriptionId, List<HandedOver>> receipts = [];
    private readonly HashSet<SubscriptionId> repaired = [];
    private readonly HashSet<HandedOver> cameBack = [];

    // A service that knows a notice by its id tells nobody twice, and says that it did.
    private readonly bool dropsRepeats = Dice.Of(world.Seed, "notifier").Chance(0.5);

    /// <summary>Until then it is gone.</summary>
    public Instant DownUntil { get; set; }

    public IReadOnlyList<HandedOver> ReceiptsOf(SubscriptionId id) => receipts.TryGetValue(id, out var list) ? list : [];

    /// <summary>A person sees to it that the member can be reached.</summary>
    public void Repair(SubscriptionId id) => repaired.Add(id);

    public NoticeResult Tell(ChargeNotice notice)
    {
        if (world.Now < DownUntil || !Reaches(notice.Subscription, notice.Channel))
            return new NoticeResult.Failed("no channel");
        if (!receipts.TryGetValue(notice.Subscription, out var list))
            receipts[notice.Subscription] = list = [];
        if (dropsRepeats && list.Find(told => told.Notice.NoticeId == notice.NoticeId && told.Notice.Channel == notice.Channel && !cameBack.Contains(told)) is { } before)
            return new NoticeResult.HandedOver(before.Receipt, world.Now);
        var told = new HandedOver(notice, world.Now, $"n{list.Count + 1}");
        list.Add(told);
        world.Reach.Saw(Mark.NoticeHandedOver);
        if (world.Dice.Chance(0.5))
            return new NoticeResult.Delivered(told.Receipt, world.Now);
        if (world.Dice.Chance(0.5))
            world.Schedule(world.Dice.Between(Duration.FromSeconds(1), Duration.FromDays(40)), () => Arrived(told, world.Now));
        else if (world.Dice.Chance(0.2))
            world.Schedule(world.Dice.Between(Duration.FromSeconds(1), Duration.FromDays(10)), () => CameBack(told, world.Now));
        return new NoticeResult.HandedOver(told.Receipt, world.Now);
    }

    private void Arrived(HandedOver told, Instant at) => Say(engine =>
        engine.Memberships.NoticeDeliveredAsync(told.Notice.Subscription, told.Notice.NoticeId, $"{told.Receipt}-arrived", at));

    private void CameBack(HandedOver told, Instant at)
    {
        cameBack.Add(told);
        Say(engine => engine.Memberships.NoticeBouncedAsync(told.Notice.Subscription, told.Notice.NoticeId, told.ReceiptOfBounce, "no such number", at));
    }

    // Late, sometimes after the charge; twice now and then; of a notice an engine or a ledger may know nothing of any more.
    private void Say(Func<SimEngine, Task> word)
    {
        world.Ask(async engine =>
        {
            try
            {
                await word(engine);
            }
            catch (Exception e) when (e is CannotDoException or DatabaseAwayException)
            {
                // Nobody says it again.
            }
        });
        if (world.Dice.Chance(0.1))
            world.Schedule(Duration.FromHours(1), () => Say(word));
    }

    // One in eight has no push, and of those one in five no number that works.
    private bool Reaches(SubscriptionId id, string channel)
    {
        var dice = Dice.Of(world.Seed, $"channels {id}");
        var (push, sms) = (dice.Chance(0.875), dice.Chance(0.8));
        return repaired.Contains(id) || push || (channel == Second && sms);
    }
}

/// <summary>An engine's way to the notifier.</summary>
internal sealed class NotifierPort(SimWorld world, EngineLife life) : INotifier
{
    public async Task<NoticeResult> TellAsync(ChargeNotice notice, CancellationToken cancellation)
    {
        if (life.DiesAt(Mark.CrashBeforeNotice))
            await EngineLife.Never;
        await world.Scheduler.Delay(world.Dice.Between(Duration.FromMilliseconds(20), Duration.FromSeconds(2)), life);
        world.Checks.Acting(life, notice.Subscription, "a notice");
        world.Checks.Telling(life, notice);
        var result = world.Notifier.Tell(notice);
        if (life.DiesAt(Mark.CrashAfterNotice))
            await EngineLife.Never;
        return result;
    }
}
