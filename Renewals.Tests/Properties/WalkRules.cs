using System.Collections.Concurrent;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Unit;

namespace Renewals.Tests.Properties;

/// <summary>How often what happened, over all walks: a rule that never met its case proves nothing.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public int this[string what] => _counts.GetValueOrDefault(what);

    public void Saw(string what) => _counts.AddOrUpdate(what, 1, (_, n) => n + 1);
}

/// <summary>What no walk may ever break.</summary>
internal sealed class WalkRules(Tally tally, RailTraits traits)
{
    private static readonly string[] Reasons = ["Why", "Answer", "Detail", "Reason", "Policy", "By"];

    private static readonly ConcurrentDictionary<Type, System.Reflection.PropertyInfo[]> Texts = [];

    private readonly List<SubscriptionEvent> _events = [];
    private readonly HashSet<OrderNumber> _toldPaid = [];
    private readonly HashSet<int> _charged = [];
    private readonly HashSet<int> _skipped = [];
    private readonly Dictionary<OrderNumber, Requested> _ordered = [];
    private readonly HashSet<OrderNumber> _found = [];
    private Instant? _switchedAt;
    private readonly Dictionary<string, MemberNotice> _notices = [];
    private readonly Dictionary<OrderNumber, Money> _owedBack = [];
    private readonly HashSet<OrderNumber> _settled = [];
    private readonly List<Instant> _declines = [];
    private readonly HashSet<OrderNumber> _givenBack = [];
    private readonly Dictionary<OrderNumber, Money> _granted = [];
    private readonly Dictionary<OrderNumber, long> _mayGoBack = [];
    private readonly List<(long Fen, bool IsInCharge)> _added = [];

    public void ToldPaid(OrderNumber order) => _toldPaid.Add(order);

    /// <summary>The stored text of the events is all there is: no terms, plan or policy from anywhere else.</summary>
    public void Replays(Subscription state)
    {
        var replayed = Evolve.All(null, _events.Select(e => (SubscriptionEvent)JsonSerializer.Deserialize(
            JsonSerializer.SerializeToUtf8Bytes(e, e.GetType(), LedgerJson.Options), e.GetType(), LedgerJson.Options)!))!;
        if (!LedgerJson.WriteState(replayed).AsSpan().SequenceEqual(LedgerJson.WriteState(state)))
            throw new InvalidOperationException("The stored events replay to another state.");
        tally.Saw("replayed");
    }

