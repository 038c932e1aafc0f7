using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Core.Subscriptions.SubscriptionCommand;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>From 25.00 to 28.00 on 1 June, offered on 20 April, to be answered by 25 May: what each answer means, and what is charged when.</summary>
public class PriceOfferTests
{
    private static readonly Instant June = Shanghai(6, 1, 0);

    public static TheoryData<PriceSilence, bool?, long?> Answers => new()
    {
        { PriceSilence.OldPrice, true, 2800 }, { PriceSilence.OldPrice, false, 2500 }, { PriceSilence.OldPrice, null, 2500 },
        { PriceSilence.End, true, 2800 }, { PriceSilence.End, false, null }, { PriceSilence.End, null, null },
        { PriceSilence.NewPrice, true, 2800 }, { PriceSilence.NewPrice, false, null }, { PriceSilence.NewPrice, null, 2800 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Each_answer_under_each_rule_leads_to_the_old_price_the_new_one_or_an_end(PriceSilence rule, bool? answer, long? price)
    {
        var s = Told(rule);
        if (answer is { } says)
            s.At(Shanghai(4, 25, 9)).Asks(new AnswerPrice("2026-06", says, "m"));
        if (s.State.Status == SubscriptionStatus.Active)
            s.Renews().LastCharge.Should().Match<(Instant?, Instant Taken, int, Money Amount)>(c => c.Taken == Shanghai(5, 10, 8) && c.Amount == Money.Cny(2500), "May is before the offer's day");
        while (s.Alarm is { } next && next < June && s.State.Status == SubscriptionStatus.Active)
            s.ToAlarm();
        if (price is { } fen)
            s.Renews().LastCharge.Should().Match<(Instant? Told, Instant Taken, int, Money Amount)>(c => c.Taken == Shanghai(6, 10, 8) && c.Amount == Money.Cny(fen) && c.Told < c.Taken - Duration.FromDays(5));
        else
            s.State.Should().Match<Subscription>(x => x.Status == SubscriptionStatus.Cancelled && x.CancelledBy == CancelledBy.PriceRefused);
    }

    [Fact]
    public void The_member_is_told_with_the_price_the_day_and_by_when_to_answer()
    {
        var s = Offered();
        s.Errands.Should().ContainSingle().Which.Should().Be(new Core.Subscriptions.Errand.Tell($"{Id}-price-2026-06", NoticeKind.PriceOffer));
        s.IsRefused(new AnswerPrice("2026-06", true, "m"), "not told");
    }

    [Fact]
    public void Above_what_was_signed_the_old_price_stays_until_a_new_agreement_is_signed()
    {
        var s = Told(PriceSilence.OldPrice, ceiling: Money.Cny(2500)).Asks(new AnswerPrice("2026-06", true, "m")).Gives(typeof(PriceAnswered));
        s.Only<PriceAnswered>().NeedsNewAgreement.Should().BeTrue();
        s.Renews().Renews().LastCharge.Amount.Should().Be(Money.Cny(2500));
    }

    [Fact]
    public void Who_cannot_be_told_in_time_keeps_the_old_price_and_the_membership_goes_on()
    {
        var s = Offered(limits: new() { MaxNoticeFailures = 2 });
        s.When(Notice(s, new NoticeResult.Failed("no channel"))).ToAlarm();
        s.When(Notice(s, new NoticeResult.Failed("no channel"))).Gives(typeof(NoticeFailed), typeof(PriceAnswered));
        s.Only<PriceAnswered>().Answer.Should().Be(PriceAnswer.NotTold);
        s.State.Parked.Should().BeNull("an offer may lapse; a charge's notice may not");
        s.Renews().Renews().LastCharge.Amount.Should().Be(Money.Cny(2500));
    }

    [Fact]
    public void An_offer_that_came_back_was_not_made_until_another_channel_has_told_of_it()
    {
        var s = Offered(PriceSilence.NewPrice, limits: new() { NoticeChannels = ["push", "sms"] });
        s.When(Notice(s, new NoticeResult.HandedOver("r", s.Now)) with { Channel = "push" }).Gives(typeof(PriceOfferTold));
        s.When(Notice(s, new NoticeResult.Bounced("b", "no such number", s.Now)) with { Channel = "push" }).Gives(typeof(NoticeBounced));
        s.IsRefused(new AnswerPrice("2026-06", true, "m"), "not told");
        s.ToAlarm().Errands.Should().ContainSingle().Which.Should().BeOfType<Core.Subscriptions.Errand.Tell>();
        s.When(Notice(s, new NoticeResult.HandedOver("r2", s.Now)) with { Channel = "sms" }).Gives(typeof(PriceOfferTold));
        s.When(Notice(s, new NoticeResult.Bounced("b2", "no such number", s.Now)) with { Channel = "sms" }).Gives(typeof(NoticeBounced), typeof(PriceAnswered));
        s.Only<PriceAnswered>().Answer.Should().Be(PriceAnswer.NotTold, "silence is no consent of somebody who was never told");
    }

    [Fact]
    public void An_offer_is_withdrawn_as_long_as_nobody_has_answered_it()
    {
        var s = Told(PriceSilence.NewPrice).Asks(new WithdrawOffer("2026-06", "ann")).Gives(typeof(PriceAnswered)).Asks(new WithdrawOffer("2026-06", "ann")).GivesNothing();
        s.IsRefused(new AnswerPrice("2026-06", true, "m"), "was withdrawn").Asks(new OfferPrice(Offer("better"))).Gives(typeof(PriceOffered));
        Told(PriceSilence.NewPrice).IsRefused(new WithdrawOffer("2026-07", "ann"), "no offer").Asks(new AnswerPrice("2026-06", true, "m")).IsRefused(new WithdrawOffer("2026-06", "ann"), "has said yes");
        Told(PriceSilence.NewPrice).Asks(new WithdrawOffer("2026-06", "ann")).Renews().Renews().LastCharge.Amount.Should().Be(Money.Cny(2500));
    }

    [Fact]
    public void A_law_with_days_of_its_own_is_kept_also_when_the_member_is_told_late()
    {
        var california = Core.Calendar.LawPacks.Get("california-2025");
        california.Should().Match<Core.Calendar.MarketRules>(law => law.ChangeMinDays == 7 && law.ChangeMaxDays == 30);
        var s = Full(terms: Monthly with { Law = california, QuietHours = Core.Calendar.QuietHours.Night }).At(Shanghai(4, 20, 9)).Asks(new OfferPrice(Offer()));
        s.Duty(DutyKind.OfferPrice).Should().Be(Shanghai(5, 2, 8), "not earlier than 30 days before, and not at night");
        s.IsRefused(new OfferPrice(Offer("late", from: Shanghai(4, 24, 0), answerBy: Shanghai(4, 23, 0))), "open");
        Full(terms: Monthly with { Law = california }).At(Shanghai(4, 20, 9))
            .IsRefused(new OfferPrice(Offer("late", from: Shanghai(4, 24, 0), answerBy: Shanghai(4, 23, 0))), "7 days before");
    }

    [Fact]
    public void An_offer_is_made_once_whatever_came_of_it()
    {
        var s = Told(PriceSilence.OldPrice).Asks(new OfferPrice(Offer())).GivesNothing();
        s.Asks(new AnswerPrice("2026-06", false, "m")).Asks(new OfferPrice(Offer())).GivesNothing();
        s.IsRefused(new AnswerPrice("2026-06", true, "m"), "has said no");
        Told(PriceSilence.OldPrice).Asks(new AnswerPrice("2026-06", true, "m")).Asks(new AnswerPrice("2026-06", true, "m")).GivesNothing()
            .IsRefused(new AnswerPrice("2026-06", false, "m"), "it can be withdrawn");
    }

    private static Scenario Full(Terms? terms = null, Money? ceiling = null, DecisionLimits? limits = null) =>
        Enrolled(terms: terms, limits: limits, with: e => e with { Ceiling = ceiling }).Signs().Wakes().Succeeds().Renews();

    private static Scenario Offered(PriceSilence rule = PriceSilence.OldPrice, Money? ceiling = null, DecisionLimits? limits = null) =>
        Full(Monthly with { PriceSilence = rule }, ceiling, limits).At(Shanghai(4, 20, 9)).Asks(new OfferPrice(Offer(rule: rule))).Gives(typeof(PriceOffered)).Wakes();

    private static Scenario Told(PriceSilence rule, Money? ceiling = null)
    {
        var s = Offered(rule, ceiling);
        return s.When(Notice(s, new NoticeResult.HandedOver("r", s.Now))).Gives(typeof(PriceOfferTold));
    }

    private static RecordNotice Notice(Scenario s, NoticeResult result) => new(s.State.OfferNoticeId!, result);

    private static PriceOffer Offer(string name = "2026-06", PriceSilence rule = PriceSilence.OldPrice, Instant? from = null, Instant? answerBy = null) => new(
        name, Monthly with { PlanVersion = 2, Price = Money.Cny(2800), FirstPeriodPrice = Money.Cny(2800), PriceSilence = rule }, from ?? June, answerBy ?? Shanghai(5, 25, 0));
}
