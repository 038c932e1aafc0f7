using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>A membership from signing to renewal, at both kinds of rail.</summary>
public class WholeLifeTests
{
    [Fact]
    public void Signing_is_asked_for_when_nothing_is_heard()
    {
        var s = Enrolled().Gives(typeof(Enrolled));
        s.Alarm.Should().Be(Shanghai(3, 10, 12, 10));
        s.ToAlarm().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        s.Agreement(AgreementStatus.Signing).Gives(typeof(AgreementAsked)).Alarm!.Value.Should().BeGreaterThan(s.Now);
    }

    [Fact]
    public void The_first_charge_goes_out_at_once_under_the_signing_consent()
    {
        var s = Enrolled().Signs().Gives(typeof(AgreementChanged), typeof(Signed));
        s.Wakes().Gives(typeof(Requested));
        var requested = s.Only<Requested>();
        requested.Authority.Should().BeOfType<ChargeAuthority.SigningConsent>();
        requested.Amount.Should().Be(Money.Cny(100));
        requested.Order.Should().Be(new Charge(Id, ChargeKind.First, 1).Attempt(1));
        requested.SendBefore.Should().Be(s.Now + Duration.FromSeconds(60));
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.SendCharge>();
    }

    [Fact]
    public void The_first_success_pays_the_period_from_the_day_of_signing()
    {
        var charged = Paid().Gives(typeof(Charged)).Only<Charged>();
        charged.FirstDay.Should().Be(new LocalDate(2026, 3, 10));
        charged.PaidUntil.Should().Be(Shanghai(4, 10, 0));
        charged.NextPlanAt.Should().Be(Shanghai(4, 3, 0));
    }

    [Fact]
    public void A_renewal_is_planned_announced_noticed_at_the_rail_and_charged_at_the_full_price()
    {
        var s = Planned().Gives(typeof(CyclePlanned));
        var plan = s.State.Cycle!;
        plan.Ordinal.Should().Be(2);
        plan.AnnounceAt.Should().Be(Shanghai(4, 4, 10));
        plan.AnnounceBy.Should().Be(Shanghai(4, 5, 8));
        plan.RailNoticeAt.Should().Be(Shanghai(4, 8, 10));
        plan.ChargeFrom.Should().Be(Shanghai(4, 10, 8));
        plan.ChargeUntil.Should().Be(Shanghai(4, 16, 21, 50));

        s.ToAlarm().GivesNothing().Errands.Should().ContainSingle().Which.Should().Be(new Errand.Tell(s.NoticeId));
        s.Now.Should().Be(plan.AnnounceAt);
        s.Told().Gives(typeof(Announced)).Only<Announced>().Notice.Amount.Should().Be(Money.Cny(2500));

        s.ToAlarm().Gives(typeof(RailNoticeRequested)).Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.SendRailNotice>();
        s.Now.Should().Be(plan.RailNoticeAt!.Value);
        s.Only<RailNoticeRequested>().ChargeableFrom.Should().Be(Shanghai(4, 10, 7));
        s.Only<RailNoticeRequested>().ChargeableUntil.Should().Be(Shanghai(4, 16, 21, 50));
        s.RailSays(new RailNoticeAnswer.Accepted()).Gives(typeof(RailNoticeAnswered));

        s.ToAlarm().Gives(typeof(Requested));
        s.Now.Should().Be(plan.ChargeFrom);
        var requested = s.Only<Requested>();
        requested.Authority.Should().BeOfType<ChargeAuthority.Notice>().Which.HandedOverAt.Should().Be(plan.AnnounceAt);
        requested.Order.Should().Be(new Charge(Id, ChargeKind.Renewal, 2).Attempt(1));
        requested.Amount.Should().Be(Money.Cny(2500));

        s.Succeeds().Gives(typeof(Charged)).Only<Charged>().PaidUntil.Should().Be(Shanghai(5, 10, 0));
        s.ToAlarm().Gives(typeof(CyclePlanned)).State.Cycle!.Ordinal.Should().Be(3);
    }

