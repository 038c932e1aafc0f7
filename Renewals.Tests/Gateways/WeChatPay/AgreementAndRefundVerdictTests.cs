using System.Text;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>The tables of agreements, notices and refunds, row by row.</summary>
public sealed class AgreementAndRefundVerdictTests
{
    private static readonly string Code = Samples.Agreement.SigningCode;

    [Theory]
    [InlineData("2026-03-01 10:00:00", "2036-03-01 10:00:00")]
    [InlineData("1772330400", "2087949600")]
    public void A_contract_in_state_0_is_active_in_both_forms_of_time(string signed, string expires) =>
        Contract(Samples.Signed, ("contract_state", "0"), ("contract_id", Samples.ContractId), ("openid", "o1"),
                ("contract_signed_time", signed), ("contract_expired_time", expires), ("err_code", "0"), ("err_code_des", "SUCCESS"))
            .Should().Be(new AgreementAnswer.Active(
                Samples.ContractId, "o1", Instant.FromUtc(2026, 3, 1, 2, 0), Instant.FromUtc(2036, 3, 1, 2, 0)));

    [Theory]
    [InlineData("0", TerminationMode.Unstated)]
    [InlineData("1", TerminationMode.Expired)]
    [InlineData("2", TerminationMode.Member)]
    [InlineData("3", TerminationMode.Merchant)]
    [InlineData("4", TerminationMode.Platform)]
    [InlineData("5", TerminationMode.AccountClosed)]
    [InlineData("", TerminationMode.Unstated)]
    [InlineData("6", TerminationMode.Unstated)]
    public void A_contract_in_state_1_that_was_signed_is_ended(string mode, TerminationMode expected)
    {
        Contract(Samples.Signed, ("contract_state", "1"), ("contract_termination_mode", mode), ("contract_terminated_time", "2026-04-11 21:14:05"))
            .Should().Be(new AgreementAnswer.Terminated(expected, Instant.FromUtc(2026, 4, 11, 13, 14, 5)));
        WeChatPayVerdicts.JudgeContractChange(Samples.Ours(
                ("result_code", "SUCCESS"), ("change_type", "DELETE"), ("operate_time", "2026-04-11 21:14:05"), ("contract_termination_mode", mode)))
            .Should().Be(new AgreementAnswer.Terminated(expected, Instant.FromUtc(2026, 4, 11, 13, 14, 5)));
    }

    [Fact]
    public void A_contract_in_state_1_that_was_never_signed_is_not_found_and_9_is_pending()
    {
        Contract(Samples.Unsigned, ("contract_state", "1")).Should().Be(new AgreementAnswer.NotFound());
        Contract(Samples.Unsigned, ("contract_state", "9")).Should().Be(new AgreementAnswer.Pending());
        Contract(Samples.Unsigned, ("contract_state", "7")).Should().BeOfType<AgreementAnswer.Unknown>();
        Contract(Samples.Unsigned, ("contract_state", "0")).Should().BeOfType<AgreementAnswer.Unknown>("it has neither id nor time");
    }

    [Theory]
    [InlineData("contract_code", "the-other-systems", true)]
    [InlineData("contract_id", "another", false)]
    [InlineData("contract_id", "", false)]
    [InlineData("mch_id", "2", false)]
    public void A_contract_that_another_system_had_signed_is_named_by_the_rails_own_id(string field, string value, bool isAbout) =>
        (Contract(Samples.Signed with { IsTakenOver = true }, ("contract_state", "1"), ("contract_code", "OLD-1"), ("contract_id", Samples.ContractId), (field, value))
            is AgreementAnswer.Terminated).Should().Be(isAbout);

    [Theory]
    [InlineData("contract_code", "another")]
    [InlineData("contract_code", "")]
    [InlineData("contract_id", "another")]
    [InlineData("mch_id", "2")]
    [InlineData("appid", "wx2")]
    public void A_contract_that_is_not_ours_says_nothing(string field, string value) =>
        Contract(Samples.Signed, ("contract_state", "1"), (field, value)).Should().BeOfType<AgreementAnswer.Unknown>();

