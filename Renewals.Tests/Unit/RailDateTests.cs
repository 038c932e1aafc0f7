using CsCheck;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Unit;

/// <summary>A rail that keeps charge dates of its own (Alipay): its window, drift, missed periods.</summary>
public class RailDateTests
{
    /// <summary>After an outage both are due at once: one call is answered, the other's answer gets lost.</summary>
    [Fact]
    public void A_look_that_had_no_answer_goes_on_waiting_when_the_date_is_moved_at_the_same_moment()
    {
        var s = Scenario.Enrolled(payWhileSigning: true, traits: Scenario.OwnDates with { CanAskForAgreements = true }).Succeeds().Signs();
        s.After(Duration.FromDays(100)).Wakes();
        s.Errands.Should().Contain(errand => errand is Errand.MoveRailDate).And.Contain(errand => errand is Errand.AskAgreement);
        s.Agreement(AgreementStatus.Active).Gives(typeof(AgreementAsked));
        var next = s.State.Agreement.AskAt;
        s.RailMoves(s.State.Cycle!.RailDate!.Value, new RailNoticeAnswer.Accepted()).Gives(typeof(RailDateKnown), typeof(AgreementAsked));
        s.State.Agreement.AskAt.Should().Be(next);
        (s.Due(DutyKind.MoveRailDate), s.Due(DutyKind.VerifyAgreement)).Should().Be((false, false), "both were done as far as they could be");
    }

    private static readonly RailPlanRule Rule = new(5, 2, 28);

    [Fact]
    public void Every_due_day_lies_in_the_window_of_its_rail_date_for_two_years_of_renewals() =>
        Gen.Select(Gen.Int[0, 1500], Gen.Int[1, 3]).Sample((day, months) =>
        {
            var anchor = new LocalDate(2024, 1, 1).PlusDays(day);
            var date = RailPlanDates.DateFor(Rule, anchor);
            for (var n = 0; n < 24; n++)
            {
                var due = anchor.PlusMonths(n * months);
                if (due < RailPlanDates.FirstDay(Rule, date.PlusMonths(n * months)) || due > date.PlusMonths(n * months) || date.Day > 28)
                    return false;
            }

            return true;
        });

    [Theory]
    [InlineData("2026-03-10", "2026-03-12")]
    [InlineData("2026-01-26", "2026-01-28")]
    [InlineData("2026-01-27", "2026-02-01")]
    [InlineData("2026-01-31", "2026-02-02")]
    [InlineData("2026-04-29", "2026-05-01")]
    public void The_rail_date_is_two_days_after_the_due_day_and_never_after_the_28th(string due, string date) =>
        RailPlanDates.DateFor(Rule, Day(due)).Should().Be(Day(date));

    [Fact]
    public void The_rail_date_is_read_before_a_renewal_is_planned_and_told()
    {
        var s = Scenario.Paid(Scenario.OwnDates);
        s.State.Agreement.RailDate.Should().Be(new LocalDate(2026, 4, 12), "signed on 10 March for the 12th; the payment moved it by a month");
        s.ToAlarm().GivesNothing();
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        s.RailDateIs(new(2026, 4, 12)).Gives(typeof(RailDateKnown)).ToAlarm().Gives(typeof(CyclePlanned));
        s.Only<CyclePlanned>().Plan.Should().Match<CyclePlan>(plan =>
            plan.RailDate == new LocalDate(2026, 4, 12) && plan.ChargeFrom == Scenario.Shanghai(4, 10, 8, 0, 0, 2026) && plan.ChargeUntil == Scenario.Shanghai(4, 12, 23, 30, 0, 2026));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(14)]
    [InlineData(15)]
    public void Drift_is_absorbed_while_the_due_day_lies_in_the_window(int railDay)
    {
        var s = Scenario.Paid(Scenario.OwnDates).ToAlarm().RailDateIs(new(2026, 4, railDay)).ToAlarm().Gives(typeof(CyclePlanned));
        s.State.Anchor.Should().Be(new LocalDate(2026, 3, 10));
        s.State.Cycle!.Due.Should().Be(Scenario.Shanghai(4, 10, 0));
    }

