using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;
using static Renewals.Core.Charging.ChargeOutcome;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>The tables of charges, row by row.</summary>
public sealed class VerdictTests
{
    private static readonly Succeeded Success = new(Money.Cny(1500), "4200002026030312345678901234", Instant.FromUtc(2026, 3, 3, 0, 5, 12));

    [Theory]
    [InlineData("NOTENOUGH", DeclineReason.InsufficientFunds)]
    [InlineData("RULELIMIT", DeclineReason.LimitReached)]
    [InlineData("USER_ACCOUNT_ABNORMAL", DeclineReason.AccountAbnormal)]
    [InlineData("ACCOUNTERROR", DeclineReason.AccountAbnormal)]
    [InlineData("USER_NOT_EXIST", DeclineReason.AccountAbnormal)]
    [InlineData("CONTRACT_NOT_EXIST", DeclineReason.AgreementNotInForce)]
    [InlineData("CONTRACTERROR", DeclineReason.AgreementNotInForce)]
    [InlineData("CONTRACT_ERROR", DeclineReason.AgreementNotInForce)]
    [InlineData("TRADE_ERROR", DeclineReason.Other)]
    public void An_application_refused_for_the_member_is_a_hint_of_a_decline(string code, DeclineReason reason) =>
        Apply(("result_code", "FAIL"), ("err_code", code)).Should().Be(new ChargeAnswer(new Declined(reason, code), Evidence.Hint));

    [Theory]
    [InlineData("INVALID_REQUEST")]
    [InlineData("PARAM_ERROR")]
    [InlineData("LACK_PARAMS")]
    [InlineData("XML_FORMAT_ERROR")]
    [InlineData("NOT_UTF8")]
    [InlineData("POST_DATA_EMPTY")]
    [InlineData("REQUIRE_POST_METHOD")]
    [InlineData("SIGNERROR")]
    [InlineData("SIGN_ERROR")]
    [InlineData("APPID_NOT_EXIST")]
    [InlineData("MCHID_NOT_EXIST")]
    [InlineData("APPID_MCHID_NOT_MATCH")]
    [InlineData("NOAUTH")]
    public void An_application_refused_for_us_is_refused(string code) =>
        Apply(("result_code", "FAIL"), ("err_code", code), ("err_code_des", "x")).Should().Be(new ChargeAnswer(new Refused(code, WeChatPayCodes.Refused)));

    [Theory]
    [InlineData("SYSTEMERROR")]
    [InlineData("BANKERROR")]
    [InlineData("BANK_ERROR")]
    [InlineData("FREQUENCY_LIMITED")]
    [InlineData("FREQUENCY_LIMIT_EXCEED")]
    [InlineData("ORDERNOTEXIST")]
    [InlineData("ORDERPAID")]
    [InlineData("ORDERCLOSED")]
    [InlineData("OUT_TRADE_NO_USED")]
    [InlineData("NEVER_HEARD_OF")]
    [InlineData("")]
    public void An_application_answered_with_anything_else_is_asked_about(string code) =>
        ShouldAsk(Apply(("result_code", "FAIL"), ("err_code", code)));

    [Fact]
    public void An_accepted_application_is_not_a_payment() => Apply(("result_code", "SUCCESS")).Should().Be(new ChargeAnswer(new Pending("ACCEPTED")));

    [Theory]
    [InlineData("INVALID_REQUEST")]
    [InlineData("RULELIMIT")]
    [InlineData("OUT_TRADE_NO_USED")]
    public void A_refused_repeat_says_nothing_of_the_lost_first_try(string code) => ShouldAsk(Samples.Verdicts.JudgeApply(
        new WeChatPayReply.Message(Samples.Ours(("result_code", "FAIL"), ("err_code", code)), Repeated: true), Samples.Order));

    [Fact]
    public void Only_an_application_can_be_not_sent()
    {
        var notSent = new WeChatPayReply.NotSent("no permit");
        Samples.Verdicts.JudgeApply(notSent, Samples.Order).Outcome.Should().Be(new NotSent("no permit"));
        ShouldAsk(Samples.Verdicts.JudgeOrderQuery(notSent, Samples.Order));
        ShouldAsk(Samples.Verdicts.JudgeClose(notSent, Samples.Number.ToString()));
    }