    public void Happened(Subscription? before, SubscriptionEvent e, Subscription after)
    {
        _events.Add(e);
        tally.Saw(e.GetType().Name);
        Explains(e);
        Waits(before, e);
        Hold(
            e is not (Core.Subscriptions.Announced or Reminded or RailNoticeRequested or CyclePlanned or Requested)
                || (before!.Agreement.Status != AgreementStatus.Unverified && before.MovedIn is null or { AskAt: null }),
            "who was taken over is told and charged nothing until the agreement is confirmed and the statements were read");
        switch (e)
        {
            case Requested requested:
                OnRequested(before!, requested);
                break;
            case OrderFound found:
                InCharge(true);
                Hold(_found.Add(found.Order) && !_ordered.ContainsKey(found.Order), "an order is found once, and only one that is not known");
                break;
            case Failed failed:
                _declines.Add(failed.At);
                Hold(traits.RetryBudget?.Never.Contains(failed.Reason) != true || failed.RetryAt is null, "what is never approved is not tried again");
                break;
            case RailNoticeRequested:
                Hold(before!.Agreement.Status != AgreementStatus.Suspended, "nothing is announced under a suspended agreement");
                break;
            case Announced announced:
                Hold(before!.Cycle!.VerifyLead is not { } lead || before.Agreement.CheckedAt >= before.Cycle.AnnounceAt - lead, "the agreement was looked at before the notice");
                _notices[announced.Notice.NoticeId] = announced.Notice;
                break;
            case AgreementSwitched switched:
                InCharge(before!.InFlight);
                OnSwitched(before!, switched, after);
                break;
            case CyclePlanned planned:
                var due = after.Terms.PriceOf(planned.Plan.Ordinal).MinorUnits + _added.Sum(added => added.Fen);
                Hold(
                    planned.Plan.Amount.MinorUnits == Math.Max(1, Math.Min(due, after.Agreement.Ceiling?.MinorUnits ?? due)),
                    "the amount is the period's price and what was added since, as far as it can be charged");
                InCharge(true);
                CalendarRules.Lawful(planned.Plan, after.Terms, traits, after.Periods!.Value, planned.At).KeptBy(this);
                tally.Saw(planned.Plan.Revision > 1 ? "planned again" : "planned once");
                OnPlanned(before!, planned, after);
                break;
            case PeriodsSkipped skipped:
                OnSkipped(before!, skipped, after);
                break;
            case Charged charged:
                Hold(_charged.Add(charged.Order.Charge.Ordinal), "a period is paid at most once, in time or late");
                Hold(charged.Order.Charge.Ordinal > before!.SkippedThrough, "what is never charged is not charged");
                Hold(after.PaymentOf(charged.Order.Charge.Ordinal) == charged.Order, "it is known which order paid");
                Hold(!_owedBack.ContainsKey(charged.Order), "money that goes back is not charged");
                Hold(after.PaidBy.Count == charged.Order.Charge.Ordinal, "a payment is for the newest period");
                _settled.Add(charged.Order);
                _mayGoBack[charged.Order] = charged.Amount.MinorUnits;
                CarryOver(before.Terms.PriceOf(charged.Order.Charge.Ordinal).MinorUnits - charged.Amount.MinorUnits);
                break;
            case AmountAdded added:
                _added.Add((added.Amount.MinorUnits, false));
                break;
            case Paused or Resumed or AnchorMoved { NextPlanAt: not null }:
                InCharge(false);
                break;
            case RefundGranted granted:
                _granted.Add(granted.Refund, granted.Amount);
                Hold((_mayGoBack[granted.Refund.OfAttempt] -= granted.Amount.MinorUnits) >= 0, "no more goes back than was paid");
                break;
            case PriceAnswered { Answer: PriceAnswer.Yes } yes:
                Hold(_events.OfType<PriceOfferTold>().Any(told => told.Offer == yes.Offer), "nobody agrees to what was not told");
                break;
            case NoticeDelivered arrived:
                Hold(before!.AwaitingReceipt.Contains(arrived.NoticeId) && !after.AwaitingReceipt.Contains(arrived.NoticeId), "a notice arrives once, after it was handed over");
                break;
            case NoticeBounced back:
                Hold(before!.AwaitingReceipt.Contains(back.NoticeId) && !after.AwaitingReceipt.Contains(back.NoticeId), "a notice comes back once, after it was handed over");
                Hold(after.Notice?.NoticeId != back.NoticeId && (back.RetryAt is null || after.LastReminder?.NoticeId != back.NoticeId), "what came back announces nothing");
                tally.Saw(back.RetryAt is null ? "came back too late" : "came back");
                break;
            case PaidElsewhere { AwaitsStatements: true }:
                Hold(before!.MovedIn!.AskAt is not null, "a payment waits only for statements that were not compared");
                tally.Saw("waits for the statements");
                break;
            case PaidElsewhere { Ordinal: 0 }:
                tally.Saw("fits no period");
                break;
            case PaidElsewhere elsewhere:
                Hold(_charged.Add(elsewhere.Ordinal), "a period is paid at most once, here or elsewhere");
                Hold(elsewhere.Ordinal > before!.SkippedThrough && after.PaidBy.Count == elsewhere.Ordinal, "a payment is for the newest period");
                tally.Saw("paid elsewhere");
                break;
            case Overpaid overpaid:
                Hold(_settled.Add(overpaid.Order), "an order is settled once");
                _owedBack.Add(overpaid.Order, overpaid.Amount);
                if (overpaid.Reason == OverpaidReason.GivenBack)
                    _givenBack.Add(overpaid.Order);
                tally.Saw(overpaid.Reason.ToString());
                break;
            case RefundRequested refund:
                Hold(
                    _granted.TryGetValue(refund.Refund, out var wish) ? wish == refund.Amount : _owedBack.GetValueOrDefault(refund.Refund.OfAttempt) == refund.Amount,
                    "what goes back is what was overpaid or granted");
                Hold(!_givenBack.Contains(refund.Refund.OfAttempt), "what the rail gave back is not given back again");
                break;
            case Parked parked:
                tally.Saw($"parked {parked.Reason}");
                break;
            case NotTaken { Outcome: var outcome }:
                tally.Saw($"not taken {outcome.GetType().Name}");
                break;
        }
    }

