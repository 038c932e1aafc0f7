using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>The member's notice, the rail's own, and what an outage does to a calendar.</summary>
public class NoticeTests
{
    [Fact]
    public void Nothing_is_charged_before_the_member_was_told()
    {
        var s = Planned();
        s.At(s.State.Cycle!.AnnounceBy).Wakes().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Tell>();
    }

    [Fact]
    public void A_notice_that_was_not_told_in_time_needs_a_new_calendar_with_a_name_of_its_own()
    {
        var s = Planned();
        var (plan, notice) = (s.State.Cycle!, s.NoticeId);
        s.At(plan.AnnounceBy + Duration.FromSeconds(1)).Wakes().Gives(typeof(CyclePlanned));
        s.State.Cycle!.Revision.Should().Be(2);
        s.State.Cycle!.ChargeFrom.Should().BeGreaterThan(plan.ChargeFrom);
        s.When(new SubscriptionCommand.RecordNotice(notice, new NoticeResult.HandedOver("late", s.Now))).GivesNothing();
        s.ToAlarm().Told().Gives(typeof(Announced));
    }

    [Fact]
    public void A_notice_handed_over_too_late_does_not_count_and_the_calendar_is_solved_again()
    {
        var s = Planned();
        s.At(s.State.Cycle!.AnnounceBy).Wakes().After(Duration.FromSeconds(1)).Told().Gives(typeof(Announced));
        s.ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(CyclePlanned));
        s.State.Cycle!.Revision.Should().Be(2);
        s.State.Notice.Should().BeNull();
    }

    [Fact]
    public void A_notice_handed_over_at_the_laws_last_second_counts()
    {
        var s = Planned();
        s.At(s.State.Cycle!.AnnounceBy).Wakes().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
        (s.Now - s.State.Notice!.HandedOverAt).Should().Be(Duration.FromHours(120));
    }

    [Fact]
    public void That_a_notice_arrived_is_kept_once_whenever_its_channel_says_so()
    {
        var s = Planned().At(Shanghai(4, 4, 10)).Wakes().Told();
        var first = s.State.Notice!.NoticeId;
        s.When(Arrived(s, "of nobody")).GivesNothing();
        s.After(Duration.FromHours(3));
        s.When(Arrived(s, first)).Gives(typeof(NoticeDelivered)).Only<NoticeDelivered>().DeliveredAt.Should().Be(s.Now);
        s.When(Arrived(s, first)).GivesNothing();
        s.State.Notice!.NoticeId.Should().Be(first, "it counts as before");

        // Also after the charge it announced, and of no more than the last three.
        var later = Planned();
        for (var period = 2; period <= 5; period++)
            later.Renews();
        later.State.AwaitingReceipt.Should().HaveCount(Subscription.ReceiptsAwaited);
        var ids = later.Events.OfType<Announced>().Select(e => e.Notice.NoticeId).ToList();
        later.When(Arrived(later, ids[^2])).Gives(typeof(NoticeDelivered));
        later.When(Arrived(later, ids[0])).GivesNothing();

        static SubscriptionCommand.RecordNotice Arrived(Scenario s, string notice) => new(notice, new NoticeResult.Delivered("arrived", s.Now));
    }

    /// <summary>4 April at ten: told by push, which comes back in the afternoon; told by text message the next morning, and charged on the day as planned.</summary>
    [Fact]
    public void What_came_back_announces_nothing_until_the_next_channel_has_told_the_member()
    {
        var s = Planned(limits: new() { NoticeChannels = ["push", "sms"] }).At(Shanghai(4, 4, 10)).Wakes().Told();
        var (notice, cycle) = (s.State.Notice!.NoticeId, s.State.Cycle!);
        s.At(Shanghai(4, 4, 16)).When(CameBack(s, notice) with { Channel = "push" }).Gives(typeof(NoticeBounced))
            .Only<NoticeBounced>().Should().Match<NoticeBounced>(e => e.Why == "no such number" && e.NextChannel == "sms" && e.RetryAt == Shanghai(4, 4, 16, 1));
        s.State.Notice.Should().BeNull();
        s.When(CameBack(s, notice)).GivesNothing();
        s.At(cycle.AnnounceBy).Wakes().GivesNothing().Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Tell>("the member is told, not the rail and not charged");
        s.When(new SubscriptionCommand.RecordNotice(notice, new NoticeResult.HandedOver("sms-1", s.Now)) { Channel = "sms" }).Gives(typeof(Announced));
        s.ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
        s.State.Cycle!.Revision.Should().Be(cycle.Revision, "there was time enough");
    }

    [Fact]
    public void What_came_back_too_late_for_another_channel_needs_a_new_calendar()
    {
        var s = Planned(limits: new() { NoticeChannels = ["push", "sms"] }).ToAlarm().Told();
        var plan = s.State.Cycle!;
        s.ToAlarm().RailSays(new RailNoticeAnswer.Accepted());
        s.At(plan.ChargeFrom - Duration.FromHours(1)).When(CameBack(s, s.State.Notice!.NoticeId) with { Channel = "push" }).Gives(typeof(NoticeBounced));
        s.ToAlarm().Gives(typeof(CyclePlanned));
        s.State.Cycle!.ChargeFrom.Should().BeGreaterThan(plan.ChargeFrom);
        s.Count<Requested>().Should().Be(1, "only the first period's, at signing");
        s.ToAlarm().Told().Gives(typeof(Announced));
    }

    [Fact]
    public void When_it_came_back_from_the_last_channel_a_person_looks_and_what_is_over_only_stands_in_the_events()
    {
        var s = Planned().ToAlarm().Told();
        var notice = s.State.Notice!.NoticeId;
        s.When(CameBack(s, notice) with { Channel = DecisionLimits.Default.NoticeChannels[0] }).Gives(typeof(NoticeBounced), typeof(Core.Subscriptions.Parked));
        s.State.Parked.Should().Be(ParkReason.Unreachable);
        s.Unparks().ToAlarm().Told().Gives(typeof(Announced));

        var paid = Planned();
        paid.Renews();
        var told = paid.Events.OfType<Announced>().Last().Notice.NoticeId;
        paid.When(CameBack(paid, told)).Gives(typeof(NoticeBounced)).Only<NoticeBounced>().RetryAt.Should().BeNull("the charge is paid");
        paid.State.Parked.Should().BeNull();
    }

    private static SubscriptionCommand.RecordNotice CameBack(Scenario s, string notice) => new(notice, new NoticeResult.Bounced("back-1", "no such number", s.Now));

    [Fact]
    public void A_delivered_notice_counts_and_the_same_told_again_is_no_event()
    {
        var s = Planned().ToAlarm();
        s.Notifier(new NoticeResult.Delivered("r", s.Now)).Gives(typeof(Announced)).Only<Announced>().Delivered.Should().BeTrue();
        s.Notifier(new NoticeResult.HandedOver("r2", s.Now)).GivesNothing();
    }

    [Fact]
    public void A_notice_that_fails_is_tried_every_hour_and_parks_at_the_limit_also_across_calendars()
    {
        var s = Planned();
        var tries = 0;
        while (s.State.Parked is null)
        {
            s.ToAlarm();
            if (s.Last.Count > 0)
                continue;
            s.Notifier(new NoticeResult.Failed("no channel"));
            s.Notifier(new NoticeResult.Failed("no channel")).GivesNothing();
            tries++;
        }

        tries.Should().Be(DecisionLimits.Default.MaxNoticeFailures);
        s.State.Parked.Should().Be(ParkReason.Unreachable);
        s.Count<Requested>().Should().Be(1);
    }

    [Fact]
    public void A_notice_at_the_rail_without_an_answer_is_repeated_and_the_charge_keeps_to_what_all_of_them_allow()
    {
        var s = Announced().ToAlarm().Gives(typeof(RailNoticeRequested));
        s.RailSays(new RailNoticeAnswer.Unknown("time-out")).Gives(typeof(RailNoticeAnswered));
        s.At(Shanghai(4, 9, 9)).Wakes().Gives(typeof(RailNoticeRequested)).Only<RailNoticeRequested>().Number.Should().Be(2);
        s.RailSays(new RailNoticeAnswer.Accepted());
        s.ToAlarm().Gives(typeof(Requested)).Now.Should().Be(Shanghai(4, 11, 7), "the second allows a charge from the eleventh");
        ChargeWindow.Of(s.State, s.State.Cycle!).Until.Should().Be(Shanghai(4, 16, 21, 50), "the first until the sixteenth");
    }

    [Fact]
    public void A_rail_that_refuses_a_second_notice_has_taken_the_first()
    {
        var s = Announced().ToAlarm().RailSays(new RailNoticeAnswer.Unknown("time-out"));
        s.At(Shanghai(4, 9, 9)).Wakes().RailSays(new RailNoticeAnswer.Refused("ALREADY", "one is open")).Gives(typeof(RailNoticeAnswered));
        s.ToAlarm().Gives(typeof(Requested)).Now.Should().Be(Shanghai(4, 10, 8), "the first one's days count");
    }

    [Fact]
    public void A_refused_notice_at_the_rail_is_sent_again_an_hour_later()
    {
        var s = Announced().ToAlarm().RailSays(new RailNoticeAnswer.Refused("NO", "set-up"));
        s.Alarm.Should().Be(s.Now + Duration.FromHours(1));
        s.ToAlarm().Gives(typeof(RailNoticeRequested)).RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
    }

    [Fact]
    public void A_notice_at_the_rail_that_nobody_answered_is_repeated_by_itself()
    {
        var s = Announced().ToAlarm();
        s.ToAlarm().Gives(typeof(RailNoticeRequested)).Only<RailNoticeRequested>().Number.Should().Be(2);
    }

    [Fact]
    public void An_answer_to_a_notice_told_twice_or_unknown_is_no_event()
    {
        var s = Announced().ToAlarm().RailSays(new RailNoticeAnswer.Accepted());
        s.RailSays(new RailNoticeAnswer.Unknown("late")).GivesNothing();
        s.When(new SubscriptionCommand.RecordRailNotice(7, new RailNoticeAnswer.Accepted())).GivesNothing();
    }

    [Theory]
    [InlineData(6, 59, 59, 7)]
    [InlineData(21, 50, 0, 31)]
    public void Outside_the_rails_hours_a_notice_waits(int hour, int minute, int second, int opens)
    {
        var s = Announced();
        s.At(Shanghai(4, 9, hour, minute, second)).Wakes().Gives(typeof(Postponed)).Alarm.Should().Be(Shanghai(4, 9, opens));
        s.ToAlarm().Gives(typeof(RailNoticeRequested));
    }

    [Theory]
    [InlineData(6, 59, 59, 7)]
    [InlineData(21, 50, 0, 31)]
    public void Outside_the_rails_hours_a_charge_waits(int hour, int minute, int second, int opens)
    {
        var s = Ready();
        s.At(Shanghai(4, 12, hour, minute, second)).Wakes().Gives(typeof(Postponed)).Alarm.Should().Be(Shanghai(4, 12, opens));
        s.ToAlarm().Gives(typeof(Requested));
    }

    [Fact]
    public void An_outage_inside_the_window_is_made_good_inside_the_window()
    {
        var s = Ready().At(Shanghai(4, 16, 21, 48)).Wakes().Gives(typeof(Requested));
        s.Only<Requested>().SendBefore.Should().BeLessThan(s.State.Cycle!.ChargeUntil);
    }

    [Fact]
    public void An_order_that_could_only_leave_after_the_announced_window_is_not_made() =>
        Ready().At(Shanghai(4, 16, 21, 49, 30)).Wakes().Gives(typeof(CyclePlanned));

    [Fact]
    public void An_outage_longer_than_the_window_needs_a_new_calendar_with_its_own_notice()
    {
        var s = Ready().At(Shanghai(4, 18, 9)).Wakes().Gives(typeof(CyclePlanned));
        s.State.Cycle!.Should().Match<Core.Calendar.CyclePlan>(plan => plan.Ordinal == 2 && plan.Revision == 2);
        s.State.Notice.Should().BeNull();
        s.ToAlarm().Told().ToAlarm().Gives(typeof(RailNoticeRequested)).RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
        s.Only<Requested>().Order.Should().Be(new Charge(Id, ChargeKind.Renewal, 2).Attempt(1));
    }

    [Fact]
    public void An_order_not_taken_before_an_outage_waits_for_the_new_calendars_notice_and_keeps_its_number()
    {
        var s = Ordered().Hears(new ChargeOutcome.Refused("SIGN_ERROR", "key"));
        s.At(Shanghai(4, 18, 9)).Wakes().Gives(typeof(CyclePlanned));
        s.ToAlarm().GivesNothing().Told().Gives(typeof(Announced));
        s.ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
        s.Now.Should().Be(s.State.Cycle!.ChargeFrom);
        s.Only<Requested>().Should().Match<Requested>(e => e.Order.Attempt == 1 && e.Send == 2);
    }

    [Fact]
    public void An_outage_longer_than_a_period_forgives_what_was_missed_and_charges_the_current_period_only()
    {
        var s = Ready().At(Shanghai(7, 20, 9)).Wakes().Gives(typeof(PeriodsSkipped), typeof(CyclePlanned));
        s.State.Cycle!.Ordinal.Should().Be(5, "20 July lies in the period from 10 July");
        s.ToAlarm().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Succeeds().Only<Charged>().PaidUntil.Should().Be(Shanghai(8, 10, 0));
        s.State.PaidBy.Should().Equal(1, 0, 0, 0, 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_attempt_of_a_forgiven_period_does_not_name_the_next_periods_order_and_what_it_still_takes_goes_back(bool declined)
    {
        var s = Ordered();
        var old = s.Attempt.Order;
        _ = declined ? s.Declines() : s.Hears(new ChargeOutcome.Refused("SIGN_ERROR", "key"));
        s.At(Shanghai(5, 12, 9)).Wakes().Gives(typeof(PeriodsSkipped), typeof(CyclePlanned)).State.Cycle!.Ordinal.Should().Be(3);
        s.ToAlarm().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm().Gives(typeof(Requested));
        s.Only<Requested>().Order.Should().Be(new Charge(Id, ChargeKind.Renewal, 3).Attempt(1));
        s.Succeeds(old).Count<Overpaid>().Should().Be(1);
        s.Succeeds(s.Attempt.Order).Gives(typeof(Charged)).Only<Charged>().PaidUntil.Should().Be(Shanghai(6, 10, 0));
    }

    [Fact]
    public void Near_the_end_of_a_period_without_a_lawful_day_the_next_one_is_planned()
    {
        var s = Ready().At(Shanghai(5, 6, 9)).Wakes().Gives(typeof(PeriodsSkipped), typeof(CyclePlanned));
        s.State.Cycle!.Ordinal.Should().Be(3);
        s.State.Cycle!.ChargeFrom.Should().BeGreaterThanOrEqualTo(Shanghai(5, 11, 8));
    }

    [Fact]
    public void When_an_attempt_was_made_and_no_lawful_day_is_left_a_person_looks()
    {
        var s = Ordered().Declines();
        s.At(Shanghai(5, 6, 9)).Wakes().Gives(typeof(Parked)).Only<Parked>().Reason.Should().Be(ParkReason.NoLawfulDay);
        s.At(Shanghai(5, 10, 9)).Unparks().Wakes().Gives(typeof(PeriodsSkipped), typeof(CyclePlanned)).State.Cycle!.Ordinal.Should().Be(3);
    }

    [Fact]
    public void A_plan_that_does_not_renew_and_cannot_be_charged_any_more_is_parked()
    {
        var s = Enrolled(terms: Monthly with { Renews = false }).Signs();
        s.At(Shanghai(4, 6, 9)).Wakes().Gives(typeof(Parked)).Only<Parked>().Reason.Should().Be(ParkReason.NoLawfulDay);
    }
}
