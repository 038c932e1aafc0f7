using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

public sealed class AgreementAndRefundVerdictTests
{
    private static readonly string Active =
        $$"""
        "agreement_no":"{{Samples.AgreementNo}}","external_agreement_no":"{{Samples.Agreement.SigningCode}}","sign_time":"2025-06-01 10:02:00",
        "invalid_time":"2115-02-01 00:00:00","next_deduct_time":"2025-08-06","principal_id":"2088900000000101","status":"NORMAL"
        """;

    private static readonly AgreementAnswer InForce = new AgreementAnswer.Active(
        Samples.AgreementNo, "2088900000000101", Instant.FromUtc(2025, 6, 1, 2, 2), Instant.FromUtc(2115, 1, 31, 16, 0), new LocalDate(2025, 8, 6));

    [Fact]
    public void An_agreement_in_force_carries_the_rails_next_date()
    {
        Query(Ok(Active)).Should().Be(InForce);
        Query(Ok(Active), Samples.Unsigned).Should().Be(InForce, "its number is learned from our own");
        Query(Ok(Active.Replace("2025-08-06", "2025-08-06 00:00:00"))).Should().Be(InForce, "some contracts write a time");
        Query(Ok(Active.Replace("\"principal_id\":\"2088900000000101\"", "\"principal_open_id\":\"op\"")))
            .Should().Be((AgreementAnswer.Active)InForce with { PayerId = "op" });
    }

    [Theory]
    [InlineData("NORMAL", "TEMP", typeof(AgreementAnswer.Pending))]
    [InlineData("NORMAL", "STOP", typeof(AgreementAnswer.Suspended))]
    [InlineData("NORMAL", "ODD", typeof(AgreementAnswer.Unknown))]
    [InlineData("sign_time", "x", typeof(AgreementAnswer.Unknown))]
    [InlineData("20255601000000000101", "20255601000000000102", typeof(AgreementAnswer.Unknown))]
    [InlineData("018f3a5c", "118f3a5c", typeof(AgreementAnswer.Unknown))]
    public void Any_other_state_is_not_in_force(string from, string to, Type expected)
    {
        Active.Should().Contain(from);
        Query(Ok(Active.Replace(from, to))).Should().BeOfType(expected);
    }

    [Fact]
    public void An_agreement_that_another_system_had_signed_is_named_by_the_rails_own_number()
    {
        var takenOver = Samples.Signed with { IsTakenOver = true };
        var theirs = Active.Replace(Samples.Agreement.SigningCode, "OLD-1");
        Query(Ok(theirs), takenOver).Should().Be(InForce);
        Query(Ok(theirs)).Should().BeOfType<AgreementAnswer.Unknown>("of one of ours it is another's");
        Query(Ok(theirs.Replace(Samples.AgreementNo, "20255601000000000999")), takenOver).Should().BeOfType<AgreementAnswer.Unknown>();
    }

    [Fact]
    public void An_answer_that_names_no_agreement_of_ours_is_not_believed_before_its_number_is_known() => Query(
        Ok("""  "agreement_no":"20255601000000000101","sign_time":"2025-06-01 10:02:00","status":"NORMAL" """), Samples.Unsigned)
        .Should().BeOfType<AgreementAnswer.Unknown>();

    [Fact]
    public void What_is_gone_was_ended_if_it_was_ever_signed()
    {
        Query(Samples.Failure("USER_AGREEMENT_NOT_EXIST")).Should().Be(new AgreementAnswer.Terminated(TerminationMode.Unstated, null));
        Query(Samples.Failure("USER_AGREEMENT_NOT_EXIST"), Samples.Unsigned).Should().Be(new AgreementAnswer.NotFound());
        Query(Samples.Failure("AGREEMENT_HAS_UNSIGNED"), Samples.Unsigned)
            .Should().Be(new AgreementAnswer.Terminated(TerminationMode.Unstated, null));
        Query(new AlipayReply.UnsignedError("40004", "USER_AGREEMENT_NOT_EXIST", "x")).Should().BeOfType<AgreementAnswer.Unknown>("it is not signed");
    }

