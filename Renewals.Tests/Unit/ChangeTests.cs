using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Core.Subscriptions.SubscriptionCommand;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>A member on 25.00 a month since 10 March who wants something else: what is paid for it, when, and what was announced.</summary>
public class ChangeTests
{
    private static readonly Terms Family = Monthly with { PlanId = "family", Subject = "Family, monthly", Price = Money.Cny(4000), FirstPeriodPrice = Money.Cny(4000) };
    private static readonly Terms Basic = Monthly with { PlanId = "basic", Subject = "Basic, monthly", Price = Money.Cny(1200), FirstPeriodPrice = Money.Cny(1200) };
    private static readonly Terms Yearly = Monthly with { PlanId = "yearly", Interval = BillingInterval.Yearly, Price = Money.Cny(23_800), FirstPeriodPrice = Money.Cny(23_800) };

    [Fact]
    public void An_upgrade_with_the_next_period_is_announced_and_charged_with_it_and_enjoyed_from_then()
    {
        var consent = new Consent("2026-02", "9f86d081", true, "app", "zh-CN", Shanghai(4, 20, 8));
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Change(Family) with { Consent = consent }).Gives(typeof(ChangePlanned));
        s.State.Change!.Consent.Should().Be(consent);
        s.State.Terms.PlanId.Should().Be("monthly");
        s.ToAlarm().Gives(typeof(TermsChanged), typeof(CyclePlanned));
        s.Entitlement.Should().Be(new Entitlement(true, Shanghai(5, 10, 0), EntitlementReason.Paid, "monthly"), "the period that runs is still the old plan's");
        s.Renews().LastCharge.Should().Be((Shanghai(5, 4, 10), Shanghai(5, 10, 8), 3, Money.Cny(4000)));
        s.Entitlement.PlanId.Should().Be("family");
    }

    [Fact]
    public void A_downgrade_asked_for_after_the_announcement_concerns_the_period_after()
    {
        var s = Full().ToAlarm().ToAlarm().Told().Asks(Change(Basic));
        s.State.Change!.FromOrdinal.Should().Be(4);
        s.Renews().LastCharge.Should().Match<(Instant?, Instant, int, Money)>(c => c.Item3 == 3 && c.Item4 == Money.Cny(2500), "it is taken as announced");
        s.Renews().LastCharge.Should().Match<(Instant?, Instant, int, Money)>(c => c.Item3 == 4 && c.Item4 == Money.Cny(1200));
    }

    [Fact]
    public void Planned_but_not_announced_the_coming_charge_is_planned_anew_under_another_name()
    {
        var s = Full().ToAlarm();
        var before = s.NoticeId;
        s.Asks(Change(Basic)).Wakes().Gives(typeof(TermsChanged), typeof(CyclePlanned));
        s.State.Cycle!.Should().Match<CyclePlan>(cycle => cycle.Ordinal == 3 && cycle.Amount == Money.Cny(1200) && cycle.Revision == 2);
        s.NoticeId.Should().NotBe(before, "a notifier that has seen the first must not take the second for a repeat");
    }

    [Fact]
    public void A_planned_change_is_listed_withdrawn_and_replaced()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Change(Family, "c-1")).Asks(Change(Basic, "c-2"));
        s.State.Change!.Name.Should().Be("c-2", "the last word counts");
        s.IsRefused(new WithdrawChange("c-1", "m", "no"), "'c-2'").Asks(new WithdrawChange("c-2", "m", "no")).Gives(typeof(ChangeWithdrawn));
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(2500));
        s.Asks(Change(Family, "c-3")).Asks(Change(s.State.Terms, "c-4")).Gives(typeof(ChangeWithdrawn));
    }

    [Fact]
    public void An_upgrade_at_once_on_20_April_adds_twenty_of_thirty_days_of_the_difference_to_the_next_charge()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Change(Family, when: ChangeTiming.Now)).Gives(typeof(TermsChanged), typeof(AmountAdded));
        s.Only<AmountAdded>().Amount.Should().Be(Money.Cny(1000), "15.00 more for 10 April to 10 May, of which 20 April to 9 May are 20 of 30 days");
        s.Entitlement.PlanId.Should().Be("family");
        s.Renews().LastCharge.Should().Be((Shanghai(5, 4, 10), Shanghai(5, 10, 8), 3, Money.Cny(5000)));
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(4000), "it is added once");
    }

    /// <summary>The paid month runs from 10 April to 10 May, and was moved to end on 15 May; five days come with the next charge.</summary>
    [Fact]
    public void After_the_days_were_moved_a_change_at_once_costs_the_paid_days_that_are_left()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Move(new(2026, 5, 15))).Asks(Change(Family, when: ChangeTiming.Now));
        s.Only<AmountAdded>().Amount.Should().Be(Money.Cny(1000), "as without the move: the five days are not paid yet");

        var paused = Full().At(Shanghai(4, 20, 9)).Asks(new PauseRenewal(Shanghai(4, 20, 9), new(2026, 5, 20), true, "m", "away"));
        paused.At(Shanghai(5, 25, 9)).Asks(Change(Family, when: ChangeTiming.Now));
        paused.Only<AmountAdded>().Amount.Should().Be(Money.Cny(750), "the twenty days that followed the pause run until 9 June, of which fifteen are left");
    }

    [Fact]
    public void The_days_are_moved_once_until_they_are_paid()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Move(new(2026, 5, 15))).Asks(Move(new(2026, 5, 15))).GivesNothing();
        s.IsRefused(Move(new(2026, 6, 1)), "once the days until then are paid");
        s.Renews().Asks(Move(new(2026, 6, 20))).Gives(typeof(AnchorMoved), typeof(AmountAdded));
    }

    [Fact]
    public void Who_cancels_before_the_next_charge_has_what_was_paid_neither_the_days_nor_the_plan_that_came_with_it()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Move(new(2026, 5, 15))).Asks(Change(Family, when: ChangeTiming.Now));
        s.Entitlement.Should().Be(new Entitlement(true, Shanghai(5, 15, 0), EntitlementReason.Paid, "family"));
        s.At(Shanghai(4, 22, 9)).Asks(new Cancel(CancelledBy.Member, "enough", false) { KeepsAgreement = true });
        s.Entitlement.Should().Be(new Entitlement(true, Shanghai(5, 10, 0), EntitlementReason.Paid, "monthly"));
        s.Asks(new UndoCancel("m", "stays")).Entitlement.Should().Be(new Entitlement(true, Shanghai(5, 15, 0), EntitlementReason.Paid, "family"));
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(4000 + 1000 + 404), "the month, the difference and five days");
        s.Asks(new Cancel(CancelledBy.Member, "enough", false)).Entitlement.PlanId.Should().Be("family", "that is paid now");
    }

    [Fact]
    public void A_downgrade_at_once_is_taken_off_the_next_charge()
    {
        var s = Full().At(Shanghai(4, 25, 9)).Asks(Change(Basic, when: ChangeTiming.Now));
        s.Only<AmountAdded>().Amount.Should().Be(Money.Cny(-650), "13.00 less for 15 of 30 days");
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(550));
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(1200));
    }

    [Fact]
    public void A_difference_above_what_was_signed_is_paid_at_the_checkout()
    {
        var s = Full(ceiling: Money.Cny(4500)).At(Shanghai(4, 20, 9));
        s.IsRefused(Change(Family, when: ChangeTiming.Now), "pay it at the checkout");
        s.IsRefused(Change(Family, when: ChangeTiming.Now) with { Paid = new(Money.Cny(900), "till-1") }, "CNY 1000, not CNY 900");
        s.Asks(Change(Family, when: ChangeTiming.Now) with { Paid = new(Money.Cny(1000), "till-1") }).Gives(typeof(TermsChanged));
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(4000));
        Core.Audit.MemberAccount.Of(s.Events).Paid.Should().Be(Money.Cny(100 + 2500 + 1000 + 4000));
    }

    [Fact]
    public void A_price_above_what_was_signed_or_another_interval_where_the_rail_fixes_it_needs_a_new_agreement()
    {
        Full(ceiling: Money.Cny(2500)).IsRefused(Change(Family), "sign a new one");
        var fixedInterval = PreNotice with { FixesInterval = true };
        Full(traits: fixedInterval).IsRefused(Change(Yearly), "sign a new one");
    }

    [Fact]
    public void From_monthly_to_yearly_the_year_begins_where_the_month_ends()
    {
        var s = Full().At(Shanghai(4, 20, 9)).IsRefused(Change(Yearly, when: ChangeTiming.Now), "begins with the next period").Asks(Change(Yearly));
        s.Renews().LastCharge.Should().Be((Shanghai(5, 4, 10), Shanghai(5, 10, 8), 3, Money.Cny(23_800)));
        s.State.PaidUntil.Should().Be(Shanghai(5, 10, 0, year: 2027));
        s.Renews().LastCharge.Taken.Should().Be(Shanghai(5, 10, 8, year: 2027));
        s.Asks(Change(Monthly)).Renews().LastCharge.Should().Match<(Instant?, Instant Taken, int, Money)>(c => c.Taken == Shanghai(5, 10, 8, 0, 0, 2028));
        s.State.PaidUntil.Should().Be(Shanghai(6, 10, 0, year: 2028));
    }

    [Fact]
    public void The_billing_day_moves_from_the_10th_to_the_20th_and_the_ten_days_are_paid_with_the_next_charge()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(new MoveBillingDay(new(2026, 5, 20), "m", "payday")).Gives(typeof(AnchorMoved), typeof(AmountAdded));
        s.Only<AmountAdded>().Amount.Should().Be(Money.Cny(807), "10 of the 31 days from 10 May, and what is rounded is not lost: 2500 - floor(2500 * 21 / 31)");
        s.Entitlement.EntitledUntil.Should().Be(Shanghai(5, 20, 0));
        s.Renews().LastCharge.Should().Be((Shanghai(5, 14, 10), Shanghai(5, 20, 8), 3, Money.Cny(3307)));
        s.State.PaidUntil.Should().Be(Shanghai(6, 20, 0));
        s.IsRefused(new MoveBillingDay(new(2026, 6, 10), "m", "back"), "it can begin later");
    }

    [Fact]
    public void While_a_charge_is_announced_or_tried_what_is_asked_for_at_once_waits()
    {
        var s = Full().ToAlarm().ToAlarm().Told();
        s.IsRefused(Change(Family, when: ChangeTiming.Now), "is announced").IsRefused(new MoveBillingDay(new(2026, 5, 20), "m", "payday"), "is announced");
        s.ToAlarm().RailSays(new Core.Gateways.RailNoticeAnswer.Accepted()).ToAlarm().Declines();
        s.IsRefused(Change(Family, when: ChangeTiming.Now), "under way");
    }

    [Fact]
    public void A_preview_is_what_then_happens()
    {
        var s = Full().At(Shanghai(4, 20, 9));
        var preview = Preview.OfChange(s.State, Change(Family, when: ChangeTiming.Now), s.Context, 3);
        (preview.Way, preview.Difference, preview.WhyNot).Should().Be((ChangeWay.AddedToNextCharge, Money.Cny(1000), null));
        s.State.Terms.PlanId.Should().Be("monthly", "looking changes nothing");
        s.Asks(Change(Family, when: ChangeTiming.Now));
        foreach (var coming in preview.Charges)
            s.Renews().LastCharge.Should().Be((coming.AnnouncedAt, coming.MoneyFrom, coming.Ordinal, coming.Amount));
        Preview.OfChange(s.State, Change(Yearly, when: ChangeTiming.Now), s.Context, 3).Should().Match<ChangePreview>(p => p.WhyNot != null && p.Charges.Count == 0);
    }

    [Fact]
    public void A_refund_under_way_hides_no_coming_charge()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(new GrantRefund("w", Full().Events.OfType<Charged>().Last(), Money.Cny(100), "ann", "goodwill")).Wakes();
        Preview.Of(s.State, s.Context, 2).Select(charge => charge.Ordinal).Should().Equal(3, 4);
    }

    [Fact]
    public void Who_steps_down_instead_of_leaving_pays_less_from_the_next_period() =>
        Full().At(Shanghai(4, 20, 9)).Asks(Change(Basic, "step-down")).Renews().LastCharge.Amount.Should().Be(Money.Cny(1200));

    /// <summary>Two periods paid, the second at the full price: 10 April to 10 May.</summary>
    private static MoveBillingDay Move(LocalDate day) => new(day, "m", "payday");

    private static Scenario Full(Money? ceiling = null, RailTraits? traits = null) =>
        Enrolled(traits: traits, with: e => e with { Ceiling = ceiling }).Signs().Wakes().Succeeds().Renews();

    private static ChangeTerms Change(Terms terms, string name = "c-1", ChangeTiming when = ChangeTiming.NextPeriod) => new(name, terms, when, "m", "wanted");
}
