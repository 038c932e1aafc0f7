using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Bench;

/// <summary>One membership on the eve of its first renewal: enrolled, signed, paid for period 1, announced to the member and at the rail.</summary>
/// <remarks>Every event comes from the engine's own decisions, with the answers a rail and a notifier would give.</remarks>
internal sealed class BenchMember
{
    public static readonly Plan Plan = new()
    {
        Id = "monthly",
        Subject = "Membership, monthly",
        Interval = BillingInterval.Monthly,
        Price = Money.Cny(2500),
        FirstPeriodPrice = Money.Cny(990),
        Templates = new Dictionary<MerchantAccount, string> { [BenchRail.Merchant] = "12535" },
    };

    private static readonly Terms Terms = Plan.Resolve(MarketRules.MainlandChina, DunningPolicy.Standard);

    private readonly List<SubscriptionEvent> events = [];
    private readonly RailTraits traits;
    private Instant now;
    private Subscription? state;

    private BenchMember(RailTraits traits, Instant signs) => (this.traits, now) = (traits, signs);

    public IReadOnlyList<SubscriptionEvent> Events => events;

    public Subscription State => state ?? throw new InvalidOperationException("Not signed.");

    public IReadOnlyList<AgreementEvent> AgreementEvents =>
    [
        new SigningStarted(State.Agreement.Id, State.Id, State.Account, State.Agreement.Template, SigningScene.App, events[0].At),
        new Agreed(events[0].At, null, events[0].At),
    ];

    public RailKeys Keys => new("R" + State.Agreement.Id, "o" + State.Id);

    /// <summary>When it is to be charged again.</summary>
    public Instant Due => Duty.Alarm(State)!.Value;

    /// <param name="traits">The rail.</param>
    /// <param name="round">Keeps the names of different rounds apart.</param>
    /// <param name="number">Which of the round's memberships.</param>
    /// <param name="signs">When it is signed.</param>
    public static BenchMember Sign(RailTraits traits, int round, int number, Instant signs)
    {
        var id = new SubscriptionId(EventIds.Named(Guid.Empty, $"bench/{round}/{number}"));
        var agreement = new AgreementId(EventIds.Named(id.Value, "agreement"));
        var member = new BenchMember(traits, signs);
        member.Take(new SubscriptionCommand.Enrol(id, $"member-{round}-{number}", BenchRail.Merchant, agreement, "12535", Terms, false));
        member.Take(new SubscriptionCommand.RecordAgreement(AgreementStatus.Active, null, signs, "in force"));
        while (!member.AwaitsRenewal())
            member.GoOn();
        return member;
    }

    /// <summary>Stores many, with their agreements and the rail's keys.</summary>
    public static async Task StoreAsync(IReadOnlyList<BenchMember> members, IServiceProvider engine, CancellationToken cancellation)
    {
        await using (var batch = await engine.GetRequiredService<ISubscriptionLedger>().OpenAsync([.. members.Select(member => member.State.Id)], cancellation))
        {
            foreach (var member in members)
            {
                batch.Write(0, member.Events, member.State, null);
                batch.WriteAgreement(member.State.Agreement.Id, 0, member.AgreementEvents);
            }

            await batch.CommitAsync(cancellation);
        }

        var vault = (PostgresVault)engine.GetRequiredService<IAgreementVault>();
        await vault.PutManyAsync([.. members.Select(member => (member.State.Agreement.Id, member.Keys))], BenchRail.Merchant, cancellation);
    }

    /// <summary>The renewal becomes due: the order is decided, and on its way.</summary>
    public Requested Order()
    {
        now = Due;
        Take(new SubscriptionCommand.Wake());
        return events[^1] as Requested ?? throw new InvalidOperationException("The renewal was due and nothing was ordered.");
    }

    private bool AwaitsRenewal() => State is { PaidThrough: 1, Cycle.RailNoticeAt: not null, RailNotices: [{ RepeatAt: null }] }
        && Duty.Of(State).MinBy(duty => duty.Due).Kind == DutyKind.Charge;

    private void GoOn()
    {
        now = Due;
        var before = events.Count;
        Take(new SubscriptionCommand.Wake());
        var errands = Errand.After(State, events[before..], now);
        if (events.Count == before && errands.Count == 0)
            throw new InvalidOperationException("The membership waits for nothing and is not due.");
        foreach (var errand in errands)
            Take(Answer(errand));
    }

    private SubscriptionCommand Answer(Errand errand) => errand switch
    {
        Errand.SendCharge x => new SubscriptionCommand.RecordCharge(x.Order.Order, new(new ChargeOutcome.Succeeded(x.Order.Amount, "42000" + x.Order.Order, now))),
        Errand.Tell x => new SubscriptionCommand.RecordNotice(x.NoticeId, new NoticeResult.HandedOver("receipt-" + x.NoticeId, now)),
        Errand.AskAgreement => new SubscriptionCommand.RecordAgreement(AgreementStatus.Active, null, now, "in force"),
        Errand.SendRailNotice x => new SubscriptionCommand.RecordRailNotice(x.Notice.Number, new RailNoticeAnswer.Accepted()),
        _ => throw new InvalidOperationException($"The benchmark has no answer to {errand.GetType().Name}."),
    };

    private void Take(SubscriptionCommand command)
    {
        foreach (var e in Decide.On(state, command, new DecisionContext(now, traits, DecisionLimits.Default)))
        {
            events.Add(e);
            state = Evolve.Next(state, e);
        }
    }
}
