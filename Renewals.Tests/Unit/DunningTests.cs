using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Tries after a decline, by reason, inside the window that was announced.</summary>
public class DunningTests
{
    [Theory]
    [InlineData(DeclineReason.InsufficientFunds, new[] { 11, 13, 15 })]
    [InlineData(DeclineReason.LimitReached, new[] { 11, 12, 14 })]
    [InlineData(DeclineReason.BankFault, new[] { 11, 12, 13 })]
    [InlineData(DeclineReason.OrderClosed, new[] { 11, 12 })]
    [InlineData(DeclineReason.Other, new[] { 12, 14 })]
    [InlineData(DeclineReason.AccountAbnormal, new int[0])]
    [InlineData(DeclineReason.AgreementNotInForce, new int[0])]
    public void Each_reason_has_its_days_and_each_try_a_new_number(DeclineReason reason, int[] days)
    {
        var s = Ordered();
        for (var i = 0; i < days.Length; i++)
        {
            s.Declines(reason).Gives(typeof(Failed)).Only<Failed>().RetryAt.Should().Be(Shanghai(4, days[i], 8));
            s.ToAlarm().Gives(typeof(Requested)).Only<Requested>().Order.Attempt.Should().Be(i + 2);
        }

        s.Declines(reason).Gives(typeof(Failed), typeof(Cancelled)).Only<Cancelled>().By.Should().Be(CancelledBy.Dunning);
        s.Only<Failed>().Policy.Should().Be($"standard/1/{DunningPolicy.Standard.Hash()}");
    }

    [Fact]
    public void Exhausted_tries_end_the_membership_and_the_agreement()
    {
        var s = Ordered().Declines(DeclineReason.AccountAbnormal);
        s.Wakes().Gives(typeof(AgreementChanged), typeof(Ended)).Only<AgreementChanged>().Status.Should().Be(AgreementStatus.Terminating);
        s.Only<Ended>().Reason.Should().Be(EndReason.Cancelled);
    }

    [Fact]
    public void A_try_that_would_fall_behind_the_window_is_not_made()
    {
        var slow = Monthly with { Dunning = new("slow", 3, [new(DeclineReason.InsufficientFunds, [6, 1])]) };
        var s = Ordered(terms: slow).Declines();
        s.Only<Failed>().RetryAt.Should().Be(Shanghai(4, 16, 8));
        s.ToAlarm().Gives(typeof(Requested)).Declines().Gives(typeof(Failed), typeof(Cancelled));
    }

    [Fact]
    public void A_try_keeps_to_the_windows_of_the_rails_notices_too()
    {
        var slow = Monthly with { Dunning = new("slow", 3, [new(DeclineReason.InsufficientFunds, [6])]) };
        var s = Announced(terms: slow).ToAlarm().RailSays(new Core.Gateways.RailNoticeAnswer.Unknown("time-out"));
        s.At(Shanghai(4, 9, 8)).Wakes().RailSays(new Core.Gateways.RailNoticeAnswer.Accepted());
        s.ToAlarm().Gives(typeof(Requested)).Now.Should().Be(Shanghai(4, 11, 7));
        s.Declines().Gives(typeof(Failed), typeof(Cancelled));
    }

    [Fact]
    public void A_first_charge_declined_under_the_consent_ends_the_membership()
    {
        var s = Enrolled().Signs().Wakes().Declines().Gives(typeof(Failed), typeof(Cancelled));
        s.Only<Cancelled>().By.Should().Be(CancelledBy.FirstPayment);
        s.Wakes().Gives(typeof(AgreementChanged), typeof(Ended));
    }

    [Fact]
    public void A_first_charge_declined_after_a_notice_is_tried_again()
    {
        var s = Enrolled().Signs().After(Duration.FromHours(12)).Wakes().ToAlarm().Told().ToAlarm().RailSays(new Core.Gateways.RailNoticeAnswer.Accepted()).ToAlarm();
        s.Declines().Gives(typeof(Failed)).ToAlarm().Gives(typeof(Requested)).Only<Requested>().Order.Should().Be(new Charge(Id, ChargeKind.First, 1).Attempt(2));
    }

