using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>The money limit of late charges: what counts, and the limit itself at its edge.</summary>
public class LateMoneyTests
{
    private static readonly FuseLimits Limits = new() { LateMoney = 5_000 };

    [Fact]
    public void An_order_is_late_above_the_hours_after_its_period_began()
    {
        var s = Ready();
        var edge = s.State.Cycle!.Due + Limits.LateAfter;
        LateMoney.Of(s.State, Limits, edge).Should().BeNull();
        LateMoney.Of(s.State, Limits, edge + Duration.FromTicks(1)).Should().Be(Money.Cny(2500));
    }

    [Fact]
    public void The_first_period_is_never_late()
    {
        var s = Enrolled().Signs().After(Duration.FromHours(12)).Wakes();
        s.State.Cycle!.Ordinal.Should().Be(1);
        LateMoney.Of(s.State, Limits, s.Now + Duration.FromDays(20)).Should().BeNull();
    }

    [Fact]
    public void The_next_try_after_a_decline_is_not_late_and_a_late_order_is_counted_once()
    {
        var s = Ordered().Declines();
        LateMoney.Of(s.State, Limits, s.State.RetryAt!.Value).Should().BeNull("the charge went out in its time");
        var refused = Ordered().Hears(new ChargeOutcome.Refused("SIGN_ERROR", "key"));
        LateMoney.Of(refused.State, Limits, Shanghai(4, 12, 9)).Should().Be(Money.Cny(2500), "it was never taken, and goes out late now");
        var late = Ready().At(Shanghai(4, 12, 9)).Wakes().Hears(new ChargeOutcome.Refused("SIGN_ERROR", "key"));
        LateMoney.Of(late.State, Limits, Shanghai(4, 12, 11)).Should().BeNull("its first send was counted");
    }

    [Fact]
    public void At_the_limit_nothing_stops_and_the_late_charge_above_it_does_while_those_in_time_go_on()
    {
        var late = Ready();
        var now = late.State.Cycle!.Due + Duration.FromHours(30);
        var guard = new AccountGuard(ChargeCounters.New.Begin(now, 100), []);
        Subscription Late(int number) => late.State with { Id = Samples.IdOf(number) };
        Subscription InTime(int number) => late.State with { Id = Samples.IdOf(number), Cycle = late.State.Cycle! with { Due = now } };
        var leave = ChargeLeave.Judge(Samples.Account, guard, [Late(1), InTime(2), Late(3), Late(4), InTime(5), Late(6)], Limits, now);
        Enumerable.Range(1, 6).Select(i => leave.Of(Samples.IdOf(i))).Should().Equal(Leave.Go, Leave.Go, Leave.Go, Leave.Stopped, Leave.Go, Leave.Stopped);
        leave.Late.Should().ContainSingle().Which.Should().Match<LateWindow>(w => w.Taken == 5_000 && w.Since == now && w.Until == now + Duration.FromDays(1));
        var stop = leave.Blown.Should().ContainSingle().Subject;
        stop.Should().Match<ChargeStop>(x => x.Rule == FuseRule.LateMoney && x.Scope == StopScope.Account && x.Why == "late charges come to CNY 7500 with the next one; CNY 5000 are borne");
        stop.Words.Should().Be($"late charges of account {Samples.Account}");
    }

    [Fact]
    public void A_window_is_over_after_a_day_and_another_currency_has_its_own()
    {
        var now = Samples.Now;
        var window = LateWindow.For(null, "CNY", now).Take(Money.Cny(5_000));
        LateWindow.For(window, "CNY", now + Duration.FromDays(1) - Duration.FromTicks(1)).Should().Be(window);
        LateWindow.For(window, "CNY", now + Duration.FromDays(1)).Taken.Should().Be(0);
        var s = Ready();
        var late = s.State.Cycle!.Due + Duration.FromHours(30);
        var dollars = s.State with { Id = Samples.IdOf(2), Cycle = s.State.Cycle! with { Amount = new(4_000, "USD") } };
        var guard = new AccountGuard(ChargeCounters.New.Begin(late, 100), []) { Late = [LateWindow.For(null, "CNY", late).Take(Money.Cny(5_000))] };
        ChargeLeave.Judge(Samples.Account, guard, [dollars], Limits, late).Of(dollars.Id).Should().Be(Leave.Go);
        ChargeLeave.Judge(Samples.Account, guard, [s.State], Limits, late).Of(s.State.Id).Should().Be(Leave.Stopped);
    }

    [Fact]
    public void A_raised_limit_stands_for_what_it_says_and_thirty_days_and_then_the_engines_own_counts()
    {
        var raised = LateWindow.Raise(Money.Cny(90_000), Samples.Now, "ann", "the outage");
        raised.LimitOf(Limits).Should().Be(Money.Cny(90_000));
        raised.With(Money.Cny(1)).Should().Be(Money.Cny(1), "what went out before does not count");
        LateWindow.For(raised, "CNY", Samples.Now + Duration.FromDays(30) - Duration.FromTicks(1)).Should().Be(raised);
        LateWindow.For(raised, "CNY", Samples.Now + Duration.FromDays(30)).LimitOf(Limits).Should().Be(Money.Cny(5_000));
    }

    [Fact]
    public void With_a_limit_of_nothing_no_late_charge_goes_out_without_a_person()
    {
        var s = Ready();
        var late = s.State.Cycle!.Due + Duration.FromHours(30);
        var guard = new AccountGuard(ChargeCounters.New.Begin(late, 100), []);
        ChargeLeave.Judge(Samples.Account, guard, [s.State], Limits with { LateMoney = 0 }, late).Of(s.State.Id).Should().Be(Leave.Stopped);
    }
}
