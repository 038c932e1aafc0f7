using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>While a person looks: no notice and no charge, everything else goes on. Afterwards everything goes on.</summary>
public class ParkedTests
{
    [Fact]
    public void While_parked_nobody_is_told_and_nothing_is_charged()
    {
        foreach (var s in new[] { Paid(), Planned(), Announced(), Ready(), Ordered().Declines() })
        {
            s.Parks().Gives(typeof(Parked)).Alarm.Should().BeNull();
            s.After(Duration.FromDays(3)).Wakes().GivesNothing().Errands.Should().BeEmpty();
            s.Parks().GivesNothing();
        }
    }

    [Fact]
    public void While_parked_orders_are_asked_and_their_outcomes_count()
    {
        var s = Ordered().Parks();
        s.ToAlarm().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
        s.Succeeds().Gives(typeof(Charged));
    }

    [Fact]
    public void While_parked_refunds_go_out()
    {
        var s = Ordered();
        var first = s.Attempt.Order;
        s.Declines().ToAlarm().Succeeds().Parks().Succeeds(first).Gives(typeof(Overpaid)).Wakes().Gives(typeof(RefundRequested));
    }

    [Fact]
    public void While_parked_a_cancel_works_and_the_agreement_ends()
    {
        var s = Ready().Parks().Cancels().Gives(typeof(Cancelled)).Wakes().Gives(typeof(AgreementChanged));
        s.Agreement(AgreementStatus.Terminated).ToAlarm().Gives(typeof(Ended));
    }

    [Fact]
    public void Unparked_it_goes_on_where_it_stood()
    {
        var s = Ready().Parks().At(Shanghai(4, 11, 9)).Unparks().Gives(typeof(Unparked)).Wakes().Gives(typeof(Requested));
        s.Unparks().GivesNothing();
    }

    [Fact]
    public void An_order_sent_too_often_is_tried_once_more_after_a_person_looked()
    {
        var s = Ordered(limits: new() { MaxSends = 1 }).Hears(new ChargeOutcome.Refused("X", "y")).Gives(typeof(NotTaken), typeof(Parked));
        s.After(Duration.FromHours(1)).Unparks().Wakes().Gives(typeof(Requested)).Only<Requested>().Send.Should().Be(2);
    }

    [Fact]
    public void An_order_no_longer_asked_is_asked_once_more_after_a_person_looked()
    {
        var s = Ordered();
        while (s.State.Attempts[0].AskAt is not null)
            s.ToAlarm().Hears(new ChargeOutcome.Pending("ACCEPT"));
        s.Alarm.Should().BeNull();
        s.Unparks().Wakes().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
        s.Hears(new ChargeOutcome.Pending("ACCEPT")).State.Parked.Should().Be(ParkReason.OutcomeUnknown);
    }

    [Fact]
    public void A_notice_the_rail_refused_too_often_is_tried_again_after_a_person_looked()
    {
        var s = Announced(limits: new() { MaxRailNotices = 1 }).ToAlarm().RailSays(new RailNoticeAnswer.Refused("NO", "set-up"));
        s.ToAlarm().Gives(typeof(Parked)).Unparks().Wakes().Gives(typeof(RailNoticeRequested));
    }

    [Fact]
    public void An_agreement_whose_end_was_given_up_is_called_once_more_after_a_person_looked()
    {
        var s = Planned(limits: new() { MaxAsks = 1 }).Cancels().Wakes().Agreement(AgreementStatus.Terminating).Gives(typeof(AgreementAsked), typeof(Parked));
        s.State.Agreement.AskAt.Should().BeNull();
        s.Unparks().Wakes().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Terminate>();
    }

    [Fact]
    public void A_refund_no_longer_asked_is_asked_once_more_after_a_person_looked()
    {
        var s = RefundTests.Refunding(new() { MaxAsks = 1 }).ToAlarm().RefundHears(new RefundAnswer.Pending("x")).Gives(typeof(Asked), typeof(Parked));
        s.Unparks().Wakes().Errands.OfType<Errand.AskRefund>().Should().ContainSingle();
    }
}