    [Theory]
    [InlineData("AUTHOREE_IS_NOT_MATCH", typeof(AgreementAnswer.Refused))]
    [InlineData("MERCHANT_STATUS_IS_NOT_NORMAL", typeof(AgreementAnswer.Refused))]
    [InlineData("INVALID_PARAMETER", typeof(AgreementAnswer.Refused))]
    [InlineData("SYSTEM_ERROR", typeof(AgreementAnswer.Unknown))]
    [InlineData("NEVER_HEARD_OF", typeof(AgreementAnswer.Unknown))]
    public void A_refused_question_ends_nothing(string code, Type expected) => Query(Samples.Failure(code)).Should().BeOfType(expected);

    [Fact]
    public void Ending_is_done_by_10000_alone()
    {
        AlipayVerdicts.JudgeUnsign(Samples.Message("""{"code":"10000"}"""), Samples.Signed)
            .Should().Be(new AgreementAnswer.Terminated(TerminationMode.Merchant, null));
        AlipayVerdicts.JudgeUnsign(Samples.Failure("USER_AGREEMENT_STATUS_NOT_NORMAL"), Samples.Signed).Should().BeOfType<AgreementAnswer.Unknown>();
        AlipayVerdicts.JudgeUnsign(new AlipayReply.UnsignedError("40002", "isv.invalid-signature", "x"), Samples.Signed)
            .Should().BeOfType<AgreementAnswer.Refused>();
        AlipayVerdicts.JudgeUnsign(new AlipayReply.Unclear("x"), Samples.Signed).Should().BeOfType<AgreementAnswer.Unknown>();
    }

    [Fact]
    public void A_date_is_moved_when_the_rail_names_agreement_and_date()
    {
        Move(Ok($$"""  "agreement_no":"{{Samples.AgreementNo}}","deduct_time":"2025-07-20" """)).Should().Be(new RailNoticeAnswer.Accepted());
        Move(Ok($$"""  "agreement_no":"{{Samples.AgreementNo}}","deduct_time":"2025-07-21" """)).Should().BeOfType<RailNoticeAnswer.Unknown>();
        Move(Ok("""  "agreement_no":"1","deduct_time":"2025-07-20" """)).Should().BeOfType<RailNoticeAnswer.Unknown>();
        Move(Samples.Failure("ILLEGAL_EXECUTION_TIME")).Should().BeOfType<RailNoticeAnswer.Refused>().Which.RailCode
            .Should().Be("ILLEGAL_EXECUTION_TIME");
        Move(Samples.Failure("SYSTEM_ERROR")).Should().BeOfType<RailNoticeAnswer.Unknown>();
        Move(new AlipayReply.NotSent("x")).Should().BeOfType<RailNoticeAnswer.Unknown>();
    }

    [Theory]
    [InlineData("Y")]
    [InlineData("N")]
    public void A_refund_is_never_done_by_its_own_answer(string change) =>
        Refund(OfOrder($$"""  "fund_change":"{{change}}","refund_fee":"19.90","trade_no":"1" """))
            .Should().Be(new RefundAnswer.Pending($"fund_change {change}"));

