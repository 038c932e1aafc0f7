using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

public sealed class AgreementAndRefundVerdictTests
{
    private static readonly string Code = Samples.Agreement.SigningCode;
    private static readonly UnionPayIdentity Signing = new(Code, Samples.Now);
    private static readonly UnionPayIdentity Back = new(Samples.Refund.Number.ToString(), Samples.Now);
    private static readonly UnionPayOptions Options = Samples.Options();

    [Theory]
    [InlineData("00", "Signed", "Active", "Terminated", "Active")]
    [InlineData("03", "Unknown", "Unknown", "Unknown", "Unknown")]
    [InlineData("04", "Unknown", "Unknown", "Unknown", "Unknown")]
    [InlineData("05", "Unknown", "Pending", "Unknown", "Unknown")]
    [InlineData("06", "Unknown", "Unknown", "Unknown", "Unknown")]
    [InlineData("12", "Unknown", "Unknown", "Unknown", "Unknown")]
    [InlineData("Z9", "Unknown", "Unknown", "Unknown", "Unknown")]
    [InlineData("10", "Refused", "Terminated", "Refused", "Refused")]
    [InlineData("32", "Refused", "Terminated", "Refused", "Refused")]
    [InlineData("61", "Refused", "Terminated", "Refused", "Refused")]
    [InlineData("66", "Refused", "Terminated", "Refused", "Refused")]
    [InlineData("71", "Refused", "Terminated", "Refused", "Refused")]
    [InlineData("72", "Refused", "Terminated", "Terminated", "Terminated")]
    [InlineData("40", "Refused", "Terminated", "Terminated", "Terminated")]
    public void Each_code_has_its_place_among_agreements(string code, string atOnce, string asked, string removed, string binding)
    {
        UnionPayVerdicts.JudgeEstablishing(Answer("72", code), Signing, Options).GetType().Name.Should().Be(atOnce);
        UnionPayVerdicts.JudgeSigningQuery(Answer("72", "00", ("origRespCode", code)), Signing, Options).GetType().Name.Should().Be(asked);
        UnionPayVerdicts.JudgeRemoval(Answer("74", code), Signing).GetType().Name.Should().Be(removed);
        UnionPayVerdicts.JudgeBindingQuery(Answer("75", code), Signing, Samples.Signed, Options).GetType().Name.Should().Be(binding);
    }

    [Fact]
    public void A_signing_has_our_code_its_own_time_and_the_end_that_was_agreed()
    {
        var active = new AgreementAnswer.Active(Code, null, Samples.Now, UnionPayText.Time("20360305101530"));
        UnionPayVerdicts.JudgeEstablishing(Answer("72", "00"), Signing, Options).Should().Be(new SigningAnswer.Signed(active));
        UnionPayVerdicts.JudgeSigningQuery(Answer("72", "00", ("origRespCode", "A6"), ("billNo", "UID1")), Signing, Options)
            .Should().Be(active with { RailAgreementId = "UID1" });
        UnionPayVerdicts.JudgeSigningQuery(Answer("72", "00", ("origRespCode", "00")), Signing, Samples.Options(o => o.Generation = UnionPayGeneration.B))
            .Should().Be(active with { ExpiresAt = null }, "the others have no terms");
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("00", true)]
    [InlineData("01", true)]
    [InlineData("02", false)]
    [InlineData("03", false)]
    [InlineData("05", false)]
    public void Only_debit_cards_are_served_where_the_rail_names_the_kind(string? kind, bool served)
    {
        UnionPayVerdicts.JudgeEstablishing(Answer("72", "00", ("payCardType", kind)), Signing, Options).Should().BeOfType(
            served ? typeof(SigningAnswer.Signed) : typeof(SigningAnswer.Refused));
        UnionPayVerdicts.JudgeSigningQuery(Answer("72", "00", ("origRespCode", "00"), ("payCardType", kind)), Signing, Options).Should().BeOfType(
            served ? typeof(AgreementAnswer.Active) : typeof(AgreementAnswer.Refused));
        UnionPayVerdicts.JudgeEstablishing(Answer("72", "00", ("payCardType", kind)), Signing, Samples.Options(o => o.DebitCardsOnly = false))
            .Should().BeOfType<SigningAnswer.Signed>("it is a policy");
    }

