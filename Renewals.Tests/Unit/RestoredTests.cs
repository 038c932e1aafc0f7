using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;
using Errand = Renewals.Core.Subscriptions.Errand;

namespace Renewals.Tests.Unit;

/// <summary>What a frozen ledger makes of an order it never requested: it is its own, sent after the moment it was restored to.</summary>
public sealed class RestoredTests
{
    private static readonly OrderNumber Lost = new Charge(Id, ChargeKind.Renewal, 2).Attempt(1);

    [Fact]
    public void An_order_of_another_amount_is_taken_for_what_the_member_was_told_and_a_person_looks_for_the_lost_change()
    {
        var s = Scenario.Paid();
        s.Frozen = true;
        s.At(Shanghai(4, 12, 9)).Hears(new ChargeOutcome.Succeeded(Money.Cny(1200), "4200002", Shanghai(4, 10, 8)), new Charge(Id, ChargeKind.Renewal, 2).Attempt(1));
        s.Gives(typeof(AmountAdded), typeof(OrderFound), typeof(Parked), typeof(Charged));
        s.Only<AmountAdded>().Amount.Should().Be(Money.Cny(-1300));
        s.State.Parked.Should().Be(ParkReason.UnexpectedMoney);
        (s.State.PaidThrough, s.State.Additions.Count, s.State.Refunds.Count).Should().Be((2, 0, 0), "it is paid once, nothing goes back and nothing is left to add");
    }

    [Fact]
    public void A_lost_order_that_was_paid_pays_for_its_period_and_the_period_is_never_charged_again()
    {
        var s = Frozen(Ready()).Hears(Paid(2500), Lost).Gives(typeof(OrderFound), typeof(Charged));
        (s.State.PaidThrough, s.State.NextCharge.Ordinal, s.Last[^1].As<Charged>().Order).Should().Be((2, 3, Lost));
        s.State.Refunds.Should().BeEmpty();
        s.Hears(Paid(2500), Lost).GivesNothing();
    }

    [Fact]
    public void Also_before_the_renewal_was_planned()
    {
        var s = Frozen(Scenario.Paid()).Hears(Paid(2500), Lost).Gives(typeof(OrderFound), typeof(Charged));
        s.Frozen = false;
        s.ToAlarm().Only<CyclePlanned>().Plan.Ordinal.Should().Be(3);
    }

    [Fact]
    public void In_a_ledger_that_is_not_frozen_such_money_goes_back_as_ever() =>
        Ready().Hears(Paid(2500), Lost).Gives(typeof(Overpaid), typeof(Parked)).State.Refunds.Should().ContainSingle();

    [Fact]
    public void Another_amount_after_a_cancel_goes_back_as_it_was_taken() =>
        Frozen(Ready()).Cancels().Hears(Paid(2600), Lost).Gives(typeof(OrderFound), typeof(Overpaid)).State.Additions.Should().BeEmpty();

    /// <summary>Found by a simulated world: the membership went on with the later period, and nothing said why nobody pays for the one between.</summary>
    [Fact]
    public void An_order_of_a_later_period_says_that_the_one_between_is_never_charged()
    {
        var later = new Charge(Id, ChargeKind.Renewal, 3).Attempt(1);
        var s = Frozen(Ready()).At(Shanghai(5, 15, 12)).Hears(Paid(2600), later).Gives(typeof(PeriodsSkipped), typeof(AmountAdded), typeof(OrderFound), typeof(Parked), typeof(Charged));
        (s.State.SkippedThrough, s.State.NextCharge.Ordinal).Should().Be((2, 4));
        s.Last[0].As<PeriodsSkipped>().Why.Should().Be("missed; period 3 was ordered and these were not");
    }

