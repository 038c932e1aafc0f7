using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Money that goes back: under one number, until the member has it or a person pays it.</summary>
public class RefundTests
{
    [Fact]
    public void A_refund_on_its_way_is_asked_until_it_arrived()
    {
        var s = Refunding();
        s.ToAlarm().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskRefund>();
        s.RefundHears(new RefundAnswer.Pending("PROCESSING")).Gives(typeof(Asked));
        s.ToAlarm().RefundHears(new RefundAnswer.Unknown("time-out")).Gives(typeof(Asked));
        s.ToAlarm().RefundHears(Done(s)).Gives(typeof(Refunded));
        s.RefundHears(Done(s)).GivesNothing();
        s.State.Refunds.Should().ContainSingle().Which.Status.Should().Be(RefundStatus.Done);
    }

    [Fact]
    public void A_refund_the_rail_does_not_know_is_sent_again_under_its_number()
    {
        var s = Refunding();
        var number = s.Only<RefundRequested>().Refund;
        s.ToAlarm().RefundHears(new RefundAnswer.Missing()).Gives(typeof(NotTaken)).Wakes().Gives(typeof(RefundRequested));
        s.Only<RefundRequested>().Should().Match<RefundRequested>(e => e.Refund == number && e.Send == 2);
    }

    [Fact]
    public void A_refund_that_no_statement_has_goes_out_again_under_its_number_also_when_nobody_asks_any_more()
    {
        var s = Refunding();
        var number = s.Only<RefundRequested>().Refund;
        while (s.State.Refunds[0].NextAt is not null)
            s.ToAlarm().RefundHears(new RefundAnswer.Unknown("34"));
        s.State.Parked.Should().Be(ParkReason.OutcomeUnknown);
        s.RefundHears(new RefundAnswer.Absent("both statements")).Gives(typeof(NotTaken)).Wakes().Gives(typeof(RefundRequested));
        s.Only<RefundRequested>().Should().Match<RefundRequested>(e => e.Refund == number && e.Send == 2 && e.At == s.Now);
    }

    /// <summary>What is done late stands in a later statement.</summary>
    [Fact]
    public void A_refund_the_rail_works_on_is_not_proved_absent()
    {
        var s = Refunding().ToAlarm().RefundHears(new RefundAnswer.Pending("05"));
        LedgerJson.ReadState(LedgerJson.WriteState(s.State)).Refunds.Should().ContainSingle().Which.IsAtRail.Should().BeTrue();
        s.RefundHears(new RefundAnswer.Absent("both statements")).GivesNothing();
        s.ToAlarm().RefundHears(Done(s)).Gives(typeof(Refunded)).RefundHears(new RefundAnswer.Absent("both statements")).GivesNothing();
    }

    [Fact]
    public void A_refused_refund_is_sent_again_later()
    {
        var s = Refunding().RefundHears(new RefundAnswer.Refused("NOTENOUGH", "no funds")).Gives(typeof(NotTaken));
        s.Only<NotTaken>().ResendAt.Should().Be(s.Now + Duration.FromHours(6));
        s.ToAlarm().Gives(typeof(RefundRequested));
    }

    /// <summary>A rail that refuses stale times would else refuse every repeat.</summary>
    [Fact]
    public void A_refund_keeps_its_time_while_it_may_have_landed_and_takes_a_new_one_after_a_refusal()
    {
        var s = Refunding();
        var first = s.State.Refunds[0].RequestedAt;
        first.Should().Be(s.Only<RefundRequested>().At);
        s.ToAlarm().RefundHears(new RefundAnswer.Unknown("time-out"));
        s.State.Refunds[0].RequestedAt.Should().Be(first);
        s.ToAlarm().RefundHears(new RefundAnswer.Refused("06", "busy")).ToAlarm().Gives(typeof(RefundRequested));
        s.State.Refunds[0].RequestedAt.Should().Be(s.Only<RefundRequested>().At).And.NotBe(first);
    }

    [Fact]
    public void An_impossible_refund_is_paid_outside_by_a_person()
    {
        var s = Refunding().RefundHears(new RefundAnswer.Impossible("TOO_OLD", "a year")).Gives(typeof(NotTaken), typeof(Parked));
        s.Only<Parked>().Reason.Should().Be(ParkReason.RefundImpossible);
        s.State.Refunds[0].Status.Should().Be(RefundStatus.Outside);
        s.RefundHears(Done(s)).Gives(typeof(Refunded));
    }

    /// <summary>Found by the model: ours was sent after the one made elsewhere.</summary>
    [Fact]
    public void What_was_given_back_elsewhere_before_our_refund_was_sent_is_not_given_back_again()
    {
        var s = Ordered().Cancels().After(Duration.FromHours(1)).Succeeds();
        var (order, amount) = (s.Only<Overpaid>().Order, s.Only<Overpaid>().Amount);
        var elsewhere = new SubscriptionCommand.RecordRefund(order, "SHOP-1", new RefundAnswer.Refunded(amount, "R", s.Now));
        s.When(elsewhere).Only<Refunded>().RefundNumber.Should().Be($"{order.Refund(1)}", "it is the refund that was owed");
        s.When(elsewhere).GivesNothing();
        s.Wakes().Last.Should().NotContain(e => e is RefundRequested);
        s.State.Refunds.Should().ContainSingle().Which.Status.Should().Be(RefundStatus.Done);
    }

    [Fact]
    public void Part_of_it_given_back_elsewhere_leaves_the_refund_owed()
    {
        var s = Ordered().Cancels().After(Duration.FromHours(1)).Succeeds();
        var part = s.Only<Overpaid>().Amount with { MinorUnits = 1 };
        s.When(new SubscriptionCommand.RecordRefund(s.Only<Overpaid>().Order, "SHOP-1", new RefundAnswer.Refunded(part, "R", s.Now))).Gives(typeof(Refunded));
        s.Only<Refunded>().RefundNumber.Should().Be("SHOP-1");
        s.Wakes().Last.Should().Contain(e => e is RefundRequested);
    }

    [Fact]
    public void A_refund_made_elsewhere_is_recorded_once()
    {
        var s = Paid();
        var order = new Charge(Id, ChargeKind.First, 1).Attempt(1);
        var refund = new SubscriptionCommand.RecordRefund(order, "SHOP-1", new RefundAnswer.Refunded(Money.Cny(100), "R", s.Now));
        s.When(refund).Gives(typeof(Refunded)).When(refund).GivesNothing();
        s.When(refund with { Answer = new RefundAnswer.Pending("x"), RefundNumber = "SHOP-2" }).GivesNothing();
        s.State.Status.Should().Be(SubscriptionStatus.Active);
    }

    [Fact]
    public void Refunds_go_on_after_the_end()
    {
        var s = Refunding().Cancels(atOnce: true).Wakes();
        s.State.Status.Should().Be(SubscriptionStatus.Ended);
        s.At(s.State.Refunds[0].NextAt!.Value).Wakes().Errands.OfType<Errand.AskRefund>().Should().ContainSingle();
        s.RefundHears(Done(s)).Gives(typeof(Refunded));
    }

    internal static Scenario Refunding(DecisionLimits? limits = null)
    {
        var s = Ordered(limits: limits);
        var first = s.Attempt.Order;
        return s.Declines().ToAlarm().Succeeds().Succeeds(first).Wakes().Gives(typeof(RefundRequested));
    }

    private static RefundAnswer.Refunded Done(Scenario s) => new(Money.Cny(2500), "R1", s.Now);
}