    [Theory]
    [InlineData("-25", "", typeof(AgreementAnswer.NotFound))]
    [InlineData("SOME", "result: RESULT NULL", typeof(AgreementAnswer.NotFound))]
    [InlineData("CONTRACT_NOT_EXIST", "", typeof(AgreementAnswer.NotFound))]
    [InlineData("SYSTEMERROR", "", typeof(AgreementAnswer.Unknown))]
    [InlineData("NEVER_HEARD_OF", "", typeof(AgreementAnswer.Unknown))]
    [InlineData("SIGNERROR", "", typeof(AgreementAnswer.Refused))]
    [InlineData("PARAM_ERROR", "", typeof(AgreementAnswer.Refused))]
    public void A_refused_question_or_ending_is_judged_by_its_code(string code, string text, Type expected)
    {
        var reply = Samples.Message(("result_code", "FAIL"), ("err_code", code), ("err_code_des", text));
        Samples.Verdicts.JudgeContractQuery(reply, Samples.Signed).Should().BeOfType(expected);
        Samples.Verdicts.JudgeTermination(reply, Samples.Signed).Should().BeOfType(expected);
    }

    [Fact]
    public void A_successful_ending_is_ended_by_us() =>
        Samples.Verdicts.JudgeTermination(Samples.Message(("result_code", "SUCCESS"), ("contract_id", Samples.ContractId)), Samples.Signed)
            .Should().Be(new AgreementAnswer.Terminated(TerminationMode.Merchant, null));

    [Theory]
    [InlineData(204, "", typeof(RailNoticeAnswer.Accepted))]
    [InlineData(200, "{}", typeof(RailNoticeAnswer.Unknown))]
    [InlineData(400, """{"code":"INVALID_REQUEST","message":"x"}""", typeof(RailNoticeAnswer.Refused))]
    [InlineData(400, """{"code":"PARAM_ERROR","message":"x"}""", typeof(RailNoticeAnswer.Refused))]
    [InlineData(401, """{"code":"SIGN_ERROR","message":"x"}""", typeof(RailNoticeAnswer.Refused))]
    [InlineData(403, """{"code":"NO_AUTH","message":"x"}""", typeof(RailNoticeAnswer.Refused))]
    [InlineData(404, """{"code":"NOT_FOUND","message":"x"}""", typeof(RailNoticeAnswer.Refused))]
    [InlineData(403, """{"code":"FREQUENCY_LIMITED","message":"x"}""", typeof(RailNoticeAnswer.Unknown))]
    [InlineData(429, """{"code":"RATELIMIT_EXCEEDED","message":"x"}""", typeof(RailNoticeAnswer.Unknown))]
    [InlineData(500, """{"code":"SYSTEM_ERROR","message":"x"}""", typeof(RailNoticeAnswer.Unknown))]
    [InlineData(400, "not json", typeof(RailNoticeAnswer.Unknown))]
    public void A_notice_is_accepted_by_204_alone(int status, string body, Type expected) =>
        WeChatPayVerdicts.JudgeNotice(Json(status, body)).Should().BeOfType(expected);

    [Theory]
    [InlineData("SYSTEMERROR", typeof(RefundAnswer.Unknown))]
    [InlineData("BIZERR_NEED_RETRY", typeof(RefundAnswer.Unknown))]
    [InlineData("FREQUENCY_LIMITED", typeof(RefundAnswer.Unknown))]
    [InlineData("INVALID_REQ_TOO_MUCH", typeof(RefundAnswer.Unknown))]
    [InlineData("ERROR", typeof(RefundAnswer.Unknown))]
    [InlineData("NEVER_HEARD_OF", typeof(RefundAnswer.Unknown))]
    [InlineData("NOTENOUGH", typeof(RefundAnswer.Refused))]
    [InlineData("ORDERNOTEXIST", typeof(RefundAnswer.Refused))]
    [InlineData("INVALID_TRANSACTIONID", typeof(RefundAnswer.Refused))]
    [InlineData("CERT_ERROR", typeof(RefundAnswer.Refused))]
    [InlineData("PARAM_ERROR", typeof(RefundAnswer.Refused))]
    [InlineData("TRADE_OVERDUE", typeof(RefundAnswer.Impossible))]
    [InlineData("USER_ACCOUNT_ABNORMAL", typeof(RefundAnswer.Impossible))]
    public void A_refund_that_is_not_taken_is_judged_by_its_code_in_both_interfaces(string code, Type expected)
    {
        Samples.Verdicts.JudgeRefund(Samples.Message(("result_code", "FAIL"), ("err_code", code)), Samples.Refund).Should().BeOfType(expected);
        Samples.Verdicts.JudgeRefundV3(Json(403, $$"""{"code":"{{code}}","message":"x"}"""), Samples.Refund, isQuery: false).Should().BeOfType(expected);
    }