    private void OnSwitched(Subscription before, AgreementSwitched e, Subscription after)
    {
        Hold(e.From == before.Agreement.Id && e.To == after.Agreement.Id && e.Account == after.Account, "another agreement takes over from the one in use");
        Hold(e.Reason == SwitchReason.Found || before.Backups.Single(backup => backup.Agreement.Id == e.To) is { Agreement.Status: AgreementStatus.Active, RetiredAt: null }, "only an agreement in force takes over");
        Hold(before.Status == SubscriptionStatus.Active || e.Reason == SwitchReason.Found, "nobody takes over where renewal was stopped");
        Hold(after.Notice is null && after.Cycle is null && after.RailNotices.Count == 0, "what was planned and told for the other rail is void");
        _switchedAt = e.At;
        tally.Saw($"switched: {e.Reason}");
    }

    private void InCharge(bool isInCharge)
    {
        for (var i = 0; i < _added.Count; i++)
            _added[i] = _added[i] with { IsInCharge = isInCharge };
    }

    // What was added and did not fit is still owed, by whoever owes it.
    private void CarryOver(long priceLessCharged)
    {
        var charged = _added.Where(added => added.IsInCharge).ToList();
        _added.RemoveAll(added => added.IsInCharge);
        if (charged.Count > 0 && charged.Sum(added => added.Fen) + priceLessCharged is not 0 and var left)
            _added.Add((left, false));
        if (charged.Count > 0)
            tally.Saw("charged with an addition");
    }

    // Somebody will ask why, years later.
    private void Explains(SubscriptionEvent e)
    {
        foreach (var property in Texts.GetOrAdd(e.GetType(), type => [.. type.GetProperties().Where(property => property.PropertyType == typeof(string) && Reasons.Contains(property.Name))]))
            Hold(property.GetValue(e) is not "" || e is RailNoticeAnswered { Result: RailNoticeResult.Accepted }, $"{e.GetType().Name}.{property.Name} says something or is not there");
    }

    // What is asked or sent again is asked or sent later, and is counted.
    private void Waits(Subscription? before, SubscriptionEvent e)
    {
        var again = e switch
        {
            Requested x => Instant.Min(x.SendBefore, x.AskAt),
            Asked x => x.NextAskAt,
            AgreementAsked x => x.NextAskAt,
            StatementsAsked x => x.NextAskAt,
            NotTaken x => x.ResendAt,
            Failed x => x.RetryAt,
            RefundRequested x => x.AskAt,
            RailNoticeRequested x => x.RepeatAt,
            NoticeFailed x => x.RetryAt,
            NoticePostponed x => x.Until,
            Postponed x => x.Until,
            _ => null,
        };
        Hold(again is null || again >= e.At, "again is later");
        Hold(e is not Requested sent || sent.AskAt > sent.SendBefore, "an order is asked about once it cannot be sent any more");
        if (e is Asked asked && before!.Attempts.FirstOrDefault(a => a.Order == asked.Order) is { } attempt)
            Hold(asked.Asks == attempt.Asks + 1 || (asked.AtRail is not null && asked.Asks == attempt.Asks), "asks are counted, and what the rail says of the order unasked is none");
    }

