using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>What a new member pays, day by day: trial, offers, coupons, add-ons and periods of every length.</summary>
public class OfferTests
{
    [Fact]
    public void A_trial_of_seven_days_from_10_March_is_followed_by_the_first_charge_on_the_17th_announced_on_the_11th()
    {
        var s = Enrolled(terms: Monthly with { TrialDays = 7, FirstPeriodPrice = Money.Cny(990) }).Signs();
        s.Only<Signed>().Should().Match<Signed>(e => e.Anchor == new LocalDate(2026, 3, 17) && e.FreeUntil == Shanghai(3, 17, 0));
        s.Wakes().Entitlement.Should().Be(new Entitlement(true, Shanghai(3, 17, 0), EntitlementReason.Trial, "monthly"));
        s.Count<Requested>().Should().Be(0, "nothing is charged under the consent: it was to a charge a week later");
        s.Renews().LastCharge.Should().Be((Shanghai(3, 11, 10), Shanghai(3, 17, 8), 1, Money.Cny(990)));
        s.State.PaidUntil.Should().Be(Shanghai(4, 17, 0));
        s.Renews().LastCharge.Should().Be((Shanghai(4, 11, 10), Shanghai(4, 17, 8), 2, Money.Cny(2500)));
    }

    [Fact]
    public void Who_leaves_during_the_trial_is_never_charged_and_keeps_the_trial()
    {
        var s = Enrolled(terms: Monthly with { TrialDays = 14 }).Signs().At(Shanghai(3, 12, 9)).Cancels();
        s.Only<Cancelled>().EffectiveAt.Should().Be(Shanghai(3, 24, 0));
        s.Entitlement.EntitledUntil.Should().Be(Shanghai(3, 24, 0));
        s.ToAlarm().Agreement(Core.Agreements.AgreementStatus.Terminated, Core.Gateways.TerminationMode.Merchant).ToAlarm().Gives(typeof(Ended));
        s.Now.Should().Be(Shanghai(3, 24, 0));
        s.Count<Requested>().Should().Be(0);
    }

    [Fact]
    public void A_trial_shorter_than_the_laws_notice_is_charged_on_the_first_lawful_day_and_grace_bridges_it()
    {
        var s = Enrolled(terms: Monthly with { TrialDays = 3, GraceDays = 7 }).Signs().Wakes();
        s.At(Shanghai(3, 14, 9)).Entitlement.Should().Be(new Entitlement(true, Shanghai(3, 20, 0), EntitlementReason.Grace, "monthly"));
        s.Renews().LastCharge.Should().Match<(Instant? Told, Instant Taken, int, Money)>(c => c.Taken - c.Told >= Duration.FromDays(5) && c.Taken < Shanghai(3, 21, 0));
        s.State.PaidUntil.Should().Be(Shanghai(4, 13, 0), "days are counted from the end of the trial");
    }

    [Fact]
    public void Signed_on_10_March_to_start_on_1_April_is_given_from_1_April_unless_it_is_a_trial_of_the_merchants()
    {
        var s = Enrolled(with: e => e with { StartsOn = new LocalDate(2026, 4, 1) }).Signs();
        s.Entitlement.Should().Be(new Entitlement(false, null, EntitlementReason.NotBegun, "monthly"));
        s.Renews().LastCharge.Should().Be((Shanghai(3, 26, 10), Shanghai(4, 1, 8), 1, Money.Cny(100)));

        var trial = Enrolled(with: e => e with { StartsOn = new LocalDate(2026, 4, 1), FreeUntilStart = true }).Signs();
        trial.Entitlement.Should().Be(new Entitlement(true, Shanghai(4, 1, 0), EntitlementReason.Trial, "monthly"));
    }

    [Fact]
    public void The_rails_own_date_is_laid_for_the_first_charge_after_the_trial()
    {
        var s = Enrolled(traits: OwnDates, terms: Monthly with { TrialDays = 7 }).Signs();
        s.State.Agreement.RailDate.Should().Be(new LocalDate(2026, 3, 19), "two days after the due day, for another try");
        s.Renews().LastCharge.Taken.Should().Be(Shanghai(3, 17, 8));
    }

    [Fact]
    public void Three_months_at_9_90_and_then_the_full_price()
    {
        var plan = Plan with { Offers = new([new(3, Money.Cny(990))]) };
        var s = Paid(terms: Resolve(plan));
        s.LastCharge.Amount.Should().Be(Money.Cny(990));
        new[] { s.Renews().LastCharge.Amount, s.Renews().LastCharge.Amount, s.Renews().LastCharge.Amount }
            .Should().Equal(Money.Cny(990), Money.Cny(990), Money.Cny(2500));
    }

