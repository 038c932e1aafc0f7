using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>No authority, no charge: by each law in its own words, to the second.</summary>
public class LawTests
{
    [Fact]
    public void Laws_are_data_with_their_source()
    {
        LawPacks.Names.Should().BeEquivalentTo("mainland-china-2021", "india-2019", "california-2025", "none");
        LawPacks.Names.Select(LawPacks.SourceOf).Should().OnlyContain(source => source.Length > 40);
        FluentActions.Invoking(() => LawPacks.Get("atlantis")).Should().Throw<ArgumentException>().WithMessage("There is no law 'atlantis'; there are california-2025, india-2019, *");
    }

    [Theory]
    [InlineData("mainland-china-2021", 120)]
    [InlineData("india-2019", 24)]
    [InlineData("california-2025", 0)]
    [InlineData("none", 0)]
    public void A_notice_counts_from_the_laws_last_second_on_and_not_one_later(string name, int hours)
    {
        var law = LawPacks.Get(name);
        law.NoticeLead.Should().Be(Duration.FromHours(hours));
        var told = Shanghai(4, 1, 9);
        Authority(law, told, told + law.NoticeLead).Should().NotBeNull();
        Authority(law, told, told + law.NoticeLead - Duration.FromSeconds(1)).Should().BeNull();
        Authority(law, told, told + law.NoticeMaxLead).Should().NotBeNull();
        Authority(law, told, told + law.NoticeMaxLead + Duration.FromSeconds(1)).Should().BeNull("it is too old");

        static ChargeAuthority? Authority(MarketRules law, Instant told, Instant money) =>
            ChargeAuthority.FromNotice(new("n", 2, Money.Cny(2500), Instant.MinValue, Instant.MaxValue, told, "r"), law, Money.Cny(2500), money, money);
    }

    [Theory]
    [InlineData("india-2019")]
    [InlineData("california-2025")]
    [InlineData("none")]
    public void A_renewal_is_told_and_charged_by_each_law(string name)
    {
        var law = LawPacks.Get(name);
        var s = Scenario.Announced(NoRepeats, terms: Monthly with { Law = law, QuietHours = QuietHours.Night });
        var plan = s.State.Cycle!;
        plan.AnnounceBy.Should().Be(plan.MoneyFrom - law.NoticeLead);
        s.ToAlarm().Only<Requested>().Authority.Should().BeOfType<ChargeAuthority.Notice>();
        (s.Now - s.State.Notice!.HandedOverAt).Should().BeGreaterThanOrEqualTo(law.NoticeLead);
    }

    [Fact]
    public void Where_no_law_asks_for_days_a_charge_still_goes_out_on_a_notice_only()
    {
        var s = Planned(NoRepeats, terms: Monthly with { Law = LawPacks.Get("none") });
        s.At(s.State.Cycle!.ChargeFrom).Wakes().Count<Requested>().Should().Be(1, "only the first period's, at signing");
    }

    [Theory]
    [InlineData(6, 23, false)]
    [InlineData(7, 0, true)]
    [InlineData(30, 0, true)]
    [InlineData(30, 1, false)]
    public void A_change_of_price_in_California_is_told_seven_to_thirty_days_before(int days, int hours, bool allowed)
    {
        var told = Shanghai(4, 1, 9);
        LawPacks.Get("california-2025").AllowsChange(told, told + Duration.FromDays(days) + Duration.FromHours(hours)).Should().Be(allowed);
        MarketRules.MainlandChina.AllowsChange(told, told).Should().BeTrue("its law names no days for that");
    }

    /// <summary>Signed on 10 March 2026: reminded by 10 March 2027, three days ahead so that a failed channel leaves time for another.</summary>
    [Fact]
    public void In_California_the_member_is_reminded_every_year_and_without_it_nothing_goes_on()
    {
        var s = Paid(NoRepeats, terms: Monthly with { Law = LawPacks.Get("california-2025"), QuietHours = QuietHours.Night });
        for (var period = 2; period <= 12; period++)
            s.ToAlarm().Gives(typeof(CyclePlanned)).ToAlarm().Told().ToAlarm().Gives(typeof(Requested)).Succeeds();
        s.Count<Reminded>().Should().Be(0);

        var reminder = s.ToAlarm().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Tell>().Subject;
        (s.Now, reminder.Kind).Should().Be((Shanghai(3, 7, 12, year: 2027), NoticeKind.Reminder));
        s.After(Duration.FromDays(10)).Wakes();
        (s.Count<Requested>(), s.Count<Announced>()).Should().Be((12, 11), "neither planned nor told nor charged before the reminder");

        s.When(new SubscriptionCommand.RecordNotice(reminder.NoticeId, new NoticeResult.HandedOver("r", s.Now))).Gives(typeof(Reminded));
        s.State.ReminderDue!.Value.Should().BeGreaterThan(s.Now + Duration.FromDays(364));

        // It comes back: as if it had never been sent.
        s.When(new SubscriptionCommand.RecordNotice(reminder.NoticeId, new NoticeResult.Bounced("b", "no such number", s.Now))).Gives(typeof(NoticeBounced));
        (s.State.ReminderId, s.State.RemindAt).Should().Be((reminder.NoticeId, s.Now + Duration.FromMinutes(1)));
        s.When(new SubscriptionCommand.RecordNotice(reminder.NoticeId, new NoticeResult.HandedOver("r2", s.Now))).Gives(typeof(Reminded));
        s.Wakes().Gives(typeof(CyclePlanned)).State.Cycle!.Ordinal.Should().Be(13);
        s.ToAlarm().Told().ToAlarm().Gives(typeof(Requested));
    }

