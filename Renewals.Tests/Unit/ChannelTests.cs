using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>By which channel a member is told, and never at night.</summary>
public class ChannelTests
{
    private static readonly DecisionLimits Limits = new() { NoticeChannels = ["push", "sms"], MaxNoticeFailures = 2 };
    private static readonly Terms AtNight = Monthly with { QuietHours = QuietHours.Night };

    [Fact]
    public void A_channel_that_fails_is_tried_again_then_the_next_and_when_none_is_left_a_person_looks_and_nothing_is_charged()
    {
        var s = Planned(limits: Limits, terms: AtNight);
        var used = new List<string>();
        while (s.State.Parked is null)
        {
            s.ToAlarm();
            used.Add(Decide.ChannelOf(s.State, Limits));
            s.Notifier(new NoticeResult.Failed("no answer"));
        }

        used.Should().Equal("push", "push", "sms", "sms");
        s.State.Parked.Should().Be(ParkReason.Unreachable);
        s.After(Duration.FromDays(20)).Wakes().GivesNothing();
        s.Count<Requested>().Should().Be(1, "only the first period's, at signing");
    }

    [Fact]
    public void Who_is_let_go_on_is_tried_by_every_channel_again()
    {
        var s = Planned(limits: Limits, terms: AtNight);
        while (s.State.Parked is null)
            s.ToAlarm().Notifier(new NoticeResult.Failed("no answer"));
        s.Unparks().ToAlarm();
        Decide.ChannelOf(s.State, Limits).Should().Be("push");
        s.Told().Gives(typeof(Announced));
    }

    [Fact]
    public void The_next_channel_takes_over_within_a_minute_and_the_event_says_which_told_the_member()
    {
        var s = Planned(limits: Limits, terms: AtNight).ToAlarm().Notifier(new NoticeResult.Failed("x")).ToAlarm().Notifier(new NoticeResult.Failed("x"));
        s.Only<NoticeFailed>().Should().Match<NoticeFailed>(e => e.Channel == "push" && e.NextChannel == "sms" && e.RetryAt == s.Now + Duration.FromMinutes(1));
        s.ToAlarm().When(new SubscriptionCommand.RecordNotice(s.NoticeId, new NoticeResult.HandedOver("r", s.Now)) { Channel = "sms" }).Only<Announced>().Channel.Should().Be("sms");
    }

    /// <summary>The plan's notice would go out at ten in the morning; the engine was down until half past ten at night.</summary>
    [Fact]
    public void A_notice_that_is_due_at_night_waits_for_the_morning()
    {
        var s = Planned(terms: AtNight);
        var day = s.State.Cycle!.AnnounceAt;
        day.Should().Be(Shanghai(4, 4, 10));
        s.At(Shanghai(4, 4, 22, 30)).Wakes().Gives(typeof(NoticePostponed)).Only<NoticePostponed>().Until.Should().Be(Shanghai(4, 5, 8));
        s.Errands.Should().BeEmpty();
        s.ToAlarm().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Tell>();
        s.Now.Should().Be(Shanghai(4, 5, 8));
    }

    [Fact]
    public void Where_the_morning_is_too_late_for_the_law_the_charge_moves_to_a_later_day()
    {
        var s = Planned(NoRepeats, terms: AtNight with { Law = LawPacks.Get("india-2019") });
        var plan = s.State.Cycle!;
        plan.AnnounceBy.Should().Be(Shanghai(4, 9, 8), "the charge is at eight on the tenth");
        s.At(Shanghai(4, 9, 7)).Wakes().Gives(typeof(NoticePostponed));
        var late = Planned(NoRepeats, terms: AtNight with { Law = LawPacks.Get("india-2019"), QuietHours = new(new(22, 0), new(9, 0)) });
        late.At(Shanghai(4, 9, 7)).Wakes().Gives(typeof(CyclePlanned)).State.Cycle!.ChargeFrom.Should().Be(Shanghai(4, 11, 8));
    }

    [Fact]
    public void A_repeat_that_would_fall_into_the_night_waits_for_the_morning()
    {
        var s = Planned(terms: AtNight).At(Shanghai(4, 4, 21, 30)).Wakes().Notifier(new NoticeResult.Failed("no answer"));
        s.Only<NoticeFailed>().RetryAt.Should().Be(Shanghai(4, 5, 8));
    }

    [Fact]
    public void What_was_not_sent_because_the_night_had_begun_waits_for_the_morning_and_counts_as_no_try()
    {
        var s = Planned(terms: AtNight).At(Shanghai(4, 4, 22) - Duration.FromSeconds(1)).Wakes().GivesNothing().After(Duration.FromSeconds(1));
        s.Notifier(new NoticeResult.NotSent()).Gives(typeof(NoticePostponed)).Only<NoticePostponed>().Until.Should().Be(Shanghai(4, 5, 8));
        s.State.NoticeRetry!.Failures.Should().Be(0);
    }

    /// <summary>New York, 1 November: ten past one comes a second time, after the first half past one.</summary>
    [Fact]
    public void A_night_whose_end_comes_twice_is_not_over_in_the_past()
    {
        var (zone, night) = (RenewalZones.Get("America/New_York"), new QuietHours(new(22, 0), new(1, 30)));
        night.NextAwake(Instant.FromUtc(2026, 11, 1, 5, 10), zone).Should().Be(Instant.FromUtc(2026, 11, 1, 5, 30), "the first");
        night.NextAwake(Instant.FromUtc(2026, 11, 1, 6, 10), zone).Should().Be(Instant.FromUtc(2026, 11, 1, 6, 30), "the second");
    }

    [Theory]
    [InlineData(22, 0, true)]
    [InlineData(21, 59, false)]
    [InlineData(0, 0, true)]
    [InlineData(7, 59, true)]
    [InlineData(8, 0, false)]
    public void The_night_has_its_first_minute_and_not_its_last(int hour, int minute, bool night) =>
        QuietHours.Night.Cover(Shanghai(4, 4, hour, minute), RenewalZones.Get(RenewalZones.Shanghai)).Should().Be(night);

    [Fact]
    public void Quiet_hours_may_lie_within_a_day_or_not_exist()
    {
        var (zone, nap) = (RenewalZones.Get(RenewalZones.Shanghai), new QuietHours(new(13, 0), new(15, 0)));
        nap.NextAwake(Shanghai(4, 4, 14), zone).Should().Be(Shanghai(4, 4, 15));
        nap.NextAwake(Shanghai(4, 4, 15), zone).Should().Be(Shanghai(4, 4, 15));
        nap.NextAwake(Shanghai(4, 4, 23), zone).Should().Be(Shanghai(4, 4, 23));
        QuietHours.None.Cover(Shanghai(4, 4, 0), zone).Should().BeFalse();
    }

    /// <summary>On 8 March 2026 New York has no half past two; on 1 November it has half past one twice.</summary>
    [Fact]
    public void Nights_on_which_the_clock_is_changed_end_in_the_morning()
    {
        var zone = RenewalZones.Get("America/New_York");
        new QuietHours(new(22, 0), new(2, 30)).NextAwake(Instant.FromUtc(2026, 3, 8, 6, 0), zone).Should().Be(Instant.FromUtc(2026, 3, 8, 7, 30));
        QuietHours.Night.NextAwake(Instant.FromUtc(2026, 11, 1, 5, 30), zone).Should().Be(Instant.FromUtc(2026, 11, 1, 13, 0));
    }
}