    [Fact]
    public void A_coupon_of_a_fifth_for_two_periods_reduces_the_first_two_and_add_ons_with_them()
    {
        var catalogue = new Core.Engine.PlanCatalogue([Plan], [new Coupon("SPRING", 2, 20, null)]);
        var wish = new TermsWish { Coupon = "SPRING", AddOns = new Dictionary<string, int> { ["seat"] = 2 } };
        var terms = catalogue.TermsOf(Plan, "wechat", wish, new(), null, isNew: true);
        Enumerable.Range(1, 3).Select(terms.PriceOf).Should().Equal(Money.Cny(2800), Money.Cny(2800), Money.Cny(3500));
    }

    [Theory]
    [InlineData("NONE", "no coupon 'NONE'")]
    [InlineData("YEARLY", "not for plan 'monthly'")]
    [InlineData("DOLLARS", "is in USD")]
    public void A_coupon_that_is_not_good_here_is_refused_in_words(string code, string because)
    {
        var catalogue = new Core.Engine.PlanCatalogue(
            [Plan], [new Coupon("YEARLY", 1, 10, null) { Plans = ["yearly"] }, new Coupon("DOLLARS", 1, null, new(100, "USD"))]);
        catalogue.Invoking(c => c.TermsOf(Plan, "wechat", new() { Coupon = code }, new(), null, true))
            .Should().Throw<Core.Engine.CannotSignException>().WithMessage($"*{because}*");
    }

    [Fact]
    public void A_price_of_ones_own_takes_the_place_of_price_and_offers_and_at_most_what_is_sold_is_added()
    {
        var catalogue = new Core.Engine.PlanCatalogue([Plan with { Offers = new([new(3, Money.Cny(990))]) }]);
        var terms = catalogue.TermsOf(catalogue.Get("monthly"), "wechat", new() { Price = Money.Cny(1800) }, new(), null, true);
        Enumerable.Range(1, 4).Select(terms.PriceOf).Should().AllBeEquivalentTo(Money.Cny(1800));
        catalogue.Invoking(c => c.TermsOf(Plan, "wechat", new() { AddOns = new Dictionary<string, int> { ["seat"] = 4 } }, new(), null, true))
            .Should().Throw<Core.Engine.CannotSignException>().WithMessage("*1 to 3 are sold, not 4*");
    }

    [Fact]
    public void A_coupon_never_makes_a_period_free() =>
        new Coupon("ALL", 1, null, Money.Cny(9_999)).Reduce(Money.Cny(2500)).Should().Be(Money.Cny(1));

    [Theory]
    [InlineData(BillingUnit.Day, 10, "2026-03-20", "2026-03-30")]
    [InlineData(BillingUnit.Week, 2, "2026-03-24", "2026-04-07")]
    [InlineData(BillingUnit.Month, 1, "2026-04-10", "2026-05-10")]
    [InlineData(BillingUnit.Month, 3, "2026-06-10", "2026-09-10")]
    [InlineData(BillingUnit.Month, 6, "2026-09-10", "2027-03-10")]
    [InlineData(BillingUnit.Year, 1, "2027-03-10", "2028-03-10")]
    public void Periods_of_every_length_are_charged_on_their_own_days(BillingUnit unit, int count, string second, string third)
    {
        var s = Paid(terms: Monthly with { Interval = new(count, unit) });
        s.State.PaidUntil.Should().Be(Midnight(second));
        s.Renews().LastCharge.Taken.Should().Be(Midnight(second) + Duration.FromHours(8));
        s.State.PaidUntil.Should().Be(Midnight(third));
    }

    private static readonly Plan Plan = new()
    {
        Id = "monthly", Subject = "Monthly", Interval = BillingInterval.Monthly, Price = Money.Cny(2500), Templates = new Dictionary<Core.Gateways.MerchantAccount, string> { [Account] = "t" },
        AddOns = new([new("seat", "Seat", Money.Cny(500), 3)]),
    };

    private static Terms Resolve(Plan plan) => plan.Resolve(Core.Calendar.MarketRules.MainlandChina, DunningPolicy.Standard);

    private static Instant Midnight(string date) => NodaTime.Text.LocalDatePattern.Iso.Parse(date).Value.AtStartOfDayInZone(RenewalZones.Get(RenewalZones.Shanghai)).ToInstant();
}
