using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>An agreement the rail suspends: nothing is announced or charged until the rail, asked, says that it is in force again.</summary>
public class SuspendedTests
{
    [Fact]
    public void Nothing_is_announced_or_charged_while_an_agreement_is_suspended()
    {
        foreach (var s in (Scenario[])[Paid(), Planned(), Announced(), Ready()])
        {
            s.Agreement(AgreementStatus.Suspended).Gives(typeof(AgreementChanged));
            s.At(Shanghai(4, 20, 12)).Wakes().GivesNothing();
            Duty.Of(s.State).Should().ContainSingle().Which.Kind.Should().Be(DutyKind.VerifyAgreement);
            s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        }
    }

    [Fact]
    public void It_is_asked_on_a_growing_schedule_then_a_person_is_called_and_unparking_asks_again()
    {
        var s = Ready().Agreement(AgreementStatus.Suspended);
        var waits = new List<Duration>();
        while (s.State.Parked is null)
        {
            var before = s.Now;
            s.ToAlarm().Agreement(AgreementStatus.Suspended);
            waits.Add(s.Now - before);
            waits.Count.Should().BeLessThanOrEqualTo(DecisionLimits.Default.MaxAsks, "asking is bounded");
        }

        waits.Should().BeInAscendingOrder();
        waits.Count.Should().Be(DecisionLimits.Default.MaxAsks);
        s.State.Parked.Should().Be(ParkReason.AgreementSuspended);
        s.Alarm.Should().BeNull();
        s.Unparks().ToAlarm().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
    }

    [Fact]
    public void In_force_again_it_goes_on_where_it_stood()
    {
        var s = Ready().Agreement(AgreementStatus.Suspended).ToAlarm();
        s.Signs().Gives(typeof(AgreementChanged)).State.Agreement.AskAt.Should().BeNull();
        s.ToAlarm().Gives(typeof(Requested));
    }

    [Fact]
    public void Too_late_for_the_calendar_it_is_planned_and_announced_anew()
    {
        var s = Ready().Agreement(AgreementStatus.Suspended).At(Shanghai(4, 25, 12)).Wakes().GivesNothing();
        s.Signs().ToAlarm().Gives(typeof(CyclePlanned));
        s.State.Notice.Should().BeNull("the member is told again");
    }

    [Fact]
    public void A_notification_that_it_was_signed_only_makes_the_question_due()
    {
        var s = Ready().Agreement(AgreementStatus.Suspended);
        var heard = new SubscriptionCommand.RecordAgreement(AgreementStatus.Suspended, null, s.Now, "in force", null, Evidence.Hint);
        s.When(heard).Gives(typeof(AgreementAsked));
        s.Wakes().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        s.State.Agreement.Asks.Should().Be(0, "a hint is no answer");
    }

    [Fact]
    public void An_order_in_flight_is_still_settled_and_money_taken_is_kept()
    {
        var s = Ordered().Agreement(AgreementStatus.Suspended);
        s.Succeeds().Gives(typeof(Charged));
        s.At(Shanghai(5, 20, 12)).Wakes().GivesNothing();
    }

    [Fact]
    public void A_cancelled_member_is_freed_of_a_suspended_agreement_too()
    {
        var s = Ready().Agreement(AgreementStatus.Suspended).Cancels();
        s.Wakes().Only<AgreementChanged>().Status.Should().Be(AgreementStatus.Terminating);
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Terminate>();
    }

    [Fact]
    public void Ended_while_suspended_it_ends_like_any_other()
    {
        var s = Ready().Agreement(AgreementStatus.Suspended).Agreement(AgreementStatus.Terminated, TerminationModeOfMember);
        s.Gives(typeof(AgreementChanged), typeof(Cancelled)).State.Status.Should().Be(SubscriptionStatus.Cancelled);
    }

    [Fact]
    public void Suspended_before_the_first_payment_is_known_it_still_counts_as_signed()
    {
        var s = Enrolled(payWhileSigning: true).Signs().Agreement(AgreementStatus.Suspended);
        s.Succeeds().Gives(typeof(Charged), typeof(Signed));
        Duty.Of(s.State).Select(duty => duty.Kind).Should().Equal(DutyKind.VerifyAgreement);
    }

    private const Renewals.Core.Gateways.TerminationMode TerminationModeOfMember = Renewals.Core.Gateways.TerminationMode.Member;
}
