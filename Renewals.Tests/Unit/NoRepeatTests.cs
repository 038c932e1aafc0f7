using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Unit;

/// <summary>A rail where a repeat proves nothing (UnionPay): one send an order, and absence only by statements.</summary>
public class NoRepeatTests
{
    private static readonly ChargeOutcome Absent = new ChargeOutcome.Absent("the statements of 10 and 11 April");

    [Fact]
    public void A_lost_answer_is_asked_and_never_sent_again()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.Unknown("time-out"));
        for (var asks = 0; asks < 6; asks++)
            s.ToAlarm().Hears(new ChargeOutcome.Missing()).Gives(typeof(Asked));
        s.Count<Requested>().Should().Be(2, "the first period's order and this one");
    }

    [Fact]
    public void Proved_absent_by_statements_it_is_the_next_attempt()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.Unknown("time-out")).After(Duration.FromDays(2));
        s.Hears(Absent).Gives(typeof(NotTaken)).Wakes();
        s.Only<Requested>().Should().Match<Requested>(e => e.Order.Attempt == 2 && e.Send == 1 && e.OrderedAt == s.Now);
    }

    [Fact]
    public void What_the_rail_says_it_works_on_is_not_absent_whatever_the_statements_lack()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.Unknown("time-out")).ToAlarm().Hears(new ChargeOutcome.Pending("03"));
        var first = s.Attempt.Order;
        s.Hears(Absent).GivesNothing();
        s.ToAlarm().Hears(new ChargeOutcome.Unknown("time-out"));
        s.Hears(Absent).GivesNothing();
        s.Hears(s.Success(first), first).Gives(typeof(Charged));
    }

    /// <summary>Found by the model: that the order was accepted at once was forgotten.</summary>
    [Fact]
    public void What_the_rail_accepted_at_once_is_not_absent_though_no_question_was_answered()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.Pending("00"));
        (s.Only<Asked>().Asks, s.Only<Asked>().NextAskAt).Should().Be((0, s.Attempt.AskAt), "nothing was asked yet");
        s.Hears(new ChargeOutcome.Pending("00")).GivesNothing();
        s.ToAlarm().Hears(new ChargeOutcome.Unknown("time-out")).After(Duration.FromDays(2)).Hears(Absent);
        s.Count<NotTaken>().Should().Be(0);
        s.Attempt.Status.Should().Be(AttemptStatus.InFlight);
    }

    [Fact]
    public void An_order_the_rail_no_longer_knows_of_can_be_proved_absent()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.Unknown("time-out")).ToAlarm().Hears(new ChargeOutcome.Pending("03"));
        s.ToAlarm().Hears(new ChargeOutcome.Missing());
        s.Hears(Absent).Gives(typeof(NotTaken));
    }

    [Fact]
    public void A_late_success_of_the_absent_order_goes_back()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.Unknown("time-out")).After(Duration.FromDays(2));
        var first = s.Attempt.Order;
        s.Hears(Absent).Wakes().Succeeds().Hears(s.Success(first), first).Gives(typeof(Overpaid));
        s.Only<Overpaid>().Reason.Should().Be(OverpaidReason.SecondSuccess);
    }

    [Fact]
    public void A_success_heard_while_the_next_attempt_is_in_flight_stands_once()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.Unknown("time-out")).After(Duration.FromDays(2));
        var first = s.Attempt.Order;
        s.Hears(Absent).Wakes().Hears(s.Success(first), first).Gives(typeof(Charged));
        s.Hears(s.Success(s.State.Attempts[^1].Order), s.State.Attempts[^1].Order).Gives(typeof(Overpaid));
        s.Count<Charged>().Should().Be(2);
    }

    [Fact]
    public void What_never_left_this_machine_goes_out_under_a_new_number()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hears(new ChargeOutcome.NotSent("late")).ToAlarm();
        s.Only<Requested>().Order.Attempt.Should().Be(2);
    }

    [Fact]
    public void A_rail_that_refuses_again_and_again_is_not_asked_more_often_than_another()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats, new() { MaxSends = 3 });
        for (var sends = 1; sends <= 3; sends++)
        {
            s.Hears(new ChargeOutcome.Refused("32", "no permission"));
            if (sends < 3)
                s.ToAlarm();
        }

        s.State.Parked.Should().Be(ParkReason.Refused);
        s.Count<Requested>().Should().Be(4);
    }

    [Fact]
    public void Absent_after_a_decline_was_heard_counts_as_that_decline()
    {
        var s = Scenario.Ordered(Scenario.NoRepeats).Hints(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "64")).After(Duration.FromDays(2));
        s.Hears(Absent).Only<NotTaken>().ResendAt.Should().NotBeNull().And.Match<Instant?>(at => at > s.Now, "funds come back with days");
    }
}
