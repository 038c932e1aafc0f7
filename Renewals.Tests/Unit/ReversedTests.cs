using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Paid and given back at once: the ledger says both, nothing is lost, nothing goes back twice, no period is renewed without money.</summary>
public class ReversedTests
{
    [Fact]
    public void A_renewal_that_was_paid_and_given_back_is_recorded_as_both_and_waits_for_a_person()
    {
        var s = Ordered();
        s.Hears(Reversed(s)).Gives(typeof(Overpaid), typeof(Refunded), typeof(Parked));
        NetOf(s, s.Events.OfType<Overpaid>().Single().Order).Should().Be(0);
        s.State.PaidThrough.Should().Be(1, "there is no money for period 2");
        s.State.Parked.Should().Be(ParkReason.UnexpectedMoney);
        s.At(Shanghai(4, 30, 12)).Wakes().GivesNothing();
        s.Count<RefundRequested>().Should().Be(0, "it went back already");
    }

    [Fact]
    public void After_a_person_looked_the_period_is_charged_under_a_new_number()
    {
        var s = Ordered();
        var first = s.Attempt.Order;
        s.Hears(Reversed(s)).Unparks().ToAlarm().Only<Requested>().Order.Should().Be(first.Charge.Attempt(first.Attempt + 1));
    }

    [Fact]
    public void News_of_the_same_again_is_no_event_whatever_its_name()
    {
        var s = Ordered();
        var (order, reversed) = (s.Attempt.Order, Reversed(s));
        s.Hears(reversed).Hears(reversed, order).GivesNothing();
        s.Hears(new ChargeOutcome.Succeeded(reversed.Amount, reversed.RailTransaction, reversed.PaidAt), order).GivesNothing();
        s.When(new SubscriptionCommand.RecordRefund(order, "SHOP-1", new RefundAnswer.Refunded(reversed.Amount, "R", s.Now))).GivesNothing();
        NetOf(s, order).Should().Be(0);
    }

    [Fact]
    public void The_rails_own_number_and_time_are_kept_where_it_says_them()
    {
        var s = Ordered();
        var at = s.Now - Duration.FromMinutes(1);
        s.Hears(Reversed(s) with { GivenBackAt = at, RefundNumber = "VOID-1" });
        var refunded = s.Only<Refunded>();
        (refunded.RefundNumber, refunded.RefundedAt).Should().Be(("VOID-1", at));
        s.Unparks().Count<RefundRequested>().Should().Be(0);
    }

    [Fact]
    public void A_refund_heard_of_before_its_payment_is_not_recorded_twice()
    {
        var s = Ordered();
        var (order, reversed) = (s.Attempt.Order, Reversed(s));
        s.When(new SubscriptionCommand.RecordRefund(order, "SHOP-1", new RefundAnswer.Refunded(reversed.Amount, "R", s.Now))).Gives(typeof(Refunded));
        s.Hears(reversed).Gives(typeof(Overpaid), typeof(Parked));
        NetOf(s, order).Should().Be(0);
    }

    [Fact]
    public void A_hint_of_it_only_asks()
    {
        var s = Ordered();
        s.Hints(Reversed(s)).Gives(typeof(Hinted));
    }

    [Fact]
    public void What_had_paid_for_a_period_and_is_given_back_later_calls_a_person()
    {
        var s = Ordered();
        var (order, reversed) = (s.Attempt.Order, Reversed(s));
        s.Succeeds().Hears(reversed, order).Gives(typeof(Refunded), typeof(Parked));
        s.State.PaidThrough.Should().Be(2, "what was given is not taken away by itself");
        s.Hears(reversed, order).GivesNothing();
        NetOf(s, order).Should().Be(0);
    }

    [Fact]
    public void Of_what_was_given_back_in_part_only_the_rest_is_recorded()
    {
        var s = Ordered();
        var (order, reversed) = (s.Attempt.Order, Reversed(s));
        s.Succeeds().When(new SubscriptionCommand.RecordRefund(order, "SHOP-1", new RefundAnswer.Refunded(reversed.Amount with { MinorUnits = 1_000 }, "R", s.Now)));
        s.Hears(reversed, order).Only<Refunded>().Amount.MinorUnits.Should().Be(1_500);
        NetOf(s, order).Should().Be(0);
    }

    [Fact]
    public void A_refund_we_owe_and_the_rail_has_made_is_not_sent()
    {
        var s = Ordered().Cancels();
        var (order, reversed) = (s.Attempt.Order, Reversed(s));
        s.After(Duration.FromMinutes(1)).Hears(s.Success()).Gives(typeof(Overpaid));
        s.Hears(reversed, order).Gives(typeof(Refunded));
        s.Wakes().Last.OfType<RefundRequested>().Should().BeEmpty();
        NetOf(s, order).Should().Be(0);
    }

    [Fact]
    public void A_first_payment_at_the_cashier_that_went_back_counts_as_not_made()
    {
        var s = Enrolled(payWhileSigning: true).Signs();
        s.Hears(Reversed(s)).Gives(typeof(Overpaid), typeof(Refunded), typeof(Cancelled));
        s.State.Parked.Should().BeNull("the signing comes to its end by itself");
        s.State.PaidThrough.Should().Be(0);
    }

    [Fact]
    public void What_nobody_ordered_is_recorded_and_looked_at()
    {
        var s = Paid();
        var order = new Charge(Id, ChargeKind.Renewal, 7).Attempt(1);
        s.Hears(new ChargeOutcome.Reversed(Monthly.Price, "T", s.Now), order).Gives(typeof(Overpaid), typeof(Refunded), typeof(Parked));
        NetOf(s, order).Should().Be(0);
    }

    private static ChargeOutcome.Reversed Reversed(Scenario s) => new(s.Attempt.Amount, "4200001", s.Now);

    private static long NetOf(Scenario s, OrderNumber order) => s.Events.Select(LedgerMovement.Of).OfType<LedgerMovement>().Where(m => m.Order == order)
        .Sum(m => m.RefundNumber is null ? m.Amount.MinorUnits : -m.Amount.MinorUnits);
}