    [Fact]
    public void A_rail_date_too_late_for_the_due_day_moves_the_anchor_and_the_member_is_told_the_new_days()
    {
        var s = Scenario.Paid(Scenario.OwnDates).ToAlarm().RailDateIs(new(2026, 4, 20)).ToAlarm().Gives(typeof(AnchorMoved), typeof(CyclePlanned));
        s.State.Cycle!.Due.Should().Be(Scenario.Shanghai(4, 18, 0));
        s.State.PaidUntil.Should().Be(Scenario.Shanghai(4, 18, 0), "the days between are the member's");
        s.ToAlarm().Told().ToAlarm().Succeeds();
        s.State.PaidUntil.Should().Be(Scenario.Shanghai(5, 18, 0));
        s.State.Periods!.Value.Start(2).Should().Be(Scenario.Shanghai(4, 18, 0));
        s.State.Agreement.RailDate.Should().Be(new LocalDate(2026, 5, 20));
    }

    [Theory]
    [InlineData("2026-03-06", false)]
    [InlineData("2026-03-07", true)]
    [InlineData("2026-03-12", true)]
    [InlineData("2026-03-13", false)]
    public void A_date_of_the_rails_holds_the_days_of_its_window(string day, bool holds) =>
        RailPlanDates.Holds(Rule, Day("2026-03-12"), Day(day)).Should().Be(holds);

    [Fact]
    public void The_first_date_is_of_the_first_charge_that_is_still_to_come()
    {
        RailPlanDates.FirstDate(Rule, Scenario.Monthly, Day("2026-03-10"), paying: false).Should().Be(Day("2026-03-12"));
        RailPlanDates.FirstDate(Rule, Scenario.Monthly, Day("2026-03-10"), paying: true).Should().Be(Day("2026-04-12"));
    }

    [Fact]
    public void A_missed_rail_date_is_moved_to_a_later_day_before_the_member_is_told()
    {
        var s = Scenario.Paid(Scenario.OwnDates).ToAlarm().RailDateIs(new(2026, 3, 12)).ToAlarm().Gives(typeof(CyclePlanned));
        s.State.Cycle!.RailDate.Should().Be(new LocalDate(2026, 4, 12));
        s.ToAlarm().GivesNothing();
        s.Errands.Should().ContainSingle().Which.Should().Be(new Errand.MoveRailDate(new(2026, 4, 12)));
        s.RailMoves(new(2026, 4, 12), new RailNoticeAnswer.Unknown("time-out")).Gives(typeof(AgreementAsked)).ToAlarm();
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.MoveRailDate>("a repeat asks for the same date");
        s.RailMoves(new(2026, 4, 12), new RailNoticeAnswer.Accepted()).Gives(typeof(RailDateKnown)).ToAlarm();
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Tell>();
    }

    /// <summary>Found by the model: the look at the agreement stayed due behind the question for the date.</summary>
    [Fact]
    public void A_date_that_cannot_be_read_while_the_agreement_is_looked_at_too_leaves_nothing_due()
    {
        var s = Scenario.Paid(Scenario.OwnDates with { CanAskForAgreements = true }, new() { MaxAsks = 2 }).At(Scenario.Shanghai(4, 9, 13)).Wakes();
        (s.Due(DutyKind.ReadRailDate), s.Due(DutyKind.VerifyAgreement)).Should().Be((true, true));
        s.Agreement(AgreementStatus.Active).Gives(typeof(AgreementAsked)).ToAlarm().Agreement(AgreementStatus.Active).Gives(typeof(AgreementAsked), typeof(Parked));
        s.Alarm!.Value.Should().BeGreaterThan(s.Now);
        s.Unparks().Due(DutyKind.ReadRailDate).Should().BeTrue("a person looked, and it is read again");
    }

    /// <summary>Found by the model: nobody asked any more whether the suspension was lifted.</summary>
    [Fact]
    public void A_date_that_was_moved_while_the_agreement_was_suspended_leaves_the_question_for_the_suspension()
    {
        var s = Scenario.Paid(Scenario.OwnDates).ToAlarm().RailDateIs(new(2026, 3, 12)).ToAlarm().ToAlarm().Agreement(AgreementStatus.Suspended);
        s.RailMoves(new(2026, 4, 12), new RailNoticeAnswer.Accepted()).Gives(typeof(RailDateKnown));
        s.ToAlarm().Due(DutyKind.VerifyAgreement).Should().BeTrue();
    }