    [Fact]
    public void A_member_who_cannot_be_reminded_is_not_charged_and_a_person_looks()
    {
        var limits = new DecisionLimits { NoticeChannels = ["push", "sms"], MaxNoticeFailures = 1 };
        var s = Paid(NoRepeats, limits, Monthly with { Law = LawPacks.Get("california-2025"), Interval = BillingInterval.Yearly });
        while (s.State.Parked is null)
        {
            var tell = s.ToAlarm().Errands.OfType<Errand.Tell>().Single();
            s.When(new SubscriptionCommand.RecordNotice(tell.NoticeId, new NoticeResult.Failed("no answer")));
        }

        s.State.Parked.Should().Be(ParkReason.Unreachable);
        s.Events.OfType<NoticeFailed>().Select(e => e.Channel).Should().Equal("push", "sms");
        s.After(Duration.FromDays(30)).Wakes().GivesNothing();
    }

    [Theory]
    [InlineData("california-2025", 1, true, 0, 30)]
    [InlineData("california-2025", 3, false, 0, 30)]
    [InlineData("california-2025", 3, true, 3, 21)]
    [InlineData("california-2025", 12, false, 15, 30)]
    [InlineData("california-2025", 12, true, 15, 21)]
    [InlineData("california-2025", 24, false, 15, 30)]
    [InlineData("mainland-china-2021", 12, true, 5, 30)]
    [InlineData("india-2019", 12, true, 1, 30)]
    [InlineData("none", 12, true, 0, 30)]
    public void A_term_of_a_year_and_a_long_offer_have_days_of_their_own_where_the_law_says_so(string name, int months, bool offer, int min, int max)
    {
        var plan = new Plan
        {
            Id = "p", Subject = "p", Interval = new(months, BillingUnit.Month), Price = Money.Cny(100), FirstPeriodPrice = offer ? Money.Cny(1) : null,
            Law = LawPacks.Get(name), Templates = new Dictionary<Core.Gateways.MerchantAccount, string>(),
        };
        var law = plan.Resolve(MarketRules.MainlandChina, DunningPolicy.Standard).Law;
        (law.Name, law.NoticeDays, law.NoticeMaxDays).Should().Be((name, min, max));
        (law.TermOfAYear, law.LongOffer).Should().Be((null, null), "what does not apply is not in the terms");
    }

    [Fact]
    public void A_notice_that_must_not_be_too_old_ends_the_window_before_it_is()
    {
        var law = LawPacks.Get("california-2025").For(BillingInterval.Yearly, 1);
        var s = Paid(NoRepeats, terms: Monthly with { Law = law, Interval = BillingInterval.Yearly, QuietHours = QuietHours.Night });
        while (s.State.Cycle is null)
        {
            var tell = s.ToAlarm().Errands.OfType<Errand.Tell>().SingleOrDefault();
            if (tell is not null)
                s.When(new SubscriptionCommand.RecordNotice(tell.NoticeId, new NoticeResult.HandedOver("r", s.Now)));
        }

        var plan = s.State.Cycle!;
        (plan.MoneyFrom - plan.AnnounceAt).Should().BeGreaterThanOrEqualTo(Duration.FromDays(15));
        (plan.MoneyUntil - plan.AnnounceAt).Should().BeLessThanOrEqualTo(Duration.FromDays(21));
        (plan.MoneyUntil - plan.MoneyFrom).Should().BeGreaterThan(Duration.FromDays(4), "days are left for another try");
    }

    [Fact]
    public void A_charge_that_is_late_does_not_go_before_a_reminder_that_is_overdue()
    {
        var (late, context) = ChargeAndReminderOverdue();
        var decided = Decide.On(late, new SubscriptionCommand.Wake(), context);
        decided.Should().NotContain(e => e is Requested);
        Duty.Of(Evolve.All(late, decided)!).Should().Contain(duty => duty.Kind == DutyKind.Remind && duty.Due <= context.Now);
    }

