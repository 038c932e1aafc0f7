using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;
using NodaTime;

namespace Renewals.Tests.Gateways.Alipay;

public sealed class VerdictTests
{
    private const string Paid = """
        "trade_no":"2025070122001400000000000101","total_amount":"19.90","gmt_payment":"2025-07-01 08:00:02"
        """;

    private static readonly ChargeOutcome.Succeeded Success =
        new ChargeOutcome.Succeeded(Money.Cny(1990), Samples.TradeNo, Instant.FromUtc(2025, 7, 1, 0, 0, 2));

    [Fact]
    public void A_deduction_is_paid_only_with_its_own_number_amount_and_time()
    {
        Pay(Ok(Paid)).Should().Be(new ChargeAnswer(Success));
        Asks(Pay(Ok(Paid.Replace("\"gmt_payment\"", "\"x\""))), "no time");
        Asks(Pay(Ok(Paid.Replace("\"trade_no\"", "\"x\""))), "no number");
        Asks(Pay(Ok(Paid.Replace("\"total_amount\"", "\"x\""))), "no amount");
        Asks(Pay(Ok(Paid.Replace("19.90", "19.901"))), "no amount in fen");
        Asks(Pay(Samples.Message($$"""{"code":"10000",{{Paid}}}""")), "no order");
        Asks(Pay(Samples.Message($$"""{"code":"10000","out_trade_no":"SUB_1",{{Paid}}}""")), "another order");
    }

    [Fact]
    public void An_order_in_process_is_pending_and_a_doubt_is_asked()
    {
        Pay(Samples.Message($$"""{"code":"10003","out_trade_no":"{{Samples.Number}}"}"""))
            .Should().Be(new ChargeAnswer(new ChargeOutcome.Pending("10003")));
        Asks(Pay(Samples.Message("""{"code":"10003","out_trade_no":"SUB_1"}""")), "another order");
        Asks(Pay(Samples.Message("""{"code":"20000","sub_code":"isp.unknow-error"}""")), "the rail does not know");
        Asks(Pay(Samples.Message("""{"code":"40005","sub_code":"app-call-limited"}""")), "too many calls");
        Asks(Pay(Samples.Message("""{"code":"99999"}""")), "a code nobody knows");
        Asks(Pay(Samples.Failure("ACQ.SYSTEM_ERROR")), "the money may have moved");
        Asks(Pay(Samples.Failure("AQC.SYSTEM_ERROR")), "the rail's own spelling");
        Asks(Pay(Samples.Failure("ACQ.NEVER_HEARD_OF")), "a code nobody knows");
        Asks(Pay(new AlipayReply.Unclear("bad signature")), "not believed");
        Pay(new AlipayReply.NotSent("no permit")).Outcome.Should().Be(new ChargeOutcome.NotSent("no permit"));
    }