    [Theory]
    [InlineData("SUCCESS", "SUCCESS", typeof(RefundAnswer.Refunded))]
    [InlineData("PROCESSING", "PROCESSING", typeof(RefundAnswer.Pending))]
    [InlineData("CHANGE", "ABNORMAL", typeof(RefundAnswer.Impossible))]
    [InlineData("REFUNDCLOSE", "CLOSED", typeof(RefundAnswer.Impossible))]
    [InlineData("NEW", "NEW", typeof(RefundAnswer.Unknown))]
    public void The_state_of_a_refund_is_read_in_both_interfaces(string v2, string v3, Type expected)
    {
        var number = Samples.Refund.Number.ToString();
        Samples.Verdicts.JudgeRefundQuery(
            Samples.Message(
                ("result_code", "SUCCESS"), ("out_refund_no_0", "another"), ("refund_status_0", "SUCCESS"), ("out_refund_no_1", number),
                ("refund_status_1", v2), ("refund_id_1", "503"), ("refund_fee_1", "500"), ("refund_success_time_1", "2026-03-05 11:02:17")),
            Samples.Refund).Should().BeOfType(expected);
        var body = $$"""
            {"out_refund_no":"{{number}}","out_trade_no":"{{Samples.Number}}","status":"{{v3}}","refund_id":"503",
             "success_time":"2026-03-05T11:02:17+08:00","amount":{"refund":500,"total":1500,"currency":"CNY"} }
            """;
        var answer = Samples.Verdicts.JudgeRefundV3(Json(200, body), Samples.Refund, isQuery: true);
        answer.Should().BeOfType(expected);
        if (answer is RefundAnswer.Refunded)
            answer.Should().Be(new RefundAnswer.Refunded(Money.Cny(500), "503", Instant.FromUtc(2026, 3, 5, 3, 2, 17)));
    }

    [Fact]
    public void A_refund_that_is_not_there_is_missing_and_anothers_says_nothing()
    {
        Samples.Verdicts.JudgeRefundQuery(Samples.Message(("result_code", "FAIL"), ("err_code", "REFUNDNOTEXIST")), Samples.Refund)
            .Should().Be(new RefundAnswer.Missing());
        Samples.Verdicts.JudgeRefundV3(Json(404, """{"code":"RESOURCE_NOT_EXISTS"}"""), Samples.Refund, isQuery: true)
            .Should().Be(new RefundAnswer.Missing());
        Samples.Verdicts.JudgeRefundV3(Json(404, """{"code":"RESOURCE_NOT_EXISTS"}"""), Samples.Refund, isQuery: false)
            .Should().BeOfType<RefundAnswer.Refused>("the order is not there");
        Samples.Verdicts.JudgeRefundV3(Json(200, """{"out_refund_no":"another","status":"SUCCESS"}"""), Samples.Refund, isQuery: true)
            .Should().BeOfType<RefundAnswer.Unknown>();
        Samples.Verdicts.JudgeRefundQuery(Samples.Message(("result_code", "SUCCESS")), Samples.Refund).Should().BeOfType<RefundAnswer.Unknown>();
        Samples.Verdicts.JudgeRefund(Samples.Message(("result_code", "SUCCESS")), Samples.Refund)
            .Should().Be(new RefundAnswer.Pending("PROCESSING"), "accepted is not given back");
    }

    private static WeChatPayReply Json(int status, string body) => new WeChatPayReply.Json(status, Encoding.UTF8.GetBytes(body));

    private static AgreementAnswer Contract(AgreementOrder agreement, params (string, string)[] fields) =>
        Samples.Verdicts.JudgeContractQuery(Samples.Message([("result_code", "SUCCESS"), ("contract_code", Code), .. fields]), agreement);
}
