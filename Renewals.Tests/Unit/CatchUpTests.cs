using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>
/// A member who signed on 31 January, and a service that was dead from 10 March to 20 June: two whole periods are over, the third runs for ten days more.
/// What is charged, when, and what the member was told before.
/// </summary>
public class CatchUpTests
{
    private static readonly Instant Back = Shanghai(6, 20, 9);

    public static TheoryData<CatchUpPolicy> Policies => [.. Enum.GetValues<CatchUpPolicy>()];

    [Fact]
    public void Current_period_only_is_the_default_and_charges_one_period_after_its_own_notice()
    {
        Monthly.CatchUp.Should().Be(CatchUpPolicy.CurrentPeriodOnly);
        var s = Dead(CatchUpPolicy.CurrentPeriodOnly).Gives(typeof(PeriodsSkipped), typeof(CyclePlanned));
        s.Only<PeriodsSkipped>().Should().Match<PeriodsSkipped>(e => e.From == 3 && e.To == 4 && !e.Given && e.Policy == CatchUpPolicy.CurrentPeriodOnly
            && e.Begins == Shanghai(3, 31, 0) && e.Ends == Shanghai(5, 31, 0));
        Renews(s).Should().Be((Shanghai(6, 20, 10), Shanghai(6, 26, 8), new Charge(Id, ChargeKind.Renewal, 5)));
        s.State.PaidBy.Should().Equal(1, 1, 0, 0, 1);
        s.State.PaidUntil.Should().Be(Shanghai(6, 30, 0));
        s.State.GivenUntil.Should().BeNull("what was missed is a gap");
        s.ToAlarm().Gives(typeof(CyclePlanned)).State.Cycle!.Ordinal.Should().Be(6);
        s.Count<PeriodsSkipped>().Should().Be(1);
    }

    [Fact]
    public void Forgiven_are_what_was_missed_and_what_runs_and_the_next_period_is_charged_in_its_time()
    {
        var s = Dead(CatchUpPolicy.Forgive).Gives(typeof(PeriodsSkipped));
        s.Only<PeriodsSkipped>().Should().Match<PeriodsSkipped>(e => e.From == 3 && e.To == 5 && e.Given && e.Policy == CatchUpPolicy.Forgive && e.Ends == Shanghai(6, 30, 0));
        s.State.PaidUntil.Should().Be(Shanghai(3, 31, 0), "paid is only what was paid");
        s.State.RunsUntil.Should().Be(Shanghai(6, 30, 0));
        s.ToAlarm().Gives(typeof(CyclePlanned));
        s.Now.Should().Be(Shanghai(6, 23, 0));
        Renews(s).Should().Be((Shanghai(6, 24, 10), Shanghai(6, 30, 8), new Charge(Id, ChargeKind.Renewal, 6)));
        s.State.PaidBy.Should().Equal(1, 1, 0, 0, 0, 1);
        s.State.RunsUntil.Should().Be(Shanghai(7, 31, 0), "what was given and what is paid now tile");
    }

    [Fact]
    public void Oldest_first_charges_each_missed_period_late_one_after_another_and_each_after_its_own_notice()
    {
        var s = Dead(CatchUpPolicy.OldestFirst, Several).Gives(typeof(CyclePlanned));
        s.State.Cycle!.Should().Match<CyclePlan>(plan => plan.IsCatchUp && plan.Due == Shanghai(3, 31, 0));
        Renews(s).Should().Be((Shanghai(6, 20, 10), Shanghai(6, 26, 8), new Charge(Id, ChargeKind.CatchUp, 3)));
        s.State.PaidUntil.Should().Be(Shanghai(4, 30, 0), "it paid for that period and no other");
        foreach (var (told, charged, kind, ordinal) in ((Instant, Instant, ChargeKind, int)[])
            [(Shanghai(6, 26, 8), Shanghai(7, 1, 8), ChargeKind.CatchUp, 4), (Shanghai(7, 1, 8), Shanghai(7, 6, 8), ChargeKind.CatchUp, 5), (Shanghai(7, 6, 8), Shanghai(7, 11, 8), ChargeKind.Renewal, 6)])
        {
            s.Wakes();
            Renews(s).Should().Be((told, charged, new Charge(Id, kind, ordinal)));
        }

        s.State.PaidBy.Should().Equal(1, 1, 1, 1, 1, 1);
        s.State.CaughtUp.Should().Equal(3, 4, 5);
        s.State.PaidUntil.Should().Be(Shanghai(7, 31, 0));
        s.Count<PeriodsSkipped>().Should().Be(0);
        s.Events.OfType<Announced>().Select(e => e.Notice.NoticeId).Should().OnlyHaveUniqueItems();
        s.Wakes().GivesNothing();
        s.ToAlarm().Gives(typeof(CyclePlanned)).State.Cycle!.Should().Match<CyclePlan>(plan => plan.Ordinal == 7 && !plan.IsCatchUp);
    }

