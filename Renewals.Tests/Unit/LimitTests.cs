using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Every bound of a decision, one below it and at it.</summary>
public class LimitTests
{
    [Fact]
    public void An_order_says_until_when_it_may_be_sent() =>
        Ordered(limits: new() { SendWithin = Duration.FromSeconds(17) }).Only<Requested>().Should()
            .Match<Requested>(e => e.SendBefore == e.At + Duration.FromSeconds(17));

    [Fact]
    public void A_signing_says_until_when_it_may_be_finished_and_is_asked_right_then()
    {
        var s = Enrolled(limits: new() { SignWithin = Duration.FromMinutes(11) });
        s.State.SignBy.Should().Be(s.Now + Duration.FromMinutes(11));
        s.ToAlarm().Agreement(AgreementStatus.Signing).Alarm.Should().Be(s.State.SignBy);
    }

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    [InlineData(1, 1, true)]
    public void An_order_is_asked_so_often_before_a_person_looks(int limit, int asks, bool parked)
    {
        var s = Ordered(limits: new() { MaxAsks = limit });
        for (var i = 0; i < asks; i++)
            s.ToAlarm().Hears(new ChargeOutcome.Unknown("time-out"));
        (s.State.Parked == ParkReason.OutcomeUnknown).Should().Be(parked);
    }

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public void An_agreement_is_asked_so_often_before_a_person_looks(int limit, int asks, bool parked)
    {
        var s = Enrolled(limits: new() { MaxAsks = limit });
        for (var i = 0; i < asks; i++)
            s.ToAlarm().Agreement(AgreementStatus.Signing);
        (s.State.Parked == ParkReason.AgreementUnknown).Should().Be(parked);
        (s.State.Agreement.AskAt is null).Should().Be(parked);
    }

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public void A_refund_is_asked_so_often_before_a_person_looks(int limit, int asks, bool parked)
    {
        var s = RefundTests.Refunding(new() { MaxAsks = limit });
        for (var i = 0; i < asks; i++)
            s.At(s.State.Refunds[0].NextAt!.Value).RefundHears(new RefundAnswer.Pending("x"));
        (s.State.Parked == ParkReason.OutcomeUnknown).Should().Be(parked);
    }

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public void An_order_is_sent_so_often_before_a_person_looks(int limit, int sends, bool parked)
    {
        var s = Ordered(limits: new() { MaxSends = limit });
        s.Hears(new ChargeOutcome.NotSent("late"));
        for (var i = 1; i < sends; i++)
            s.ToAlarm().Hears(new ChargeOutcome.NotSent("late"));
        (s.State.Parked == ParkReason.Refused).Should().Be(parked);
        s.Count<Requested>().Should().Be(1 + sends);
    }

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public void A_refund_is_sent_so_often_before_a_person_pays_it(int limit, int sends, bool parked)
    {
        var s = RefundTests.Refunding(new() { MaxSends = limit });
        for (var i = 0; i < sends; i++)
            s.RefundHears(new RefundAnswer.Refused("NOTENOUGH", "no funds")).At(s.State.Refunds[0].NextAt!.Value).Wakes();
        (s.State.Parked == ParkReason.RefundImpossible).Should().Be(parked);
        (s.State.Refunds[0].Status == RefundStatus.Outside).Should().Be(parked);
        s.Count<RefundRequested>().Should().Be(3);
    }

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public void A_notice_at_the_rail_is_sent_so_often_before_a_person_looks(int limit, int notices, bool parked)
    {
        var s = Announced(limits: new() { MaxRailNotices = limit }).ToAlarm();
        for (var i = 0; i < notices; i++)
            s.RailSays(new RailNoticeAnswer.Refused("NO", "set-up")).ToAlarm();
        (s.State.Parked == ParkReason.Refused).Should().Be(parked);
        s.Count<RailNoticeRequested>().Should().Be(3);
    }

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public void Telling_a_member_fails_so_often_before_a_person_looks(int limit, int failures, bool parked)
    {
        var s = Planned(limits: new() { MaxNoticeFailures = limit });
        for (var i = 0; i < failures; i++)
            s.ToAlarm().Notifier(new NoticeResult.Failed("no channel"));
        (s.State.Parked == ParkReason.Unreachable).Should().Be(parked);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void A_stream_has_so_many_events_before_a_person_looks(int over, bool parked)
    {
        var s = Paid();
        s.Limits = new() { MaxEvents = (int)s.State.Version - over };
        s.Wakes();
        (s.State.Parked == ParkReason.Fault).Should().Be(parked);
    }

    [Fact]
    public void At_the_event_limit_refunds_still_go_out()
    {
        var s = Ordered();
        var first = s.Attempt.Order;
        s.Declines().ToAlarm().Succeeds().Succeeds(first);
        s.Limits = new() { MaxEvents = 1 };
        s.Wakes().Gives(typeof(Parked), typeof(RefundRequested));
    }

    [Fact]
    public void A_charge_has_so_many_order_numbers()
    {
        var daily = Monthly with { Dunning = new("same-day", 1, [new(DeclineReason.Other, [.. Enumerable.Repeat(0, 60)])]) };
        var s = Ordered(terms: daily);
        for (var attempt = 2; attempt <= OrderNumber.MaxAttempt; attempt++)
            s.Declines(DeclineReason.Other).ToAlarm().Gives(typeof(Requested)).Only<Requested>().Order.Attempt.Should().Be(attempt);
        s.Declines(DeclineReason.Other).ToAlarm().Gives(typeof(Parked));
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 2)]
    [InlineData(1, 10)]
    [InlineData(2, 30)]
    [InlineData(3, 120)]
    [InlineData(4, 360)]
    [InlineData(5, 1440)]
    [InlineData(99, 1440)]
    public void The_wait_before_the_next_ask_grows_to_a_day(int asks, int minutes) =>
        DecisionLimits.AskDelay(asks).Should().Be(Duration.FromMinutes(minutes));

    [Fact]
    public void Every_limit_of_a_decision_is_an_option_with_the_same_default()
    {
        var (options, other) = (new Core.Engine.EngineOptions(), new Core.Engine.EngineOptions());
        foreach (var limit in typeof(DecisionLimits).GetProperties().Where(property => property.CanWrite))
        {
            var option = typeof(Core.Engine.EngineOptions).GetProperty(limit.Name);
            option.Should().NotBeNull(limit.Name);
            if (option!.GetValue(other) is IList<string> list)
                list.Add("push");
            else
                option.SetValue(other, option.GetValue(options) is TimeSpan span ? span + TimeSpan.FromMinutes(1) : (int)option.GetValue(options)! + 1);
            limit.GetValue(other.Limits).Should().NotBe(limit.GetValue(options.Limits), $"the option {limit.Name} reaches the decision");
        }

        options.Limits.Should().Be(DecisionLimits.Default);
    }
}