    [Fact]
    public void An_answer_that_is_not_ours_says_nothing()
    {
        ShouldAsk(Samples.Verdicts.JudgeApply(new WeChatPayReply.Unclear("time-out"), Samples.Order));
        ShouldAsk(Apply(("result_code", "SUCCESS"), ("appid", "wx2")));
        ShouldAsk(Apply(("result_code", "SUCCESS"), ("mch_id", "2")));
        ShouldAsk(Apply(("result_code", "SUCCESS"), ("mch_id", "")));
        ShouldAsk(Apply(("result_code", "SUCCESS"), ("out_trade_no", "another")));
        ShouldAsk(Apply(("result_code", "MAYBE")));
        ShouldAsk(Query("SUCCESS", false, ("contract_id", "another")));
        ShouldAsk(Query("SUCCESS", false, ("out_trade_no", "")));
        ShouldAsk(Query("SUCCESS", false, ("out_trade_no", "another")));
    }

    [Theory]
    [InlineData("SUCCESS", false)]
    [InlineData("REFUND", false)]
    [InlineData("SUCCESS", true)]
    [InlineData("REFUND", true)]
    public void A_paid_order_is_paid_even_when_it_was_refunded(string state, bool ordinary) =>
        Query(state, ordinary).Should().Be(new ChargeAnswer(Success));

    [Theory]
    [InlineData("total_fee", "")]
    [InlineData("total_fee", "15.00")]
    [InlineData("total_fee", "-1")]
    [InlineData("transaction_id", "")]
    [InlineData("time_end", "20260231000000")]
    public void A_payment_without_its_facts_is_asked_about(string field, string value) => ShouldAsk(Query("SUCCESS", false, (field, value)));

    [Theory]
    [InlineData("ACCEPT", false)]
    [InlineData("NOTPAY", false)]
    [InlineData("USERPAYING", true)]
    [InlineData("NOTPAY", true)]
    [InlineData("PAYERROR", true)]
    public void An_open_order_is_pending(string state, bool ordinary) => Query(state, ordinary).Should().Be(new ChargeAnswer(new Pending(state)));

    [Theory]
    [InlineData("CLOSED", false)]
    [InlineData("CLOSED", true)]
    [InlineData("REVOKED", true)]
    public void A_closed_order_is_declined(string state, bool ordinary) =>
        Query(state, ordinary).Should().Be(new ChargeAnswer(new Declined(DeclineReason.OrderClosed, state)));

    [Theory]
    [InlineData("PAYERROR", false)]
    [InlineData("PAY_FAIL", true)]
    [InlineData("REVOKED", false)]
    [InlineData("", false)]
    [InlineData("NEW_STATE", false)]
    public void A_state_that_does_not_belong_is_asked_about(string state, bool ordinary) => ShouldAsk(Query(state, ordinary));

    [Theory]
    [InlineData("NOTENOUGH", "", DeclineReason.InsufficientFunds)]
    [InlineData("RULELIMIT", "", DeclineReason.LimitReached)]
    [InlineData("BANKERROR", "", DeclineReason.BankFault)]
    [InlineData("", "余额不足", DeclineReason.InsufficientFunds)]
    [InlineData("", "超出用户限额", DeclineReason.LimitReached)]
    [InlineData("", "用户账户注销", DeclineReason.AccountAbnormal)]
    [InlineData("", "用户已解约", DeclineReason.AgreementNotInForce)]
    [InlineData("", "无可用的支付方式", DeclineReason.Other)]
    public void A_failed_deduction_is_declined_for_its_reason(string code, string text, DeclineReason reason) =>
        Query("PAY_FAIL", false, ("err_code", code), ("trade_state_desc", text))
            .Should().Be(new ChargeAnswer(new Declined(reason, code.Length == 0 ? "PAY_FAIL" : code)));