    public void Decided(SubscriptionCommand command, IReadOnlyList<SubscriptionEvent> events, Subscription state, IReadOnlyList<SubscriptionEvent> again)
    {
        Hold(again.Count == 0, $"decide, evolve, decide again gives nothing: {command} gave {Scenario.Names(events)}, then {Scenario.Names(again)}");
        Hold(state.Version == _events.Count, "the version counts events");
        var duties = Duty.Of(state).ToList();
        Hold(duties.Count <= state.Attempts.Count + state.Refunds.Count + state.Backups.Count + 4, "duties are bounded");
        Hold(state.Attempts.Count <= OrderNumber.MaxAttempt + 1, "attempts are bounded");
        Hold(duties.Distinct().Count() == duties.Count, "a duty stands once");
        Hold(
            duties.All(duty => (duty.Kind is DutyKind.AskCharge or DutyKind.AskRefund or DutyKind.Refund) == (duty.Key.Length > 0) || duty is { Kind: DutyKind.VerifyAgreement, Key: "before" }
                || state.Backups.Any(backup => duty.Key == $"{backup.Agreement.Id}")),
            $"duties about an order or another agreement name it, and no others name anything: {string.Join(", ", duties)}");
        Hold(
            duties.Count > 0 || state.Parked is not null || state.Status == SubscriptionStatus.Ended || state.Pause is { Until: null },
            "nothing is left to do only at the end, in a pause without one or for a person");
        Hold(state.RailNotices.Select(n => n.Number).Distinct().Count() == state.RailNotices.Count, "notices at the rail have numbers of their own");
        Hold(_toldPaid.All(order => _settled.Contains(order) || GivenBackElsewhere(order)), $"no success in silence: {command}");
    }

    // Whoever is passed over for a later period was skipped before, by an event of its own.
    private void OnPlanned(Subscription before, CyclePlanned e, Subscription after)
    {
        for (var ordinal = before.PaidThrough + 1; ordinal < e.Plan.Ordinal; ordinal++)
            Hold(_skipped.Contains(ordinal), $"period {ordinal} was passed over in silence");
        if (!e.Plan.IsCatchUp)
            return;
        Hold(before.Terms.CatchUp == CatchUpPolicy.OldestFirst || before is { Terms.CatchUp: CatchUpPolicy.Ask, CatchUp.As: CatchUpPolicy.OldestFirst }, "a late charge stands in the terms, or a person said so");
        Hold(traits.SeveralSuccessesPerPeriod, "a late charge is possible at the rail");
        Hold(e.Plan.Ordinal == Math.Max(before.PaidThrough, before.SkippedThrough) + 1, "the oldest comes first");
        tally.Saw("planned late");
    }

    private void OnSkipped(Subscription before, PeriodsSkipped e, Subscription after)
    {
        for (var ordinal = e.From; ordinal <= e.To; ordinal++)
            Hold(_skipped.Add(ordinal) && !_charged.Contains(ordinal), "a period is skipped once, and was not paid");
        Hold(e.From == Math.Max(before.PaidThrough, before.SkippedThrough) + 1, "what is skipped follows on what was settled");
        Hold(!e.Given || (after.RunsUntil == e.Ends && e.Ends > e.At), "what is given runs on from now");
        Hold(before.Attempts.Where(a => a.Status == AttemptStatus.InFlight || a.AskAt is not null).All(after.Attempts.Contains), "an order that may take money is asked for, also of a period that is skipped");
        tally.Saw(e.Given ? "given" : "skipped");
    }

    /// <summary>After waking, what is due needs somebody else's word.</summary>
    public void AtRest(Subscription state, Instant now)
    {
        var due = Duty.Of(state).Where(duty => duty.Due <= now).Select(duty => duty.Kind);
        Hold(
            due.All(kind => kind is DutyKind.AskSigning or DutyKind.VerifyAgreement or DutyKind.ReadRailDate or DutyKind.MoveRailDate or DutyKind.Remind or DutyKind.Announce or DutyKind.OfferPrice or DutyKind.AskCharge or DutyKind.AskRefund or DutyKind.CallTermination or DutyKind.AskStatements),
            "nothing that can be decided stays due");
    }

    public void Hold(bool rule, string name)
    {
        if (!rule)
            throw new InvalidOperationException($"Broken: {name}.\n{string.Join('\n', _events.TakeLast(50))}");
    }