    [Theory]
    [InlineData("ACQ.SYSTEM_ERROR", typeof(RefundAnswer.Unknown))]
    [InlineData("ACQ.REFUND_CHARGE_ERROR", typeof(RefundAnswer.Unknown))]
    [InlineData("ACQ.SELLER_BALANCE_NOT_ENOUGH", typeof(RefundAnswer.Refused))]
    [InlineData("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", typeof(RefundAnswer.Refused))]
    [InlineData("ACQ.TRADE_NOT_EXIST", typeof(RefundAnswer.Refused))]
    [InlineData("ACQ.DISCORDANT_REPEAT_REQUEST", typeof(RefundAnswer.Unknown))]
    [InlineData("ACQ.REASON_TRADE_REFUND_FEE_ERR", typeof(RefundAnswer.Unknown))]
    [InlineData("ACQ.TRADE_HAS_CLOSE", typeof(RefundAnswer.Unknown))]
    [InlineData("ACQ.TRADE_HAS_FINISHED", typeof(RefundAnswer.Impossible))]
    [InlineData("ACQ.BUYER_NOT_EXIST", typeof(RefundAnswer.Impossible))]
    [InlineData("ACQ.NEVER_HEARD_OF", typeof(RefundAnswer.Unknown))]
    public void A_refused_refund_is_told_by_its_code(string code, Type expected)
    {
        Refund(Samples.Failure(code)).Should().BeOfType(expected);
        Refund(Samples.Failure(code, repeated: true)).Should().BeOfType<RefundAnswer.Unknown>("the first try may have been taken");
        Refund(new AlipayReply.UnsignedError("40004", code, "x")).Should().BeOfType<RefundAnswer.Unknown>("it is not signed");
    }

    [Fact]
    public void A_refund_is_done_by_REFUND_SUCCESS_alone_and_never_by_the_sum_of_all()
    {
        var done = $$"""
            "out_request_no":"{{Samples.Refund.Number}}","refund_status":"REFUND_SUCCESS","refund_amount":"5.00","refund_fee":"19.90","trade_no":"T"
            """;
        RefundQuery(OfOrder(done + ",\"gmt_refund_pay\":\"2025-07-02 09:00:00\""))
            .Should().Be(new RefundAnswer.Refunded(Money.Cny(500), "T", Instant.FromUtc(2025, 7, 2, 1, 0)));
        RefundQuery(OfOrder(done)).Should().Be(new RefundAnswer.Refunded(Money.Cny(500), "T", Samples.Now),
            "without a time it is that of our request");
        RefundQuery(OfOrder(done.Replace("REFUND_SUCCESS", "REFUND_PROCESSING"))).Should().BeOfType<RefundAnswer.Unknown>();
        RefundQuery(OfOrder(done.Replace("\"refund_amount\"", "\"x\""))).Should().BeOfType<RefundAnswer.Unknown>();
        RefundQuery(OfOrder(done.Replace(Samples.Refund.Number.ToString(), "R2"))).Should().BeOfType<RefundAnswer.Unknown>("another refund");
        RefundQuery(Samples.Message($$"""{"code":"10000",{{done}}}""")).Should().BeOfType<RefundAnswer.Unknown>("no order");
        RefundQuery(Samples.Message("""{"code":"10000"}"""))
            .Should().Be(new RefundAnswer.Missing(), "not received, under way or failed: the same number again");
        RefundQuery(Samples.Message("""{"code":"10000","out_trade_no":"SUB_1"}""")).Should().BeOfType<RefundAnswer.Unknown>();
        RefundQuery(Samples.Failure("ACQ.TRADE_NOT_EXIST")).Should().BeOfType<RefundAnswer.Unknown>("the question was refused");
        RefundQuery(new AlipayReply.Unclear("x")).Should().BeOfType<RefundAnswer.Unknown>();
    }

    private static AlipayReply.Message Ok(string fields) => Samples.Message($$"""{"code":"10000",{{fields}}}""");

    private static AlipayReply.Message OfOrder(string fields) => Ok($"\"out_trade_no\":\"{Samples.Number}\",{fields}");

    private static AgreementAnswer Query(AlipayReply reply, AgreementOrder? agreement = null) =>
        AlipayVerdicts.JudgeAgreementQuery(reply, agreement ?? Samples.Signed);

    private static RailNoticeAnswer Move(AlipayReply reply) => AlipayVerdicts.JudgeMove(reply, Samples.AgreementNo, new(2025, 7, 20));

    private static RefundAnswer Refund(AlipayReply reply) => AlipayVerdicts.JudgeRefund(reply, Samples.Refund);

    private static RefundAnswer RefundQuery(AlipayReply reply) => AlipayVerdicts.JudgeRefundQuery(reply, Samples.Refund);
}