    [Fact]
    public void An_order_the_rail_does_not_have_is_missing_and_a_refused_question_is_not()
    {
        Samples.Verdicts.JudgeOrderQuery(Samples.Message(("result_code", "FAIL"), ("err_code", "ORDERNOTEXIST")), Samples.Order)
            .Should().Be(new ChargeAnswer(new Missing()));
        ShouldAsk(Samples.Verdicts.JudgeOrderQuery(Samples.Message(("result_code", "FAIL"), ("err_code", "NOAUTH")), Samples.Order));
        ShouldAsk(Samples.Verdicts.JudgeOrderQuery(Samples.Message(("result_code", "FAIL"), ("err_code", "SYSTEMERROR")), Samples.Order));
    }

    [Theory]
    [InlineData("SUCCESS", "", true)]
    [InlineData("FAIL", "ORDERCLOSED", true)]
    [InlineData("FAIL", "ORDERPAID", false)]
    [InlineData("FAIL", "SYSTEMERROR", false)]
    [InlineData("FAIL", "ORDERNOTEXIST", false)]
    public void Closing_is_believed_only_when_the_rail_says_closed(string result, string code, bool closed)
    {
        var answer = Samples.Verdicts.JudgeClose(Samples.Message(("result_code", result), ("err_code", code)), Samples.Number.ToString());
        (answer.Outcome is Declined { Reason: DeclineReason.OrderClosed }).Should().Be(closed);
        if (!closed)
            ShouldAsk(answer);
    }

    [Theory]
    [InlineData("FAIL", "NOTENOUGH", "PAY_FAIL", DeclineReason.InsufficientFunds, "shape A")]
    [InlineData("SUCCESS", "", "PAY_FAIL", DeclineReason.Other, "shape B")]
    public void A_deduction_called_back_as_failed_is_conclusive(string result, string code, string state, DeclineReason reason, string shape) =>
        WeChatPayVerdicts.JudgeDeduction(Samples.Ours(("result_code", result), ("err_code", code), ("trade_state", state)))
            .Should().Be(new ChargeAnswer(new Declined(reason, code.Length == 0 ? "PAY_FAIL" : code)), shape);

    [Theory]
    [InlineData("FAIL", "0", "", "shape C")]
    [InlineData("SUCCESS", "", "", "no state")]
    [InlineData("FAIL", "", "SUCCESS", "a contradiction")]
    [InlineData("SUCCESS", "", "REFUND", "refunded meanwhile")]
    [InlineData("SUCCESS", "", "ACCEPT", "not final")]
    public void A_deduction_called_back_unclearly_is_asked_about(string result, string code, string state, string why) =>
        ShouldAsk(WeChatPayVerdicts.JudgeDeduction(Samples.Ours(("result_code", result), ("err_code", code), ("trade_state", state))), why);

    [Fact]
    public void An_ordinary_payment_needs_no_state_and_its_failure_is_not_final()
    {
        WeChatPayVerdicts.JudgePayment(Samples.Ours([("result_code", "SUCCESS"), .. Facts])).Should().Be(new ChargeAnswer(Success));
        ShouldAsk(WeChatPayVerdicts.JudgePayment(Samples.Ours(("result_code", "FAIL"), ("err_code", "NOTENOUGH"))));
    }

    private static (string, string)[] Facts =>
        [("total_fee", "1500"), ("transaction_id", "4200002026030312345678901234"), ("time_end", "20260303080512")];

    private static void ShouldAsk(ChargeAnswer answer, string why = "")
    {
        answer.Outcome.Should().BeOfType<Unknown>(why);
        answer.Evidence.Should().Be(Evidence.Hint);
    }

    private static ChargeAnswer Apply(params (string, string)[] fields) => Samples.Verdicts.JudgeApply(Samples.Message(fields), Samples.Order);

    private static ChargeAnswer Query(string state, bool ordinary, params (string, string)[] more) => Samples.Verdicts.JudgeOrderQuery(
        Samples.Message(
            [("result_code", "SUCCESS"), ("trade_state", state), ("out_trade_no", Samples.Number.ToString()), ("contract_id", Samples.ContractId),
                .. Facts, .. more]),
        ordinary ? Samples.FirstOrder : Samples.Order);
}
