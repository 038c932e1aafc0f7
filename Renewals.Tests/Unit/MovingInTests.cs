using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>A membership that was taken over waits for the rail and for the statements; what the other system took is never taken again.</summary>
public class MovingInTests
{
    /// <summary>The old system stopped on 8 April at noon; the members' next period begins on the 10th.</summary>
    private static readonly Instant CutOver = Shanghai(4, 8, 12);

    private static readonly Instant Due = Shanghai(4, 10, 0);

    [Theory]
    [InlineData(BillingUnit.Week, 2, "2026-01-05", "2026-03-16", 5)]
    [InlineData(BillingUnit.Day, 10, "2026-01-05", "2026-03-06", 6)]
    [InlineData(BillingUnit.Week, 2, "2026-01-05", "2026-03-10", null)]
    [InlineData(BillingUnit.Month, 1, "2026-01-31", "2026-02-28", 1)]
    public void Paid_periods_are_counted_in_the_plans_own_unit(BillingUnit unit, int count, string anchor, string until, int? paid) =>
        Decide.PaidPeriods(new(count, unit), NodaTime.Text.LocalDatePattern.Iso.Parse(anchor).Value, NodaTime.Text.LocalDatePattern.Iso.Parse(until).Value).Should().Be(paid);

    [Fact]
    public void Nobody_is_told_or_charged_before_the_rail_confirmed_the_agreement()
    {
        var s = MovedIn().ToAlarm().GivesNothing();
        s.Errands.Should().ContainSingle().Which.Should().BeOfType<Errand.AskAgreement>();
        s.At(Shanghai(5, 20, 12)).Wakes().GivesNothing();
        Duty.Of(s.State).Should().ContainSingle().Which.Kind.Should().Be(DutyKind.VerifyAgreement, "there is nothing else to do, however late it is");
    }

    [Fact]
    public void Nobody_is_told_or_charged_before_the_statements_were_read()
    {
        var s = Confirmed().At(Shanghai(5, 20, 12)).Wakes().GivesNothing();
        s.Errands.Select(errand => errand.GetType()).Should().BeEquivalentTo([typeof(Errand.AskAgreement), typeof(Errand.AskStatements)], "only questions");
        s.Asked(allRead: false).Gives(typeof(StatementsAsked));
        s.Only<StatementsAsked>().NextAskAt.Should().Be(s.Now + Duration.FromHours(2));
        s.Wakes().GivesNothing();
        Duty.Of(s.State).Select(duty => duty.Kind).Should().BeEquivalentTo([DutyKind.AskStatements, DutyKind.VerifyAgreement]);
    }

    [Fact]
    public void Confirmed_and_read_it_renews_as_any_other_and_the_periods_before_are_never_charged()
    {
        var s = Confirmed().ToStatements().Asked();
        s.Only<StatementsAsked>().NextAskAt.Should().BeNull();
        s.ToAlarm().Only<CyclePlanned>().Plan.Ordinal.Should().Be(4);
        s.State.Cycle!.Due.Should().Be(Due);
        Renews(s).Order.Charge.Should().Be(new Charge(Id, ChargeKind.Renewal, 4));
        s.Succeeds().Only<Charged>().PaidUntil.Should().Be(Shanghai(5, 10, 0));
        s.State.PaymentOf(3).Should().BeNull("no order of ours paid for it");
        s.State.PaymentOf(4).Should().NotBeNull();
    }

    [Fact]
    public void A_rail_that_does_not_know_the_agreement_is_asked_again_and_then_a_person_looks()
    {
        var s = MovedIn().ToAlarm();
        for (var asks = 1; asks < s.Limits.MaxAsks; asks++)
            s.Agreement(AgreementStatus.Unverified).Gives(typeof(AgreementAsked)).ToAlarm();
        s.Agreement(AgreementStatus.Unverified).Gives(typeof(AgreementAsked), typeof(Parked)).Only<Parked>().Reason.Should().Be(ParkReason.AgreementUnknown);
        s.Alarm.Should().BeNull();
        s.Unparks().Due(DutyKind.VerifyAgreement).Should().BeTrue("a person who looked has it asked once more");
    }

