using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>The fuses as a table, their counters, and what a decision does without leave to charge.</summary>
public class FuseTests
{
    private static readonly FuseLimits Limits = new()
    {
        MemberCharges = 3, OverForecast = 2, ChargesPerSecond = 10, OutcomeWindow = 10, LeastOutcomes = 4, DeclineShare = 0.5, ForeignOrders = 1,
    };

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, FuseRule.MemberCharges)]
    public void A_membership_has_so_many_charges_a_day(int charges, FuseRule? rule) =>
        Fuses.Judge(new() { MemberCharges = charges }, Limits).Should().Be(rule);

    [Theory]
    [InlineData(0, 2, null)]
    [InlineData(0, 3, FuseRule.OverForecast)]
    [InlineData(50_000, 50_002, null)]
    [InlineData(50_000, 50_003, FuseRule.OverForecast)]
    public void An_account_has_so_many_charges_a_minute_over_its_forecast(int forecast, int charges, FuseRule? rule) =>
        Fuses.Judge(new() { Forecast = forecast, MinuteCharges = charges }, Limits).Should().Be(rule);

    [Theory]
    [InlineData(3, 3, null)]
    [InlineData(4, 4, FuseRule.Declines)]
    [InlineData(4, 2, null)]
    [InlineData(4, 3, FuseRule.Declines)]
    public void Declines_count_from_the_least_number_of_outcomes_and_above_the_share(int outcomes, int declines, FuseRule? rule) =>
        Fuses.Judge(new() { Outcomes = outcomes, Declines = declines }, Limits).Should().Be(rule);

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, FuseRule.ForeignOrder)]
    public void So_many_orders_that_are_not_ours_are_borne(int orders, FuseRule? rule) =>
        Fuses.Judge(new() { ForeignOrders = orders }, Limits).Should().Be(rule);

    [Fact]
    public void Nothing_counted_blows_nothing_and_every_rule_has_a_scope_and_words()
    {
        Fuses.Judge(default, Limits with { MemberCharges = 0, OverForecast = 0, ForeignOrders = 0, LeastOutcomes = 1, DeclineShare = 0 }).Should().BeNull();
        foreach (var rule in Enum.GetValues<FuseRule>())
        {
            Fuses.Words(rule, default, Limits).Should().NotBeEmpty();
            Fuses.ScopeOf(rule).Should().Be(rule switch
            {
                FuseRule.MemberCharges => StopScope.Membership,
                FuseRule.Frozen => StopScope.Everything,
                _ => StopScope.Account,
            });
        }
    }

    [Theory]
    [InlineData(StopScope.Everything, "", true)]
    [InlineData(StopScope.Account, "wechat:1900000109", true)]
    [InlineData(StopScope.Account, "wechat:1900000108", false)]
    [InlineData(StopScope.Plan, "monthly", true)]
    [InlineData(StopScope.Plan, "yearly", false)]
    [InlineData(StopScope.Membership, "0198c0de000070008000000000000001", true)]
    [InlineData(StopScope.Membership, "0198c0de000070008000000000000002", false)]
    public void A_stop_covers_its_scope_and_nothing_else(StopScope scope, string key, bool covered) =>
        Stop(scope, key).Covers(Paid().State).Should().Be(covered);

    [Fact]
    public void Permits_come_with_time_and_no_more_than_a_seconds_are_kept()
    {
        var full = ChargeCounters.New.Refill(Samples.Now, 10);
        full.Free.Should().Be(10);
        var used = Enumerable.Range(0, 10).Aggregate(full, (row, _) => row.Charge());
        used.Free.Should().Be(0);
        used.Refill(Samples.Now + Duration.FromMilliseconds(500), 10).Free.Should().BeApproximately(5, 1e-9);
        used.Refill(Samples.Now + Duration.FromHours(1), 10).Free.Should().Be(10);
        used.Refill(Samples.Now - Duration.FromSeconds(9), 10).Should().Be(used, "a host whose clock is behind brings no permits");
    }

    [Fact]
    public void A_minute_begins_once_and_a_host_whose_clock_is_behind_counts_to_it()
    {
        var row = ChargeCounters.New.Begin(Samples.Now, 7).Charge();
        (row.Charges, row.Forecast).Should().Be((1, 7));
        row.Begins(Samples.Now + Duration.FromSeconds(59)).Should().BeFalse();
        row.Begins(Samples.Now - Duration.FromMinutes(1)).Should().BeFalse();
        row.Begins(Samples.Now + Duration.FromMinutes(1)).Should().BeTrue();
        row.Begin(Samples.Now + Duration.FromMinutes(1), 3).Charges.Should().Be(0);
    }

    [Fact]
    public void A_batch_goes_up_to_the_limit_and_the_charge_after_it_blows_the_accounts_fuse()
    {
        var guard = new AccountGuard(ChargeCounters.New.Begin(Samples.Now, 1), []);
        var asking = Enumerable.Range(1, 6).Select(i => Evolve.Next(null, Samples.Enrolled(Samples.IdOf(i)))).ToList();
        var leave = ChargeLeave.Judge(Samples.Account, guard, asking, Limits, Samples.Now);
        asking.Select(s => leave.Of(s.Id)).Should().Equal(Leave.Go, Leave.Go, Leave.Go, Leave.Stopped, Leave.Stopped, Leave.Stopped);
        leave.Blown.Should().ContainSingle().Which.Should().Match<ChargeStop>(
            stop => stop.Rule == FuseRule.OverForecast && stop.Key == "wechat:1900000109" && stop.By == "engine");
        leave.Charges.Charges.Should().Be(3);
    }

    [Fact]
    public void Without_a_permit_a_charge_waits_and_no_fuse_blows()
    {
        var guard = new AccountGuard(ChargeCounters.New.Begin(Samples.Now, 100), []);
        var asking = Enumerable.Range(1, 12).Select(i => Evolve.Next(null, Samples.Enrolled(Samples.IdOf(i)))).ToList();
        var leave = ChargeLeave.Judge(Samples.Account, guard, asking, Limits, Samples.Now);
        asking.Count(s => leave.Of(s.Id) == Leave.Go).Should().Be(10);
        asking.Count(s => leave.Of(s.Id) == Leave.Later).Should().Be(2);
        leave.Blown.Should().BeEmpty();
    }

    [Theory]
    [InlineData("ppdd", false)]
    [InlineData("ppddd", true)]
    [InlineData("dddpppppppp", false)]
    [InlineData("pppppdddddd", true)]
    public void Each_decline_is_judged_among_the_last_outcomes(string outcomes, bool blows)
    {
        var (after, blown) = OutcomeCounters.New.Hear(new(outcomes), Limits, Samples.Now);
        blown.Any(b => b.Rule == FuseRule.Declines).Should().Be(blows);
        after.Outcomes.Should().Be(outcomes[^Math.Min(10, outcomes.Length)..]);
    }

    [Fact]
    public void A_fuse_for_orders_that_are_not_ours_names_them_and_others_do_not()
    {
        var news = new AccountNews("", 2, "R1");
        var (_, blown) = OutcomeCounters.New.Hear(news, Limits, Samples.Now);
        var stop = news.Stops(Samples.Account, blown, Limits, Samples.Now).Should().ContainSingle().Subject;
        stop.Why.Should().Be($"{Fuses.Words(FuseRule.ForeignOrder, new() { ForeignOrders = 2 }, Limits)}: R1");
        (stop.IsOpen, stop.Words).Should().Be((true, "account wechat:1900000109"));
        var declines = new AccountNews("dddd", 0, "R1");
        declines.Stops(Samples.Account, OutcomeCounters.New.Hear(declines, Limits, Samples.Now).Blown, Limits, Samples.Now).Should().ContainSingle().Which.Why.Should().NotContain("R1");
        (AccountNews.None.Outcomes, AccountNews.None.ForeignOrders, AccountNews.None.About).Should().Be(("", 0, ""));
        (stop with { Scope = StopScope.Everything, Key = "" }).Words.Should().Be("everything");
        (stop with { Rule = FuseRule.LateMoney }).Words.Should().Be("late charges of account wechat:1900000109");
        (stop with { End = new(Samples.Now, "ann", "looked") }).IsOpen.Should().BeFalse();
        FluentActions.Invoking(() => (stop with { Scope = (StopScope)99 }).Covers(Paid().State)).Should().Throw<InvalidOperationException>().WithMessage("*99*");
    }

    [Fact]
    public void News_without_strange_orders_begins_no_days_count()
    {
        var (one, _) = OutcomeCounters.New.Hear(new("", 1), Limits, Samples.Now);
        var (later, blown) = one.Hear(new("p"), Limits, Samples.Now + Duration.FromDays(2));
        (later.ForeignOrders, later.ForeignSince, blown.Count).Should().Be((1, Samples.Now, 0));
    }

    [Fact]
    public void A_memberships_orders_count_for_a_day_or_since_a_person_looked()
    {
        var s = Paid().State;
        s = s with { RecentOrders = [.. Enumerable.Range(1, 3).Select(n => new RecentOrder(s.NextCharge.Attempt(n), Samples.Now - Duration.FromHours(n)))] };
        Blown([], Samples.Now).Should().ContainSingle().Which.Should().Match<ChargeStop>(stop => stop.Rule == FuseRule.MemberCharges && stop.Key == s.Id.ToString());
        Blown([], Samples.Now + RecentOrder.Kept - Duration.FromHours(3)).Should().BeEmpty("the oldest is a day old");
        var looked = Stop(StopScope.Membership, s.Id.ToString()) with { Rule = FuseRule.MemberCharges, End = new(Samples.Now - Duration.FromMinutes(150), "ann", "looked") };
        Blown([looked], Samples.Now).Should().BeEmpty("what was before was looked at");
        Blown([looked with { Key = Samples.IdOf(7).ToString() }], Samples.Now).Should().ContainSingle("somebody else's was looked at");

        IReadOnlyList<ChargeStop> Blown(IReadOnlyList<ChargeStop> stops, Instant now) =>
            ChargeLeave.Judge(Samples.Account, new AccountGuard(ChargeCounters.New.Begin(now, 10), stops), [s], Limits, now).Blown;
    }

    [Fact]
    public void Orders_that_are_not_ours_are_counted_for_a_day()
    {
        var (one, none) = OutcomeCounters.New.Hear(new("", 1), Limits, Samples.Now);
        none.Should().BeEmpty();
        one.Hear(new("", 1), Limits, Samples.Now + Duration.FromHours(23)).Blown.Should().ContainSingle().Which.Rule.Should().Be(FuseRule.ForeignOrder);
        one.Hear(new("", 1), Limits, Samples.Now + Duration.FromHours(24)).Blown.Should().BeEmpty();
    }

    [Fact]
    public void An_order_counts_for_a_day_unless_the_rail_surely_does_not_have_it()
    {
        var s = Ordered(traits: NoRepeats);
        var first = s.State.RecentOrders.Should().ContainSingle("the first period's order is a month old").Subject;
        first.Should().Be(new RecentOrder(s.Attempt.Order, s.Only<Requested>().At));
        s.Hears(new ChargeOutcome.NotSent("late")).State.RecentOrders.Should().BeEmpty();
        s.ToAlarm().State.RecentOrders.Should().ContainSingle().Which.Order.Attempt.Should().Be(2);
        s.Declines().State.RecentOrders.Should().ContainSingle("a decline was a charge all the same");
    }

    [Fact]
    public void Without_leave_nothing_is_requested_and_the_charge_stays_due()
    {
        var s = Ready();
        var context = new DecisionContext(s.Alarm!.Value, s.Traits, s.Limits);
        Decide.On(s.State, new SubscriptionCommand.Wake(), context with { MayCharge = false }).Should().BeEmpty();
        Decide.On(s.State, new SubscriptionCommand.Wake(), context).Should().ContainSingle().Which.Should().BeOfType<Requested>();
    }

    [Fact]
    public void Without_leave_a_window_closes_all_the_same()
    {
        var s = Ready();
        var over = ChargeWindow.Of(s.State, s.State.Cycle!).Until + Duration.FromTicks(1);
        var context = new DecisionContext(over, s.Traits, s.Limits) { MayCharge = false };
        Decide.On(s.State, new SubscriptionCommand.Wake(), context).Should().ContainSingle().Which.Should().BeOfType<CyclePlanned>();
    }

    private static ChargeStop Stop(StopScope scope, string key) => new() { Scope = scope, Key = key, At = Samples.Now, By = "ann", Why = "test" };
}
