using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Cancelling, by whom and when, and what is in flight meanwhile.</summary>
public class EndingTests
{
    [Fact]
    public void A_member_who_cancels_keeps_what_is_paid_and_the_agreement_ends_at_once()
    {
        var s = Announced().Cancels().Gives(typeof(Cancelled));
        s.Only<Cancelled>().EffectiveAt.Should().Be(Shanghai(4, 10, 0));
        s.Wakes().Gives(typeof(AgreementChanged)).Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Terminate>();
        s.Agreement(AgreementStatus.Terminated, TerminationMode.Merchant);
        s.ToAlarm().Gives(typeof(Ended)).Now.Should().Be(Shanghai(4, 10, 0));
        s.Alarm.Should().BeNull();
        s.Count<Requested>().Should().Be(1);
    }

    [Fact]
    public void Cancelled_at_once_is_over_now()
    {
        var s = Planned().Cancels(CancelledBy.Merchant, atOnce: true);
        s.Only<Cancelled>().EffectiveAt.Should().Be(s.Now);
        s.Wakes().Gives(typeof(AgreementChanged), typeof(Ended));
    }

    [Theory]
    [InlineData(TerminationMode.Member, CancelledBy.Wallet)]
    [InlineData(TerminationMode.Expired, CancelledBy.Wallet)]
    [InlineData(TerminationMode.AccountClosed, CancelledBy.Wallet)]
    [InlineData(TerminationMode.Merchant, CancelledBy.Merchant)]
    public void An_agreement_ended_elsewhere_stops_renewal_and_what_is_paid_runs_on(TerminationMode mode, CancelledBy by)
    {
        var s = Ready().Agreement(AgreementStatus.Terminated, mode).Gives(typeof(AgreementChanged), typeof(Cancelled));
        s.Only<Cancelled>().Should().Match<Cancelled>(e => e.By == by && e.EffectiveAt == Shanghai(4, 10, 0));
        s.ToAlarm().Gives(typeof(Ended));
    }

    [Fact]
    public void An_agreement_ended_before_the_first_payment_is_never_charged_also_when_the_plan_does_not_renew()
    {
        var s = Enrolled(terms: Monthly with { Renews = false }).Signs();
        s.Agreement(AgreementStatus.Terminated, TerminationMode.Member).Gives(typeof(AgreementChanged), typeof(Cancelled));
        s.Wakes().Gives(typeof(Ended));
    }

    [Fact]
    public void A_second_cancel_changes_nothing() => Planned().Cancels().Cancels(CancelledBy.Merchant).GivesNothing();

    [Fact]
    public void A_second_cancel_may_end_the_paid_time_at_once_and_the_first_one_still_counts_for_money()
    {
        var s = Planned().Cancels();
        var cancelledAt = s.State.CancelledAt;
        s.After(Duration.FromHours(3)).Cancels(CancelledBy.Merchant, atOnce: true).Gives(typeof(Cancelled));
        s.State.Should().Match<Subscription>(state => state.CancelledAt == cancelledAt && state.CancelledBy == CancelledBy.Member && state.EndsAt == s.Now);
        s.Wakes().Gives(typeof(AgreementChanged), typeof(Ended));
    }

    [Fact]
    public void A_charge_in_flight_that_was_paid_before_the_cancel_stands()
    {
        var s = Ordered();
        var paidAt = s.Now + Duration.FromSeconds(2);
        s.After(Duration.FromMinutes(1)).Cancels().Gives(typeof(Cancelled), typeof(Hinted)).Wakes().Gives(typeof(AgreementChanged));
        s.State.Status.Should().Be(SubscriptionStatus.Cancelled, "it does not end while money may move");
        s.Succeeds(paidAt: paidAt).Gives(typeof(Charged));
        s.State.EndsAt.Should().Be(Shanghai(5, 10, 0));
        s.Agreement(AgreementStatus.Terminated).ToAlarm().Gives(typeof(Ended));
    }