    [Theory]
    [InlineData("ACQ.BUYER_BALANCE_NOT_ENOUGH", DeclineReason.InsufficientFunds)]
    [InlineData("ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", DeclineReason.InsufficientFunds)]
    [InlineData("ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", DeclineReason.LimitReached)]
    [InlineData("ACQ.PAYMENT_FAIL", DeclineReason.Other)]
    [InlineData("ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", DeclineReason.AccountAbnormal)]
    [InlineData("ACQ.BUYER_ENABLE_STATUS_FORBID", DeclineReason.AccountAbnormal)]
    [InlineData("ACQ.AGREEMENT_NOT_EXIST", DeclineReason.AgreementNotInForce)]
    [InlineData("ACQ.AGREEMENT_STATUS_NOT_NORMAL", DeclineReason.AgreementNotInForce)]
    [InlineData("ACQ.CYCLE_PAY_DATE_NOT_MATCH", DeclineReason.Other)]
    [InlineData("ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED", DeclineReason.LimitReached)]
    [InlineData("ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED", DeclineReason.LimitReached)]
    [InlineData("ACQ.PAYMENT_REQUEST_HAS_RISK", DeclineReason.Other)]
    [InlineData("ACQ.OVER_MAX_DEDUCT_COUNT", DeclineReason.LimitReached)]
    [InlineData("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", DeclineReason.OrderClosed)]
    public void A_refusal_for_the_members_sake_is_a_reason_to_ask(string code, DeclineReason reason) =>
        Pay(Samples.Failure(code)).Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(reason, code), Evidence.Hint));

    [Theory]
    [InlineData("ACQ.TRADE_HAS_SUCCESS")]
    [InlineData("ACQ.TRADE_HAS_CLOSE")]
    [InlineData("ACQ.CONTEXT_INCONSISTENT")]
    [InlineData("ACQ.TRADE_BUYER_NOT_MATCH")]
    [InlineData("ACQ.TRADE_STATUS_ERROR")]
    public void An_order_that_stands_already_is_asked_about(string code) => Asks(Pay(Samples.Failure(code)), code);

    [Theory]
    [InlineData("40001")]
    [InlineData("40002")]
    [InlineData("40003")]
    [InlineData("40006")]
    [InlineData("20001")]
    public void A_call_the_gateway_did_not_pass_on_is_refused_signed_or_not(string code)
    {
        Pay(Samples.Message($$"""{"code":"{{code}}","sub_code":"isv.x"}""")).Outcome
            .Should().BeOfType<ChargeOutcome.Refused>().Which.RailCode.Should().Be("isv.x");
        Pay(new AlipayReply.UnsignedError(code, "isv.x", "why")).Outcome.Should().Be(new ChargeOutcome.Refused("isv.x", "why"));
        Asks(Pay(new AlipayReply.UnsignedError(code, "isv.x", "why", Repeated: true)), "the first try may have arrived");
    }

    [Theory]
    [InlineData("ACQ.BUYER_BALANCE_NOT_ENOUGH")]
    [InlineData("ACQ.ACCESS_FORBIDDEN")]
    [InlineData("ACQ.INVALID_PARAMETER")]
    public void A_business_answer_without_a_signature_or_of_a_repeat_proves_nothing(string code)
    {
        Asks(Pay(new AlipayReply.UnsignedError("40004", code, "why")), "anybody could have said so");
        Asks(Pay(Samples.Failure(code, repeated: true)), "the first try may have been taken");
    }

    [Fact]
    public void The_answer_of_a_repeat_that_is_paid_is_paid() =>
        Pay(Samples.Message($$"""{"code":"10000","out_trade_no":"{{Samples.Number}}",{{Paid}}}""", repeated: true)).Outcome.Should().Be(Success);

    [Fact]
    public void A_query_tells_every_state()
    {
        const string paid = """
            "trade_no":"2025070122001400000000000101","total_amount":"19.90","send_pay_date":"2025-07-01 08:00:02"
            """;
        Query(Ok($$"""{{paid}},"trade_status":"TRADE_SUCCESS" """)).Should().Be(new ChargeAnswer(Success));
        Query(Ok($$"""{{paid}},"trade_status":"TRADE_FINISHED" """)).Should().Be(new ChargeAnswer(Success));
        Query(Ok("""  "trade_status":"WAIT_BUYER_PAY" """)).Should().Be(new ChargeAnswer(new ChargeOutcome.Pending("WAIT_BUYER_PAY")));
        Query(Ok("""  "trade_status":"TRADE_CLOSED","buyer_pay_amount":"0.00","receipt_amount":"0.00" """))
            .Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "TRADE_CLOSED")));
        Query(Samples.Failure("ACQ.TRADE_NOT_EXIST")).Should().Be(new ChargeAnswer(new ChargeOutcome.Missing()));
        Asks(Query(Ok("""  "trade_status":"TRADE_ODD" """)), "a state nobody knows");
        Asks(Query(Ok("""  "trade_status":"TRADE_SUCCESS" """)), "a payment without anything");
    }

    [Theory]
    [InlineData(""" "send_pay_date":"2025-07-01 08:00:02" """)]
    [InlineData(""" "send_pay_date":"2025-07-01 08:00:02","refund_fee":"19.90" """)]
    [InlineData(""" "send_pay_date":"2025-07-01 08:00:02","buyer_pay_amount":"19.90" """)]
    public void A_closed_order_that_was_paid_is_paid_and_given_back(string sign) => Query(Ok(
        $$"""{{sign}},"trade_status":"TRADE_CLOSED","trade_no":"2025070122001400000000000101","total_amount":"19.90" """))
        .Should().Be(new ChargeAnswer(new ChargeOutcome.Reversed(Success.Amount, Success.RailTransaction, Success.PaidAt)));

    [Theory]
    [InlineData(""" "receipt_amount":"19.90" """)]
    [InlineData(""" "refund_fee":"19.90" """)]
    [InlineData(""" "buyer_pay_amount":"x" """)]
    public void A_closed_order_with_a_trace_of_money_is_never_declined(string sign) =>
        Asks(Query(Ok($$"""{{sign}},"trade_status":"TRADE_CLOSED","trade_no":"1","total_amount":"19.90" """)), sign);

    [Fact]
    public void A_query_that_is_refused_unsigned_or_of_another_order_says_nothing()
    {
        Asks(Query(new AlipayReply.UnsignedError("40004", "ACQ.TRADE_NOT_EXIST", "x")), "not signed");
        Asks(Query(Samples.Failure("ACQ.INVALID_PARAMETER")), "the question was refused");
        Asks(Query(Samples.Message("""{"code":"40002"}""")), "the question was refused");
        Asks(Query(Samples.Message("""{"code":"10000","out_trade_no":"SUB_1","trade_status":"TRADE_CLOSED"}""")), "another order");
        Asks(Query(Samples.Message("""{"code":"10000","trade_status":"TRADE_CLOSED"}""")), "no order");
        Asks(Query(Samples.Message("""{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST","out_trade_no":"SUB_1"}""")), "another order");
        Asks(Query(new AlipayReply.NotSent("x")), "a question that was not sent says nothing of the order");
    }

    [Fact]
    public void Closing_declines_only_what_was_closed()
    {
        AlipayVerdicts.JudgeClose(Ok(""" "trade_no":"1" """), Samples.Number)
            .Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "CLOSED")));
        Asks(AlipayVerdicts.JudgeClose(Samples.Failure("ACQ.REASON_ILLEGAL_STATUS"), Samples.Number), "paid or closed already");
        Asks(AlipayVerdicts.JudgeClose(Samples.Failure("ACQ.TRADE_NOT_EXIST"), Samples.Number), "it may still arrive");
        Asks(AlipayVerdicts.JudgeClose(Samples.Message("""{"code":"10000","out_trade_no":"SUB_1"}"""), Samples.Number), "another order");
        Asks(AlipayVerdicts.JudgeClose(new AlipayReply.UnsignedError("10000", "", ""), Samples.Number), "not signed");
    }

    [Fact]
    public void A_cancelled_order_that_had_been_paid_is_never_declined()
    {
        Cancel(""" "action":"close","retry_flag":"N" """).Outcome.Should().Be(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "CANCELLED"));
        Asks(Cancel(""" "action":"refund","retry_flag":"N" """), "the money was taken and goes back");
        Cancel(""" "action":"refund","retry_flag":"N" """).Outcome
            .Should().BeOfType<ChargeOutcome.Unknown>().Which.Why.Should().Contain("had been paid");
        Asks(Cancel(""" "action":"close","retry_flag":"Y" """), "not done yet");
        Asks(Cancel(""" "retry_flag":"N" """), "no action");
        Asks(AlipayVerdicts.JudgeCancel(Samples.Failure("AQC.SYSTEM_ERROR"), Samples.Number), "busy");
        var other = Samples.Message("""{"code":"10000","out_trade_no":"SUB_1","action":"close"}""");
        Asks(AlipayVerdicts.JudgeCancel(other, Samples.Number), "another order");
    }

    private static AlipayReply.Message Ok(string fields) => Samples.Message($$"""{"code":"10000","out_trade_no":"{{Samples.Number}}",{{fields}}}""");

    private static ChargeAnswer Pay(AlipayReply reply) => AlipayVerdicts.JudgePay(reply, Samples.Order);

    private static ChargeAnswer Query(AlipayReply reply) => AlipayVerdicts.JudgeQuery(reply, Samples.Number);

    private static ChargeAnswer Cancel(string fields) => AlipayVerdicts.JudgeCancel(Ok(fields), Samples.Number);

    private static void Asks(ChargeAnswer answer, string why)
    {
        answer.Outcome.Should().BeOfType<ChargeOutcome.Unknown>(why);
        answer.Evidence.Should().Be(Evidence.Hint, why);
    }
}
