using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Core.Subscriptions.SubscriptionCommand;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>
/// A member whose paid month runs from 10 March to 10 April signs a second agreement at another rail: what is charged where, and when, once the first no
/// longer serves.
/// </summary>
public class BackupTests
{
    private static readonly MerchantAccount Alipay = new("alipay", "2088000");
    private static readonly AgreementId Second = new(new Guid("0198c0de-0000-7000-8000-0000000000a2"));
    private static readonly AgreementId Third = new(new Guid("0198c0de-0000-7000-8000-0000000000a3"));
    private static readonly OrderNumber Renewal = new Charge(Id, ChargeKind.Renewal, 2).Attempt(1);

    [Fact]
    public void Declined_for_good_at_the_first_rail_the_charge_is_announced_anew_and_made_at_the_second_under_the_next_number()
    {
        var s = DeclinedForGood().Gives(typeof(Failed), typeof(AgreementSwitched));
        s.Only<AgreementSwitched>().Should().Match<AgreementSwitched>(e => e.Reason == SwitchReason.Declined && e.Account == Alipay);
        s.State.Should().Match<Subscription>(x => x.Account == Alipay && x.Agreement.Id == Second && x.Notice == null && x.Cycle == null);

        s.Renews().LastCharge.Should().Be((Shanghai(4, 10, 8), Shanghai(4, 15, 8), 2, Money.Cny(2500)), "five days' notice of its own, and no charge before");
        var orders = s.Events.OfType<Requested>().Where(e => e.Order.Charge.Ordinal == 2).ToList();
        orders.Select(e => (e.Order.Attempt, e.Account, e.Agreement)).Should().Equal((1, Account, Signature), (2, Alipay, Second));
        s.State.PaidUntil.Should().Be(Shanghai(5, 10, 0), "the days stay");
        s.Renews().LastCharge.Should().Be((Shanghai(5, 4, 10), Shanghai(5, 10, 8), 3, Money.Cny(2500)));
        s.Events.OfType<Requested>().Last().Account.Should().Be(Alipay, "what serves goes on serving");
    }

    [Fact]
    public void Left_for_another_it_waits_behind_it_and_serves_again_from_a_later_period_on()
    {
        var s = DeclinedForGood().Renews().ToAlarm().ToAlarm().Told().ToAlarm();
        s.Declines(DeclineReason.AccountAbnormal).Gives(typeof(Failed), typeof(AgreementSwitched));
        s.State.Agreement.Id.Should().Be(Signature);
        s.Renews();
        s.Events.OfType<Requested>().Where(e => e.Order.Charge.Ordinal == 3).Select(e => (e.Order.Attempt, e.Account)).Should().Equal((1, Alipay), (2, Account));
    }

    [Fact]
    public void Declined_for_good_under_each_of_them_renewal_stops_and_both_agreements_are_ended()
    {
        var s = DeclinedForGood().ToAlarm().ToAlarm().Told().ToAlarm();
        s.Declines(DeclineReason.AccountAbnormal).Gives(typeof(Failed), typeof(Cancelled));
        s.Only<Cancelled>().By.Should().Be(CancelledBy.Dunning);
        s.Wakes();
        s.Last.OfType<AgreementChanged>().Select(e => (e.Agreement, e.Status)).Should()
            .BeEquivalentTo([(Second, AgreementStatus.Terminating), (Signature, AgreementStatus.Terminating)]);
        s.Errands.OfType<Errand.Terminate>().Select(errand => errand.PlaceIn(s.State).Account).Should().BeEquivalentTo([Account, Alipay]);
    }

    [Theory]
    [InlineData(TerminationMode.AccountClosed)]
    [InlineData(TerminationMode.Expired)]
    public void An_agreement_that_ran_out_or_lost_its_account_gives_way_to_the_next_and_the_paid_time_stays(TerminationMode mode)
    {
        var s = WithBackup().At(Shanghai(3, 20, 9)).Agreement(AgreementStatus.Terminated, mode).Gives(typeof(AgreementChanged), typeof(AgreementSwitched));
        s.State.Status.Should().Be(SubscriptionStatus.Active);
        s.Renews().LastCharge.Should().Be((Shanghai(4, 4, 10), Shanghai(4, 10, 8), 2, Money.Cny(2500)));
        s.State.PaidBy.Should().Equal(1, 1);
    }

