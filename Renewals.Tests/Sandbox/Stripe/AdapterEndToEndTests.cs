using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Host.Sandbox.Stripe;

namespace Renewals.Tests.Sandbox.Stripe;

public sealed class StripeAdapterEndToEndTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_member_signs_on_a_page_in_two_languages_and_the_rail_tells()
    {
        await using var world = await StripeWorld.StartAsync();
        var unsigned = world.Unsigned();
        (await world.Gateway.QueryAgreementAsync(unsigned, None)).Should().BeOfType<AgreementAnswer.NotFound>();
        var ready = (await world.Gateway.StartSigningAsync(world.Signing(), None)).Should().BeOfType<SigningAnswer.Ready>().Subject;
        var address = ready.Page.Should().BeOfType<SigningPage.Redirect>().Subject.Address;
        (await world.Gateway.StartSigningAsync(world.Signing(), None)).Should().Be(ready, "a second tap is shown the same page");
        (await world.BrowseAsync(address)).Text.Should().Contain("保存银行卡").And.Contain("Save your card");
        (await world.Gateway.QueryAgreementAsync(unsigned, None)).Should().BeOfType<AgreementAnswer.Pending>();

        (await world.BrowseAsync(new Uri($"{address}/confirm"), [new("member", "ann")])).Status.Should().Be(200);
        await world.RunForAsync(Duration.FromSeconds(1));
        var told = world.Readings.OfType<CallbackReading.OfAgreement>().Single(news => news.Answer is AgreementAnswer.Active);
        told.SigningCode.Should().Be(StripeWorld.Agreement(1).SigningCode);
        var asked = (await world.Gateway.QueryAgreementAsync(unsigned, None)).Should().BeOfType<AgreementAnswer.Active>().Subject;
        asked.RailAgreementId.Should().Be(((AgreementAnswer.Active)told.Answer).RailAgreementId);
        (await world.Gateway.QueryAgreementAsync(unsigned with { RailAgreementId = asked.RailAgreementId }, None)).Should().Be(asked);
        (await world.BrowseAsync(address)).Status.Should().Be(404, "the page is over");
    }

    [Fact]
    public async Task A_member_pays_and_signs_in_one_step()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(world.Unsigned()) with { PaidWhileSigning = true };
        var first = new FirstPaymentOrder(order.Number, order.Amount, order.Subject, world.Now + Duration.FromHours(2));
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Missing>();
        await world.Gateway.StartSigningAsync(world.Signing(first: first), None);
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();

        world.Sandbox.DeclineNext("ann", "do_not_honor");
        (await world.Sandbox.ConfirmSigningAsync(StripeWorld.Agreement(1).SigningCode, "ann")).Refusal.Should().Be("do_not_honor");
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>("the member may try again on the open page");
        (await world.Sandbox.ConfirmSigningAsync(StripeWorld.Agreement(1).SigningCode, "ann")).Refusal.Should().BeNull();
        await world.RunForAsync(Duration.FromSeconds(1));

        var paid = (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>().Subject;
        world.Readings.OfType<CallbackReading.OfCharge>().Should().ContainSingle(news => news.Answer.Outcome == paid && news.OrderNumber == order.Number.ToString());
        (await world.Gateway.QueryAgreementAsync(order.Agreement, None)).Should().BeOfType<AgreementAnswer.Active>();
        world.Bank.Entries.Should().ContainSingle().Which.OrderNumber.Should().Be(order.Number.ToString());
    }

    [Fact]
    public async Task An_order_at_the_cashier_can_be_stopped_and_then_never_be_paid()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(world.Unsigned()) with { PaidWhileSigning = true };
        await world.Gateway.StartSigningAsync(world.Signing(first: new(order.Number, order.Amount, order.Subject, world.Now + Duration.FromHours(2))), None);
        (await world.Gateway.StopChargeAsync(order, None)).Outcome.Should().Be(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "expired"));
        (await world.Sandbox.ConfirmSigningAsync(StripeWorld.Agreement(1).SigningCode, "ann")).Refusal.Should().Be("page_expired");
        world.Bank.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task A_charge_is_taken_told_queried_and_listed()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Missing>();
        var paid = (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>().Subject;
        paid.Amount.Should().Be(Money.Cny(1500));
        await world.RunForAsync(Duration.FromSeconds(1));
        world.Readings.OfType<CallbackReading.OfCharge>().Should().ContainSingle()
            .Which.Should().Be(new CallbackReading.OfCharge(order.Number.ToString(), new(paid), order.Agreement.RailAgreementId));
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().Be(paid);
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().Be(paid, "a repeat is the same order");
        (await world.Gateway.StopChargeAsync(order, None)).Outcome.Should().Be(paid);

        await world.RunForAsync(Duration.FromHours(23));
        var ready = (await world.Gateway.ReadStatementAsync(new LocalDate(2026, 5, 1), None)).Should().BeOfType<StatementAnswer.Ready>().Subject;
        ready.Lines.Should().ContainSingle().Which.Should().Be(new StatementLine(order.Number.ToString(), null, order.Amount, paid.RailTransaction, paid.PaidAt));
        world.Bank.Entries.Should().ContainSingle().Which.TransactionId.Should().Be(paid.RailTransaction);
    }

    [Fact]
    public async Task A_declined_payment_is_cancelled_so_that_nobody_can_confirm_it_later()
    {
        await using var world = await StripeWorld.StartAsync();
        var agreement = await world.SignedAsync();
        world.Sandbox.DeclineNext("ann", "insufficient_funds");
        var order = world.Charge(agreement);
        var declined = new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "insufficient_funds");
        (await world.Gateway.ChargeAsync(order, None)).Should().Be(new ChargeAnswer(declined));
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().Be(declined, "its failed charge still says why");
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().Be(declined, "the number is used up");
        await world.RunForAsync(Duration.FromSeconds(1));
        world.Readings.OfType<CallbackReading.OfCharge>().Should().HaveCount(2).And.OnlyContain(news => news.Answer.Evidence == Evidence.Hint);

        var intent = System.Text.Json.JsonDocument.Parse(world.Post.Came.Last().Body).RootElement.GetProperty("data").GetProperty("object").GetProperty("id").GetString();
        (await world.PostAsync($"payment_intents/{intent}/confirm", $"payment_method={agreement.RailAgreementId!.Split('/')[1]}")).Status.Should().Be(400);
        (await world.Gateway.ChargeAsync(world.Charge(agreement, attempt: 2), None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        world.Bank.Entries.Should().ContainSingle();
    }

    [Fact]
    public async Task A_processing_payment_is_followed_to_its_end()
    {
        await using var world = await StripeWorld.StartAsync(new() { Charges = _ => new() { ProcessingFor = Duration.FromMinutes(1), DeclineCode = "try_again_later" } });
        var order = world.Charge(await world.SignedAsync());
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        (await world.Gateway.StopChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>("it cannot be stopped");
        await world.RunForAsync(Duration.FromMinutes(2));
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().Be(new ChargeOutcome.Declined(DeclineReason.BankFault, "try_again_later"));
        world.Bank.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Refunds_go_back_once_and_are_told_queried_and_listed()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        var paid = (ChargeOutcome.Succeeded)(await world.Gateway.ChargeAsync(order, None)).Outcome;
        var refund = world.Refund(order, paid.RailTransaction, 600);
        (await world.Gateway.QueryRefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Missing>();
        var given = (await world.Gateway.RefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Refunded>().Subject;
        (await world.Gateway.RefundAsync(refund, None)).Should().Be(given, "a repeat is the same refund");
        (await world.Gateway.QueryRefundAsync(refund, None)).Should().Be(given);
        await world.RunForAsync(Duration.FromSeconds(1));
        world.Readings.OfType<CallbackReading.OfRefund>().Should().HaveCount(2).And.OnlyContain(news => news.Answer == given && news.RefundNumber == refund.Number.ToString());

        (await world.Gateway.RefundAsync(world.Refund(order, paid.RailTransaction, 900, number: 2), None)).Should().BeOfType<RefundAnswer.Refunded>();
        (await world.Gateway.RefundAsync(world.Refund(order, paid.RailTransaction, 1, number: 3), None)).Should().BeOfType<RefundAnswer.Impossible>("nothing is left");
        await world.RunForAsync(Duration.FromHours(23));
        var lines = (StatementAnswer.Ready)await world.Gateway.ReadStatementAsync(new LocalDate(2026, 5, 1), None);
        lines.Lines.Select(line => (line.RefundNumber, line.Amount.MinorUnits)).Should().BeEquivalentTo(
            [((string?)null, 1500L), (refund.Number.ToString(), 600L), (order.Number.Refund(2).ToString(), 900L)]);
        world.Bank.BalanceOf("ann").Should().Be(100_000);
    }

    [Fact]
    public async Task A_refund_that_cannot_reach_the_member_is_impossible()
    {
        await using var world = await StripeWorld.StartAsync(new() { RefundDelays = _ => Duration.FromMinutes(1) });
        var order = world.Charge(await world.SignedAsync());
        var paid = (ChargeOutcome.Succeeded)(await world.Gateway.ChargeAsync(order, None)).Outcome;
        var refund = world.Refund(order, paid.RailTransaction, 600);
        (await world.Gateway.RefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Pending>();
        world.Bank.CloseAccount("ann");
        await world.RunForAsync(Duration.FromMinutes(2));
        (await world.Gateway.QueryRefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Impossible>();
        world.Readings.OfType<CallbackReading.OfRefund>().Last().Answer.Should().BeOfType<RefundAnswer.Impossible>();
    }

    [Theory]
    [InlineData(TerminationMode.Member)]
    [InlineData(TerminationMode.Platform)]
    public async Task An_agreement_ended_elsewhere_takes_no_charge_and_ending_it_again_is_no_error(TerminationMode mode)
    {
        await using var world = await StripeWorld.StartAsync();
        var agreement = await world.SignedAsync();
        (await world.Sandbox.TerminateAsync(agreement.RailAgreementId!, mode)).Should().BeTrue();
        await world.RunForAsync(Duration.FromSeconds(1));
        world.Readings.OfType<CallbackReading.OfAgreement>().Any(news => news.Answer is AgreementAnswer.Terminated).Should().Be(mode == TerminationMode.Platform);
        (await world.Gateway.QueryAgreementAsync(agreement, None)).Should().BeOfType<AgreementAnswer.Terminated>();
        (await world.Gateway.TerminateAgreementAsync(agreement, "again", None)).Should().BeOfType<AgreementAnswer.Terminated>();
        var answer = await world.Gateway.ChargeAsync(world.Charge(agreement), None);
        answer.Should().Match<ChargeAnswer>(a => a.Evidence == Evidence.Hint && a.Outcome is ChargeOutcome.Declined);
        ((ChargeOutcome.Declined)answer.Outcome).Reason.Should().Be(DeclineReason.AgreementNotInForce);
        (await world.Gateway.QueryChargeAsync(world.Charge(agreement), None)).Outcome.Should().BeOfType<ChargeOutcome.Missing>("which proves that nothing was made");
        world.Bank.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task We_end_an_agreement_signed_or_not()
    {
        await using var world = await StripeWorld.StartAsync();
        var agreement = await world.SignedAsync();
        (await world.Gateway.TerminateAgreementAsync(agreement, "over", None)).Should().Be(new AgreementAnswer.Terminated(TerminationMode.Merchant, null));
        (await world.Gateway.TerminateAgreementAsync(world.Unsigned(2), "over", None)).Should().BeOfType<AgreementAnswer.NotFound>();
        await world.Gateway.StartSigningAsync(world.Signing(3), None);
        (await world.Gateway.TerminateAgreementAsync(world.Unsigned(3), "over", None)).Should().BeOfType<AgreementAnswer.Terminated>();
        (await world.Sandbox.ConfirmSigningAsync(StripeWorld.Agreement(3).SigningCode, "ann")).Refusal.Should().Be("page_expired");
    }

    [Fact]
    public async Task The_doctor_finds_a_sandbox_account_sound_but_for_its_private_address()
    {
        await using var world = await StripeWorld.StartAsync();
        var findings = await world.Doctor.ExamineAsync(None);
        findings.Where(finding => finding.Verdict != FindingVerdict.Yes).Select(finding => finding.Check).Should().Equal(RailCheck.CallbackAddress);
    }
}
