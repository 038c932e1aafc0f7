using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Unit;

namespace Renewals.Tests.Properties;

/// <summary>A membership in a random world: rails that lie, lose and repeat, members who cancel, clocks that jump. Choices are the only chance.</summary>
internal sealed partial class Walk
{
    private static readonly string[] Zones = [RenewalZones.Shanghai, RenewalZones.Shanghai, "America/New_York", "Pacific/Auckland"];

    private static readonly string[] Laws = ["mainland-china-2021", "mainland-china-2021", "india-2019", "california-2025", "none"];

    private readonly uint[] _choices;
    private readonly WalkRules _rules;
    private readonly RailTraits _traits;
    private readonly DecisionLimits _limits;
    private readonly int _noticesLostOfFive;
    private readonly List<Requested> _orders = [];
    private readonly Action<string>? _tell;
    private int _next;
    private bool _frozen;
    private MerchantAccount? _speaks;
    private Instant _now = Scenario.Shanghai(3, 10, 12);
    private Subscription _state = null!;

    /// <param name="choices">All its chance.</param>
    /// <param name="tally">What happens is counted here.</param>
    /// <param name="tell">Told every command, what was decided, and what was due then, to the letter.</param>
    public Walk(uint[] choices, Tally tally, Action<string>? tell = null)
    {
        (_choices, _tell) = (choices, tell);
        _traits = Pick(5) switch
        {
            0 => Scenario.DayLater,
            1 => Scenario.OwnDates,
            2 => Scenario.NoRepeats with { SeveralSuccessesPerPeriod = Pick(2) == 0 },
            3 => Scenario.PreNotice with { AbsenceProof = Pick(4) == 0 ? AbsenceProof.TwoStatements : AbsenceProof.Query },
            _ => Scenario.PreNotice,
        };
        _traits = _traits with { CanAskForAgreements = Pick(2) == 0, RetryBudget = Pick(4) == 0 ? new(1, 20, [DeclineReason.AccountAbnormal]) : null };
        _limits = Pick(3) == 0 ? new() { MaxAsks = 3, MaxSends = 2, MaxRailNotices = 2, MaxNoticeFailures = 2, NoticeChannels = ["push", "sms"], MaxEvents = 60 } : DecisionLimits.Default;
        _noticesLostOfFive = Pick(8) == 0 ? 4 : 1;
        _rules = new(tally, _traits);
    }

    private bool More => _next < _choices.Length;

    private DecisionContext Context => new(_now, _traits, _limits) { Frozen = _frozen, Account = _speaks };

    public void Run()
    {
        var interval = Pick(4) == 0 ? BillingInterval.Yearly : BillingInterval.Monthly;
        var terms = Scenario.Monthly with { Renews = Pick(8) != 0, ZoneId = Zones[Pick(Zones.Length)], Interval = interval,
            Law = LawPacks.Get(Laws[Pick(Laws.Length)]).For(interval, 1), QuietHours = Pick(2) == 0 ? QuietHours.Night : QuietHours.None, CatchUp = (CatchUpPolicy)Pick(4) };
        if (_choices.Length % 8 == 1)
            MoveIn(terms with { Renews = true });
        else
            Do(Enrolment(terms, Pick(2) == 0));
        while (More)
        {
            Pass();
            if (Pick(10) < 7)
                WakeAndCarryOut();
            else
                Surprise();
        }

        _rules.Replays(_state);
    }

    // Taken over from another system, paid for some time or in arrears, at a cut-over that lies behind or ahead.
    private void MoveIn(Terms terms)
    {
        var anchor = _now.InZone(RenewalZones.Get(terms.ZoneId)).Date.PlusDays(-Pick(700));
        var paid = 0;
        while (terms.Interval.After(anchor, paid) < _now.InZone(RenewalZones.Get(terms.ZoneId)).Date.PlusDays(Pick(60) - 31))
            paid++;
        Do(new SubscriptionCommand.Import(
            Scenario.Id, "m", Scenario.Account, Scenario.Signature, "t", terms, anchor, terms.Interval.After(anchor, paid), _now + Duration.FromDays(Pick(10) - 5),
            _now + Duration.FromMinutes(Pick(60)), _now + Duration.FromDays(1), "line"));
    }

    private SubscriptionCommand.RecordOldPayments OldPayments(bool isAnswer)
    {
        var count = Pick(4) == 0 ? Pick(3) : 0;
        var payments = Enumerable.Range(0, isAnswer ? count : 1).Select(_ => new OldPayment(
            $"OLD-{Pick(4)}", Pick(4) == 0 ? Money.Cny(7) : _state.Terms.Price, _now - Duration.FromDays(Pick(40)), Pick(3) != 0)).ToList();
        return new(payments, isAnswer, Pick(4) != 0, "as the statements say");
    }