    [Fact]
    public void An_agreement_found_ended_ends_the_membership_with_what_is_paid()
    {
        var s = MovedIn().ToAlarm().Agreement(AgreementStatus.Terminated, TerminationMode.Member);
        s.Gives(typeof(AgreementChanged), typeof(Cancelled)).State.EndsAt.Should().Be(Due);
        s.At(Due).Wakes().Last.Should().ContainSingle(e => e is Ended);
    }

    [Fact]
    public void What_the_old_system_took_last_marks_its_period_as_paid()
    {
        var s = Confirmed().ToStatements().Asked(payments: Old("T1", Shanghai(4, 8, 8)));
        s.Gives(typeof(PaidElsewhere), typeof(StatementsAsked));
        s.Only<PaidElsewhere>().Should().Match<PaidElsewhere>(e => e.Ordinal == 4 && e.PaidUntil == Shanghai(5, 10, 0) && !e.AfterCutOver);
        s.State.Parked.Should().BeNull();
        s.ToAlarm().Only<CyclePlanned>().Plan.Ordinal.Should().Be(5);
        s.State.Cycle!.Due.Should().Be(Shanghai(5, 10, 0));
    }

    [Theory]
    [InlineData(3, 10, false)]
    [InlineData(4, 2, false)]
    [InlineData(4, 3, true)]
    public void Only_a_payment_for_the_next_period_marks_it_one_of_the_running_period_says_nothing_new(int month, int day, bool marks)
    {
        var s = Confirmed().ToStatements().Asked(payments: Old("T1", Shanghai(month, day, 8)));
        s.Count<PaidElsewhere>().Should().Be(marks ? 1 : 0);
        s.State.PaidThrough.Should().Be(marks ? 4 : 3);
    }

    [Fact]
    public void Two_payments_that_came_together_do_not_pay_for_two_periods_a_person_looks()
    {
        var s = Confirmed().ToStatements().Asked(payments: [.. Old("T1", Shanghai(4, 8, 8)), .. Old("T2", Shanghai(4, 8, 9))]);
        s.State.PaidThrough.Should().Be(4);
        s.Gives(typeof(PaidElsewhere), typeof(StatementsAsked));
        var later = Confirmed(cutOver: Shanghai(4, 8, 9)).ToStatements().Asked(payments: [.. Old("T1", Shanghai(4, 8, 8)), .. Old("T2", Shanghai(4, 8, 9))]);
        later.Gives(typeof(PaidElsewhere), typeof(PaidElsewhere), typeof(Parked), typeof(StatementsAsked)).State.PaidThrough.Should().Be(4);
    }

    [Fact]
    public void Another_amount_is_for_a_person_unless_the_payer_has_other_memberships()
    {
        var s = Confirmed().ToStatements().Asked(payments: new OldPayment("T1", Money.Cny(1990), Shanghai(4, 8, 8), IsCertain: true));
        s.Gives(typeof(PaidElsewhere), typeof(Parked), typeof(StatementsAsked)).Only<Parked>().Reason.Should().Be(ParkReason.MovedIn);
        s.Only<PaidElsewhere>().Ordinal.Should().Be(0);
        s.Unparks().ToAlarm().Only<CyclePlanned>().Plan.Ordinal.Should().Be(4, "the person said that it was for something else");
        Confirmed().ToStatements().Asked(payments: new OldPayment("T1", Money.Cny(1990), Shanghai(4, 8, 8), IsCertain: false)).Gives(typeof(StatementsAsked));
    }

