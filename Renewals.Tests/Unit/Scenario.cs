using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Attempt = Renewals.Core.Subscriptions.Attempt;
using Errand = Renewals.Core.Subscriptions.Errand;

namespace Renewals.Tests.Unit;

/// <summary>One membership driven by commands at chosen times. Every decision is also taken twice: the second must give nothing.</summary>
internal sealed class Scenario
{
    public static readonly MerchantAccount Account = new("wechat", "1900000109");
    public static readonly SubscriptionId Id = new(new Guid("0198c0de-0000-7000-8000-000000000001"));
    public static readonly AgreementId Signature = new(new Guid("0198c0de-0000-7000-8000-0000000000a1"));

    /// <summary>WeChat-like, with a notice of the rail's own before each charge. It is not asked for agreements, so that renewing stands alone.</summary>
    public static readonly RailTraits PreNotice = new()
    {
        Resend = Resend.SameOrder,
        RemembersOrders = Duration.FromDays(30),
        SettleDelay = Duration.FromMinutes(5),
        AbsenceProof = AbsenceProof.Query,
        CallTimeout = Duration.FromSeconds(30),
        Notice = new(2, 7),
        ChargeDelay = Duration.Zero,
        OpensAt = new(7, 0),
        ClosesAt = new(21, 50),
        SigningConsent = Duration.FromHours(11.5),
        CanAskForAgreements = false,
    };

    /// <summary>The same where agreements are looked at.</summary>
    public static readonly RailTraits LookedAt = PreNotice with { CanAskForAgreements = true };

    /// <summary>WeChat-like, where the rail tells the member and takes the money a day after the order.</summary>
    public static readonly RailTraits DayLater = PreNotice with { Notice = null, ChargeDelay = Duration.FromHours(24) };

    /// <summary>Alipay-like: the rail keeps charge dates of its own and takes charges in the five days before them; orders end by themselves.</summary>
    public static readonly RailTraits OwnDates = PreNotice with
    {
        Notice = null, Plan = new(5, 2, 28), OrderLifetime = Duration.FromHours(2), OpensAt = LocalTime.Midnight, ClosesAt = new(23, 30),
    };

    /// <summary>UnionPay-like: a repeat proves nothing, and only two statements prove that an order was never taken.</summary>
    public static readonly RailTraits NoRepeats = PreNotice with
    {
        Notice = null, Resend = Resend.Never, AbsenceProof = AbsenceProof.TwoStatements, StatementDayEnds = new(23, 0),
    };

    /// <summary>The same where several charges may succeed in a period, so that missed ones can be charged late.</summary>
    public static readonly RailTraits Several = NoRepeats with { SeveralSuccessesPerPeriod = true };

    public static readonly Terms Monthly = new(
        "monthly", 1, "Membership, monthly", BillingInterval.Monthly, true, Money.Cny(100), Money.Cny(2500), RenewalZones.Shanghai,
        MarketRules.MainlandChina, DunningPolicy.Standard);

    private readonly List<SubscriptionEvent> _events = [];
    private Subscription? _state;

    private Scenario(RailTraits? traits, DecisionLimits? limits) => (Traits, Limits) = (traits ?? PreNotice, limits ?? DecisionLimits.Default);

    public RailTraits Traits { get; set; }

    public DecisionLimits Limits { get; set; }

    public Instant Now { get; private set; } = Shanghai(3, 10, 12);

    public Subscription State => _state!;

    public IReadOnlyList<SubscriptionEvent> Events => _events;

    /// <summary>What the last command gave.</summary>
    public IReadOnlyList<SubscriptionEvent> Last { get; private set; } = [];

    public IReadOnlyList<Errand> Errands => Errand.After(State, Last, Now);

    public Attempt Attempt => State.LastAttempt!;

    /// <summary>Whether the ledger is a restored one that nobody has adopted yet.</summary>
    public bool Frozen { get; set; }