    [Theory]
    [InlineData(TerminationMode.Member)]
    [InlineData(TerminationMode.Unstated)]
    [InlineData(TerminationMode.Platform)]
    public void Who_ends_the_agreement_in_the_wallet_has_cancelled_and_is_not_charged_elsewhere(TerminationMode mode)
    {
        var s = WithBackup().At(Shanghai(3, 20, 9)).Agreement(AgreementStatus.Terminated, mode).Gives(typeof(AgreementChanged), typeof(Cancelled));
        s.Wakes().Only<AgreementChanged>().Should().Match<AgreementChanged>(e => e.Agreement == Second && e.Status == AgreementStatus.Terminating);
        s.Count<Requested>().Should().Be(1);
    }

    [Fact]
    public void Nor_is_who_may_have_ended_it_there_as_the_answer_to_an_order_says() =>
        ToOrder(WithBackup()).Declines(DeclineReason.AgreementNotInForce).Gives(typeof(Failed), typeof(Cancelled));

    [Fact]
    public void Unless_the_second_was_signed_to_take_over_then_too()
    {
        var s = WithBackup(Backup() with { TakesOverAfterAnyEnd = true }).At(Shanghai(3, 20, 9));
        s.Agreement(AgreementStatus.Terminated, TerminationMode.Member).Gives(typeof(AgreementChanged), typeof(AgreementSwitched));
    }