    [Fact]
    public void A_charge_in_flight_is_stopped_at_once_by_a_cancel()
    {
        var s = Ordered().ToAlarm().Hears(new ChargeOutcome.Pending("accepted")).After(Duration.FromMinutes(5));
        s.Attempt.AskAt!.Value.Should().BeGreaterThan(s.Now, "the next question is some minutes off");
        s.Cancels().Gives(typeof(Cancelled), typeof(Hinted)).Wakes().Errands.OfType<Errand.StopCharge>().Single().Attempt.Should().Be(s.Attempt);
        s.Hears(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "closed")).Gives(typeof(Failed)).Only<Failed>().RetryAt.Should().BeNull();
        s.Agreement(AgreementStatus.Terminated).ToAlarm().Gives(typeof(Ended)).Alarm.Should().BeNull();
    }

    [Fact]
    public void A_charge_that_may_still_be_on_its_way_is_stopped_once_it_cannot_be_sent_any_more()
    {
        var s = Ordered().After(Duration.FromSeconds(1)).Cancels().Gives(typeof(Cancelled));
        s.Wakes().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Terminate>("what is stopped before it arrives is not stopped");
        s.Agreement(AgreementStatus.Terminated).ToAlarm().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.StopCharge>();
        s.Now.Should().BeGreaterThanOrEqualTo(s.Attempt.SendBefore);
    }

    [Fact]
    public void Without_a_cancel_a_charge_in_flight_is_asked_about_and_not_stopped() =>
        Ordered().ToAlarm().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();

    [Fact]
    public void A_charge_in_flight_that_was_paid_after_the_cancel_goes_back()
    {
        var s = Ordered();
        s.After(Duration.FromSeconds(1)).Cancels().After(Duration.FromMinutes(1)).Succeeds().Gives(typeof(Overpaid));
        s.Only<Overpaid>().Reason.Should().Be(OverpaidReason.AfterCancel);
        s.Wakes().Gives(typeof(RefundRequested), typeof(AgreementChanged), typeof(Ended));
    }

    [Fact]
    public void A_charge_paid_before_the_cancel_for_a_period_that_had_not_begun_goes_back()
    {
        var s = Ordered(DayLater).After(Duration.FromHours(1)).Cancels();
        s.Succeeds(paidAt: s.Now - Duration.FromMinutes(1)).Gives(typeof(Overpaid)).Only<Overpaid>().Reason.Should().Be(OverpaidReason.AfterCancel);
    }

    [Fact]
    public void After_a_cancel_an_order_not_taken_is_not_sent_again()
    {
        var s = Ordered().Cancels().Hears(new ChargeOutcome.NotSent("late")).Gives(typeof(NotTaken));
        s.Only<NotTaken>().ResendAt.Should().BeNull();
        s.Wakes().Gives(typeof(AgreementChanged), typeof(Ended));
        s.After(Duration.FromDays(40)).Wakes().GivesNothing();
    }

    [Fact]
    public void After_a_cancel_a_decline_has_no_further_try()
    {
        var s = Ordered().Cancels().Declines().Gives(typeof(Failed));
        s.Only<Failed>().RetryAt.Should().BeNull();
    }

    [Fact]
    public void A_success_after_the_end_goes_back()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        s.Declines(DeclineReason.AccountAbnormal).Wakes().State.Status.Should().Be(SubscriptionStatus.Ended);
        s.After(Duration.FromDays(1)).Succeeds(order).Gives(typeof(Overpaid)).Wakes().Gives(typeof(RefundRequested));
    }

    [Fact]
    public void Ending_an_agreement_is_called_again_until_the_rail_confirms()
    {
        var s = Planned().Cancels().Wakes();
        s.Agreement(AgreementStatus.Terminating).Gives(typeof(AgreementAsked));
        s.At(s.State.Agreement.AskAt!.Value).Wakes().Errands.OfType<Errand.Terminate>().Should().ContainSingle();
        s.Agreement(AgreementStatus.Terminated).State.Agreement.AskAt.Should().BeNull();
    }
}
