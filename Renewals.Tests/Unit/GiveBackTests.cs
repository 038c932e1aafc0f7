using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Core.Subscriptions.SubscriptionCommand;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>25.00 were paid on 10 April: what goes back of it, in how many parts, and how the member's account stands.</summary>
public class GiveBackTests
{
    [Fact]
    public void Goodwill_in_two_parts_is_sent_under_two_numbers_and_never_more_than_was_paid()
    {
        var s = Full().At(Shanghai(4, 12, 9)).Asks(Grant("w-1", 1000)).Gives(typeof(RefundGranted)).Wakes();
        s.Only<RefundRequested>().Should().Match<RefundRequested>(e => e.Paid == Money.Cny(2500) && e.Amount == Money.Cny(1000) && e.Refund.RefundNumber == 2);
        s.RefundHears(new RefundAnswer.Refunded(Money.Cny(1000), "R1", s.Now));
        s.IsRefused(Grant("w-2", 1501), "too much").Asks(Grant("w-2", 1500)).Wakes();
        s.Only<RefundRequested>().Refund.RefundNumber.Should().Be(3);
        Account(s).Should().Be((2600, 1000, 1500), "paid, back, on its way");
        s.RefundHears(new RefundAnswer.Refunded(Money.Cny(1500), "R2", s.Now));
        Account(s).Should().Be((2600, 2500, 0));
        s.Renews().LastCharge.Period.Should().Be(3, "goodwill does not end the membership");
    }

    [Fact]
    public void The_same_wish_gives_back_once_and_a_payment_in_at_most_four_parts()
    {
        var s = Full().Asks(Grant("w-1", 100)).Asks(Grant("w-1", 100)).GivesNothing();
        s.Asks(Grant("w-2", 100)).Asks(Grant("w-3", 100)).Asks(Grant("w-4", 100)).IsRefused(Grant("w-5", 100), "at most 4 parts");
        s.IsRefused(new GrantRefund("w-6", s.Events.OfType<Charged>().First() with { Order = new Charge(Id, ChargeKind.Renewal, 9).Attempt(1) }, Money.Cny(1), "ann", "x"), "no payment");
    }

    [Fact]
    public void An_unknown_refund_is_asked_and_one_short_of_funds_keeps_its_number()
    {
        var s = Full().Asks(Grant("w-1", 1000)).Wakes().RefundHears(new RefundAnswer.Unknown("time-out"));
        var number = s.State.Refunds[^1].Number;
        s.ToAlarm().RefundHears(new RefundAnswer.Refused("NOTENOUGH", "the merchant's balance is too low")).Gives(typeof(NotTaken));
        s.ToAlarm().Only<RefundRequested>().Should().Match<RefundRequested>(e => e.Refund.ToString() == number && e.Send == 2);
    }

    [Fact]
    public void A_payee_that_is_gone_is_paid_outside_and_closed_with_a_reference()
    {
        var s = Full().Asks(Grant("w-1", 1000)).Wakes();
        var number = s.State.Refunds[^1].Number;
        s.IsRefused(new RecordPaidOutside(number, "transfer-9", "ann"), "would go back twice");
        s.RefundHears(new RefundAnswer.Impossible("USER_ACCOUNT_ABNORMAL", "the account is closed"));
        s.State.Parked.Should().Be(ParkReason.RefundImpossible);
        s.Asks(new RecordPaidOutside(number, "transfer-9", "ann")).Gives(typeof(PaidOutside)).Asks(new RecordPaidOutside(number, "transfer-9", "ann")).GivesNothing();
        Account(s).Should().Be((2600, 1000, 0));
        s.Unparks().RefundHears(new RefundAnswer.Refunded(Money.Cny(1000), "R1", s.Now)).Gives(typeof(Refunded), typeof(Parked));
        Account(s).Should().Be((2600, 2000, 0), "the rail made it after all: it is recorded, and a person looks");
    }

