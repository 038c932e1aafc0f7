using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>Payment and agreement come separately, in any order, late or not at all.</summary>
public class PayWhileSigningTests
{
    [Theory]
    [InlineData(Known.Yes, Known.Yes, SigningConclusion.Begin)]
    [InlineData(Known.Yes, Known.No, SigningConclusion.OnePeriodOnly)]
    [InlineData(Known.Yes, Known.Unknown, SigningConclusion.Wait)]
    [InlineData(Known.No, Known.Yes, SigningConclusion.EndAgreement)]
    [InlineData(Known.No, Known.No, SigningConclusion.GiveUp)]
    [InlineData(Known.No, Known.Unknown, SigningConclusion.Wait)]
    [InlineData(Known.Unknown, Known.Yes, SigningConclusion.Wait)]
    [InlineData(Known.Unknown, Known.No, SigningConclusion.Wait)]
    [InlineData(Known.Unknown, Known.Unknown, SigningConclusion.Wait)]
    [InlineData(null, Known.Yes, SigningConclusion.Begin)]
    [InlineData(null, Known.No, SigningConclusion.GiveUp)]
    [InlineData(null, Known.Unknown, SigningConclusion.Wait)]
    public void Every_cell_has_its_conclusion(Known? payment, Known agreement, SigningConclusion conclusion) =>
        PayAndSign.Decide(payment, agreement).Should().Be(conclusion);

