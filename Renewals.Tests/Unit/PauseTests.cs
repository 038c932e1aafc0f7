using NodaTime;
using Renewals.Core.Subscriptions;
using static Renewals.Core.Subscriptions.SubscriptionCommand;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>A member whose paid month runs from 10 April to 10 May pauses: what is charged after, when, and what is left of the paid days.</summary>
public class PauseTests
{
    [Fact]
    public void Paused_from_the_end_of_the_paid_month_to_1_July_the_days_move_and_the_next_month_begins_on_1_July()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(until: new(2026, 7, 1), moves: true)).Gives(typeof(Paused), typeof(AnchorMoved));
        s.Entitlement.Should().Be(new Entitlement(true, Shanghai(5, 10, 0), EntitlementReason.Paid, "monthly"));
        s.At(Shanghai(5, 20, 9)).Wakes().GivesNothing();
        s.Entitlement.Should().Be(new Entitlement(false, null, EntitlementReason.Paused, "monthly"));
        s.Renews().LastCharge.Should().Be((Shanghai(6, 25, 10), Shanghai(7, 1, 8), 3, Core.Plans.Money.Cny(2500)));
        s.State.PaidUntil.Should().Be(Shanghai(8, 1, 0));
    }

    [Fact]
    public void Paused_in_the_middle_the_paid_days_that_are_left_follow_the_pause()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(from: Shanghai(4, 20, 9), until: new(2026, 5, 20), moves: true));
        s.Only<Paused>().DaysLeft.Should().Be(20);
        s.Entitlement.Reason.Should().Be(EntitlementReason.Paused);
        s.At(Shanghai(5, 21, 9)).Entitlement.Should().Be(new Entitlement(true, Shanghai(6, 9, 0), EntitlementReason.Paid, "monthly"), "20 May and twenty days");
        s.Renews().LastCharge.Taken.Should().Be(Shanghai(6, 9, 8));
    }

    [Fact]
    public void Where_the_days_stay_periods_that_begin_during_the_pause_are_passed_over_and_never_numbered_again()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(until: new(2026, 7, 1), moves: false)).Gives(typeof(Paused), typeof(PeriodsSkipped));
        s.Only<PeriodsSkipped>().Should().Match<PeriodsSkipped>(e => e.From == 3 && e.To == 4 && !e.Given);
        s.Renews().LastCharge.Should().Be((Shanghai(7, 4, 10), Shanghai(7, 10, 8), 5, Core.Plans.Money.Cny(2500)));
        s.State.PaidBy.Should().Equal(1, 1, 0, 0, 1);
    }

    [Fact]
    public void Without_an_end_nothing_is_due_until_it_is_resumed_and_then_it_begins_on_the_first_day_that_can_be_charged()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(moves: true)).Gives(typeof(Paused));
        s.Alarm.Should().BeNull();
        s.At(Shanghai(8, 15, 9)).Asks(new Resume("m", "back")).Gives(typeof(Resumed), typeof(AnchorMoved));
        s.Entitlement.Reason.Should().Be(EntitlementReason.Paused);
        s.Renews().LastCharge.Should().Be((Shanghai(8, 16, 10), Shanghai(8, 22, 8), 3, Core.Plans.Money.Cny(2500)));
        s.State.PaidUntil.Should().Be(Shanghai(9, 22, 0));
    }

    /// <summary>Paused on 20 April with twenty days left, cancelled on 1 June: the twenty days are had from then on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancel_ends_the_pause_and_what_was_paid_is_had(bool withAnEnd)
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(from: Shanghai(4, 20, 9), until: withAnEnd ? new(2026, 8, 1) : null, moves: true)).At(Shanghai(6, 1, 9));
        s.Asks(new Cancel(CancelledBy.Member, "enough", false) { KeepsAgreement = true }).Only<Cancelled>().EffectiveAt.Should().Be(Shanghai(6, 21, 0));
        s.Entitlement.Should().Be(new Entitlement(true, Shanghai(6, 21, 0), EntitlementReason.Paid, "monthly"));
        s.IsRefused(new UndoCancel("m", "stays"), "The pause ended with the cancel");
        s.At(Shanghai(6, 20, 23)).Entitlement.IsEntitled.Should().BeTrue();
        s.At(Shanghai(6, 21, 1)).Wakes().Entitlement.Should().Be(new Entitlement(false, null, EntitlementReason.Ended, "monthly"));
    }

    [Fact]
    public void A_pause_that_would_end_in_a_thousand_years_is_somebodys_mistake() => Full().At(Shanghai(4, 20, 9))
        .IsRefused(Pause(until: new(9999, 12, 31), moves: true), "within two years").IsRefused(Pause(until: new(2028, 4, 21), moves: false), "within two years")
        .Asks(Pause(until: new(2028, 4, 20), moves: true)).Gives(typeof(Paused), typeof(AnchorMoved));

    [Fact]
    public void Resumed_with_paid_days_left_they_run_at_once()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(from: Shanghai(4, 20, 9), moves: true)).At(Shanghai(6, 1, 9)).Asks(new Resume("m", "back"));
        s.Entitlement.Should().Be(new Entitlement(true, Shanghai(6, 21, 0), EntitlementReason.Paid, "monthly"));
        s.Renews().LastCharge.Taken.Should().Be(Shanghai(6, 21, 8));
    }

    [Fact]
    public void Resumed_where_the_days_stay_the_next_period_of_the_calendar_is_charged()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(moves: false)).At(Shanghai(8, 15, 9)).Asks(new Resume("m", "back")).Gives(typeof(Resumed), typeof(PeriodsSkipped));
        s.Only<PeriodsSkipped>().Should().Match<PeriodsSkipped>(e => e.From == 3 && e.To == 6);
        s.Renews().LastCharge.Should().Be((Shanghai(9, 4, 10), Shanghai(9, 10, 8), 7, Core.Plans.Money.Cny(2500)));
    }

    [Fact]
    public void Taken_back_before_it_began_all_is_as_it_was()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Pause(until: new(2026, 7, 1), moves: true)).At(Shanghai(4, 22, 9)).Asks(new Resume("m", "stays"));
        s.State.Pause.Should().BeNull();
        s.Renews().LastCharge.Should().Be((Shanghai(5, 4, 10), Shanghai(5, 10, 8), 3, Core.Plans.Money.Cny(2500)));
    }

    [Fact]
    public void Asked_for_twice_it_is_one_pause_and_another_has_to_wait_for_the_first_to_end()
    {
        var pause = Pause(until: new(2026, 7, 1), moves: true);
        var s = Full().At(Shanghai(4, 20, 9)).Asks(pause).At(Shanghai(4, 21, 9)).Asks(pause).GivesNothing();
        s.IsRefused(Pause(until: new(2026, 8, 1), moves: true), "a pause already").Asks(new Resume("m", "x")).Asks(new Resume("m", "x")).GivesNothing();
    }

    [Fact]
    public void Announced_already_the_charge_is_not_made_after_all()
    {
        var s = Full().ToAlarm().ToAlarm().Told().Asks(Pause(until: new(2026, 7, 1), moves: true));
        s.At(Shanghai(5, 12, 9)).Wakes();
        s.Count<Requested>().Should().Be(2);
        s.Renews().LastCharge.Taken.Should().Be(Shanghai(7, 1, 8));
        s.Events.OfType<Announced>().Select(e => e.Notice.NoticeId).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void What_cannot_be_paused_says_why()
    {
        Enrolled(terms: Monthly with { TrialDays = 7 }).Signs().IsRefused(Pause(moves: true), "nothing to pause");
        var s = Full().IsRefused(Pause(from: Shanghai(6, 1, 0), moves: true), "at the latest with the end of the paid time");
        s.IsRefused(Pause(until: new(2026, 4, 1), moves: true), "before it begins");
        s.Cancels().IsRefused(Pause(moves: true), "stopped");
        var ordered = Ordered();
        ordered.IsRefused(Pause(moves: true), "under way").Declines().IsRefused(Pause(moves: true), "under way");
    }

    [Fact]
    public void The_rails_own_date_follows_the_pause()
    {
        var s = Full(OwnDates).At(Shanghai(4, 20, 9)).RailDateIs(new(2026, 5, 12)).Asks(Pause(until: new(2026, 7, 1), moves: true));
        s.Renews().LastCharge.Taken.Should().Be(Shanghai(7, 1, 8));
        s.Events.OfType<RailDateKnown>().Should().Contain(e => e.Date == new LocalDate(2026, 7, 3), "the date is moved so that the charge lies in its window");
    }

    private static Scenario Full(Core.Calendar.RailTraits? traits = null) => Enrolled(traits: traits).Signs().Wakes().Succeeds().Renews();

    private static PauseRenewal Pause(Instant? from = null, LocalDate? until = null, bool moves = false) => new(from, until, moves, "m", "away");
}