    /// <summary>Whose rail says what is heard; null: that of the account it is charged at.</summary>
    public MerchantAccount? Speaks { get; set; }

    public DecisionContext Context => new(Now, Traits, Limits) { Frozen = Frozen, Account = Speaks };

    public Instant? Alarm => Core.Subscriptions.Duty.Alarm(State);

    public static Instant Shanghai(int month, int day, int hour, int minute = 0, int second = 0, int year = 2026) =>
        Instant.FromUtc(year, month, day, 0, 0) + Duration.FromHours(hour - 8) + Duration.FromMinutes(minute) + Duration.FromSeconds(second);

    /// <summary>A member sent to sign on 10 March at noon.</summary>
    public static Scenario Enrolled(
        bool payWhileSigning = false, RailTraits? traits = null, DecisionLimits? limits = null, Terms? terms = null, Instant? at = null,
        Func<SubscriptionCommand.Enrol, SubscriptionCommand.Enrol>? with = null)
    {
        var scenario = new Scenario(traits, limits);
        scenario.Now = at ?? scenario.Now;
        var enrol = new SubscriptionCommand.Enrol(Id, "member-7", Account, Signature, "template-1", terms ?? Monthly, payWhileSigning);
        return scenario.When(with?.Invoke(enrol) ?? enrol);
    }

    /// <summary>A membership that begins with another command.</summary>
    public static Scenario Begun(SubscriptionCommand command, Instant at, RailTraits? traits = null) => new Scenario(traits, null).At(at).When(command);

    /// <summary>To the moment when the statements are asked, and they say this.</summary>
    public Scenario ToStatements() => At(Instant.Max(Now, State.MovedIn!.AskAt!.Value));

    public Scenario Asked(bool allRead = true, params OldPayment[] payments) =>
        When(new SubscriptionCommand.RecordOldPayments(payments, IsAnswer: true, allRead, "as the statements say"));

    /// <summary>Signed and first period paid, on 10 March.</summary>
    public static Scenario Paid(RailTraits? traits = null, DecisionLimits? limits = null, Terms? terms = null) =>
        Enrolled(false, traits, limits, terms).Signs().Wakes().Succeeds();

    /// <summary>The second period, due on 10 April, is planned.</summary>
    public static Scenario Planned(RailTraits? traits = null, DecisionLimits? limits = null, Terms? terms = null) =>
        Paid(traits, limits, terms).ToAlarm();

    /// <summary>… and announced to the member.</summary>
    public static Scenario Announced(RailTraits? traits = null, DecisionLimits? limits = null, Terms? terms = null) =>
        Planned(traits, limits, terms).ToAlarm().Told();

    /// <summary>… and at the rail, where it wants that: only the charge remains.</summary>
    public static Scenario Ready(RailTraits? traits = null, DecisionLimits? limits = null, Terms? terms = null)
    {
        var scenario = Announced(traits, limits, terms);
        return scenario.Traits.Notice is null ? scenario : scenario.ToAlarm().RailSays(new RailNoticeAnswer.Accepted());
    }

    /// <summary>… and the order of the second period is with the rail.</summary>
    public static Scenario Ordered(RailTraits? traits = null, DecisionLimits? limits = null, Terms? terms = null) =>
        Ready(traits, limits, terms).ToAlarm();

    public Scenario When(SubscriptionCommand command)
    {
        Last = Decide.On(_state, command, Context);
        _events.AddRange(Last);
        _state = Evolve.All(_state, Last);
        State.Version.Should().Be(_events.Count, "the version counts events");
        Decide.On(_state, command, Context).Should().BeEmpty("decide, evolve, decide again gives nothing; first came {0}", Names(Last));
        return this;
    }

    public Scenario Wakes() => When(new SubscriptionCommand.Wake());

    public Scenario At(Instant now)
    {
        now.Should().BeGreaterThanOrEqualTo(Now, "time runs one way");
        Now = now;
        return this;
    }