    public static TheoryData<bool, Known, Known> Table()
    {
        TheoryData<bool, Known, Known> rows = [];
        foreach (var paymentFirst in new[] { true, false })
        {
            foreach (var payment in Enum.GetValues<Known>())
            {
                foreach (var agreement in Enum.GetValues<Known>())
                    rows.Add(paymentFirst, payment, agreement);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void The_order_of_the_two_answers_changes_nothing(bool paymentFirst, Known payment, Known agreement)
    {
        var s = Enrolled(payWhileSigning: true).Gives(typeof(Enrolled), typeof(Requested));
        s.Only<Requested>().Authority.Should().BeOfType<ChargeAuthority.MemberPresent>();
        s.Errands.Should().BeEmpty("the member pays at the cashier; nothing is sent");
        s.At(s.State.SignBy);
        if (paymentFirst)
            Agree(Pay(s, payment), agreement);
        else
            Pay(Agree(s, agreement), payment);
        Expect(s, payment, agreement);
    }

    [Fact]
    public void Paid_and_signed_begins_and_the_next_period_is_planned()
    {
        var s = Enrolled(payWhileSigning: true).After(Duration.FromMinutes(1)).Succeeds().Gives(typeof(Charged));
        s.After(Duration.FromMinutes(1)).Signs().Gives(typeof(AgreementChanged), typeof(Signed));
        s.Wakes().GivesNothing().ToAlarm().Gives(typeof(CyclePlanned)).State.Cycle!.Ordinal.Should().Be(2);
    }

    [Fact]
    public void Paid_but_not_signed_runs_for_one_period_and_is_over()
    {
        var s = Enrolled(payWhileSigning: true).Succeeds().At(Shanghai(3, 10, 14)).Agreement(AgreementStatus.Abandoned).Gives(typeof(AgreementChanged), typeof(Cancelled));
        s.Only<Cancelled>().By.Should().Be(CancelledBy.NotSigned);
        s.Only<Cancelled>().EffectiveAt.Should().Be(Shanghai(4, 10, 0));
        s.ToAlarm().Gives(typeof(Ended)).Now.Should().Be(Shanghai(4, 10, 0));
    }

    [Fact]
    public void A_payment_that_arrives_after_not_signed_still_buys_its_period()
    {
        var s = Enrolled(payWhileSigning: true).At(Shanghai(3, 10, 14)).Agreement(AgreementStatus.Abandoned).Gives(typeof(AgreementChanged));
        s.After(Duration.FromHours(1)).Succeeds(paidAt: Shanghai(3, 10, 12, 30)).Gives(typeof(Charged), typeof(Cancelled));
        s.State.EndsAt.Should().Be(Shanghai(4, 10, 0));
    }

    [Fact]
    public void Signed_but_not_paid_is_cancelled_and_the_agreement_ended()
    {
        var s = Enrolled(payWhileSigning: true).Signs().Gives(typeof(AgreementChanged)).Declines(DeclineReason.OrderClosed).Gives(typeof(Failed), typeof(Cancelled));
        s.Only<Cancelled>().By.Should().Be(CancelledBy.FirstPayment);
        s.Wakes().Gives(typeof(AgreementChanged), typeof(Ended)).Only<AgreementChanged>().Status.Should().Be(AgreementStatus.Terminating);
    }

    [Fact]
    public void A_payment_made_after_signed_but_not_paid_goes_back()
    {
        var s = Enrolled(payWhileSigning: true).Signs().Declines(DeclineReason.OrderClosed).Wakes();
        s.After(Duration.FromMinutes(5)).Succeeds(s.Events.OfType<Requested>().Single().Order).Gives(typeof(Overpaid));
        s.Only<Overpaid>().Reason.Should().Be(OverpaidReason.AfterCancel);
        s.Wakes().Gives(typeof(RefundRequested));
    }

    [Fact]
    public void A_late_confirmation_after_abandonment_is_terminated()
    {
        var s = Enrolled().At(Shanghai(3, 10, 14)).Agreement(AgreementStatus.Abandoned).Gives(typeof(AgreementChanged), typeof(Ended));
        s.Only<Ended>().Reason.Should().Be(EndReason.SignAbandoned);
        s.Alarm.Should().BeNull();
        s.After(Duration.FromHours(3)).Signs().Gives(typeof(AgreementChanged)).Wakes().Gives(typeof(AgreementChanged));
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.Terminate>();
        s.Agreement(AgreementStatus.Terminated, TerminationMode.Merchant).Alarm.Should().BeNull();
        s.Count<Requested>().Should().Be(0);
    }

    [Fact]
    public void An_order_the_rail_never_heard_of_is_waited_for_while_the_member_may_still_pay()
    {
        var s = Enrolled(payWhileSigning: true).Signs().ToAlarm().Hears(new ChargeOutcome.Missing()).Gives(typeof(Asked));
        s.At(s.State.SignBy - Duration.FromSeconds(1)).Wakes().Hears(new ChargeOutcome.Missing()).State.Status.Should().Be(SubscriptionStatus.Signing);
        s.At(s.State.SignBy).Wakes().Hears(new ChargeOutcome.Missing()).Gives(typeof(Failed), typeof(Cancelled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_order_that_never_reached_the_cashier_ends_the_signing_instead_of_leaving_it_open(bool signedFirst)
    {
        var s = Enrolled(payWhileSigning: true);
        if (signedFirst)
            s.Signs().Hears(new ChargeOutcome.Refused("PARAM_ERROR", "set-up"));
        else
            s.Hears(new ChargeOutcome.Refused("PARAM_ERROR", "set-up")).Signs();
        s.State.Status.Should().Be(SubscriptionStatus.Cancelled);
        s.Wakes().State.Agreement.Status.Should().Be(AgreementStatus.Terminating);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_wrong_amount_at_the_cashier_goes_back_and_ends_the_signing(bool signedFirst)
    {
        var s = Enrolled(payWhileSigning: true);
        var wrong = new ChargeOutcome.Succeeded(Money.Cny(99), "4200001", s.Now);
        if (signedFirst)
            s.Signs().Hears(wrong);
        else
            s.Hears(wrong).Signs();
        s.State.Status.Should().Be(SubscriptionStatus.Cancelled);
        s.State.Parked.Should().Be(ParkReason.UnexpectedMoney);
        s.Wakes().Count<RefundRequested>().Should().Be(1);
        s.Count<Charged>().Should().Be(0);
    }

    [Fact]
    public void An_agreement_ended_in_the_wallet_before_the_payment_is_known_leaves_one_period()
    {
        var s = Enrolled(payWhileSigning: true).Signs().Agreement(AgreementStatus.Terminated, TerminationMode.Member).Gives(typeof(AgreementChanged));
        s.Succeeds().Gives(typeof(Charged), typeof(Cancelled)).Only<Cancelled>().By.Should().Be(CancelledBy.NotSigned);
    }

    [Fact]
    public void A_member_who_cancels_while_signing_is_not_charged_and_an_agreement_that_comes_after_all_is_ended()
    {
        var s = Enrolled().Cancels().Gives(typeof(Cancelled)).Wakes().Gives(typeof(Ended));
        s.After(Duration.FromMinutes(3)).Signs().Wakes().State.Agreement.Status.Should().Be(AgreementStatus.Terminating);
        s.Count<Requested>().Should().Be(0);
    }

    private static Scenario Pay(Scenario s, Known payment) => payment switch
    {
        Known.Yes => s.Succeeds(paidAt: Shanghai(3, 10, 13)),
        Known.No => s.Declines(DeclineReason.OrderClosed),
        _ => s.Wakes().Hears(new ChargeOutcome.Pending("USERPAYING")),
    };

    private static Scenario Agree(Scenario s, Known agreement) => agreement switch
    {
        Known.Yes => s.Signs(),
        Known.No => s.Agreement(AgreementStatus.Abandoned),
        _ => s.Agreement(AgreementStatus.Signing),
    };

    private static void Expect(Scenario s, Known payment, Known agreement)
    {
        var (status, by, alarm) = (s.State.Status, s.State.CancelledBy, s.Alarm is not null);
        (status, by, alarm).Should().Be(PayAndSign.Decide(payment, agreement) switch
        {
            SigningConclusion.Begin => (SubscriptionStatus.Active, null, true),
            SigningConclusion.OnePeriodOnly => (SubscriptionStatus.Cancelled, CancelledBy.NotSigned, true),
            SigningConclusion.EndAgreement => (SubscriptionStatus.Cancelled, CancelledBy.FirstPayment, true),
            SigningConclusion.GiveUp => (SubscriptionStatus.Ended, (CancelledBy?)null, false),
            _ => (SubscriptionStatus.Signing, null, true),
        });
        s.Count<Charged>().Should().Be(payment == Known.Yes ? 1 : 0);
        s.Count<Signed>().Should().Be(payment == Known.Yes && agreement == Known.Yes ? 1 : 0);
    }
}