    [Fact]
    public void Where_the_rail_takes_one_success_a_period_oldest_first_is_not_kept_and_the_event_says_so()
    {
        var s = Dead(CatchUpPolicy.OldestFirst).Gives(typeof(PeriodsSkipped), typeof(CyclePlanned));
        s.Only<PeriodsSkipped>().Why.Should().Contain("one success a period");
        s.State.Cycle!.Should().Match<CyclePlan>(plan => plan.Ordinal == 5 && !plan.IsCatchUp);
    }

    [Fact]
    public void Asked_a_membership_waits_quietly_until_a_person_decides_and_that_is_kept_with_who_and_why()
    {
        var s = Dead(CatchUpPolicy.Ask).Gives(typeof(Parked));
        s.Only<Parked>().Should().Match<Parked>(e => e.Reason == ParkReason.CatchUpUndecided && e.Detail == "periods 3 to 4 were missed: CNY 5000");
        s.Alarm.Should().BeNull("nothing is announced or charged");
        s.Unparks().Wakes().Gives(typeof(Parked)).State.Parked.Should().Be(ParkReason.CatchUpUndecided, "to have looked is no decision");
        s.Decides(CatchUpPolicy.Ask).GivesNothing();
        s.Decides(CatchUpPolicy.Forgive).Gives(typeof(CatchUpDecided));
        s.Only<CatchUpDecided>().Should().Match<CatchUpDecided>(e => e.As == CatchUpPolicy.Forgive && e.Through == 5 && e.By == "ann" && e.Why == "the outage was ours");
        s.Wakes().Gives(typeof(PeriodsSkipped)).Only<PeriodsSkipped>().Should().Match<PeriodsSkipped>(e => e.Given && e.To == 5);
    }

    [Fact]
    public void A_person_may_decide_for_the_current_period_only_or_for_charging_where_the_rail_allows_it()
    {
        var one = Dead(CatchUpPolicy.Ask).Decides(CatchUpPolicy.OldestFirst).GivesNothing();
        one.Decides(CatchUpPolicy.CurrentPeriodOnly).Wakes().Gives(typeof(PeriodsSkipped), typeof(CyclePlanned));
        one.Only<PeriodsSkipped>().Policy.Should().Be(CatchUpPolicy.CurrentPeriodOnly);
        Renews(one).Item3.Ordinal.Should().Be(5);

        var all = Dead(CatchUpPolicy.Ask, Several).Decides(CatchUpPolicy.OldestFirst);
        foreach (var ordinal in (int[])[3, 4, 5, 6])
        {
            all.Wakes();
            Renews(all).Item3.Ordinal.Should().Be(ordinal, "period 5 ran when it was decided, and was missed by the time it came to it");
        }
    }

    [Fact]
    public void What_is_missed_after_a_decision_is_asked_for_anew()
    {
        var s = Dead(CatchUpPolicy.Ask).Decides(CatchUpPolicy.Forgive).Wakes();
        s.At(Shanghai(10, 20, 9)).Wakes().Gives(typeof(Parked)).Only<Parked>().Detail.Should().StartWith("periods 6 to 8 were missed");
    }