    [Fact]
    public void A_signing_nobody_knows_of_is_not_found_and_other_answers_say_nothing()
    {
        UnionPayVerdicts.JudgeSigningQuery(Answer("00", "34"), Signing, Options).Should().BeOfType<AgreementAnswer.NotFound>();
        UnionPayVerdicts.JudgeSigningQuery(Answer("00", "37"), Signing, Options).Should().BeOfType<AgreementAnswer.Unknown>();
        UnionPayVerdicts.JudgeSigningQuery(Answer("11", "00", ("origRespCode", "00")), Signing, Options).Should().BeOfType<AgreementAnswer.Unknown>("of another kind");
        UnionPayVerdicts.JudgeSigningQuery(Answer("72", "00"), Signing, Options).Should().BeOfType<AgreementAnswer.Unknown>("no word of the original");
        UnionPayVerdicts.JudgeEstablishing(Answer("72", "00", ("txnTime", "20260305101531")), Signing, Options).Should().BeOfType<SigningAnswer.Unknown>();
        UnionPayVerdicts.JudgeRemoval(Answer("72", "00"), Signing).Should().BeOfType<AgreementAnswer.Unknown>("of another kind");
        UnionPayVerdicts.JudgeBindingQuery(Answer("75", "72"), Signing, Samples.Signed with { RailAgreementId = null }, Options)
            .Should().BeOfType<AgreementAnswer.NotFound>("it never was");
        UnionPayVerdicts.JudgeRemoval(new UnionPayReply.Unclear("time-out"), Signing).Should().BeOfType<AgreementAnswer.Unknown>();
    }

    [Theory]
    [InlineData("00", "Pending", "Refunded")]
    [InlineData("A6", "Pending", "Refunded")]
    [InlineData("05", "Pending", "Pending")]
    [InlineData("03", "Unknown", "Unknown")]
    [InlineData("12", "Unknown", "Unknown")]
    [InlineData("34", "Unknown", "Unknown")]
    [InlineData("11", "Refused", "Refused")]
    [InlineData("32", "Refused", "Refused")]
    [InlineData("06", "Unknown", "Refused")]
    [InlineData("64", "Unknown", "Refused")]
    [InlineData("01", "Unknown", "Refused")]
    [InlineData("35", "Unknown", "Refused")]
    [InlineData("36", "Unknown", "Impossible")]
    [InlineData("45", "Unknown", "Impossible")]
    [InlineData("63", "Unknown", "Impossible")]
    [InlineData("72", "Unknown", "Impossible")]
    [InlineData("66", "Unknown", "Impossible")]
    [InlineData("74", "Unknown", "Unknown")]
    [InlineData("Z9", "Unknown", "Unknown")]
    public void Each_code_has_its_place_among_refunds(string code, string answered, string asked)
    {
        foreach (var (type, isVoid) in new[] { ("04", false), ("31", true) })
        {
            UnionPayVerdicts.JudgeRefund(OfRefund(type, code), Back, isVoid).GetType().Name.Should().Be(answered);
            UnionPayVerdicts.JudgeRefundQuery(OfRefund(type, "00", [("origRespCode", code), .. Refunded]), Back, isVoid).GetType().Name.Should().Be(asked);
            UnionPayVerdicts.JudgeRefundQuery(OfRefund(type, "00", [("origRespCode", code), .. Refunded]), Back, !isVoid)
                .Should().BeOfType<RefundAnswer.Unknown>("one is no proof of the other");
        }
    }

    [Fact]
    public void A_refund_is_proved_by_amount_currency_and_number_only()
    {
        UnionPayVerdicts.JudgeRefundQuery(OfRefund("04", "00", [("origRespCode", "00"), .. Refunded]), Back, false).Should().Be(
            new RefundAnswer.Refunded(Money.Cny(990), "R1", UnionPayText.Time("20260306101530")!.Value));
        foreach (var name in new[] { "txnAmt", "currencyCode", "queryId" })
        {
            UnionPayVerdicts.JudgeRefundQuery(OfRefund("04", "00", [("origRespCode", "00"), .. Refunded, (name, null)]), Back, false)
                .Should().BeOfType<RefundAnswer.Unknown>(name);
        }
    }

    /// <summary>Sent again under a new time it could be done twice.</summary>
    [Fact]
    public void A_refund_the_rail_does_not_know_is_never_called_missing()
    {
        UnionPayVerdicts.JudgeRefundQuery(OfRefund("00", "34"), Back, false).Should().BeOfType<RefundAnswer.Unknown>();
        UnionPayVerdicts.JudgeRefundQuery(OfRefund("04", "00", ("origRespCode", "00"), ("orderId", "ANOTHER1")), Back, false).Should().BeOfType<RefundAnswer.Unknown>();
        UnionPayVerdicts.JudgeRefund(new UnionPayReply.NotSent("no permit"), Back, false).Should().Be(new RefundAnswer.Refused("NOT_SENT", "no permit"));
        UnionPayVerdicts.JudgeRefund(new UnionPayReply.Unclear("time-out"), Back, false).Should().BeOfType<RefundAnswer.Unknown>();
    }

    private static readonly (string, string?)[] Refunded = [("txnAmt", "990"), ("currencyCode", "156"), ("queryId", "R1"), ("traceTime", "0306101530")];

    private static UnionPayReply.Message Answer(string type, string code, params (string Name, string? Value)[] more) =>
        VerdictTests.Answer(code, [("txnType", type), ("orderId", Code), .. more]);

    private static UnionPayReply.Message OfRefund(string type, string code, params (string Name, string? Value)[] more) =>
        VerdictTests.Answer(code, [("txnType", type), ("orderId", Back.OrderId), .. more]);
}