    [Fact]
    public void But_not_while_an_order_of_the_one_between_may_still_be_taken()
    {
        var later = new Charge(Id, ChargeKind.Renewal, 3).Attempt(1);
        var s = Frozen(Ordered()).Hears(new ChargeOutcome.Pending("accepted"), later).Gives(typeof(OrderFound), typeof(Asked));
        s.State.Attempts.Should().HaveCount(2);

        s.At(Shanghai(5, 15, 12)).Hears(Paid(2500), later).Gives(typeof(PeriodsSkipped), typeof(Charged));
        s.State.Attempts.Should().ContainSingle("what was open is asked for to its end").Which.Order.Should().Be(Lost);
        s.Hears(Paid(2500), Lost).Gives(typeof(Overpaid));
    }

    [Fact]
    public void A_lost_decline_counts_as_a_try_and_the_next_one_has_the_next_number()
    {
        var s = Frozen(Ready()).Hears(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "CODE"), Lost).Gives(typeof(OrderFound), typeof(Failed));
        s.State.RetryAt.Should().NotBeNull();
        s.Frozen = false;
        s.ToAlarm().Only<Requested>().Order.Should().Be(Lost.Charge.Attempt(2));
    }

    /// <summary>A merchant's service may drop a notice whose id it has seen; one with other days must not look like it.</summary>
    [Fact]
    public void A_renewal_that_is_planned_anew_after_a_restore_is_announced_under_another_name_when_its_days_are_others()
    {
        var before = Planned();
        var anew = Scenario.Paid().At(Shanghai(4, 9, 12)).Wakes().Gives(typeof(CyclePlanned));
        (anew.State.Cycle!.Ordinal, anew.State.Cycle.Revision).Should().Be((before.State.Cycle!.Ordinal, before.State.Cycle.Revision));
        anew.State.Cycle.MoneyFrom.Should().NotBe(before.State.Cycle.MoneyFrom);
        anew.NoticeId.Should().NotBe(before.NoticeId);
        Planned().NoticeId.Should().Be(before.NoticeId, "the same notice has the same name");
    }

    [Fact]
    public void A_lost_decline_of_a_renewal_that_is_not_planned_here_ends_no_membership()
    {
        var s = Frozen(Scenario.Paid()).Hears(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "CODE"), Lost).Gives(typeof(OrderFound), typeof(Failed));
        s.Frozen = false;
        s.ToAlarm().Gives(typeof(CyclePlanned)).State.Status.Should().Be(SubscriptionStatus.Active);
        s.ToAlarm().Told().ToAlarm().RailSays(new Core.Gateways.RailNoticeAnswer.Accepted()).ToAlarm().Only<Requested>().Order.Should().Be(Lost.Charge.Attempt(2));
    }

    [Fact]
    public void A_lost_order_the_rail_has_not_decided_is_in_flight_and_nothing_else_is_sent()
    {
        var s = Frozen(Ready()).Hears(new ChargeOutcome.Pending("accepted"), Lost).Gives(typeof(OrderFound), typeof(Asked));
        s.State.InFlight.Should().BeTrue();
        s.Due(DutyKind.Charge).Should().BeFalse();
    }

    [Fact]
    public void A_lost_order_the_rail_denies_after_all_is_not_sent_again_under_its_number_as_nobody_knows_what_was_sent()
    {
        var s = Frozen(Ready()).Hears(new ChargeOutcome.Pending("accepted"), Lost).Hears(new ChargeOutcome.Refused("NO", "not taken"), Lost);
        s.State.LastAttempt!.Status.Should().Be(AttemptStatus.NotTaken);
        s.Frozen = false;
        s.ToAlarm().Only<Requested>().Order.Should().Be(Lost.Charge.Attempt(2));
    }

    [Fact]
    public void Orders_found_in_any_order_are_counted_by_their_numbers()
    {
        var s = Frozen(Ready()).Hears(new ChargeOutcome.Declined(DeclineReason.Other, "CODE"), Lost.Charge.Attempt(2)).Hears(new ChargeOutcome.Declined(DeclineReason.Other, "CODE"), Lost);
        s.State.LastAttempt!.Order.Attempt.Should().Be(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rumour_and_an_order_the_rail_does_not_have_are_no_find(bool rumour)
    {
        if (rumour)
            Frozen(Ready()).Hints(Paid(2500), Lost).GivesNothing();
        else
            Frozen(Ready()).Hears(new ChargeOutcome.Missing(), Lost).GivesNothing();
    }

    [Fact]
    public void What_is_due_waits_and_only_questions_are_carried_out()
    {
        var s = Ready().At(Shanghai(4, 10, 9));
        s.Due(DutyKind.Charge).Should().BeTrue();
        Frozen(s).Wakes().GivesNothing();
        Errand.Questions(s.State, s.Now).Should().BeEmpty();

        s.Frozen = false;
        s.Wakes().Gives(typeof(Requested));
        s.Frozen = true;
        s.At(s.State.LastAttempt!.AskAt!.Value);
        Errand.Questions(s.State, s.Now).Should().ContainSingle().Which.Should().BeOfType<Errand.AskCharge>();
    }

    /// <summary>Found by the model: the consent of the signing is for the first period, and at its price.</summary>
    [Fact]
    public void A_lost_order_of_a_renewal_that_was_never_taken_is_announced_before_it_is_sent_again()
    {
        var s = Frozen(Scenario.Paid()).Hears(new ChargeOutcome.Pending("ACCEPT"), Lost).After(Duration.FromMinutes(20)).Hears(new ChargeOutcome.Missing(), Lost);
        s.Only<NotTaken>().ResendAt.Should().Be(s.Now);
        s.Now.Should().BeLessThan(s.State.ConsentUntil!.Value);
        s.Frozen = false;
        s.Wakes().Gives(typeof(CyclePlanned)).State.Notice.Should().BeNull();
    }

    /// <summary>Found by the model: the order at the cashier was forgotten over the lost one.</summary>
    [Theory]
    [InlineData(AgreementStatus.Active)]
    [InlineData(AgreementStatus.Abandoned)]
    public void A_signing_is_not_concluded_while_any_first_order_is_in_flight(AgreementStatus agreement)
    {
        var s = Frozen(Enrolled(payWhileSigning: true).Agreement(agreement, signedAt: Shanghai(3, 10, 12)));
        s.Hears(new ChargeOutcome.Pending("ACCEPT"), new Charge(Id, ChargeKind.First, 1).Attempt(2)).Gives(typeof(OrderFound), typeof(Asked));
        s.State.Status.Should().Be(SubscriptionStatus.Signing);
    }

    [Fact]
    public void An_order_at_the_cashier_is_asked_about_and_not_closed()
    {
        var s = Enrolled(payWhileSigning: true).After(Duration.FromHours(3));
        Errand.After(s.State, [], s.Now).Should().ContainSingle(errand => errand is Errand.StopCharge).And.NotContain(errand => errand is Errand.AskCharge);
        Errand.Questions(s.State, s.Now).Should().ContainSingle(errand => errand is Errand.AskCharge).And.NotContain(errand => errand is Errand.StopCharge);
    }

    [Fact]
    public void Periods_are_asked_about_from_the_coming_one_to_the_last_that_may_have_been_planned()
    {
        var s = Scenario.Paid().State;
        Periods(s, Shanghai(3, 20, 12)).Should().BeEmpty("the renewal of 10 April is not planned yet");
        Periods(s, Shanghai(4, 10, 12)).Should().Equal(2);
        Periods(s, Shanghai(6, 10, 12)).Should().Equal(2, 3, 4);
        Periods(Enrolled().State, Shanghai(3, 10, 13)).Should().Equal(1);

        static IEnumerable<int> Periods(Subscription s, Instant now) => Core.Audit.LostOrders.PeriodsToAsk(s, now);
    }

    private static Scenario Frozen(Scenario s)
    {
        s.Frozen = true;
        return s;
    }

    private static ChargeOutcome.Succeeded Paid(long amount) => new(Money.Cny(amount), "4200009", Shanghai(4, 10, 9));
}
