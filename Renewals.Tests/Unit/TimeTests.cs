using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Month ends, leap days, daylight saving, zones whose rules change, clocks that jump: periods tile, and nothing happens twice or never.</summary>
public class TimeTests
{
    [Fact]
    public void A_membership_from_31_January_is_charged_for_every_month_of_its_own_length()
    {
        var s = Lives(Monthly, new(2026, 1, 31), 6);
        Days(s).Should().Equal(new(2026, 1, 31), new(2026, 2, 28), new(2026, 3, 31), new(2026, 4, 30), new(2026, 5, 31), new(2026, 6, 30));
    }

    [Fact]
    public void A_yearly_membership_from_a_leap_day_comes_back_to_it()
    {
        var s = Lives(Monthly with { Interval = BillingInterval.Yearly }, new(2028, 2, 29), 5);
        Days(s).Should().Equal(new(2028, 2, 29), new(2029, 2, 28), new(2030, 2, 28), new(2031, 2, 28), new(2032, 2, 29));
    }

    [Theory]
    [InlineData("America/New_York", "the clock goes forward on 8 March 2026 and back on 1 November")]
    [InlineData("Australia/Lord_Howe", "by half an hour")]
    [InlineData("Asia/Beirut", "at midnight, which a day in spring does not have")]
    [InlineData("Africa/Cairo", "at midnight, on a Friday")]
    public void Where_the_clock_is_changed_a_year_has_twelve_charges_and_no_gap(string zone, string because)
    {
        var s = Lives(Monthly with { ZoneId = zone }, new(2026, 1, 29), 13);
        Days(s).Select(day => (day.Year, day.Month)).Should().OnlyHaveUniqueItems(because).And.HaveCount(13);
        Tiles(s);
    }

    /// <summary>
    /// Rules are changed by decree, and zone data with them: here a zone becomes another one that was the same until then. What was decided stays as it
    /// was decided; what comes next follows the new rules.
    /// </summary>
    [Fact]
    public void When_the_rules_of_a_zone_change_the_days_stay_and_no_period_is_lost_or_paid_twice()
    {
        var s = Lives(Monthly with { ZoneId = "Europe/Athens" }, new(2026, 1, 15), 3);
        s.RulesChange("Europe/Istanbul");
        Renews(s, 6);
        Days(s).Should().Equal(
            new(2026, 1, 15), new(2026, 2, 15), new(2026, 3, 15), new(2026, 4, 15), new(2026, 5, 15), new(2026, 6, 15), new(2026, 7, 15), new(2026, 8, 15),
            new(2026, 9, 15));
        s.Events.OfType<Charged>().Select(e => e.Order.Charge.Ordinal).Should().Equal(Enumerable.Range(1, 9));
        s.Events.OfType<Overpaid>().Should().BeEmpty();
        s.State.Parked.Should().BeNull();
    }

    /// <summary>Also in the days between the plan and the money: the member was told when, and that is when.</summary>
    [Fact]
    public void When_the_rules_of_a_zone_change_after_the_notice_the_announced_window_stands()
    {
        var s = Scenario.Announced(NoRepeats, terms: Monthly with { ZoneId = "Europe/Athens" });
        var window = ChargeWindow.Of(s.State, s.State.Cycle!);
        s.RulesChange("Europe/Istanbul");
        ChargeWindow.Of(s.State, s.State.Cycle!).Should().Be(window);
        s.ToAlarm().Only<Requested>().At.Should().Be(window.From);
    }

    [Fact]
    public void A_clock_that_jumps_back_sends_nothing_again_and_one_that_jumps_ahead_sends_nothing_unannounced()
    {
        var s = Ready();
        var due = s.Alarm!.Value;
        s.ToAlarm().Only<Requested>();
        s.JumpsTo(due - Duration.FromDays(40)).Wakes().GivesNothing();
        s.JumpsTo(due + Duration.FromMinutes(1)).Succeeds().Gives(typeof(Charged));

        var planned = Scenario.Planned();
        planned.JumpsTo(planned.State.Cycle!.ChargeUntil + Duration.FromDays(1)).Wakes();
        planned.Count<Requested>().Should().Be(1, "only the first period's, at signing");
        planned.State.Cycle!.AnnounceAt.Should().BeGreaterThanOrEqualTo(planned.Now);
    }

    [Fact]
    public void A_duty_fires_once_however_often_and_late_it_is_woken()
    {
        var s = Ready();
        var due = s.Alarm!.Value;
        s.At(due).Wakes().Only<Requested>();
        foreach (var late in new[] { 0, 1, 59, 60, 149 })
            s.At(due + Duration.FromSeconds(late)).Wakes().GivesNothing();
        s.Count<Requested>().Should().Be(2);
    }

    private static Scenario Lives(Terms terms, LocalDate firstDay, int periods)
    {
        var at = firstDay.At(new LocalTime(12, 0)).InZoneLeniently(RenewalZones.Get(terms.ZoneId)).ToInstant();
        var s = Enrolled(traits: NoRepeats, terms: terms, at: at).Signs().Wakes().Succeeds();
        return Renews(s, periods - 1);
    }

    private static Scenario Renews(Scenario s, int periods)
    {
        for (var i = 0; i < periods; i++)
            s.ToAlarm().Gives(typeof(CyclePlanned)).ToAlarm().Told().ToAlarm().Gives(typeof(Requested)).Succeeds().Gives(typeof(Charged));
        return s;
    }

    private static IEnumerable<LocalDate> Days(Scenario s) => s.Events.OfType<Charged>().Select(e => e.FirstDay);

    private static void Tiles(Scenario s)
    {
        var charged = s.Events.OfType<Charged>().ToList();
        for (var i = 1; i < charged.Count; i++)
            s.State.Periods!.Value.Start(i + 1).Should().Be(charged[i - 1].PaidUntil);
    }
}
