using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Stripe;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;

namespace Renewals.Tests.Gateways.Stripe;

public sealed class VerdictTests
{
    [Fact]
    public void A_success_has_the_amount_the_number_and_the_time_of_its_charge()
    {
        var outcome = Known(Samples.Intent("succeeded")).Outcome;
        outcome.Should().Be(new ChargeOutcome.Succeeded(Money.Cny(1500), "pi_1", Samples.Now + Duration.FromSeconds(2)));
    }

    [Theory]
    [InlineData("requires_payment_method")]
    [InlineData("requires_confirmation")]
    [InlineData("requires_action")]
    public void A_payment_that_can_still_be_paid_is_never_declined(string status) =>
        Judge(Samples.Intent(status, intent => intent.LastPaymentError = new() { DeclineCode = "do_not_honor" }))
            .Should().Be(new IntentVerdict.StillPayable("pi_1", DeclineReason.Other, "do_not_honor"));

    [Fact]
    public void Processing_is_pending() => Known(Samples.Intent("processing")).Outcome.Should().BeOfType<ChargeOutcome.Pending>();

    [Fact]
    public void A_cancelled_payment_keeps_its_reason_in_its_failed_charge() =>
        Known(Samples.Intent("canceled", intent => intent.LatestCharge = new Sdk.Charge { Status = "failed", FailureCode = "card_declined", Outcome = new() { Reason = "stolen_card" } }))
            .Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.AccountAbnormal, "stolen_card")));

    [Fact]
    public void A_payment_cancelled_without_a_try_was_closed() =>
        Known(Samples.Intent("canceled", intent => intent.LatestCharge = null)).Outcome.Should().Be(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "canceled"));

    [Fact]
    public void What_is_not_about_our_order_or_mode_says_nothing()
    {
        Known(Samples.Intent("succeeded", intent => intent.Livemode = true)).Should().Match<ChargeAnswer>(a => a.Outcome is ChargeOutcome.Unknown && a.Evidence == Evidence.Hint);
        Known(Samples.Intent("succeeded", intent => intent.Metadata["order"] = "another")).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        Known(Samples.Intent("succeeded", intent => intent.Metadata = null)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        Known(Samples.Intent("requires_capture")).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("we never ask for that");
        Known(Samples.Intent("succeeded", intent => intent.Currency = "")).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Theory]
    [InlineData("insufficient_funds", DeclineReason.InsufficientFunds)]
    [InlineData("card_velocity_exceeded", DeclineReason.LimitReached)]
    [InlineData("withdrawal_count_limit_exceeded", DeclineReason.LimitReached)]
    [InlineData("lost_card", DeclineReason.AccountAbnormal)]
    [InlineData("stolen_card", DeclineReason.AccountAbnormal)]
    [InlineData("expired_card", DeclineReason.AccountAbnormal)]
    [InlineData("do_not_try_again", DeclineReason.AccountAbnormal)]
    [InlineData("highest_risk_level", DeclineReason.AccountAbnormal)]
    [InlineData("authentication_required", DeclineReason.AgreementNotInForce)]
    [InlineData("revocation_of_authorization", DeclineReason.AgreementNotInForce)]
    [InlineData("stop_payment_order", DeclineReason.AgreementNotInForce)]
    [InlineData("issuer_not_available", DeclineReason.BankFault)]
    [InlineData("try_again_later", DeclineReason.BankFault)]
    [InlineData("do_not_honor", DeclineReason.Other)]
    [InlineData("generic_decline", DeclineReason.Other)]
    [InlineData("a_code_of_next_year", DeclineReason.Other)]
    public void Every_decline_code_has_its_reason(string code, DeclineReason reason) => StripeDeclines.ReasonOf(code).Should().Be(reason);

    [Theory]
    [InlineData("visa", "do_not_try_again", null, null, DeclineReason.AccountAbnormal)]
    [InlineData("mastercard", null, "03", null, DeclineReason.AccountAbnormal)]
    [InlineData("mastercard", null, "21", null, DeclineReason.AccountAbnormal)]
    [InlineData("mastercard", null, "24", null, DeclineReason.Other)]
    [InlineData("visa", null, null, "57", DeclineReason.AccountAbnormal)]
    [InlineData("visa", null, null, "05", DeclineReason.Other)]
    [InlineData("amex", null, null, "57", DeclineReason.Other)]
    public void What_the_cards_network_says_of_another_try_stands_above_the_code(
        string network, string? advice, string? networkAdvice, string? networkDecline, DeclineReason reason)
    {
        var intent = Samples.Intent("canceled", intent => intent.LatestCharge = new Sdk.Charge
        {
            Status = "failed",
            FailureCode = "card_declined",
            Outcome = new() { Reason = "do_not_honor", AdviceCode = advice, NetworkAdviceCode = networkAdvice, NetworkDeclineCode = networkDecline },
            PaymentMethodDetails = new() { Card = new() { Network = network } },
        });
        Known(intent).Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(reason, "do_not_honor")));
    }

    [Theory]
    [InlineData(400, "invalid_request_error", "parameter_unknown", null, "Refused", Evidence.Conclusive)]
    [InlineData(401, "invalid_request_error", null, null, "Refused", Evidence.Conclusive)]
    [InlineData(403, "invalid_request_error", null, null, "Refused", Evidence.Conclusive)]
    [InlineData(400, "invalid_request_error", "resource_missing", "payment_method", "Declined", Evidence.Hint)]
    [InlineData(402, "card_error", "card_declined", null, "Declined", Evidence.Hint)]
    [InlineData(400, "idempotency_error", null, null, "Unknown", Evidence.Hint)]
    [InlineData(409, "idempotency_error", "idempotency_key_in_use", null, "Unknown", Evidence.Hint)]
    [InlineData(429, "invalid_request_error", "rate_limit", null, "Unknown", Evidence.Hint)]
    [InlineData(500, "api_error", null, null, "Unknown", Evidence.Hint)]
    public void An_error_is_judged_by_status_and_type(int status, string type, string? code, string? param, string outcome, Evidence evidence)
    {
        var answer = OfError(status, new() { Type = type, Code = code, Param = param });
        (answer.Outcome.GetType().Name, answer.Evidence).Should().Be((outcome, evidence));
        if (status is not (402 or 500) && outcome == "Refused")
            OfError(status, new() { Type = type, Code = code }, repeated: true).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("a refused repeat says nothing of the lost first try");
    }

    [Fact]
    public void Nothing_sent_is_not_sent_and_no_answer_is_unknown()
    {
        Known(Samples.Verdicts.JudgeCharge(new StripeReply<Sdk.PaymentIntent>.NotSent("no permit"), Samples.Order)).Outcome.Should().BeOfType<ChargeOutcome.NotSent>();
        Known(Samples.Verdicts.JudgeCharge(new StripeReply<Sdk.PaymentIntent>.Unclear("no answer"), Samples.Order)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Theory]
    [InlineData("canceled", "Declined")]
    [InlineData("succeeded", "Succeeded")]
    [InlineData("processing", "Pending")]
    [InlineData("requires_payment_method", "Unknown")]
    public void Only_a_cancelled_payment_is_declined_after_the_cancel(string status, string outcome)
    {
        var payable = new IntentVerdict.StillPayable("pi_1", DeclineReason.InsufficientFunds, "insufficient_funds");
        var shown = Samples.Intent(status, intent => intent.LatestCharge = null);
        foreach (var reply in new StripeReply<Sdk.PaymentIntent>[] { new StripeReply<Sdk.PaymentIntent>.Answer(shown), Refused(shown) })
            Samples.Verdicts.JudgeCancel(reply, payable, Samples.Number.ToString()).Outcome.GetType().Name.Should().Be(outcome);
        if (outcome == "Declined")
            Samples.Verdicts.JudgeCancel(Refused(shown), payable, Samples.Number.ToString()).Outcome.Should().Be(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "insufficient_funds"));

        static StripeReply<Sdk.PaymentIntent> Refused(Sdk.PaymentIntent intent) =>
            new StripeReply<Sdk.PaymentIntent>.Error(400, new() { Type = "invalid_request_error", Code = "payment_intent_unexpected_state", PaymentIntent = intent }, false);
    }

    [Fact]
    public void A_page_decides_an_order_only_when_it_is_over()
    {
        Cashier(null).Should().BeOfType<ChargeOutcome.Missing>();
        Cashier(Page("open")).Should().BeOfType<ChargeOutcome.Pending>();
        Cashier(Page("open", Samples.Intent("requires_payment_method"))).Should().BeOfType<ChargeOutcome.Pending>("the member may try another card");
        Cashier(Page("expired")).Should().Be(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "expired"));
        Cashier(Page("complete", Samples.Intent("succeeded"))).Should().BeOfType<ChargeOutcome.Succeeded>();
        Cashier(Page("complete")).Should().BeOfType<ChargeOutcome.Unknown>("a complete page without its payment");
    }

    [Fact]
    public void An_agreement_is_in_force_while_its_card_is_attached_to_its_customer()
    {
        var id = new StripeAgreementId("cus_1", "pm_1");
        Method("pm_1", "cus_1").Should().BeOfType<AgreementAnswer.Active>().Which.RailAgreementId.Should().Be("cus_1/pm_1");
        Method("pm_1", null).Should().BeOfType<AgreementAnswer.Terminated>();
        Method("pm_1", "cus_2").Should().BeOfType<AgreementAnswer.Unknown>();
        Method("pm_2", "cus_1").Should().BeOfType<AgreementAnswer.Unknown>();
        Samples.Verdicts.JudgeMethod(new StripeReply<Sdk.PaymentMethod>.Error(404, new() { Code = "resource_missing" }, false), id).Should().BeOfType<AgreementAnswer.Terminated>();
        Samples.Verdicts.JudgeMethod(new StripeReply<Sdk.PaymentMethod>.Error(500, new(), false), id).Should().BeOfType<AgreementAnswer.Unknown>();
        Samples.Verdicts.JudgeMethod(new StripeReply<Sdk.PaymentMethod>.Error(401, new(), false), id).Should().BeOfType<AgreementAnswer.Refused>();

        AgreementAnswer Method(string method, string? customer) => Samples.Verdicts.JudgeMethod(
            new StripeReply<Sdk.PaymentMethod>.Answer(new Sdk.PaymentMethod { Id = method, CustomerId = customer, Created = Samples.Now.ToDateTimeUtc() }), id);
    }

    [Theory]
    [InlineData("succeeded", typeof(RefundAnswer.Refunded))]
    [InlineData("pending", typeof(RefundAnswer.Pending))]
    [InlineData("requires_action", typeof(RefundAnswer.Pending))]
    [InlineData("failed", typeof(RefundAnswer.Impossible))]
    [InlineData("canceled", typeof(RefundAnswer.Impossible))]
    [InlineData("a_new_state", typeof(RefundAnswer.Unknown))]
    public void A_refund_is_judged_by_its_state(string status, Type answer) =>
        StripeVerdicts.JudgeRefund(new Sdk.Refund { Id = "re_1", Amount = 500, Currency = "cny", Status = status, Created = Samples.Now.ToDateTimeUtc() }).Should().BeOfType(answer);

    [Theory]
    [InlineData(400, "charge_disputed", false, typeof(RefundAnswer.Impossible))]
    [InlineData(400, "charge_already_refunded", false, typeof(RefundAnswer.Impossible))]
    [InlineData(400, "balance_insufficient", false, typeof(RefundAnswer.Refused))]
    [InlineData(403, null, false, typeof(RefundAnswer.Refused))]
    [InlineData(403, null, true, typeof(RefundAnswer.Unknown))]
    [InlineData(429, "rate_limit", false, typeof(RefundAnswer.Unknown))]
    [InlineData(500, null, false, typeof(RefundAnswer.Unknown))]
    public void A_refused_refund_is_judged_by_its_code(int status, string? code, bool repeated, Type answer) =>
        StripeVerdicts.JudgeRefund(new StripeReply<Sdk.Refund>.Error(status, new() { Code = code }, repeated), Samples.Refund).Should().BeOfType(answer);

    private static IntentVerdict Judge(Sdk.PaymentIntent intent) => Samples.Verdicts.JudgeIntent(intent, Samples.Number.ToString());

    private static ChargeAnswer Known(Sdk.PaymentIntent intent) => Known(Judge(intent));

    private static ChargeAnswer Known(IntentVerdict verdict) => verdict.Should().BeOfType<IntentVerdict.Known>().Subject.Answer;

    private static ChargeAnswer OfError(int status, Sdk.StripeError error, bool repeated = false) =>
        Known(Samples.Verdicts.JudgeCharge(new StripeReply<Sdk.PaymentIntent>.Error(status, error, repeated), Samples.Order));

    private static ChargeOutcome Cashier(Checkout.Session? page) => Samples.Verdicts.JudgeCashier(page, Samples.Number.ToString()).Outcome;

    private static Checkout.Session Page(string status, Sdk.PaymentIntent? intent = null) => new()
    {
        Id = "cs_1", Status = status, Mode = "payment", Metadata = new() { ["order"] = Samples.Number.ToString() }, PaymentIntent = intent,
    };
}