    /// <summary>To the alarm mostly; sometimes not at all, sometimes an outage of months.</summary>
    private void Pass()
    {
        var alarm = Duty.Alarm(_state);
        _now = Pick(20) switch
        {
            < 13 when alarm is { } at => Instant.Max(_now, at),
            13 => _now + Duration.FromSeconds(Pick(60)),
            14 => _now + Duration.FromMinutes(Pick(60)),
            15 => _now + Duration.FromHours(Pick(24)),
            16 => _now + Duration.FromDays(Pick(10)),
            17 when Pick(4) == 0 => _now + Duration.FromDays(Pick(70)),
            _ => _now,
        };
    }

    private void WakeAndCarryOut()
    {
        var events = Do(new SubscriptionCommand.Wake());
        if (_frozen)
        {
            WakeFrozen(events);
            return;
        }

        _rules.AtRest(_state, _now);
        if (_state.Parked is not null && Pick(3) == 0)
        {
            Do(new SubscriptionCommand.Unpark("operator", "looked"));
            events = Do(new SubscriptionCommand.Wake());
        }

        if (_state.Parked == ParkReason.CatchUpUndecided && Pick(2) == 0)
            Do(new SubscriptionCommand.DecideCatchUp((CatchUpPolicy)Pick(4), "operator", "looked"));
        if (_state.AwaitingReceipt is { Count: > 0 } awaited && Pick(4) == 0)
            Do(new SubscriptionCommand.RecordNotice(awaited[Pick(awaited.Count)], Pick(3) > 0 ? new NoticeResult.Delivered("arrived", _now) : new NoticeResult.Bounced("back", "no such number", _now)));
        foreach (var errand in Errand.After(_state, events, _now))
            CarryOut(errand);
    }

    // Restored: nothing happens by itself, the rail is asked, also for orders nobody here knows of; then a person adopts the ledger.
    private void WakeFrozen(IReadOnlyList<SubscriptionEvent> events)
    {
        _rules.Hold(events.Count == 0, "a frozen ledger does nothing by itself");
        foreach (var errand in Errand.Questions(_state, _now))
            CarryOut(errand);
        if (Pick(3) == 0)
        {
            var next = _state.NextCharge;
            _speaks = _state.Backups.Count > 0 && Pick(2) == 0 ? _state.Backups[Pick(_state.Backups.Count)].Account : null;
            Tell((Pick(3) == 0 ? new(_state.Id, ChargeKind.Renewal, next.Ordinal + 1 + Pick(2)) : next).Attempt(1 + Pick(3)), AnyOutcome(null));
        }

        _speaks = null;
        _frozen = Pick(4) != 0;
    }

    private void CarryOut(Errand errand)
    {
        if (Pick(10) == 0)
            return;
        switch (errand)
        {
            case Errand.SendCharge send:
                Tell(send.Order.Order, Pick(10) < 4 ? Paid(send.Order.Order) : AnyOutcome(send.Order.Order));
                break;
            case Errand.AskCharge ask:
                Tell(ask.Attempt.Order, AnyOutcome(ask.Attempt.Order));
                break;
            case Errand.StopCharge stop:
                Tell(stop.Attempt.Order, Pick(2) == 0 ? new ChargeOutcome.Declined(DeclineReason.OrderClosed, "CLOSED") : AnyOutcome(stop.Attempt.Order));
                break;
            case Errand.Tell tell:
                _rules.Hold(!_state.Terms.QuietHours.Cover(_now, RenewalZones.Get(_state.Terms.ZoneId)), "nobody is told at night");
                Do(new SubscriptionCommand.RecordNotice(tell.NoticeId, Pick(5) < _noticesLostOfFive ? new NoticeResult.Failed("no channel") : new NoticeResult.HandedOver("r", _now)));
                break;
            case Errand.SendRailNotice notice:
                Do(new SubscriptionCommand.RecordRailNotice(notice.Notice.Number, AnyRailNotice()));
                break;
            case Errand.SendRefund refund:
                Do(new SubscriptionCommand.RecordRefund(refund.Refund.Refund.OfAttempt, $"{refund.Refund.Refund}", AnyRefund(refund.Refund.Amount)));
                break;
            case Errand.AskRefund ask:
                Do(new SubscriptionCommand.RecordRefund(ask.Refund.Order, ask.Refund.Number, AnyRefund(ask.Refund.Amount)));
                break;
            case Errand.AskAgreement ask when ask.Agreement != _state.Agreement.Id:
                BackupSays(_state.Known(ask.Agreement).Agreement, isAsked: true);
                break;
            case Errand.Terminate end when end.Agreement != _state.Agreement.Id:
                BackupSays(_state.Known(end.Agreement).Agreement, isAsked: true);
                break;
            case Errand.AskAgreement when _state.Agreement.Status == AgreementStatus.Active:
                RailSaysDate();
                break;
            case Errand.AskAgreement when _state.Agreement.Status == AgreementStatus.Unverified:
                Agreement(Pick(12) switch { 0 => AgreementStatus.Terminated, 1 => AgreementStatus.Suspended, 2 or 3 or 4 => AgreementStatus.Unverified, _ => AgreementStatus.Active });
                break;
            case Errand.AskStatements:
                Do(OldPayments(isAnswer: true));
                break;
            case Errand.AskAgreement when _state.Agreement.Status == AgreementStatus.Suspended:
                Agreement(Pick(8) switch { 0 => AgreementStatus.Terminated, 1 or 2 or 3 => AgreementStatus.Active, _ => AgreementStatus.Suspended });
                break;
            case Errand.MoveRailDate move:
                Do(new SubscriptionCommand.RecordRailDate(move.Date, AnyRailNotice()));
                break;
            case Errand.AskAgreement:
                Agreement(Pick(3) == 0 ? AgreementStatus.Signing : _now < _state.SignBy || Pick(2) == 0 ? AgreementStatus.Active : AgreementStatus.Abandoned);
                break;
            case Errand.Terminate:
                Agreement(Pick(3) == 0 ? AgreementStatus.Terminating : AgreementStatus.Terminated);
                break;
            default:
                throw new InvalidOperationException($"Nobody carries out {errand}.");
        }
    }

