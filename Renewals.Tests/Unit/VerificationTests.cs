using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Agreements are looked at before the notice, before the charge and from time to time; a rail's silence holds nobody up for long.</summary>
public class VerificationTests
{
    private static readonly Duration Day = Duration.FromDays(1);

    [Fact]
    public void An_answer_that_comes_while_the_question_waits_to_be_asked_again_answers_it_all_the_same()
    {
        var s = Paid(OwnDates with { CanAskForAgreements = true }).After(Duration.FromDays(40)).Wakes();
        s.Due(DutyKind.VerifyAgreement).Should().BeTrue();
        s.When(new SubscriptionCommand.RecordAgreement(AgreementStatus.Active, null, null, "time-out")).Gives(typeof(AgreementAsked));
        s.RailDateIs(new(2026, 5, 12));
        s.Last.OfType<AgreementVerified>().Should().ContainSingle("another host had asked, and was answered");
        s.Due(DutyKind.VerifyAgreement).Should().BeFalse();
    }

    [Fact]
    public void Before_the_notice_and_before_the_charge_the_rail_is_asked()
    {
        var s = Planned(LookedAt).ToAlarm().GivesNothing();
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        s.Now.Should().BeLessThan(s.State.Cycle!.AnnounceAt).And.BeGreaterThanOrEqualTo(s.State.Cycle.AnnounceAt - Day);
        s.Signs().Gives(typeof(AgreementVerified)).ToAlarm().Told().Gives(typeof(Announced));
        s.ToAlarm().RailSays(new RailNoticeAnswer.Accepted());
        s.ToAlarm().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        s.Now.Should().BeLessThan(s.State.Cycle!.ChargeFrom).And.BeGreaterThanOrEqualTo(s.State.Cycle.ChargeFrom - Day);
        s.Signs().Gives(typeof(AgreementVerified)).ToAlarm().Gives(typeof(Requested));
        s.Now.Should().Be(s.State.Cycle!.ChargeFrom, "looking ahead delays no charge");
    }

    [Fact]
    public void A_charge_that_is_overdue_waits_for_the_answer_and_not_longer()
    {
        var s = ReadyUnlooked().At(Shanghai(4, 11, 9)).Wakes().GivesNothing();
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        s.Signs().Wakes().Gives(typeof(Requested));
    }

    [Fact]
    public void Without_an_answer_the_question_is_repeated_within_the_hour_then_the_membership_goes_on_and_says_so()
    {
        var s = ReadyUnlooked().At(Shanghai(4, 11, 9)).Wakes();
        s.Agreement(AgreementStatus.Active).Only<AgreementAsked>().NextAskAt.Should().Be(s.Now + Duration.FromMinutes(10));
        s.Wakes().GivesNothing().ToAlarm().Agreement(AgreementStatus.Active).Only<AgreementAsked>().GoesOnUntil.Should().BeNull();
        s.ToAlarm().Agreement(AgreementStatus.Active).Only<AgreementAsked>().GoesOnUntil.Should().Be(s.Now + Duration.FromDays(30));
        s.Wakes().Gives(typeof(Requested)).Now.Should().BeLessThan(Shanghai(4, 11, 10));
        s.State.Agreement.VerifiedAt.Should().NotBe(s.Now, "an answer that never came verifies nothing");
    }

    [Fact]
    public void At_the_end_of_the_window_nothing_is_waited_for()
    {
        var s = ReadyUnlooked();
        var until = ChargeWindow.Of(s.State, s.State.Cycle!).Until;
        s.At(until - Duration.FromMinutes(30)).Wakes().Agreement(AgreementStatus.Active).Only<AgreementAsked>().GoesOnUntil.Should().NotBeNull();
        s.Wakes().Gives(typeof(Requested));
    }

    [Fact]
    public void An_agreement_found_ended_ends_the_membership_as_an_unsign_does()
    {
        var found = Planned(LookedAt).ToAlarm().Agreement(AgreementStatus.Terminated, TerminationMode.Member);
        var told = Planned(LookedAt).Agreement(AgreementStatus.Terminated, TerminationMode.Member);
        found.Gives(typeof(AgreementChanged), typeof(Cancelled));
        found.Only<Cancelled>().By.Should().Be(told.Only<Cancelled>().By);
        found.State.EndsAt.Should().Be(told.State.EndsAt);
        found.At(Shanghai(4, 20, 12)).Wakes().Last.OfType<Requested>().Should().BeEmpty();
    }

    [Fact]
    public void At_least_every_thirty_days_it_is_looked_at_also_when_nothing_else_is_due()
    {
        var s = Paid(LookedAt, terms: Monthly with { Interval = Core.Plans.BillingInterval.Yearly });
        var signed = s.Now;
        s.ToAlarm().GivesNothing().Now.Should().Be(signed + Duration.FromDays(30));
        s.Signs().Gives(typeof(AgreementVerified)).State.Agreement.VerifiedAt.Should().Be(s.Now);
        s.Alarm.Should().Be(s.Now + Duration.FromDays(30));
        s.Parks().ToAlarm().Errands.Should().ContainSingle("a parked membership is looked at too").Which.Should().BeOfType<Errand.AskAgreement>();
    }

    [Fact]
    public void A_rail_that_cannot_be_asked_is_not_asked()
    {
        var s = Ready(PreNotice);
        s.State.Cycle!.VerifyLead.Should().BeNull();
        s.State.Agreement.VerifyAt.Should().BeNull();
        s.ToAlarm().Gives(typeof(Requested));
    }

    [Fact]
    public void What_waits_for_nothing_may_wait_and_what_a_charge_waits_for_may_not()
    {
        var s = ReadyUnlooked();
        var look = Duty.Of(s.State).Single(duty => duty.Kind == DutyKind.VerifyAgreement && duty.Key.Length > 0);
        look.MayWait(s.State, look.Due).Should().BeTrue();
        look.MayWait(s.State, s.State.Cycle!.ChargeFrom - Duration.FromSeconds(1)).Should().BeTrue();
        look.MayWait(s.State, s.State.Cycle.ChargeFrom).Should().BeFalse();
    }

    /// <summary>Announced to the member and at the rail; the look before the charge was not made.</summary>
    private static Scenario ReadyUnlooked()
    {
        var s = Planned(LookedAt).ToAlarm().Signs().ToAlarm().Told();
        return s.ToAlarm().RailSays(new RailNoticeAnswer.Accepted());
    }
}