    /// <summary>A clock was set: forward or back.</summary>
    public Scenario JumpsTo(Instant now)
    {
        Now = now;
        return this;
    }

    /// <summary>New zone data: the zone of the terms is now what another one is.</summary>
    public Scenario RulesChange(string zone)
    {
        _state = State with { Terms = State.Terms with { ZoneId = zone } };
        return this;
    }

    public Scenario After(Duration duration) => At(Now + duration);

    /// <summary>To the alarm, and awake.</summary>
    public Scenario ToAlarm()
    {
        Alarm.Should().NotBeNull("something must be left to do");
        return At(Instant.Max(Now, Alarm!.Value)).Wakes();
    }

    public Scenario Signs(Instant? signedAt = null) => Agreement(AgreementStatus.Active, signedAt: signedAt ?? Now);

    public Scenario Agreement(AgreementStatus status, TerminationMode? mode = null, Instant? signedAt = null, LocalDate? railDate = null) =>
        When(new SubscriptionCommand.RecordAgreement(status, mode, signedAt, "as the rail said", railDate) { Agreement = State.Agreement.Id });

    /// <summary>The rail says so of one of several agreements.</summary>
    public Scenario Of(AgreementId agreement, AgreementStatus status, TerminationMode? mode = null) =>
        When(new SubscriptionCommand.RecordAgreement(status, mode, status == AgreementStatus.Active ? Now : null, "as the rail said") { Agreement = agreement });

    public Scenario Signed(AgreementId agreement) => Of(agreement, AgreementStatus.Active);

    /// <summary>The rail says that the agreement is in force, and its next charge date.</summary>
    public Scenario RailDateIs(LocalDate? date) => Agreement(AgreementStatus.Active, signedAt: State.SignedAt, railDate: date);

    public Scenario RailMoves(LocalDate date, RailNoticeAnswer answer) => When(new SubscriptionCommand.RecordRailDate(date, answer));

    public Scenario Told() => Notifier(new NoticeResult.HandedOver("receipt-1", Now));

    public Scenario Notifier(NoticeResult result) => When(new SubscriptionCommand.RecordNotice(NoticeId, result));

    public string NoticeId => Decide.NoticeIdOf(Id, State.Cycle!);

    public Scenario RailSays(RailNoticeAnswer answer) => When(new SubscriptionCommand.RecordRailNotice(State.RailNotices[^1].Number, answer));

    public Scenario Hears(ChargeOutcome outcome, OrderNumber? order = null, Evidence evidence = Evidence.Conclusive) =>
        When(new SubscriptionCommand.RecordCharge(order ?? Attempt.Order, new(outcome, evidence)));

    public Scenario Hints(ChargeOutcome outcome, OrderNumber? order = null) => Hears(outcome, order, Evidence.Hint);

    public ChargeOutcome.Succeeded Success(OrderNumber? order = null, Instant? paidAt = null) =>
        new(_events.OfType<Requested>().Last(r => order is null || r.Order == order).Amount, "4200001", paidAt ?? Now);

    public Scenario Succeeds(OrderNumber? order = null, Instant? paidAt = null) => Hears(Success(order, paidAt), order);

    public Scenario Declines(DeclineReason reason = DeclineReason.InsufficientFunds, OrderNumber? order = null) =>
        Hears(new ChargeOutcome.Declined(reason, "CODE"), order);

    public Scenario Cancels(CancelledBy by = CancelledBy.Member, bool atOnce = false) => When(new SubscriptionCommand.Cancel(by, "asked", atOnce));

    /// <summary>Asked for and granted; a reason against it fails the test.</summary>
    public Scenario Asks(SubscriptionCommand wish)
    {
        WhyNot(wish).Should().BeNull();
        When(wish);
        WhyNot(wish).Should().BeNull("what is granted has no reason against it");
        return this;
    }