    [Fact]
    public void A_decision_that_comes_to_nobody_changes_nothing() =>
        Ready().Decides(CatchUpPolicy.Forgive).GivesNothing().Parks().Decides(CatchUpPolicy.Forgive).GivesNothing();

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_late_service_that_missed_nothing_charges_the_running_period_whatever_the_policy(CatchUpPolicy policy)
    {
        var s = Signed31January(policy, Several).At(Shanghai(4, 10, 9)).Wakes().Gives(typeof(CyclePlanned));
        Renews(s).Should().Be((Shanghai(4, 10, 10), Shanghai(4, 16, 8), new Charge(Id, ChargeKind.Renewal, 3)));
    }

    [Theory]
    [InlineData(CatchUpPolicy.CurrentPeriodOnly, false, 4)]
    [InlineData(CatchUpPolicy.Forgive, true, 4)]
    [InlineData(CatchUpPolicy.OldestFirst, null, 3)]
    public void A_running_period_without_a_lawful_day_is_missed_too(CatchUpPolicy policy, bool? given, int next)
    {
        var s = Signed31January(policy, Several).At(Shanghai(4, 27, 9)).Wakes();
        s.Last.OfType<PeriodsSkipped>().Select(e => (e.From, e.To, (bool?)e.Given)).Should().Equal(given is null ? [] : [(3, 3, given)]);
        s.State.Cycle!.Should().Match<CyclePlan>(plan => plan.Ordinal == next && plan.IsCatchUp == (given == null));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Before_the_first_payment_nothing_is_caught_up_with(CatchUpPolicy policy)
    {
        var s = Enrolled(traits: Several, terms: Monthly with { CatchUp = policy }).Signs().At(Back).Wakes().Gives(typeof(PeriodsSkipped), typeof(CyclePlanned));
        s.State.Cycle!.Ordinal.Should().Be(4);
        s.Only<PeriodsSkipped>().Should().Match<PeriodsSkipped>(e => e.From == 1 && e.To == 3 && !e.Given && e.Why.Contains("nothing was paid yet"));
    }

    [Fact]
    public void A_cancel_within_a_given_period_lets_it_run_to_its_end()
    {
        var s = Dead(CatchUpPolicy.Forgive).Cancels();
        s.Only<Cancelled>().EffectiveAt.Should().Be(Shanghai(6, 30, 0));
        Dead(CatchUpPolicy.Forgive).Cancels(atOnce: true).Only<Cancelled>().EffectiveAt.Should().Be(Back);
    }

    [Fact]
    public void A_declined_late_charge_is_tried_again_under_the_next_number_and_pays_once()
    {
        var s = Dead(CatchUpPolicy.OldestFirst, Several).ToAlarm().Told().ToAlarm().Gives(typeof(Requested));
        var first = s.Attempt.Order;
        s.Declines().ToAlarm().Gives(typeof(Requested)).Only<Requested>().Order.Should().Be(new Charge(Id, ChargeKind.CatchUp, 3).Attempt(2));
        s.Succeeds().Gives(typeof(Charged)).State.PaymentOf(3).Should().Be(new Charge(Id, ChargeKind.CatchUp, 3).Attempt(2));
        s.Succeeds(first).Only<Overpaid>().Reason.Should().Be(OverpaidReason.SecondSuccess);
    }

    [Fact]
    public void A_period_paid_late_is_the_same_debt_as_its_renewal_and_both_can_never_be_stored()
    {
        var s = Dead(CatchUpPolicy.OldestFirst, Several).ToAlarm().Told().ToAlarm().Succeeds();
        var renewal = new Charge(Id, ChargeKind.Renewal, 3).Attempt(1);
        s.When(new SubscriptionCommand.RecordCharge(renewal, new(s.Success()))).Only<Overpaid>().Reason.Should().Be(OverpaidReason.SecondSuccess);
        var late = s.Events.OfType<Charged>().Last();
        EventIds.Of(Id, late, 40).Should().Be(EventIds.Of(Id, late with { Order = renewal }, 50));
    }

    [Fact]
    public void An_order_of_its_time_that_was_not_taken_goes_on_under_its_own_number_when_it_is_charged_late()
    {
        var s = Signed31January(CatchUpPolicy.OldestFirst, Several with { Resend = Resend.SameOrder }).ToAlarm().ToAlarm().Told().ToAlarm().Gives(typeof(Requested));
        s.Hears(new ChargeOutcome.Refused("SIGN_ERROR", "key")).At(Back).Wakes().Gives(typeof(CyclePlanned)).State.Cycle!.IsCatchUp.Should().BeTrue();
        s.ToAlarm().Told().ToAlarm().Only<Requested>().Should().Match<Requested>(e => e.Order == new Charge(Id, ChargeKind.Renewal, 3).Attempt(1) && e.Send == 2);
    }

    [Fact]
    public void An_attempt_of_the_running_period_that_may_come_back_is_not_left_behind_for_a_gift()
    {
        var s = Signed31January(CatchUpPolicy.Forgive).ToAlarm().ToAlarm().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm();
        s.Hears(new ChargeOutcome.Refused("SIGN_ERROR", "key")).At(Shanghai(4, 28, 9)).Wakes().Gives(typeof(Parked)).State.Parked.Should().Be(ParkReason.NoLawfulDay);
    }

    [Fact]
    public void A_restored_ledger_finds_a_late_order_that_it_does_not_know()
    {
        var s = Dead(CatchUpPolicy.OldestFirst, Several);
        s.Frozen = true;
        var order = new Charge(Id, ChargeKind.CatchUp, 3).Attempt(1);
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "4200001", Back), order).Gives(typeof(OrderFound), typeof(Charged));
        s.State.PaymentOf(3).Should().Be(order);
    }

    [Fact]
    public void The_days_of_a_given_membership_move_with_the_rails_date()
    {
        var s = Paid(OwnDates, terms: Monthly with { CatchUp = CatchUpPolicy.Forgive }).At(Back).Wakes();
        while (s.Count<PeriodsSkipped>() == 0)
            s.RailDateIs(new(2026, 4, 12)).Wakes();
        s.State.RunsUntil.Should().Be(Shanghai(7, 10, 0));
        s.RailDateIs(new(2026, 7, 20));
        s.ToAlarm().Last.OfType<AnchorMoved>().Should().ContainSingle().Which.GivenUntil.Should().Be(Shanghai(7, 18, 0));
        s.State.RunsUntil.Should().Be(s.State.Cycle!.Due, "what was given and what will be paid tile");
    }

    [Fact]
    public void Events_from_before_there_was_a_choice_fold_to_the_default()
    {
        var enrolled = (Enrolled)Signed31January(CatchUpPolicy.CurrentPeriodOnly).Events[0];
        var json = System.Text.Json.JsonSerializer.Serialize(enrolled, LedgerJson.Options);
        json.Should().NotContain("catchUp", "the default is what old events say");
        System.Text.Json.JsonSerializer.Deserialize<Enrolled>(json, LedgerJson.Options)!.Terms.CatchUp.Should().Be(CatchUpPolicy.CurrentPeriodOnly);
    }

    private static Scenario Signed31January(CatchUpPolicy policy, RailTraits? traits = null)
    {
        var s = Enrolled(false, traits, null, Monthly with { CatchUp = policy }, Shanghai(1, 31, 12)).Signs().Wakes().Succeeds();
        while (s.State.PaidThrough < 2)
            Renews(s.State.Cycle is null ? s.ToAlarm() : s);
        return s;
    }

    private static Scenario Dead(CatchUpPolicy policy, RailTraits? traits = null) => Signed31January(policy, traits).At(Back).Wakes();

    /// <summary>From a calendar to its payment: when the member was told, when the order went out, and what for.</summary>
    private static (Instant Told, Instant Ordered, Charge Charge) Renews(Scenario s)
    {
        var told = (s.State.Notice is null ? s.At(Instant.Max(s.Now, s.Alarm!.Value)).Told() : s).Only<Announced>();
        s.ToAlarm();
        if (s.Traits.Notice is not null)
            s.RailSays(new RailNoticeAnswer.Accepted()).ToAlarm();
        var order = s.Only<Requested>();
        s.Succeeds().Gives(typeof(Charged));
        return (told.Notice.HandedOverAt, order.At, order.Order.Charge);
    }
}