    [Fact]
    public void Our_own_refund_heard_of_as_a_reversal_calls_nobody()
    {
        var s = Full().Asks(Grant("w-1", 2500)).Wakes();
        var order = s.State.PaymentOf(2)!.Value;
        s.Hears(new ChargeOutcome.Reversed(Money.Cny(2500), "4200001", Shanghai(4, 10, 8), s.Now), order).Gives(typeof(Refunded));
        s.State.Parked.Should().BeNull();
        Account(s).Should().Be((2600, 2500, 0));
    }

    [Fact]
    public void Cancelled_now_with_all_of_it_back_the_membership_ends_and_the_money_goes()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(new Cancel(CancelledBy.Member, "enough", true) { GivesBack = Grant("cancel", 2500) });
        s.Gives(typeof(Cancelled), typeof(RefundGranted));
        s.Entitlement.Reason.Should().Be(EntitlementReason.Ended);
        s.Wakes().Last.OfType<RefundRequested>().Should().ContainSingle();
        s.Asks(new Cancel(CancelledBy.Member, "again", true) { GivesBack = Grant("more", 1) }).GivesNothing();
    }

    [Fact]
    public void Renewal_stops_also_when_nothing_can_go_back_and_the_reason_is_kept()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(Grant("w-1", 2500)).Asks(new Cancel(CancelledBy.Member, "enough", false) { GivesBack = Grant("cancel", 2500) });
        s.Gives(typeof(Cancelled)).State.NothingBack.Should().Contain("too much");
        s.Entitlement.Should().Be(new Entitlement(true, Shanghai(5, 10, 0), EntitlementReason.Paid, "monthly"), "it ends as without the wish");
        s.ToAlarm().Last.OfType<RefundRequested>().Should().ContainSingle("what was granted before");
    }

    [Fact]
    public void A_cancel_that_keeps_the_agreement_can_be_undone_until_the_end_of_the_paid_time()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Asks(new Cancel(CancelledBy.Member, "enough", false) { KeepsAgreement = true });
        s.Wakes().GivesNothing();
        s.At(Shanghai(5, 1, 9)).Asks(new UndoCancel("m", "stays")).Gives(typeof(CancelUndone)).Asks(new UndoCancel("m", "stays")).GivesNothing();
        s.Renews().LastCharge.Should().Be((Shanghai(5, 4, 10), Shanghai(5, 10, 8), 3, Money.Cny(2500)));

        var late = Full().At(Shanghai(4, 20, 9)).Asks(new Cancel(CancelledBy.Member, "enough", false) { KeepsAgreement = true }).ToAlarm();
        late.Now.Should().Be(Shanghai(5, 10, 0));
        late.IsRefused(new UndoCancel("m", "stays"), "signs a new one");
        late.State.Agreement.Status.Should().Be(Core.Agreements.AgreementStatus.Terminating);
    }

    [Fact]
    public void By_default_the_agreement_is_ended_at_once_and_a_wallets_cancel_has_no_undo()
    {
        var s = Full().At(Shanghai(4, 20, 9)).Cancels().IsRefused(new UndoCancel("m", "stays"), "signs a new one").Wakes();
        s.State.Agreement.Status.Should().Be(Core.Agreements.AgreementStatus.Terminating);
        Full().Agreement(Core.Agreements.AgreementStatus.Terminated, TerminationMode.Member).IsRefused(new UndoCancel("m", "stays"), "in the wallet");
    }

    [Theory]
    [InlineData(DisputeRule.WaitForPerson, SubscriptionStatus.Active, ParkReason.Disputed)]
    [InlineData(DisputeRule.StopRenewal, SubscriptionStatus.Cancelled, null)]
    [InlineData(DisputeRule.GoOn, SubscriptionStatus.Active, null)]
    public void A_dispute_stops_renewal_as_the_terms_say_and_lost_the_money_counts_as_gone(DisputeRule rule, SubscriptionStatus status, ParkReason? parked)
    {
        var s = Full(Monthly with { OnDispute = rule }).At(Shanghai(4, 20, 9));
        var order = s.State.PaymentOf(2)!.Value;
        s.Asks(new OpenDispute("cb-1", order, Money.Cny(2500), "not mine"));
        (s.State.Status, s.State.Parked).Should().Be((status, parked));
        s.IsRefused(Grant("w-1", 100), "disputed").Asks(new OpenDispute("cb-1", order, Money.Cny(2500), "again")).GivesNothing();
        s.Asks(new SettleDispute("cb-1", false)).Asks(new SettleDispute("cb-1", false)).GivesNothing().IsRefused(new SettleDispute("cb-1", true), "was lost");
        s.IsRefused(Grant("w-1", 100), "too much");
        Account(s).Should().Be((2600, 2500, 0));
    }

    [Fact]
    public void A_dispute_that_is_won_changes_nothing_of_the_money()
    {
        var s = Full(Monthly with { OnDispute = DisputeRule.GoOn });
        s.Asks(new OpenDispute("cb-1", s.State.PaymentOf(2)!.Value, Money.Cny(2500), "not mine")).Asks(new SettleDispute("cb-1", true)).Asks(Grant("w-1", 2500));
        Account(s).Should().Be((2600, 0, 2500));
    }

    [Fact]
    public void A_dispute_is_about_no_more_than_was_paid_and_a_number_is_of_one_dispute()
    {
        var s = Full(Monthly with { OnDispute = DisputeRule.GoOn });
        var order = s.State.PaymentOf(2)!.Value;
        OpenDispute Dispute(string id, long fen) => new(id, order, Money.Cny(fen), "not mine") { Paid = Money.Cny(2500) };
        s.IsRefused(Dispute("cb-1", 2501), "too much").Asks(Dispute("cb-1", 1500)).IsRefused(Dispute("cb-1", 1400), "another dispute").IsRefused(Dispute("cb-2", 1001), "too much");
        s.IsRefused(Grant("w-1", 1), "disputed").Asks(new SettleDispute("cb-1", true)).Asks(Grant("w-1", 500)).IsRefused(Grant("w-1", 400), "the name of another refund");
    }

    /// <summary>25.00 were granted, and before they are sent the bank takes the payment for the member.</summary>
    [Fact]
    public void What_was_granted_waits_for_the_dispute_and_a_lost_one_pays_it()
    {
        var s = Full(Monthly with { OnDispute = DisputeRule.GoOn }).Asks(Grant("w-1", 2500));
        s.Asks(new OpenDispute("cb-1", s.State.PaymentOf(2)!.Value, Money.Cny(2500), "not mine") { Paid = Money.Cny(2500) });
        s.After(Duration.FromDays(1)).Wakes().GivesNothing();
        s.Asks(new SettleDispute("cb-1", false)).Gives(typeof(PaidOutside), typeof(DisputeSettled));
        Account(s).Should().Be((2600, 2500, 0), "the member has it once");
        s.After(Duration.FromDays(1)).Wakes().GivesNothing();

        var part = Full(Monthly with { OnDispute = DisputeRule.GoOn }).Asks(Grant("w-1", 2000));
        part.Asks(new OpenDispute("cb-1", part.State.PaymentOf(2)!.Value, Money.Cny(1000), "not mine") { Paid = Money.Cny(2500) }).Asks(new SettleDispute("cb-1", false));
        part.State.Parked.Should().Be(ParkReason.RefundImpossible, "a person gives back the 15.00 that are left of it");
        part.After(Duration.FromDays(1)).Wakes().GivesNothing();
    }

    private static Scenario Full(Terms? terms = null) => Enrolled(terms: terms).Signs().Wakes().Succeeds().Renews();

    private static GrantRefund Grant(string key, long fen) => new(
        key, new(new Charge(Id, ChargeKind.Renewal, 2).Attempt(1), Money.Cny(2500), "4200001", Shanghai(4, 10, 8), new(2026, 4, 10), Shanghai(5, 10, 0), null, Shanghai(4, 10, 8)),
        Money.Cny(fen), "ann", "goodwill");

    private static (long Paid, long Back, long OnItsWay) Account(Scenario s)
    {
        var account = MemberAccount.Of(s.Events);
        return (account.Paid.MinorUnits, account.Back.MinorUnits, account.OnItsWay.MinorUnits);
    }
}
