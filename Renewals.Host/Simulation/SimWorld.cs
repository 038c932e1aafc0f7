using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Calendar;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Simulation.Cast;
using Renewals.Host.Simulation.Checks;
using Renewals.Host.Simulation.Plants;
using Renewals.Host.Simulation.Ports;
using Renewals.Host.Simulation.Rails;

namespace Renewals.Host.Simulation;

/// <summary>One world from one seed: real engines, real decisions, real verdicts; rails, bank, notifier, members and time are played.</summary>
internal sealed class SimWorld
{
    /// <summary>After the last year faults stop, so that everything that is still open must come to its end.</summary>
    private static readonly Duration CalmEnd = Duration.FromDays(50);

    /// <summary>So little that an outage reaches it.</summary>
    private const long LowLateMoney = 2_500;

    /// <summary>When every world begins.</summary>
    public static readonly Instant Begin = Instant.FromUtc(2026, 1, 5, 0, 0);

    private SimWorld(ulong seed, SimOptions options)
    {
        (Seed, Options) = (seed, options);
        Dice = Dice.Of(seed, "world");
        Scheduler = new(Dice.Of(seed, "order"), Begin);
        Context = new(Scheduler);
        Story = options.Tells ? new(Scheduler) : null;
        Faults = new(Dice.Of(seed, "faults"), options.Without);
        Planted = Plant.Named(options.Plant, this);
        Notifier = new(this);
        Ledger = new(this);
        Callbacks = new(this);
        Members = new(this);
        Movers = new(this);
        Erasures = new(this);
        Rails = DrawRails();
        Plans = new(PlansAt([.. Rails]), [new Coupon("TENTH", 3, 10, null)]);

        // Orders nobody made are played, by a rail that breaks its word and by a system that charges after its cut-over: where members move in, a person
        // resets that fuse. Every other stands as in earnest, and one that blows is a fault.
        EngineOptions = Microsoft.Extensions.Options.Options.Create(
            new EngineOptions
            {
                BatchSize = 1 + Dice.Below(40), CallsAtOnce = 64, MaxForeignOrders = Movers.CutOver is null ? 1_000_000 : 0, MaxLateMoney = Dice.Chance(0.4) ? LowLateMoney : 1_000_000,
                MaxNoticeFailures = 3, NoticeChannels = { SimNotifier.First, SimNotifier.Second },
            });
        Checks = new(this);
        Engines = new(this);
        Statements = new(this);
        Restores = new(this);
    }

    public ulong Seed { get; }

    public SimOptions Options { get; }

    public Dice Dice { get; }

    public Scheduler Scheduler { get; }

    /// <summary>The world itself: it never dies.</summary>
    public SimContext Context { get; }

    public Story? Story { get; }

    public FaultPlan Faults { get; }

    public Plant Planted { get; }

    public Reach Reach { get; } = new();

    public SandboxBank Bank { get; } = new();

    public SimNotifier Notifier { get; }

    public SimLedger Ledger { get; }

    public CallbackCourier Callbacks { get; }

    public Members Members { get; }

    public Engines Engines { get; }

    public Movers Movers { get; }

    public Erasures Erasures { get; }

    public Statements Statements { get; }

    public Restores Restores { get; }

    public Promises Checks { get; }

    public IReadOnlyList<SimRail> Rails { get; }

    /// <summary>When something outside was out of reach: what excuses a charge that did not come.</summary>
    public List<(Instant From, Instant Until)> Troubles { get; } = [];

    public PlanCatalogue Plans { get; }

    public IOptions<EngineOptions> EngineOptions { get; }

    public IOptions<RenewalsOptions> Renewals { get; } = Microsoft.Extensions.Options.Options.Create(new RenewalsOptions());

    /// <summary>From here on no fault begins, and none lasts.</summary>
    public Instant CalmFrom => Begin + Duration.FromDays(365 * Options.Years);

    public Instant Now => Scheduler.Now;

    public long Ticks => Scheduler.Ticks;

    /// <summary>The rail of a membership.</summary>
    public SimRail RailOf(Core.Gateways.MerchantAccount account) => Rails.Single(rail => rail.Account == account);