    [Fact]
    public void A_decline_that_was_only_heard_and_an_order_the_rail_does_not_know_make_the_same_number_due_on_the_next_dunning_day()
    {
        var s = Ordered();
        var order = s.Attempt.Order;
        HearAtOnce(s).Gives(typeof(NotTaken)).Only<NotTaken>().ResendAt.Should().Be(Shanghai(4, 11, 8));
        s.ToAlarm().Gives(typeof(Requested)).Only<Requested>().Order.Should().Be(order);
        s.Now.Should().Be(Shanghai(4, 11, 8));
    }

    [Fact]
    public void Declines_that_were_only_heard_use_up_the_policys_days_like_any_other()
    {
        var s = Ordered();
        foreach (var day in new[] { 11, 13, 15 })
        {
            HearAtOnce(s).Only<NotTaken>().ResendAt.Should().Be(Shanghai(4, day, 8));
            s.ToAlarm().Gives(typeof(Requested));
        }

        HearAtOnce(s).Gives(typeof(Failed), typeof(Cancelled)).Only<Cancelled>().By.Should().Be(CancelledBy.Dunning);
    }

    [Fact]
    public void A_decline_that_was_only_heard_without_a_further_day_is_final()
    {
        var s = Ordered();
        s.Hints(new ChargeOutcome.Declined(DeclineReason.AccountAbnormal, "USER_ACCOUNT_ABNORMAL"));
        s.After(Duration.FromHours(1)).Hears(new ChargeOutcome.Missing()).Gives(typeof(Failed), typeof(Cancelled));
    }

    [Fact]
    public void A_decline_told_again_is_no_event()
    {
        var s = Ordered().Declines();
        s.After(Duration.FromHours(1)).Declines().GivesNothing();
    }

    [Fact]
    public void A_rule_of_one_rail_changes_the_hash_and_the_policy()
    {
        var general = new DunningPolicy("p", 1, [new(DeclineReason.Other, [1])]);
        var railed = general with { Rules = [new(DeclineReason.Other, [1]) { Rail = "stripe" }] };
        var other = general with { Rules = [new(DeclineReason.Other, [1]) { Rail = "alipay" }] };
        new[] { general.Hash(), railed.Hash(), other.Hash() }.Should().OnlyHaveUniqueItems();
        DunningPolicy[] different = [general, railed, other, general with { Name = "q" }, general with { Version = 2 }, general with { Rules = [new(DeclineReason.Other, [2])] }, general with { Rules = [new(DeclineReason.InsufficientFunds, [1])] }];
        different.Should().OnlyHaveUniqueItems();
        general.Should().Be(new DunningPolicy("p", 1, [new(DeclineReason.Other, [1])]));
        (general with { Rules = [.. other.Rules, .. general.Rules] }).For("alipay").Rules.Should().ContainSingle().Which.Rail.Should().BeNull();
    }

    [Fact]
    public void The_hash_changes_with_the_rules_and_not_with_the_name()
    {
        var policy = DunningPolicy.Standard;
        (policy with { Name = "other", Version = 2 }).Hash().Should().Be(policy.Hash());
        (policy with { Rules = [new(DeclineReason.Other, [1])] }).Hash().Should().NotBe(policy.Hash());
        policy.Hash().Should().MatchRegex("^[0-9a-f]{16}$");
        (policy with { Rules = [.. policy.Rules] }).Should().Be(policy);
    }