    private void OnRequested(Subscription before, Requested e)
    {
        var others = before.Attempts.Where(a => a.Order != e.Order || a.Status == AttemptStatus.InFlight);
        Hold(others.All(a => a.Status != AttemptStatus.InFlight), "nothing is sent while an order is in flight");
        Hold(before.Status is SubscriptionStatus.Signing or SubscriptionStatus.Active, "nothing is sent after a cancel");
        Hold(before.Parked is null, "nothing is sent while parked");
        Hold(before.Pause is not { } pause || e.Send > 1 || before.Cycle is not { } due || due.Due < pause.From || due.Due >= pause.Until, "nothing is charged for what begins in a pause");
        Hold(before.Agreement.Ceiling is not { } ceiling || e.Amount <= ceiling, "nothing is charged above what was signed");
        Hold(before.Agreement.Status != AgreementStatus.Suspended, "nothing is sent under a suspended agreement");
        Hold(!_found.Contains(e.Order), "an order that was found is not sent again: what was sent is not known");
        Hold(!_settled.Contains(e.Order), "a settled order is never sent again");
        Hold(e.Agreement == before.Agreement.Id && e.Account == before.Account && (e.Authority is ChargeAuthority.MemberPresent || before.Agreement.Status == AgreementStatus.Active), "an order is sent under the agreement in use");
        Hold(_ordered.Keys.All(earlier => earlier.Charge != e.Order.Charge || earlier.Attempt < e.Order.Attempt || earlier == e.Order), "attempts are numbered on, whichever agreement they are under");
        Hold(!_ordered.TryGetValue(e.Order, out var sent) || sent.Agreement == e.Agreement, "an order is never sent again under another agreement");
        if (traits.RetryBudget is { } budget)
        {
            Hold(_declines.Count(at => at > e.At - Duration.FromDays(budget.WindowDays)) <= budget.MostRetries, "the card network's budget is kept");
            tally.Saw("tried under a budget");
        }

        Hold(before.PaidThrough == 0 || !(before.ReminderDue <= e.At), "nothing is charged once a reminder is overdue");
        Hold(e.Send == 1 || traits.Resend == Resend.SameOrder, "where a repeat proves nothing there is none");
        Hold(traits.OrderLifetime is null == (e.ExpiresAt is null), "an order ends by itself where the rail lets it");
        Hold(e.ExpiresAt is not { } end || end > e.SendBefore, "an order can still be taken when it is sent");
        Hold(e.Send == (_ordered.TryGetValue(e.Order, out var first) ? first.Send + 1 : 1), "sends are counted");
        Hold(first is null || (first.Amount == e.Amount && first.OrderedAt == e.OrderedAt && first.Subject == e.Subject && first.ExpiresAt == e.ExpiresAt), "a repeat is the same order");
        _ordered[e.Order] = e;
        tally.Saw(e.Send > 1 ? "sent again" : e.Order.Attempt > 1 ? "next attempt" : "first attempt");
        tally.Saw($"by {e.Authority.GetType().Name}");
        if (e.Authority is ChargeAuthority.Notice authority)
            Announced(before, e, authority);
    }

