using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Core.Subscriptions.SubscriptionCommand;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>What a member reads of a membership, line by line.</summary>
public class TimelineTests
{
    [Fact]
    public void A_coming_charge_says_how_much_when_since_when_it_is_announced_and_until_when_to_cancel()
    {
        var s = Announced();
        Lines(s, "en").Should().Equal(
            "You signed for Membership, monthly.", "¥1.00 paid for Membership, monthly, until 10 April 2026.",
            "¥25.00 for Membership, monthly on 10 April 2026, announced on 4 April 2026; cancel until 08:00 on 10 April.");
        Lines(s, "zh-CN")[^1].Should().Be("2026年4月10日将扣款¥25.00(Membership, monthly),已于2026年4月4日通知;4月10日 08:00前可取消。");
    }

    [Fact]
    public void A_planned_change_a_pause_a_refund_and_an_end_are_said_in_both_languages()
    {
        var s = Enrolled(terms: Monthly with { TrialDays = 7 }).Signs().Renews();
        s.Asks(new ChangeTerms("c", s.State.Terms with { Subject = "Family", Price = Money.Cny(4000), FirstPeriodPrice = Money.Cny(4000) }, ChangeTiming.NextPeriod, "m", "more"));
        Lines(s, "en")[^2..].Should().Equal("Family at ¥40.00 from 17 April 2026, as you asked.", "¥40.00 for Family on 17 April 2026; you will be told before.");
        s.Asks(new PauseRenewal(null, new(2026, 6, 1), true, "m", "away")).Asks(new GrantRefund("g", s.Events.OfType<Charged>().Last(), Money.Cny(50), "ann", "goodwill")).Cancels();
        Lines(s, "en")[^3..].Should().Equal("Paused from 17 April 2026 to 1 June 2026.", "¥0.50 will be given back.", "Renewal was stopped; the membership runs until 17 April 2026.");
        Lines(s, "zh").Should().HaveCount(Lines(s, "en").Count).And.OnlyContain(line => line.EndsWith('。'));
    }

    [Fact]
    public void A_price_that_was_agreed_to_is_said_from_the_first_period_that_begins_on_its_day_or_later()
    {
        var s = Paid().At(Shanghai(3, 20, 9));
        var dearer = Monthly with { Price = Money.Cny(2800), FirstPeriodPrice = Money.Cny(2800) };
        s.Asks(new OfferPrice(new("dearer", dearer, Shanghai(4, 26, 0), Shanghai(4, 20, 0)))).Wakes();
        s.When(new RecordNotice(s.State.OfferNoticeId!, new NoticeResult.HandedOver("r", s.Now))).Asks(new AnswerPrice("dearer", true, "m"));
        Lines(s, "en")[^4..].Should().Equal(
            "The price is to be ¥28.00 from 26 April 2026; answer until 20 April 2026.", "You agreed to the new price.",
            "Membership, monthly at ¥28.00 from 10 May 2026, as you asked.", "¥25.00 for Membership, monthly on 10 April 2026; you will be told before.");
    }

    [Fact]
    public void Every_kind_of_line_has_words_in_both_languages()
    {
        foreach (var kind in Enum.GetValues<TimelineKind>())
        {
            var entry = new TimelineEntry(Shanghai(1, 1, 0), kind) { Amount = Money.Cny(-100), From = Shanghai(1, 2, 0), Until = Shanghai(1, 3, 0), ToldAt = Shanghai(1, 1, 0), Subject = "s" };
            new TimelineWords("en", RenewalZones.Shanghai).Of(entry).Should().NotBe(new TimelineWords("zh", RenewalZones.Shanghai).Of(entry));
        }
    }

    [Fact]
    public void Amounts_are_in_the_currencys_own_units() => new[] { Money.Cny(-5), new Money(1234, "JPY"), new Money(1999, "USD") }.Select(TimelineWords.Money)
        .Should().Equal("-¥0.05", "JPY 1234", "USD 19.99");

    private static List<string> Lines(Scenario s, string language)
    {
        var words = new TimelineWords(language, RenewalZones.Shanghai);
        return [.. Timeline.Of(s.Events).Select(words.Of)];
    }
}