    [Fact]
    public void An_order_that_is_not_ours_after_the_cut_over_pays_for_its_period_and_is_said()
    {
        var s = Renewed(4);
        s.When(Heard(Old("T9", Shanghai(5, 9, 12)))).Gives(typeof(PaidElsewhere)).Only<PaidElsewhere>().AfterCutOver.Should().BeTrue();
        s.State.PaidThrough.Should().Be(5);
        s.When(Heard(Old("T9", Shanghai(5, 9, 12)))).GivesNothing();
        s.At(s.State.NextPlanAt!.Value).Wakes().Only<CyclePlanned>().Plan.Ordinal.Should().Be(6, "period 5 is paid, by whomever");
    }

    [Fact]
    public void A_payment_after_the_cut_over_finds_its_period_behind_those_before_it_however_early_it_is_heard_of()
    {
        var s = Confirmed(cutOver: Shanghai(5, 8, 12));
        s.At(Shanghai(5, 9, 12)).When(Heard(Old("T9", Shanghai(5, 9, 11)))).Gives(typeof(PaidElsewhere)).Only<PaidElsewhere>()
            .Should().Match<PaidElsewhere>(e => e.AfterCutOver && e.AwaitsStatements && e.Ordinal == 0);
        (s.State.PaidThrough, s.State.Parked).Should().Be((3, null));
        s.When(Heard(Old("T9", Shanghai(5, 9, 11)))).GivesNothing();
        s.ToStatements().Asked(allRead: false).State.PaidThrough.Should().Be(3);
        s.At(s.State.MovedIn!.AskAt!.Value).Asked(payments: Old("T8", Shanghai(4, 9, 8))).Gives(typeof(PaidElsewhere), typeof(PaidElsewhere), typeof(StatementsAsked));
        s.Events.OfType<PaidElsewhere>().Select(e => (e.RailTransaction, e.Ordinal, e.WasHeard)).Should().Equal(("T9", 0, false), ("T8", 4, false), ("T9", 5, true));
        (s.State.PaidThrough, s.State.Parked, s.State.MovedIn!.Waiting.Count).Should().Be((5, null, 0));
    }