    private static Scenario HearAtOnce(Scenario s) =>
        s.Hints(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH")).After(Duration.FromMinutes(10)).Hears(new ChargeOutcome.Missing());

    /// <summary>A policy of ours that tries far too often, on a rail under Visa's rules.</summary>
    [Fact]
    public void A_card_network_lets_a_charge_be_tried_twenty_times_more_within_thirty_days_and_not_once_more()
    {
        var (visa, first) = (RetryBudget.Visa, Shanghai(4, 1, 9));
        var tries = Enumerable.Range(0, 21).Select(n => first + Duration.FromDays(n)).ToList();
        visa.Forbids(DeclineReason.InsufficientFunds).Should().BeFalse();
        visa.NextAllowed([.. tries.Take(20)], first + Duration.FromDays(20)).Should().Be(first + Duration.FromDays(20), "it is the twentieth further try");
        visa.NextAllowed(tries, first + Duration.FromDays(21)).Should().Be(first + Duration.FromDays(30), "it would be the twenty-first");
        visa.NextAllowed(tries, first + Duration.FromDays(30)).Should().Be(first + Duration.FromDays(30), "the first lies thirty days back");
    }

    [Theory]
    [InlineData(DeclineReason.AccountAbnormal, false)]
    [InlineData(DeclineReason.AgreementNotInForce, false)]
    [InlineData(DeclineReason.InsufficientFunds, true)]
    [InlineData(DeclineReason.BankFault, true)]
    public void What_an_issuer_will_never_approve_is_never_tried_again_on_a_card_rail_whatever_the_policy_says(DeclineReason reason, bool again)
    {
        var eager = new DunningPolicy("eager", 1, [.. Enum.GetValues<DeclineReason>().Select(r => new DunningRule(r, [1, 1]))]);
        Scenario Ordered(RetryBudget? budget) => Scenario.Ordered(NoRepeats with { RetryBudget = budget }, terms: Monthly with { Dunning = eager });
        Ordered(null).Declines(reason).Only<Failed>().RetryAt.Should().NotBeNull();
        (Ordered(RetryBudget.Visa).Declines(reason).Only<Failed>().RetryAt is not null).Should().Be(again);
    }

    [Fact]
    public void The_twentieth_further_try_is_made_and_the_twenty_first_is_not()
    {
        var s = Ordered(Cards, terms: Tireless);
        for (var further = 1; further <= 20; further++)
        {
            s.After(Duration.FromMinutes(20)).Declines().Only<Failed>().RetryAt.Should().Be(s.Now, "{0} were declined", further);
            s.Wakes().Gives(typeof(Requested)).Only<Requested>().Order.Attempt.Should().Be(further + 1);
        }

        s.After(Duration.FromMinutes(20)).Declines().Gives(typeof(Failed), typeof(Cancelled));
        s.Only<Failed>().Budget.Should().Be(new BudgetUse(20, 30, 21));
    }

    [Fact]
    public void Inside_of_the_window_a_try_above_the_budget_waits_until_the_networks_window_has_moved_on()
    {
        var s = Ordered(Cards with { RetryBudget = new(1, 3, []) }, terms: Tireless);
        var first = s.Now;
        s.Declines().Wakes().After(Duration.FromHours(1)).Declines().Only<Failed>().RetryAt.Should().Be(first + Duration.FromDays(3));
        s.ToAlarm().Gives(typeof(Requested));
    }

    [Fact]
    public void A_networks_budget_is_counted_across_periods_and_agreements()
    {
        var budget = new RetryBudget(1, 30, []);
        var s = Ordered(Cards with { RetryBudget = budget }).Declines().ToAlarm().Declines();
        s.Gives(typeof(Failed), typeof(Cancelled));
        var other = Evolve.Next(s.State, new AgreementChanged(new(Guid.Parse("0198c0de-0000-7000-8000-0000000000b2")), AgreementStatus.Active, null, s.Now));
        var paid = Evolve.Next(other, new Charged(s.Attempt.Order, Core.Plans.Money.Cny(2500), "T", s.Now, new(2026, 4, 10), Shanghai(5, 10, 0), null, s.Now));
        paid.RecentDeclines.Should().Equal(Shanghai(4, 10, 8), Shanghai(4, 11, 8));
        budget.NextAllowed(paid.RecentDeclines, Shanghai(5, 1, 8)).Should().Be(Shanghai(5, 10, 8));
    }

    [Fact]
    public void A_renewal_that_is_due_while_the_budget_is_used_up_waits_for_it()
    {
        var s = Ready(Cards);
        var used = new Failed(new Charge(Id, ChargeKind.Renewal, 9).Attempt(1), DeclineReason.Other, "05", "p", null, Shanghai(3, 14, 8)) { Budget = new(0, 30, 1) };
        var state = Evolve.Next(s.State, used);
        DecisionContext At(Instant now) => new(now, Cards with { RetryBudget = new(0, 30, []) }, s.Limits);
        var decided = Decide.On(state, new SubscriptionCommand.Wake(), At(Shanghai(4, 10, 8)));
        decided.Should().ContainSingle().Which.Should().BeOfType<Postponed>().Which.Until.Should().Be(Shanghai(4, 13, 8));
        Duty.Alarm(Evolve.All(state, decided)!).Should().Be(Shanghai(4, 13, 8));
        Decide.On(Evolve.All(state, decided), new SubscriptionCommand.Wake(), At(Shanghai(4, 13, 8))).Should().ContainSingle().Which.Should().BeOfType<Requested>();
    }

    [Fact]
    public void A_decline_that_was_only_heard_is_a_try_to_the_network_too_and_all_are_forgotten_after_thirty_days()
    {
        var s = Ordered(Cards);
        HearAtOnce(s).Only<NotTaken>().CountsAsTry.Should().BeTrue();
        s.ToAlarm().Gives(typeof(Requested)).After(Duration.FromMinutes(1)).Declines().Only<Failed>().Budget!.Declined.Should().Be(2);
        var later = new Failed(new Charge(Id, ChargeKind.Renewal, 3).Attempt(1), DeclineReason.Other, "05", "p", null, s.Now + Duration.FromDays(30)) { Budget = new(20, 30, 1) };
        Evolve.Next(s.State, later).RecentDeclines.Should().Equal(later.At);
        HearAtOnce(Ordered()).Only<NotTaken>().CountsAsTry.Should().BeFalse("the rail is under no such rule");
    }

    [Fact]
    public void Where_the_template_takes_one_charge_a_day_the_next_try_is_on_another_day()
    {
        Ordered(PreNotice with { OneTryADay = true }, terms: Tireless).Declines().Only<Failed>().RetryAt.Should().Be(Shanghai(4, 11, 8));
        Ordered(terms: Tireless).Declines().Only<Failed>().RetryAt.Should().Be(Shanghai(4, 10, 8));
    }

    [Fact]
    public void A_rail_has_its_own_rules_for_a_reason_and_the_general_ones_for_the_others()
    {
        var policy = DunningPolicy.Standard with
        {
            Rules = [.. DunningPolicy.Standard.Rules, new(DeclineReason.BankFault, [3]) { Rail = "stripe" }, new(DeclineReason.AccountAbnormal, [5]) { Rail = "stripe" }],
        };
        policy.For("stripe").DaysToNextTry(DeclineReason.BankFault, 1).Should().Be(3);
        policy.For("stripe").DaysToNextTry(DeclineReason.AccountAbnormal, 1).Should().Be(5);
        policy.For("stripe").DaysToNextTry(DeclineReason.InsufficientFunds, 2).Should().Be(2);
        policy.For("wechat").DaysToNextTry(DeclineReason.BankFault, 1).Should().Be(1);
        policy.For("wechat").DaysToNextTry(DeclineReason.AccountAbnormal, 1).Should().BeNull();
        policy.For("stripe").Hash().Should().NotBe(policy.For("wechat").Hash(), "the hash says what holds at the rail");
        policy.For("wechat").Rules.Should().OnlyContain(rule => rule.Rail == null);
        DunningPolicy.Standard.For("wechat").Should().BeSameAs(DunningPolicy.Standard);
    }

    private static RailTraits Cards { get; } = PreNotice with { Notice = null, RetryBudget = RetryBudget.Visa, OpensAt = LocalTime.Midnight, ClosesAt = LocalTime.MaxValue };

    // A policy that would go on for ever, so that only the budget stands in its way.
    private static Core.Plans.Terms Tireless { get; } = Monthly with
    {
        Dunning = new("tireless", 1, [.. Enum.GetValues<DeclineReason>().Select(reason => new DunningRule(reason, [.. Enumerable.Repeat(0, 60)]))]),
    };
}