    /// <summary>Found by a walk: the same answer heard twice did something the second time.</summary>
    [Fact]
    public void An_answer_that_brings_the_date_right_is_the_look_that_was_due_behind_it_too()
    {
        var s = Scenario.Paid(Scenario.OwnDates with { CanAskForAgreements = true }).ToAlarm().RailDateIs(new(2026, 3, 12)).ToAlarm();
        s.At(s.State.Cycle!.AnnounceAt).Wakes().Due(DutyKind.MoveRailDate).Should().BeTrue();
        s.RailDateIs(s.State.Cycle!.RailDate!.Value).Gives(typeof(RailDateKnown), typeof(AgreementVerified));
        s.RailDateIs(s.State.Cycle!.RailDate!.Value).GivesNothing();
    }

    [Fact]
    public void A_date_that_cannot_be_moved_is_parked_and_charges_nobody()
    {
        var s = Scenario.Paid(Scenario.OwnDates, new() { MaxAsks = 2 }).ToAlarm().RailDateIs(new(2026, 3, 12)).ToAlarm();
        for (var tries = 0; tries < 2; tries++)
            s.ToAlarm().RailMoves(new(2026, 4, 12), new RailNoticeAnswer.Refused("ILLEGAL_EXECUTION_TIME", "not allowed"));
        s.State.Parked.Should().Be(ParkReason.AgreementUnknown);
        s.Alarm.Should().BeNull();
    }

    [Fact]
    public void An_agreement_that_lapsed_without_a_message_is_found_out_when_its_date_is_read()
    {
        var s = Scenario.Paid(Scenario.OwnDates).ToAlarm().Agreement(AgreementStatus.Terminated, TerminationMode.Expired);
        s.Only<Cancelled>().By.Should().Be(CancelledBy.Wallet);
        s.Count<Requested>().Should().Be(1);
    }

    [Fact]
    public void An_order_ends_inside_the_window_and_its_reason_decides_the_next_try()
    {
        var s = Announced().ToAlarm();
        s.Only<Requested>().ExpiresAt.Should().Be(Scenario.Shanghai(4, 10, 10));
        s.Hints(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "BUYER_BALANCE_NOT_ENOUGH")).Gives(typeof(Hinted));
        s.ToAlarm().Hears(new ChargeOutcome.Pending("WAIT_BUYER_PAY")).Gives(typeof(Asked));
        s.At(Scenario.Shanghai(4, 10, 10, 2)).Wakes().Hears(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "TRADE_CLOSED"));
        s.Only<Failed>().Reason.Should().Be(DeclineReason.InsufficientFunds);
        s.ToAlarm().Only<Requested>().Order.Attempt.Should().Be(2);
    }

    [Fact]
    public void That_an_order_was_closed_does_not_hide_why_it_was_not_taken()
    {
        var s = Announced().ToAlarm();
        s.Hints(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "BUYER_BALANCE_NOT_ENOUGH")).Gives(typeof(Hinted));
        s.Hints(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "TRADE_CLOSED")).GivesNothing();
        s.Declines(DeclineReason.OrderClosed).Only<Failed>().Reason.Should().Be(DeclineReason.InsufficientFunds);
    }

    [Fact]
    public void An_order_that_has_ended_is_not_sent_again_under_its_number()
    {
        var s = Announced().ToAlarm().Hears(new ChargeOutcome.Unknown("time-out")).At(Scenario.Shanghai(4, 10, 11)).Wakes();
        s.Hears(new ChargeOutcome.Missing()).Gives(typeof(NotTaken)).Wakes();
        s.Only<Requested>().Should().Match<Requested>(e => e.Order.Attempt == 2 && e.Send == 1 && e.ExpiresAt == Scenario.Shanghai(4, 10, 13));
    }

    [Fact]
    public void An_order_that_has_not_ended_is_sent_again_as_it_was()
    {
        var s = Announced().ToAlarm().Hears(new ChargeOutcome.Unknown("time-out")).After(Duration.FromMinutes(10)).Wakes();
        var first = s.Events.OfType<Requested>().Last();
        s.Hears(new ChargeOutcome.Missing()).Wakes();
        s.Only<Requested>().Should().Be(first with { Send = 2, At = s.Now, SendBefore = s.Now + Duration.FromSeconds(60), AskAt = s.Only<Requested>().AskAt, Authority = s.Only<Requested>().Authority });
    }

    private static Scenario Announced() =>
        Scenario.Paid(Scenario.OwnDates).ToAlarm().RailDateIs(new(2026, 4, 12)).ToAlarm().ToAlarm().Told();

    private static LocalDate Day(string iso) => NodaTime.Text.LocalDatePattern.Iso.Parse(iso).Value;
}