    [Fact]
    public void The_other_system_knows_only_its_own_price_which_pays_for_the_period_whatever_it_costs_here_since()
    {
        var s = Confirmed().ToStatements().Asked();
        s.Asks(new SubscriptionCommand.ChangeTerms("basic", Monthly with { PlanId = "basic", Price = Money.Cny(1200) }, ChangeTiming.NextPeriod, "m", "less"));
        s.ToAlarm().Gives(typeof(TermsChanged), typeof(CyclePlanned));
        s.When(Heard(Old("T9", s.Now))).Only<PaidElsewhere>().Ordinal.Should().Be(4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_other_system_takes_during_a_pause_is_enjoyed_after_it(bool withEnd)
    {
        var s = Confirmed().ToStatements().Asked().At(Shanghai(4, 9, 12));
        s.Asks(new SubscriptionCommand.PauseRenewal(Shanghai(4, 10, 0), withEnd ? new(2026, 6, 1) : null, true, "m", "away"));
        s.At(Shanghai(withEnd ? 5 : 4, withEnd ? 28 : 10, 2)).When(Heard(Old("T9", s.Now))).Only<PaidElsewhere>().Ordinal.Should().Be(4);
        s.At(Shanghai(5, 30, 12)).Asks(new SubscriptionCommand.Resume("m", "back"));
        s.State.Periods!.Value.FirstDay(5).Should().Be(new LocalDate(2026, 5, 30).PlusDays(30), "the thirty days that were paid for follow the pause");
        s.State.PaidUntil.Should().Be(s.State.Periods!.Value.Start(5));
    }

    [Fact]
    public void An_order_in_flight_for_a_period_that_was_paid_elsewhere_meanwhile_goes_back_when_it_is_taken()
    {
        var s = Confirmed().ToStatements().Asked().ToAlarm();
        Renews(s);
        var order = s.Attempt.Order;
        s.When(Heard(Old("T9", s.Now))).Gives(typeof(PaidElsewhere)).State.InFlight.Should().BeTrue("it may still take money");
        s.Hears(new ChargeOutcome.Succeeded(Monthly.Price, "T10", s.Now), order).Only<Overpaid>().Reason.Should().Be(OverpaidReason.SecondSuccess);
        s.Count<Charged>().Should().Be(0);
    }

    [Fact]
    public void Of_a_period_we_were_paid_for_a_second_payment_elsewhere_is_for_a_person()
    {
        var s = Renewed(4);
        s.When(Heard(Old("T9", Shanghai(4, 20, 12)))).Gives(typeof(PaidElsewhere), typeof(Parked)).Only<PaidElsewhere>().Ordinal.Should().Be(0);
        s.State.PaidThrough.Should().Be(4);
    }

    [Fact]
    public void Statements_that_are_never_read_call_a_person_and_go_on_being_asked_for()
    {
        var s = Confirmed().ToStatements();
        for (var asks = 1; asks < s.Limits.MaxAsks; asks++)
            s.Asked(allRead: false).Gives(typeof(StatementsAsked)).At(s.State.MovedIn!.AskAt!.Value);
        s.Asked(allRead: false).Gives(typeof(StatementsAsked), typeof(Parked)).Only<Parked>().Reason.Should().Be(ParkReason.MovedIn);
        s.At(s.State.MovedIn!.AskAt!.Value).Due(DutyKind.AskStatements).Should().BeTrue();
        s.Asked().State.MovedIn!.AskAt.Should().BeNull();
    }

    [Fact]
    public void Price_and_days_stay_until_the_statements_were_read_so_that_what_the_old_system_took_is_known_by_them()
    {
        var basic = Monthly with { PlanId = "basic", Price = Money.Cny(1200) };
        SubscriptionCommand[] wishes =
        [
            new SubscriptionCommand.ChangeTerms("basic", basic, ChangeTiming.Now, "m", "less"),
            new SubscriptionCommand.MoveBillingDay(new(2026, 4, 25), "m", "payday"),
            new SubscriptionCommand.PauseRenewal(null, new(2026, 6, 1), true, "m", "away"),
        ];
        var waiting = Confirmed();
        foreach (var wish in wishes)
        {
            waiting.IsRefused(wish, "its statements were read, on 2026-04-09");
            Confirmed().ToStatements().Asked().Asks(wish).Last.Should().NotBeEmpty("all of them are known now");
        }

        waiting.Asks(new SubscriptionCommand.ChangeTerms("basic", basic, ChangeTiming.NextPeriod, "m", "less")).State.Terms.Should().Be(Monthly);
        waiting.ToStatements().Asked(payments: Old("T1", Shanghai(4, 8, 8))).State.PaidThrough.Should().Be(4);
    }

    [Fact]
    public void Who_cancels_before_the_agreement_was_confirmed_has_it_ended_and_keeps_what_the_old_system_took()
    {
        var s = MovedIn().Cancels().Wakes();
        s.Only<AgreementChanged>().Status.Should().Be(AgreementStatus.Terminating);
        s.ToStatements().Asked(payments: Old("T1", Shanghai(4, 8, 8)));
        s.State.EndsAt.Should().Be(Shanghai(5, 10, 0));
        s.Only<StatementsAsked>().NextPlanAt.Should().BeNull();
    }

    [Fact]
    public void Where_the_rail_keeps_charge_dates_its_own_is_read_before_anything_is_planned()
    {
        var s = Confirmed(OwnDates, railDate: new(2026, 4, 12)).ToStatements().Asked(payments: Old("T1", Shanghai(4, 8, 8)));
        s.At(s.State.NextPlanAt!.Value).Wakes().GivesNothing().Due(DutyKind.ReadRailDate).Should().BeTrue("the payment moved the rail's date on");
        MovedIn(OwnDates).State.Agreement.RailDate.Should().Be(new LocalDate(2026, 4, 12), "two days after the due day, for another try");
    }

    [Fact]
    public void An_anchor_that_is_the_next_due_day_itself_counts_one_period_before()
    {
        var s = MovedIn(anchor: new(2026, 4, 10));
        (s.State.PeriodsBeforeAnchor, s.State.PaidThrough, s.State.NextCharge.Ordinal).Should().Be((1, 1, 2));
        s.Signs().ToStatements().Asked().ToAlarm().Only<CyclePlanned>().Plan.Due.Should().Be(Due);
    }

    [Fact]
    public void The_same_import_twice_is_no_event()
    {
        var s = MovedIn();
        Decide.On(s.State, Command(), s.Context).Should().BeEmpty();
    }

    [Fact]
    public void A_callback_confirms_nothing_only_an_answer_does()
    {
        var agreement = EvolveAgreement.Next(null, new TakenOver(Signature, Id, Account, "t", CutOver));
        var active = new AgreementAnswer.Active("contract", null, CutOver, null);
        DecideAgreement.OnAnswer(agreement, active, CutOver, CutOver, Evidence.Hint).Should().BeEmpty();
        DecideAgreement.OnAnswer(agreement, active, CutOver, CutOver).Should().ContainSingle().Which.Should().BeOfType<Agreed>();
        DecideAgreement.OnAnswer(agreement, new AgreementAnswer.Suspended("STOP"), CutOver, CutOver).Should().ContainSingle().Which.Should().BeOfType<Suspended>();
        DecideAgreement.OnAnswer(agreement, new AgreementAnswer.Terminated(TerminationMode.Member, null), CutOver, CutOver).Should().ContainSingle().Which.Should().BeOfType<Terminated>();
        DecideAgreement.OnAnswer(agreement, new AgreementAnswer.NotFound(), CutOver, CutOver).Should().BeEmpty();
        FluentActions.Invoking(() => EvolveAgreement.Next(agreement, new TakenOver(Signature, Id, Account, "t", CutOver))).Should().Throw<InvalidOperationException>();
    }

    private static SubscriptionCommand.Import Command(Instant? cutOver = null, LocalDate? anchor = null) => new(
        Id, "member-7", Account, Signature, "template-1", Monthly, anchor ?? new(2026, 1, 10), new(2026, 4, 10), cutOver ?? CutOver, CutOver + Duration.FromMinutes(5),
        Shanghai(4, 9, 11), "line");

    private static Scenario MovedIn(RailTraits? traits = null, Instant? cutOver = null, LocalDate? anchor = null) =>
        Scenario.Begun(Command(cutOver, anchor), CutOver, traits ?? LookedAt);

    private static Scenario Confirmed(RailTraits? traits = null, Instant? cutOver = null, LocalDate? railDate = null)
    {
        var s = MovedIn(traits, cutOver).ToAlarm().Agreement(AgreementStatus.Active, signedAt: Shanghai(1, 10, 9), railDate: railDate);
        s.Gives(typeof(AgreementChanged)).State.Agreement.Status.Should().Be(AgreementStatus.Active);
        return s;
    }

    /// <summary>Confirmed, read, and this period was paid to us.</summary>
    private static Scenario Renewed(int ordinal)
    {
        var s = Confirmed().ToStatements().Asked().ToAlarm();
        Renews(s);
        s.Succeeds().State.PaidThrough.Should().Be(ordinal);
        return s;
    }

    private static Requested Renews(Scenario s)
    {
        for (var steps = 0; s.Last.OfType<Requested>().FirstOrDefault() is null; steps++)
        {
            steps.Should().BeLessThan(12);
            s.ToAlarm();
            if (s.Due(DutyKind.VerifyAgreement))
                s.Signs(s.State.SignedAt).Wakes();
            if (s.Due(DutyKind.Announce))
                s.Told().Wakes();
            if (s.Last.OfType<RailNoticeRequested>().Any())
                s.RailSays(new RailNoticeAnswer.Accepted()).Wakes();
        }

        return s.Only<Requested>();
    }

    private static OldPayment[] Old(string transaction, Instant at) => [new(transaction, Monthly.Price, at, IsCertain: true)];

    private static SubscriptionCommand.RecordOldPayments Heard(OldPayment[] payments) => new(payments, IsAnswer: false, AllRead: false, "a statement");
}