    [Fact]
    public void A_charge_that_waits_for_a_reminder_sleeps_until_the_reminders_next_try()
    {
        var (late, context) = ChargeAndReminderOverdue();
        var retry = context.Now + Duration.FromHours(1);
        late = Evolve.Next(late, new NoticeFailed(late.ReminderId!, 1, "no answer", retry, context.Now) { Channel = "app", NextChannel = "app" });
        var waiting = Evolve.All(late, Decide.On(late, new SubscriptionCommand.Wake(), context))!;
        Duty.Of(waiting).Should().NotContain(duty => duty.Due <= context.Now).And.Contain(duty => duty.Kind == DutyKind.Remind && duty.Due == retry);
    }

    /// <summary>The charge of February was due in time; the rail's day passed in an outage, and the year with it.</summary>
    private static (Subscription State, DecisionContext Context) ChargeAndReminderOverdue()
    {
        var s = Paid(NoRepeats, terms: Monthly with { Law = LawPacks.Get("california-2025"), QuietHours = QuietHours.Night });
        for (var period = 2; period <= 11; period++)
            s.ToAlarm().Gives(typeof(CyclePlanned)).ToAlarm().Told().ToAlarm().Gives(typeof(Requested)).Succeeds();
        s.ToAlarm().Gives(typeof(CyclePlanned)).ToAlarm().Told();
        var late = Evolve.Next(s.State, new CyclePlanned(s.State.Cycle! with { ChargeUntil = s.State.Cycle!.ChargeUntil + Duration.FromDays(60) }, s.Now));
        late = Evolve.Next(late, new Announced(s.State.Notice! with { MoneyUntil = s.State.Notice!.MoneyUntil + Duration.FromDays(60) }, false, s.Now));
        late = late with { Terms = late.Terms with { Law = late.Terms.Law with { NoticeMaxDays = 90 } } };
        return (late, new(late.ReminderDue!.Value + Duration.FromHours(1), s.Traits, s.Limits));
    }

    /// <summary>An outage until a day on which the notice and the reminder are both due, and nobody takes either.</summary>
    [Fact]
    public void A_notice_and_a_reminder_that_fail_together_do_not_forget_each_others_tries()
    {
        var law = LawPacks.Get("california-2025").For(BillingInterval.Yearly, 0);
        var s = Paid(NoRepeats, terms: Monthly with { Law = law, Interval = BillingInterval.Yearly, QuietHours = QuietHours.Night });
        s.ToAlarm().Gives(typeof(CyclePlanned)).At(Shanghai(3, 8, 12, year: 2027)).Wakes();
        var told = new List<string>();
        while (s.Alarm <= s.Now && told.Count < 20)
        {
            foreach (var tell in s.Wakes().Errands.OfType<Errand.Tell>())
            {
                told.Add(tell.NoticeId);
                s.When(new SubscriptionCommand.RecordNotice(tell.NoticeId, new NoticeResult.Failed("no answer")));
            }
        }

        told.Should().HaveCount(2).And.OnlyHaveUniqueItems("one reminder and one notice in an hour");
        s.Alarm.Should().Be(s.Now + Duration.FromHours(1));
        (s.State.ReminderRetry!.Failures, s.State.NoticeRetry!.Failures).Should().Be((1, 1));
    }

    [Theory]
    [InlineData("""[{"name":"own","source":"a contract","noticeDays":3,"noticeMaxDays":5}]""", "'own' makes no sense")]
    [InlineData("""[{"name":"own","source":"","noticeDays":3,"noticeMaxDays":30}]""", "'own' makes no sense")]
    [InlineData("""[{"name":"own","source":"a contract","noticeDays":3,"noticeMaxDays":30,"termOfAYear":{"min":28,"max":45}}]""", "'own' makes no sense")]
    [InlineData("""[{"name":"own","source":"a contract","noticeDays":3,"noticeMaxDays":30,"changeMinDays":9,"changeMaxDays":9}]""", "'own' makes no sense")]
    [InlineData("""[{"name":"own","source":"a contract","noticedays":3,"noticesMaxDays":30}]""", "cannot be read")]
    [InlineData("[null]", "cannot be read")]
    [InlineData("""[{"name":"own","source":"s","noticeDays":3,"noticeMaxDays":30},{"name":"own","source":"s","noticeDays":3,"noticeMaxDays":30}]""", "Two laws are called 'own'")]
    public void A_law_of_ones_own_that_cannot_be_kept_is_refused(string json, string fault) =>
        FluentActions.Invoking(() => LawPacks.Read(System.Text.Encoding.UTF8.GetBytes(json))).Should().Throw<ArgumentException>().WithMessage($"*{fault}*");
}