    private void Surprise()
    {
        if (_state.MovedIn is not null && Pick(20) == 0)
        {
            Do(OldPayments(isAnswer: false));
            return;
        }

        switch (Pick(20))
        {
            case >= 16:
                Wish();
                break;
            case < 6 when _orders.Count > 0:
                var order = _orders[Pick(_orders.Count)].Order;
                Tell(order, AnyOutcome(order), Pick(2) == 0 ? Evidence.Hint : Evidence.Conclusive);
                break;
            case 6 when Pick(3) == 0:
                var kind = (ChargeKind)Pick(5);
                Tell(new Charge(_state.Id, kind, 1 + Pick(4)).Attempt(1 + Pick(3)), AnyOutcome(null));
                break;
            case 7 when _orders.Count > 0 && Pick(3) == 0:
                var paid = _orders[Pick(_orders.Count)];
                Do(new SubscriptionCommand.RecordRefund(paid.Order, $"SHOP-{Pick(3)}", AnyRefund(paid.Amount)));
                break;
            case 8 when Pick(6) == 0:
                Do(new SubscriptionCommand.Cancel((CancelledBy)Pick(3), "asked", Pick(2) == 0));
                break;
            case 9 when Pick(4) == 0:
                Do(new SubscriptionCommand.Park(ParkReason.Requested, "look"));
                break;
            case 10 or 11:
                Do(new SubscriptionCommand.Unpark("operator", "looked"));
                break;
            case 12 when _state.Agreement.Status == AgreementStatus.Active && Pick(8) == 0:
                Agreement(AgreementStatus.Terminated);
                break;
            case 12 when _state.Agreement.Status == AgreementStatus.Active && Pick(4) == 0:
                Agreement(AgreementStatus.Suspended);
                break;
            case 12 when _state.Agreement.Status == AgreementStatus.Suspended:
                Do(new SubscriptionCommand.RecordAgreement(AgreementStatus.Suspended, null, _now, "signed", null, Evidence.Hint));
                break;
            case 13 when _state.Agreement.Status is AgreementStatus.Signing or AgreementStatus.Abandoned:
                Agreement(AgreementStatus.Active);
                break;
            case 13 when _state.Agreement is { Status: AgreementStatus.Active, RailDate: not null } && Pick(4) == 0:
                RailSaysDate();
                break;
            case 13 when _state.Backups.Count > 0:
                BackupSays(_state.Backups[Pick(_state.Backups.Count)].Agreement, isAsked: false);
                break;
            case 14 when _state.RailNotices is [.., { } last]:
                Do(new SubscriptionCommand.RecordRailNotice(last.Number, AnyRailNotice()));
                break;
            case 15 when Pick(10) == 0:
                _frozen = true;
                break;
            default:
                Do(new SubscriptionCommand.Wake());
                if (!_frozen)
                    _rules.AtRest(_state, _now);
                break;
        }
    }

    private void Agreement(AgreementStatus status) =>
        Do(new SubscriptionCommand.RecordAgreement(status, status == AgreementStatus.Terminated ? (TerminationMode)Pick(6) : null, _now, "said") { Agreement = _state.Agreement.Id });