    [Fact]
    public void At_a_rail_that_waits_a_day_the_order_goes_out_a_day_before_the_money()
    {
        var s = Planned(DayLater);
        var plan = s.State.Cycle!;
        plan.RailNoticeAt.Should().BeNull();
        plan.ChargeFrom.Should().Be(Shanghai(4, 9, 8));
        plan.MoneyFrom.Should().Be(Shanghai(4, 10, 8));
        s.ToAlarm().Told().ToAlarm().Gives(typeof(Requested));
        s.Now.Should().Be(plan.ChargeFrom);
        s.Only<Requested>().AskAt.Should().BeGreaterThan(plan.MoneyFrom, "the rail knows nothing before it takes the money");
    }

    [Fact]
    public void A_year_of_renewals_takes_twelve_payments_and_each_period_once()
    {
        var s = Paid();
        while (s.State.PaidThrough < 12)
            s.ToAlarm().ToAlarm().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Succeeds().Gives(typeof(Charged));
        s.State.PaidUntil.Should().Be(Shanghai(3, 10, 0, year: 2027));
        s.Events.OfType<Charged>().Select(e => e.Order.Charge.Ordinal).Should().Equal(Enumerable.Range(1, 12));
    }

    [Fact]
    public void A_missed_consent_leads_to_a_notice_for_the_first_period()
    {
        var s = Enrolled().Signs().After(Duration.FromHours(11.5)).Wakes().Gives(typeof(CyclePlanned));
        s.State.Cycle!.Ordinal.Should().Be(1);
        s.State.Cycle!.Amount.Should().Be(Money.Cny(100));
        s.ToAlarm().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
        s.Only<Requested>().Authority.Should().BeOfType<ChargeAuthority.Notice>();
        s.Only<Requested>().Order.Should().Be(new Charge(Id, ChargeKind.First, 1).Attempt(1));
        s.Succeeds().Only<Charged>().PaidUntil.Should().Be(Shanghai(4, 10, 0), "the notice takes nothing from the period");
    }

    [Fact]
    public void The_consent_holds_to_its_last_second_of_sending_and_no_longer()
    {
        var last = Duration.FromHours(11.5) - DecisionLimits.Default.SendWithin;
        Enrolled().Signs().After(last).Wakes().Gives(typeof(Requested));
        Enrolled().Signs().After(last + Duration.FromSeconds(1)).Wakes().Gives(typeof(CyclePlanned));
    }

    [Fact]
    public void A_first_charge_refused_until_the_consent_is_over_goes_on_with_a_notice_of_its_own()
    {
        var s = Enrolled().Signs().Wakes().After(Duration.FromHours(11)).Hears(new ChargeOutcome.Refused("NOAUTH", "set-up")).Gives(typeof(NotTaken));
        s.After(Duration.FromHours(2)).Wakes().Gives(typeof(CyclePlanned));
        s.ToAlarm().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Tell>();
        s.Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
        s.Only<Requested>().Send.Should().Be(2);
        s.Only<Requested>().Order.Attempt.Should().Be(1, "the rail never had the order");
    }

    [Fact]
    public void A_plan_that_does_not_renew_ends_with_its_period_and_ends_its_agreement()
    {
        var s = Paid(terms: Monthly with { Renews = false });
        s.Last.OfType<Charged>().Single().NextPlanAt.Should().BeNull();
        s.Wakes().Gives(typeof(AgreementChanged)).Only<AgreementChanged>().Status.Should().Be(AgreementStatus.Terminating);
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Terminate>();
        s.Agreement(AgreementStatus.Terminated, TerminationMode.Merchant).Gives(typeof(AgreementChanged));
        s.State.Status.Should().Be(SubscriptionStatus.Active, "what is paid runs on");
        s.ToAlarm().Gives(typeof(Ended)).Only<Ended>().Reason.Should().Be(EndReason.TermOver);
        s.Now.Should().Be(Shanghai(4, 10, 0));
        s.Alarm.Should().BeNull();
    }

    [Fact]
    public void A_second_enrolment_changes_nothing() =>
        Paid().When(new SubscriptionCommand.Enrol(Id, "other", Account, Signature, "t", Monthly, false)).GivesNothing();

    [Fact]
    public void A_command_before_the_first_event_is_a_fault_of_the_caller() =>
        FluentActions.Invoking(() => Decide.On(null, new SubscriptionCommand.Wake(), Paid().Context)).Should().Throw<InvalidOperationException>();
}