    private void Announced(Subscription before, Requested e, ChargeAuthority.Notice authority)
    {
        var notice = _notices[authority.NoticeId];
        Hold(!(notice.HandedOverAt < _switchedAt), "another agreement has a notice of its own");
        var delay = before.Cycle!.ChargeDelay;
        Hold(e.At + delay - notice.HandedOverAt >= before.Terms.Law.NoticeLead, "no charge sooner after its notice than the law says");
        Hold(notice.Ordinal == e.Order.Charge.Ordinal, "a notice announces its own period");
        Hold(e.Amount == notice.Amount, "the amount is the one announced");
        Hold(e.At + delay >= notice.MoneyFrom && e.SendBefore + delay <= notice.MoneyUntil, "the money moves in the announced window");
        if (traits.Plan is { } rule)
        {
            var (day, date) = ((e.ExpiresAt!.Value + delay).InZone(RenewalZones.Get(traits.ZoneId)).Date, before.Agreement.RailDate!.Value);
            Hold(e.At.InZone(RenewalZones.Get(traits.ZoneId)).Date >= date.PlusDays(-rule.WindowDays) && day <= date, "an order begins and ends in the rail's window");
            tally.Saw("in the rail's window");
        }

        if (before.Cycle.VerifyLead is { } lead)
        {
            Hold(before.Agreement.CheckedAt >= before.Cycle.ChargeFrom - lead, "the agreement was looked at before the charge, or its silence recorded");
            tally.Saw("looked at before a charge");
        }

        var rail = before.RailNotices.Where(n => n.Result != RailNoticeResult.Refused).ToList();
        Hold(traits.Notice is null || rail.Count > 0, "no charge without the rail's notice");
        Hold(rail.All(n => n.ChargeableFrom <= e.At && e.At <= n.ChargeableUntil), "a charge lies in the days of every notice that may have landed");
    }

    private bool GivenBackElsewhere(OrderNumber order) => _events.OfType<Refunded>().Any(e => e.Order == order);
}

/// <summary>When a calendar is lawful, said again in other words than the solver's.</summary>
internal static class CalendarRules
{
    /// <returns>The rule that is broken, or null.</returns>
    public static string? Lawful(CyclePlan plan, Terms terms, RailTraits traits, Periods periods, Instant now)
    {
        var zone = RenewalZones.Get(traits.ZoneId);
        LocalTime Time(Instant at) => at.InZone(zone).TimeOfDay;
        LocalDate Day(Instant at) => at.InZone(zone).Date;
        return plan switch
        {
            _ when plan.Due != periods.Start(plan.Ordinal) => "due is when the period begins",
            _ when plan.AnnounceAt < now || plan.ChargeFrom < now || plan.RailNoticeAt < now => "nothing is planned in the past",
            _ when plan.AnnounceAt > plan.AnnounceBy => "a notice goes out in time",
            _ when plan.MoneyFrom - plan.AnnounceBy < Duration.FromHours(24 * terms.Law.NoticeDays) => "the law's days",
            _ when plan.MoneyUntil - plan.AnnounceAt > terms.Law.NoticeMaxLead => "a notice is not too old",
            _ when terms.QuietHours.Cover(plan.AnnounceAt, RenewalZones.Get(terms.ZoneId)) => "nobody is told at night",
            _ when plan.MoneyFrom < plan.Due => "no money before the period",
            _ when plan.MoneyUntil > periods.End(plan.Ordinal) && !plan.IsCatchUp => "no money after the period, but where it is charged late",
            _ when plan.ChargeFrom > plan.ChargeUntil => "a window has a beginning before its end",
            _ when Time(plan.ChargeFrom) < traits.OpensAt || Time(plan.ChargeFrom) >= traits.ClosesAt => "the rail's hours",
            _ when traits.Notice is null != (plan.RailNoticeAt is null) => "the rail's own notice, where it wants one",
            _ when plan.RailNoticeAt is { } at && (Time(at) < traits.OpensAt || Time(at) >= traits.ClosesAt) => "the rail's hours for notices",
            _ when plan.RailNoticeAt is { } at && Day(at).PlusDays(traits.Notice!.DaysBefore) != Day(plan.ChargeFrom) => "the rail's days between",
            _ when traits.Notice is { } rule && Day(plan.ChargeUntil) > Day(plan.ChargeFrom).PlusDays(rule.ChargeableDays - 1) => "the rail's chargeable days",
            _ when traits.Plan is null != (plan.RailDate is null) => "the rail's own date, where it keeps one",
            _ when plan.RailDate is { } date && (Day(plan.ChargeFrom) < date.PlusDays(-traits.Plan!.WindowDays) || Day(plan.ChargeUntil) > date) =>
                "the window of the rail's own date",
            _ => null,
        };
    }

    public static void KeptBy(this string? broken, WalkRules rules) => rules.Hold(broken is null, $"{broken}");
}