    // The rail's date is as we reckon, somewhat off, a period off, or not said; sometimes it does not answer at all.
    private void RailSaysDate()
    {
        var said = _state.Agreement.RailDate;
        LocalDate? date = Pick(8) switch
        {
            _ when said is null => null,
            0 => said.Value.PlusDays(Pick(20) - 8),
            1 => said.Value.PlusMonths(1),
            2 => said.Value.PlusMonths(-1),
            3 => null,
            _ => said,
        };
        Do(new SubscriptionCommand.RecordAgreement(AgreementStatus.Active, null, Pick(6) == 0 ? null : _now, "said", date));
    }

    private void Tell(OrderNumber order, ChargeOutcome outcome, Evidence evidence = Evidence.Conclusive)
    {
        // What another rail says of a number that is in use here is for a person.
        if (outcome is (ChargeOutcome.Succeeded or ChargeOutcome.Reversed) && evidence == Evidence.Conclusive && (_speaks is null || _speaks == _state.AccountOf(order)))
            _rules.ToldPaid(order);
        Do(new SubscriptionCommand.RecordCharge(order, new(outcome, evidence)));
    }

    private ChargeOutcome.Succeeded Paid(OrderNumber? order)
    {
        var amount = _orders.LastOrDefault(e => e.Order == order)?.Amount ?? Money.Cny(2500);
        var paidAt = _now - Duration.FromMinutes(Pick(3) == 0 ? Pick(60) : 0);
        return new(Pick(15) == 0 ? Money.Cny(7) : amount, "42", paidAt);
    }

    private ChargeOutcome AnyOutcome(OrderNumber? order) => Pick(12) switch
    {
        2 when Pick(4) == 0 && Paid(order) is var back => new ChargeOutcome.Reversed(back.Amount, back.RailTransaction, back.PaidAt, Pick(2) == 0 ? _now : null, order is { } named && Pick(3) == 0 ? $"VOID-{named}" : null),
        0 or 1 or 2 => Paid(order),
        3 or 4 => new ChargeOutcome.Declined((DeclineReason)Pick(7), "CODE"),
        5 => new ChargeOutcome.Pending("ACCEPT"),
        6 => new ChargeOutcome.Unknown("time-out"),
        7 => new ChargeOutcome.Refused("X", "y"),
        8 => new ChargeOutcome.NotSent("late"),
        9 when Pick(3) == 0 => new ChargeOutcome.Absent("both statements"),
        _ => new ChargeOutcome.Missing(),
    };

    private RailNoticeAnswer AnyRailNotice() => Pick(6) switch
    {
        0 => new RailNoticeAnswer.Refused("NO", "set-up"),
        1 => new RailNoticeAnswer.Unknown("time-out"),
        _ => new RailNoticeAnswer.Accepted(),
    };

    private RefundAnswer AnyRefund(Money amount) => Pick(8) switch
    {
        0 => new RefundAnswer.Pending("PROCESSING"),
        1 => new RefundAnswer.Missing(),
        2 => new RefundAnswer.Unknown("time-out"),
        5 => new RefundAnswer.Absent("both statements"),
        3 => new RefundAnswer.Refused("NOTENOUGH", "no funds"),
        4 when Pick(4) == 0 => new RefundAnswer.Impossible("TOO_OLD", "a year"),
        _ => new RefundAnswer.Refunded(amount, "R", _now),
    };

    private IReadOnlyList<SubscriptionEvent> Do(SubscriptionCommand command)
    {
        var events = Decide.On(_state, command, Context);
        foreach (var e in events)
        {
            var before = _state;
            _state = Evolve.Next(_state, e);
            _rules.Happened(before, e, _state);
            if (e is Requested order)
                _orders.Add(order);
            else if (e is Charged payment)
                _payments.Add(payment);
        }

        _rules.Decided(command, events, _state, Decide.On(_state, command, Context));
        if (_tell is not null)
            Say(command, events, _tell);
        return events;
    }

    private void Say(SubscriptionCommand command, IReadOnlyList<SubscriptionEvent> events, Action<string> tell)
    {
        tell($"{_now} {command.GetType().Name}");
        foreach (var e in events)
            tell($"  {e.GetType().Name} {JsonSerializer.Serialize(e, e.GetType(), LedgerJson.Options)}");
        tell($"  due {string.Join(", ", Duty.Of(_state).Select(duty => $"{duty.Kind} {duty.Key} {duty.Due}"))}");
        tell($"  is {Encoding.UTF8.GetString(LedgerJson.WriteState(_state))}");
    }

    private int Pick(int below) => More ? (int)(_choices[_next++] % (uint)below) : 0;
}
