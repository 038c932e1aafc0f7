using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>What follows from what becomes known of an order.</summary>
public class OutcomeTests
{
    [Fact]
    public void The_same_success_told_again_is_no_event()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        var paid = s.Success();
        s.Hears(paid).Gives(typeof(Charged)).After(Duration.FromDays(1)).Hears(paid, order).GivesNothing();
        s.Hints(paid, order).GivesNothing();
    }

    [Fact]
    public void An_unknown_order_is_asked_on_a_growing_schedule_then_parked_while_asks_go_on()
    {
        var s = Ordered().Hears(new ChargeOutcome.Unknown("time-out")).GivesNothing();
        List<Duration> waits = [];
        for (var ask = 1; ask < DecisionLimits.Default.MaxAsks; ask++)
        {
            var before = s.Now;
            s.ToAlarm().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
            waits.Add(s.Now - before);
            s.Hears(new ChargeOutcome.Unknown("time-out")).Gives(typeof(Asked)).Only<Asked>().Asks.Should().Be(ask);
        }

        waits.Skip(1).Should().BeInAscendingOrder();
        s.ToAlarm().Hears(new ChargeOutcome.Pending("ACCEPT")).Gives(typeof(Asked), typeof(Parked)).Only<Parked>().Reason.Should().Be(ParkReason.OutcomeUnknown);
        s.Alarm.Should().NotBeNull("asking goes on, also when a person has been called");
        s.ToAlarm().Hears(new ChargeOutcome.Pending("ACCEPT")).Gives(typeof(Asked));
        s.ToAlarm().Succeeds().Gives(typeof(Charged));
    }

    [Fact]
    public void Asking_ends_when_the_rail_no_longer_remembers_the_order()
    {
        var s = Ordered();
        while (s.State.Attempts[0].AskAt is not null)
            s.ToAlarm().Hears(new ChargeOutcome.Pending("ACCEPT"));
        (s.Now - s.Attempt.OrderedAt).Should().BeGreaterThan(Duration.FromDays(28)).And.BeLessThan(Duration.FromDays(30));
        s.State.Parked.Should().Be(ParkReason.OutcomeUnknown);
        s.State.InFlight.Should().BeTrue("it may still have taken the money");
    }

    [Fact]
    public void Nothing_is_charged_while_an_order_is_unknown()
    {
        var s = Ordered().Hears(new ChargeOutcome.Unknown("time-out"));
        s.After(Duration.FromDays(60)).Wakes().GivesNothing();
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
    }

    [Fact]
    public void Missing_is_not_believed_before_the_last_moment_of_sending_and_settling()
    {
        var s = Ordered();
        var believed = s.Attempt.SendBefore + s.Traits.CallTimeout + s.Traits.SettleDelay;
        s.At(believed - Duration.FromSeconds(1)).Wakes().Hears(new ChargeOutcome.Missing()).Gives(typeof(Asked));
        s.Alarm.Should().Be(believed);
        s.ToAlarm().Hears(new ChargeOutcome.Missing()).Gives(typeof(NotTaken)).Only<NotTaken>().ResendAt.Should().Be(s.Now);
        s.Wakes().Gives(typeof(Requested));
    }

    [Fact]
    public void A_missing_order_goes_out_again_under_its_number_with_its_timestamp()
    {
        var s = Ordered();
        var first = s.Only<Requested>();
        s.After(Duration.FromHours(1)).Hears(new ChargeOutcome.Missing()).Wakes().Gives(typeof(Requested));
        var again = s.Only<Requested>();
        again.Should().Be(first with { Send = 2, SendBefore = again.SendBefore, AskAt = again.AskAt, At = again.At });
        again.OrderedAt.Should().Be(first.At);
    }

    [Fact]
    public void Missing_is_not_believed_once_the_rail_may_have_forgotten_the_order()
    {
        var s = Ordered();
        var forgotten = s.Attempt.OrderedAt + s.Traits.RemembersOrders;
        s.At(forgotten).Wakes().Hears(new ChargeOutcome.Missing()).Gives(typeof(Asked), typeof(Parked));
        s.State.InFlight.Should().BeTrue();
        s.Unparks().Wakes().Hears(new ChargeOutcome.Missing()).Gives(typeof(Asked), typeof(Parked));
        s.Count<Requested>().Should().Be(2, "the first period's and this one");
    }

    [Fact]
    public void Missing_is_believed_to_the_last_second_of_the_rails_memory()
    {
        var s = Ordered();
        s.At(s.Attempt.OrderedAt + s.Traits.RemembersOrders - Duration.FromSeconds(1)).Hears(new ChargeOutcome.Missing()).Gives(typeof(NotTaken));
    }

    [Fact]
    public void Where_only_statements_prove_absence_missing_is_an_answer_like_pending()
    {
        var s = Ordered(PreNotice with { AbsenceProof = Core.Calendar.AbsenceProof.TwoStatements });
        s.After(Duration.FromDays(3)).Hears(new ChargeOutcome.Missing()).Gives(typeof(Asked));
        s.State.InFlight.Should().BeTrue();
    }

    [Fact]
    public void A_refused_order_goes_out_again_under_the_same_number_without_a_dunning_step()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        s.Hears(new ChargeOutcome.Refused("SIGN_ERROR", "key")).Gives(typeof(NotTaken));
        s.ToAlarm().Gives(typeof(Requested)).Only<Requested>().Order.Should().Be(order);
        s.Count<Failed>().Should().Be(0);
        s.Declines().Only<Failed>().RetryAt.Should().Be(Shanghai(4, 11, 8), "the first step of dunning is still ahead");
    }

    [Fact]
    public void An_order_that_was_not_sent_goes_out_a_minute_later_under_the_same_number()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        s.Hears(new ChargeOutcome.NotSent("no permit")).Gives(typeof(NotTaken));
        s.Alarm.Should().Be(s.Now + Duration.FromMinutes(1));
        s.ToAlarm().Gives(typeof(Requested)).Only<Requested>().Order.Should().Be(order);
    }

    [Fact]
    public void A_hint_only_makes_the_ask_due()
    {
        var s = Ordered();
        s.After(Duration.FromSeconds(1)).Hints(s.Success()).Gives(typeof(Hinted));
        s.Alarm.Should().Be(s.Now);
        s.Wakes().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
        s.After(Duration.FromSeconds(1)).Hints(s.Success()).GivesNothing();
        s.Count<Charged>().Should().Be(1, "only the first period's");
    }

    [Fact]
    public void A_hint_of_success_reopens_an_order_thought_not_taken()
    {
        var s = Ordered().Hears(new ChargeOutcome.NotSent("late")).Hints(Rumour);
        s.Gives(typeof(Hinted)).State.InFlight.Should().BeTrue();
        s.After(Duration.FromMinutes(2)).Wakes().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
        s.Succeeds().Gives(typeof(Charged));
    }

    [Fact]
    public void A_pending_order_thought_not_taken_is_in_flight_again()
    {
        var s = Ordered().Hears(new ChargeOutcome.Refused("X", "y")).After(Duration.FromMinutes(1)).Hears(new ChargeOutcome.Pending("ACCEPT"));
        s.Gives(typeof(Hinted), typeof(Asked)).State.InFlight.Should().BeTrue();
        s.Alarm!.Value.Should().BeGreaterThan(s.Now);
    }

    [Fact]
    public void A_success_of_an_order_thought_not_taken_is_charged()
    {
        Ordered().Hears(new ChargeOutcome.NotSent("late")).Succeeds().Gives(typeof(Charged));
        Ordered().Hears(new ChargeOutcome.Refused("X", "y")).Succeeds().Gives(typeof(Charged));
    }

    [Fact]
    public void A_success_after_a_decline_is_charged()
    {
        var s = Ordered().Declines().Gives(typeof(Failed));
        s.After(Duration.FromHours(1)).Succeeds().Gives(typeof(Charged));
        s.ToAlarm().Gives(typeof(CyclePlanned)).State.Cycle!.Ordinal.Should().Be(3);
    }

    [Fact]
    public void A_second_success_is_overpaid_and_goes_back()
    {
        var s = Ordered();
        var first = s.Attempt.Order;
        s.Declines().ToAlarm().Gives(typeof(Requested));
        var second = s.Attempt.Order;
        second.Attempt.Should().Be(2);
        s.Succeeds().Gives(typeof(Charged));
        s.Succeeds(first).Gives(typeof(Overpaid)).Only<Overpaid>().Reason.Should().Be(OverpaidReason.SecondSuccess);
        s.Wakes().Gives(typeof(RefundRequested)).Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.SendRefund>();
        s.Only<RefundRequested>().Refund.Should().Be(first.Refund(1));
        s.Only<RefundRequested>().Amount.Should().Be(Money.Cny(2500));
        s.RefundHears(new RefundAnswer.Refunded(Money.Cny(2500), "R1", s.Now)).Gives(typeof(Refunded));
        s.Succeeds(first).GivesNothing();
    }

    [Fact]
    public void When_the_declined_order_succeeds_first_the_one_in_flight_is_the_second_success()
    {
        var s = Ordered();
        var first = s.Attempt.Order;
        s.Declines().ToAlarm();
        var second = s.Attempt.Order;
        s.Succeeds(first).Gives(typeof(Charged)).State.InFlight.Should().BeTrue();
        s.Succeeds(second).Gives(typeof(Overpaid)).State.InFlight.Should().BeFalse();
        s.Wakes().Count<RefundRequested>().Should().Be(1);
    }

    [Fact]
    public void A_declined_order_rumoured_paid_holds_the_next_attempt_until_the_rail_has_spoken()
    {
        var s = Ordered();
        var first = s.Attempt.Order;
        s.Declines().After(Duration.FromHours(1)).Hints(s.Success(), first).Gives(typeof(Hinted));
        s.At(Shanghai(4, 11, 9)).Wakes().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
        s.Hears(new ChargeOutcome.Unknown("time-out"), first).Gives(typeof(Asked)).Wakes().GivesNothing();
        s.ToAlarm().Declines(order: first).Gives(typeof(Asked)).Only<Asked>().NextAskAt.Should().BeNull("a duty that was done is gone");
        s.Wakes().Gives(typeof(Requested)).Only<Requested>().Order.Attempt.Should().Be(2);
    }

    [Fact]
    public void A_rumour_of_money_that_is_known_and_goes_back_is_no_news()
    {
        var s = Ordered().Cancels().After(Duration.FromMinutes(3)).Succeeds().Gives(typeof(Overpaid));
        s.Hints(s.Success()).GivesNothing();
    }

    /// <summary>Two callbacks of one payment on two hosts: the question one of them asks has its answer already.</summary>
    [Fact]
    public void A_question_whose_answer_is_known_by_then_does_not_stay_due()
    {
        var s = Ordered().Cancels().After(Duration.FromMinutes(3)).Succeeds().Gives(typeof(Overpaid));
        s.Hints(new ChargeOutcome.Reversed(Money.Cny(2500), "42", s.Now, null, null)).Gives(typeof(Hinted));
        s.Wakes().Errands.OfType<Errand.AskCharge>().Should().ContainSingle();
        s.Succeeds().Gives(typeof(Asked));
        s.Due(DutyKind.AskCharge).Should().BeFalse();
    }

    [Fact]
    public void A_declined_order_rumoured_paid_that_the_rail_does_not_know_ends_with_a_person()
    {
        var s = Ordered();
        s.Declines().Hints(s.Success());
        while (s.State.Parked is null)
            s.ToAlarm().Hears(new ChargeOutcome.Missing());
        s.State.Parked.Should().Be(ParkReason.OutcomeUnknown);
        s.Count<Asked>().Should().Be(DecisionLimits.Default.MaxAsks);
    }

    [Theory]
    [InlineData(2499, "CNY")]
    [InlineData(2501, "CNY")]
    [InlineData(2500, "USD")]
    public void A_wrong_amount_goes_back_and_a_person_looks(long minor, string currency)
    {
        var s = Ordered().Hears(new ChargeOutcome.Succeeded(new(minor, currency), "42", Shanghai(4, 10, 8))).Gives(typeof(Overpaid), typeof(Parked));
        s.Only<Overpaid>().Should().Match<Overpaid>(e => e.Reason == OverpaidReason.WrongAmount && e.Amount == new Money(minor, currency));
        s.Only<Parked>().Reason.Should().Be(ParkReason.UnexpectedMoney);
        s.Wakes().Gives(typeof(RefundRequested)).Only<RefundRequested>().Amount.Should().Be(new Money(minor, currency));
        s.State.PaidThrough.Should().Be(1);
    }

    [Theory]
    [InlineData(ChargeKind.Renewal, 9, 1)]
    [InlineData(ChargeKind.Renewal, 2, 5)]
    [InlineData(ChargeKind.Change, 1, 1)]
    [InlineData(ChargeKind.CatchUp, 1, 1)]
    [InlineData(ChargeKind.Renewal, 1, 1)]
    public void Money_taken_by_a_number_that_was_never_ordered_goes_back_and_a_person_looks(ChargeKind kind, int ordinal, int attempt)
    {
        var order = new Charge(Id, kind, ordinal).Attempt(attempt);
        var s = Paid();
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "42", s.Now), order).Gives(typeof(Overpaid), typeof(Parked));
        s.Only<Overpaid>().Reason.Should().Be(OverpaidReason.NotOrdered);
        s.Wakes().Gives(typeof(RefundRequested)).Only<RefundRequested>().Refund.Should().Be(order.Refund(1));
    }

    [Fact]
    public void A_number_that_took_money_before_it_was_ordered_is_used_up()
    {
        var s = Planned();
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "42", s.Now), new Charge(Id, ChargeKind.Renewal, 2).Attempt(1)).Unparks();
        s.Wakes().RefundHears(new RefundAnswer.Refunded(Money.Cny(2500), "R", s.Now)).ToAlarm().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).At(Shanghai(4, 10, 8)).Wakes();
        s.Only<Requested>().Order.Should().Be(new Charge(Id, ChargeKind.Renewal, 2).Attempt(2));
        s.Succeeds().Gives(typeof(Charged));
    }

    [Fact]
    public void Other_news_of_a_number_that_was_never_ordered_is_no_event()
    {
        var order = new Charge(Id, ChargeKind.Renewal, 9).Attempt(1);
        Paid().Declines(order: order).GivesNothing().Hears(new ChargeOutcome.Missing(), order).GivesNothing().Hints(new ChargeOutcome.Pending("x"), order).GivesNothing();
    }

    [Fact]
    public void A_decline_after_the_success_is_a_contradiction_a_person_looks_at()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        s.Succeeds().Declines(order: order).Gives(typeof(Parked)).Only<Parked>().Reason.Should().Be(ParkReason.Contradiction);
        s.State.PaidThrough.Should().Be(2);
    }

    [Fact]
    public void A_hinted_decline_after_the_success_is_not_believed()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        s.Succeeds().Hints(new ChargeOutcome.Declined(DeclineReason.Other, "X"), order).GivesNothing();
    }

    [Fact]
    public void An_order_of_another_membership_is_a_fault_of_the_caller()
    {
        var other = new Charge(new(new Guid("0198c0de-0000-7000-8000-000000000002")), ChargeKind.First, 1).Attempt(1);
        var s = Paid();
        FluentActions.Invoking(() => s.Succeeds(other)).Should().Throw<Exception>();
        FluentActions.Invoking(() => s.Hears(new ChargeOutcome.Missing(), new Charge(Id, ChargeKind.First, 1).Attempt(1).Refund(1))).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void A_refund_made_elsewhere_does_not_hide_the_payment()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        s.When(new SubscriptionCommand.RecordRefund(order, "SHOP-1", new RefundAnswer.Refunded(Money.Cny(2500), "R9", s.Now))).Gives(typeof(Refunded));
        s.Succeeds().Gives(typeof(Charged));
    }

    private static ChargeOutcome.Succeeded Rumour { get; } = new(Money.Cny(2500), "42", Shanghai(4, 10, 8));
}