    [Fact]
    public void An_order_that_may_still_take_money_is_asked_for_where_it_was_sent_and_nothing_is_ordered_before_it_is_known()
    {
        var s = Ordered().Asks(Backup()).Signed(Second);
        s.Agreement(AgreementStatus.Terminated, TerminationMode.AccountClosed).Gives(typeof(AgreementChanged), typeof(AgreementSwitched));
        for (var looks = 0; looks < 5; looks++)
        {
            s.ToAlarm();
            s.Errands.OfType<Errand.AskCharge>().Should().ContainSingle().Which.PlaceIn(s.State).Account.Should().Be(Account);
            s.Hears(new ChargeOutcome.Pending("PAYING"), Renewal);
        }

        s.Count<CyclePlanned>().Should().Be(1);
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "4200002", s.Now), Renewal).Gives(typeof(Charged));
        s.State.PaidThrough.Should().Be(2);
        s.Renews();
        s.Events.OfType<Requested>().Last().Should().Match<Requested>(e => e.Account == Alipay && e.Order.Charge.Ordinal == 3 && e.Order.Attempt == 1);
    }

    [Fact]
    public void Money_the_first_rail_took_after_all_pays_the_period_and_the_second_is_not_asked_for_it()
    {
        var s = DeclinedForGood().ToAlarm().ToAlarm().Told();
        s.Hints(new ChargeOutcome.Succeeded(Money.Cny(2500), "4200002", s.Now), Renewal).Gives(typeof(Hinted));
        s.Errands.OfType<Errand.AskCharge>().Single().PlaceIn(s.State).Account.Should().Be(Account);
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "4200002", s.Now), Renewal).Gives(typeof(Charged));
        s.Renews();
        s.Events.OfType<Requested>().Where(e => e.Order.Charge.Ordinal == 2).Should().ContainSingle();
        s.State.PaidBy.Should().Equal(1, 1, 1);
    }

    [Fact]
    public void Taken_at_both_rails_the_first_rails_money_goes_back_there()
    {
        var s = DeclinedForGood().Renews();
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "4200002", s.Now), Renewal).Gives(typeof(Overpaid));
        s.Wakes();
        s.Errands.OfType<Errand.SendRefund>().Single().PlaceIn(s.State).Account.Should().Be(Account);
        s.State.PaymentOf(2).Should().Be(new Charge(Id, ChargeKind.Renewal, 2).Attempt(2));
        s.State.AccountOf(s.State.PaymentOf(2)!.Value).Should().Be(Alipay);
        s.State.AccountOf(s.State.PaymentOf(1)!.Value).Should().Be(Account);
    }

    [Fact]
    public void An_order_of_ours_that_another_rail_took_goes_back_there_and_a_person_looks()
    {
        var s = DeclinedForGood().Renews();
        var invented = new Charge(Id, ChargeKind.Renewal, 2).Attempt(27);
        s.Speaks = Account;
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "4200002", s.Now), invented).Gives(typeof(Overpaid), typeof(Parked));
        s.State.AccountOf(invented).Should().Be(Account);
        s.Speaks = null;
        s.Wakes();
        s.Errands.OfType<Errand.SendRefund>().Single().PlaceIn(s.State).Account.Should().Be(Account);
    }

    [Fact]
    public void What_was_added_to_an_order_on_its_way_is_not_charged_again_at_the_second_rail()
    {
        var s = WithBackup().Asks(new ChangeTerms("up", Monthly with { PlanId = "plus", Price = Money.Cny(4000), FirstPeriodPrice = Money.Cny(4000) }, ChangeTiming.Now, "m", "more"));
        s = ToOrder(s);
        var ordered = s.Attempt.Amount;
        ordered.MinorUnits.Should().BeGreaterThan(4000, "the difference of the first period comes with it");
        s.Agreement(AgreementStatus.Terminated, TerminationMode.AccountClosed).Gives(typeof(AgreementChanged), typeof(AgreementSwitched));
        s.Hears(new ChargeOutcome.Succeeded(ordered, "4200002", s.Now), Renewal).Gives(typeof(Charged));
        s.Traits = s.Traits with { Notice = null };
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(4000));
    }

    [Fact]
    public void A_decline_heard_late_of_the_first_rail_moves_nothing_of_the_seconds_calendar()
    {
        var s = Ordered().Asks(Backup()).Signed(Second);
        s.Agreement(AgreementStatus.Terminated, TerminationMode.AccountClosed);
        s.ToAlarm().Declines(DeclineReason.InsufficientFunds, Renewal).Gives(typeof(Failed));
        s.State.Status.Should().Be(SubscriptionStatus.Active);
        s.Renews();
        s.State.PaidBy.Should().Equal(1, 2);
    }

    [Fact]
    public void Dunning_begins_anew_at_the_second_rail_with_that_rails_steps()
    {
        var s = WithBackup(Backup() with { Dunning = new("second", 1, [new(DeclineReason.InsufficientFunds, [3])]) });
        s = ToOrder(s).Declines(DeclineReason.AccountAbnormal);
        s.Traits = s.Traits with { Notice = null };
        s.State.Terms.Dunning.Name.Should().Be("second");
        s.ToAlarm().ToAlarm().Told().ToAlarm();
        s.Declines().Only<Failed>().RetryAt.Should().Be(Shanghai(4, 18, 8));
    }

    [Fact]
    public void One_that_is_not_in_force_allows_too_little_or_is_for_another_interval_does_not_take_over()
    {
        WithBackup(Backup() with { Ceiling = Money.Cny(2500) }).Agreement(AgreementStatus.Terminated, TerminationMode.Expired).Gives(typeof(AgreementChanged), typeof(AgreementSwitched));
        WithBackup(Backup() with { Interval = BillingInterval.Yearly }).Agreement(AgreementStatus.Terminated, TerminationMode.Expired).Gives(typeof(AgreementChanged), typeof(Cancelled));
        Paid().Asks(Backup()).Agreement(AgreementStatus.Terminated, TerminationMode.Expired).Gives(typeof(AgreementChanged), typeof(Cancelled));
        WithBackup().Of(Second, AgreementStatus.Suspended).Agreement(AgreementStatus.Terminated, TerminationMode.Expired).Gives(typeof(AgreementChanged), typeof(Cancelled));
        Paid().IsRefused(Backup() with { Ceiling = Money.Cny(2499) }, "costs up to");
    }

    [Fact]
    public void The_list_is_used_in_its_order()
    {
        var s = WithBackup().Asks(Backup(Third)).Signed(Third).Agreement(AgreementStatus.Terminated, TerminationMode.Expired);
        s.State.Agreement.Id.Should().Be(Second);
        s.Agreement(AgreementStatus.Terminated, TerminationMode.AccountClosed);
        s.State.Agreement.Id.Should().Be(Third);
        s.Agreement(AgreementStatus.Terminated, TerminationMode.Expired).Gives(typeof(AgreementChanged), typeof(Cancelled));
    }

    [Fact]
    public void An_unfinished_signing_is_asked_for_and_given_up_and_one_is_signed_at_a_time()
    {
        var s = Paid().Asks(Backup()).IsRefused(Backup(Third), "signing another agreement");
        s.ToAlarm().Errands.Should().Equal(new Errand.AskAgreement(Second));
        s.Of(Second, AgreementStatus.Signing).Gives(typeof(AgreementAsked));
        s.At(s.State.Backups[0].SignBy).Of(Second, AgreementStatus.Abandoned).Asks(Backup(Third)).Signed(Third);
        s.Agreement(AgreementStatus.Terminated, TerminationMode.Expired);
        s.State.Agreement.Id.Should().Be(Third);
    }

    [Fact]
    public void A_dearer_plan_is_possible_within_the_same_membership_once_a_new_agreement_is_signed_up_to_it()
    {
        var dear = Monthly with { PlanId = "dear", Price = Money.Cny(9900), FirstPeriodPrice = Money.Cny(9900) };
        var change = new ChangeTerms("c-1", dear, ChangeTiming.NextPeriod, "m", "more");
        var s = Enrolled(traits: PreNotice with { FixesCeiling = true }, with: enrol => enrol with { Ceiling = Money.Cny(3000) }).Signs().Wakes().Succeeds();
        s.IsRefused(change, "must sign a new one");
        s.Asks(Backup() with { Account = Account, Template = "template-dear", Ceiling = Money.Cny(9900) }).Signed(Second);
        s.Asks(new SwitchAgreement(Second, "ann", "the member signed up to 99 yuan")).Asks(change);
        s.Wakes().Only<AgreementChanged>().Should().Match<AgreementChanged>(e => e.Agreement == Signature && e.Status == AgreementStatus.Terminating, "the one that was left ends");
        s.Of(Signature, AgreementStatus.Terminated);
        s.Renews().LastCharge.Amount.Should().Be(Money.Cny(9900));
        s.Events.OfType<Requested>().Last().Agreement.Should().Be(Second);
    }

    [Fact]
    public void What_cannot_be_done_with_agreements_says_why()
    {
        var s = WithBackup();
        s.IsRefused(Backup(Third) with { Template = "template-2" }, "already");
        s.IsRefused(new RetireBackup(Signature, "ann", "x"), "in use").IsRefused(new RetireBackup(Third, "ann", "x"), "no such agreement");
        s.IsRefused(new SwitchAgreement(Third, "ann", "x"), "No such agreement");
        ToOrder(s).IsRefused(new SwitchAgreement(Second, "ann", "x"), "under way");
        s.Succeeds().Asks(new RetireBackup(Second, "ann", "not wanted")).Asks(new RetireBackup(Second, "ann", "not wanted")).GivesNothing();
        s.Wakes().Only<AgreementChanged>().Agreement.Should().Be(Second);
        s.IsRefused(new SwitchAgreement(Second, "ann", "x"), "No such agreement");
        s.Cancels().IsRefused(Backup(Third), "running membership");
        Paid(limits: Core.Subscriptions.DecisionLimits.Default with { MaxBackups = 0 }).IsRefused(Backup(), "the limit");
    }

    [Fact]
    public void Found_after_a_restore_at_the_second_rail_the_order_says_that_it_had_taken_over()
    {
        var s = WithBackup().At(Shanghai(4, 20, 9));
        s.Frozen = true;
        s.Speaks = Alipay;
        s.Hears(new ChargeOutcome.Succeeded(Money.Cny(2500), "2026", Shanghai(4, 10, 9)), Renewal).Gives(typeof(AgreementSwitched), typeof(OrderFound), typeof(Charged));
        s.State.Should().Match<Subscription>(x => x.Account == Alipay && x.PaidThrough == 2);
        s.State.AccountOf(Renewal).Should().Be(Alipay);
    }

    private static AddBackup Backup(AgreementId? id = null) => new(id ?? Second, Alipay, id == Third ? "template-3" : "template-2", DunningPolicy.Standard);

    private static Scenario WithBackup(AddBackup? backup = null) => Paid().Asks(backup ?? Backup()).Signed((backup ?? Backup()).Agreement);

    private static Scenario ToOrder(Scenario s) => s.ToAlarm().ToAlarm().Told().ToAlarm().RailSays(new RailNoticeAnswer.Accepted()).ToAlarm();

    // The second rail has no notice of its own.
    private static Scenario DeclinedForGood()
    {
        var s = ToOrder(WithBackup()).Declines(DeclineReason.AccountAbnormal);
        s.Traits = s.Traits with { Notice = null };
        return s;
    }
}