    /// <summary>Asked for and not granted, with this in the reason; nothing follows.</summary>
    public Scenario IsRefused(SubscriptionCommand wish, string because)
    {
        WhyNot(wish).Should().Contain(because);
        return When(wish).GivesNothing();
    }

    public string? WhyNot(SubscriptionCommand wish) => Decide.WhyNot(State, wish, Context);

    /// <summary>The coming renewal is planned, announced and paid; time is then that of the payment.</summary>
    public Scenario Renews()
    {
        var paid = State.PaidThrough;
        for (var step = 0; State.PaidThrough == paid; step++)
        {
            step.Should().BeLessThan(20, "a renewal comes to its end");
            ToAlarm();
            foreach (var errand in Errands)
                Answer(errand);
        }

        return this;
    }

    /// <summary>When the member was told of the last charge, when it was taken, which it was and how much.</summary>
    public (Instant? Told, Instant Taken, int Period, Money Amount) LastCharge
    {
        get
        {
            var charged = _events.OfType<Charged>().Last();
            var told = _events.TakeWhile(e => e != charged).OfType<Announced>().LastOrDefault(e => e.Notice.Ordinal == charged.Order.Charge.Ordinal);
            return (told?.Notice.HandedOverAt, charged.PaidAt, charged.Order.Charge.Ordinal, charged.Amount);
        }
    }

    public Entitlement Entitlement => Entitlement.Of(State, Now);

    private void Answer(Errand errand)
    {
        switch (errand)
        {
            case Errand.Tell tell:
                When(new SubscriptionCommand.RecordNotice(tell.NoticeId, new NoticeResult.HandedOver("receipt", Now)));
                break;
            case Errand.SendRailNotice notice:
                When(new SubscriptionCommand.RecordRailNotice(notice.Notice.Number, new RailNoticeAnswer.Accepted()));
                break;
            case Errand.SendCharge send:
                Succeeds(send.Order.Order);
                break;
            case Errand.MoveRailDate move:
                RailMoves(move.Date, new RailNoticeAnswer.Accepted());
                break;
            case Errand.AskAgreement:
                RailDateIs(State.Agreement.RailDate);
                break;
            default:
                throw new InvalidOperationException($"Nobody answers {errand}.");
        }
    }

    public Scenario RefundHears(RefundAnswer answer) => When(new SubscriptionCommand.RecordRefund(State.Refunds[^1].Order, State.Refunds[^1].Number, answer));

    public Scenario Parks() => When(new SubscriptionCommand.Park(ParkReason.Requested, "look first"));

    public Scenario Decides(CatchUpPolicy policy) => When(new SubscriptionCommand.DecideCatchUp(policy, "ann", "the outage was ours"));

    public Scenario Unparks() => When(new SubscriptionCommand.Unpark("operator", "looked"));

    /// <summary>The last command gave exactly these events.</summary>
    public Scenario Gives(params Type[] types)
    {
        Names(Last).Should().Be(string.Join(", ", types.Select(type => type.Name)));
        return this;
    }

    public Scenario GivesNothing() => Gives();

    public T Only<T>()
        where T : SubscriptionEvent => Last.OfType<T>().Should().ContainSingle().Subject;

    public int Count<T>()
        where T : SubscriptionEvent => _events.OfType<T>().Count();

    public bool Due(DutyKind kind) => Core.Subscriptions.Duty.Of(State).Any(duty => duty.Kind == kind && duty.Due <= Now);

    /// <summary>When a duty is due; null: there is none of the kind.</summary>
    public Instant? Duty(DutyKind kind) => Core.Subscriptions.Duty.Of(State).Where(duty => duty.Kind == kind).Select(duty => (Instant?)duty.Due).FirstOrDefault();

    public static string Names(IEnumerable<SubscriptionEvent> events) => string.Join(", ", events.Select(e => e.GetType().Name));
}