    /// <summary>Lets a world live.</summary>
    public static SimResult Run(ulong seed, SimOptions options)
    {
        var outer = SynchronizationContext.Current;
        try
        {
            return new SimWorld(seed, options).Live();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Something of the world happens after a while.</summary>
    public void Schedule(Duration wait, Action act) => Scheduler.In(wait, Context, act);

    /// <summary>A fault that happens once in a while, as often as this world has it.</summary>
    public void Repeat(Fault fault, Duration mean, Action act)
    {
        if (Faults[fault] == 0)
            return;
        Schedule(Dice.Until(mean / Faults[fault]), () =>
        {
            if (Faults.Calm)
                return;
            act();
            Repeat(fault, mean, act);
        });
    }

    /// <summary>Somebody asks an engine for something; without an engine, or where it dies, nobody answers.</summary>
    public void Ask(Func<SimEngine, Task> what)
    {
        if (Engines.Pick() is { } engine)
        {
            engine.Life.Run(
                async () =>
                {
                    try
                    {
                        await what(engine);
                    }
                    catch (Exception e) when (e is Core.Ledger.CommitUnknownException or Core.Ledger.LedgerConflictException)
                    {
                        // Who asked is not answered.
                    }
                },
                "a request");
        }
    }

    private SimResult Live()
    {
        Engines.Start();
        Members.Start();
        Statements.Start();
        Restores.Start();
        Movers.Start();
        Erasures.Start();
        new Weather(this).Start();
        Checks.Start();
        Pass(CalmFrom);
        Faults.Calm = true;
        Pass(CalmFrom + CalmEnd);
        if (Checks.Breach is null && Options.Until is null)
            Checks.AtTheEnd();
        return new(Seed, Checks.Breach, Reach, Scheduler.Steps, Checks.Trace, Told());
    }

    private void Pass(Instant until)
    {
        var end = Options.Until is { } last ? Instant.Min(last, until) : until;
        while (Checks.Breach is null && Now < end)
        {
            var alarm = Ledger.NextAlarm() is { } ticks ? Instant.FromUnixTimeTicks(ticks) : end;
            if (Scheduler.TryStep(Instant.Min(alarm, end)) || Now >= end)
                continue;

            Engines.Poll(Ledger.TakeAlarm(RingsAgain()));
        }
    }

    // What a sweep left due rings again with everything else that is: one poll, at the next even minute, finds all of it. Without an engine nobody polls.
    private long RingsAgain()
    {
        if (Engines.UpSince is null)
            return Math.Max((Now + Duration.FromMinutes(3)).ToUnixTimeTicks(), Engines.DownUntil);
        const long Together = 2 * NodaConstants.TicksPerMinute;
        return ((Ticks + (3 * NodaConstants.TicksPerSecond)) / Together * Together) + Together;
    }

    private IReadOnlyList<string> Told() => Story is null ? []
        : Story.Of(Ledger.Tracks.Where(track => Checks.Breach?.About is not { } about || track.Id == about).Select(track => track.Id).ToHashSet(), 120);

    private List<SimRail> DrawRails()
    {
        List<SimRail> rails = [];
        Func<SimRail>[] kinds =
        [
            () => new WeChatRail(this, "1900000109", WeChatPayNoticeMode.PreNotice),
            () => new AlipayRail(this, "2088000000000000"),
            () => new UnionPayRail(this, "777290058110048", Movers.UnionPayAnswers),
            () => new WeChatRail(this, "1900000110", WeChatPayNoticeMode.TwentyFourHours),
        ];
        var first = Dice.Below(kinds.Length);
        for (var i = 0; i < kinds.Length; i++)
        {
            if (i == 0 || Dice.Chance(0.5))
                rails.Add(kinds[(first + i) % kinds.Length]());
        }

        return rails;
    }

    /// <summary>Sold only where a rail allows it.</summary>
    public const string OldestFirst = "monthly-oldest-first";

    private static IEnumerable<Plan> PlansAt(IReadOnlyList<SimRail> rails)
    {
        var templates = rails.ToDictionary(rail => rail.Account, rail => rail.Template);
        var seats = new AddOns([new("seat", "Seat", Money.Cny(300), 3)]);
        Plan Of(string id, BillingInterval interval, long price) => new() { Id = id, Subject = id, Interval = interval, Price = Money.Cny(price), Templates = templates };
        yield return Of("monthly", BillingInterval.Monthly, 2_500) with { Ceiling = Money.Cny(5_000), AddOns = seats, StepDownPlan = "basic", WithdrawalDays = 7, OnDispute = DisputeRule.StopRenewal };
        yield return Of("plus", BillingInterval.Monthly, 4_000) with { Ceiling = Money.Cny(7_500), AddOns = seats, StepDownPlan = "monthly", PriceSilence = PriceSilence.End, OnDispute = DisputeRule.GoOn };
        yield return Of("basic", BillingInterval.Monthly, 1_200) with { AddOns = seats, PriceSilence = PriceSilence.NewPrice, GraceDays = 3 };
        yield return Of("fortnightly", new(2, BillingUnit.Week), 1_400) with { Law = LawPacks.Get("none"), Ceiling = Money.Cny(4_000), AddOns = seats };
        yield return Of("trial", BillingInterval.Monthly, 2_500) with { TrialDays = 14, Offers = new([new(3, Money.Cny(990))]), Ceiling = Money.Cny(5_000), AddOns = seats };
        yield return Of("monthly-offer", BillingInterval.Monthly, 2_500) with { FirstPeriodPrice = Money.Cny(990) };
        yield return Of("quarterly", BillingInterval.Quarterly, 6_800);
        yield return Of("yearly", BillingInterval.Yearly, 23_800);
        yield return Of("once", BillingInterval.Yearly, 19_800) with { Renews = false };
        yield return Of("monthly-forgiving", BillingInterval.Monthly, 2_500) with { CatchUp = CatchUpPolicy.Forgive };
        yield return Of("monthly-asking", BillingInterval.Monthly, 2_500) with { CatchUp = CatchUpPolicy.Ask };
        if (rails.Where(rail => rail.Traits.SeveralSuccessesPerPeriod).ToDictionary(rail => rail.Account, rail => rail.Template) is { Count: > 0 } several)
            yield return Of(OldestFirst, BillingInterval.Monthly, 2_500) with { CatchUp = CatchUpPolicy.OldestFirst, Templates = several };
        yield return Of("monthly-india", BillingInterval.Monthly, 2_500) with { Law = LawPacks.Get("india-2019"), ZoneId = "Asia/Kolkata" };
        yield return Of("monthly-california", BillingInterval.Monthly, 2_500) with { Law = LawPacks.Get("california-2025"), ZoneId = "America/Los_Angeles" };
        yield return Of("yearly-california", BillingInterval.Yearly, 23_800) with
        {
            Law = LawPacks.Get("california-2025"), ZoneId = "America/Los_Angeles", FirstPeriodPrice = Money.Cny(19_800),
        };
        yield return Of("yearly-no-law", BillingInterval.Yearly, 23_800) with { Law = LawPacks.Get("none") };
        yield return Of("monthly-new-york", BillingInterval.Monthly, 2_500) with { ZoneId = "America/New_York" };
    }
}
