using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Tests.Unit;

/// <summary>What is kept of a rail's words.</summary>
public sealed class RailWordsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("A6")]
    [InlineData("10000")]
    [InlineData("ORDERNOTEXIST")]
    [InlineData("ACQ.TRADE_HAS_CLOSE")]
    [InlineData("isv.invalid-signature")]
    [InlineData("card_declined")]
    [InlineData("HTTP_402")]
    [InlineData("TRANSACTION.SUCCESS")]
    [InlineData("payment_intent.succeeded")]
    [InlineData("InvalidParameter")]
    [InlineData("3d_secure")]
    public void A_code_is_kept_as_it_is(string code) => RailWords.Code(code).Should().Be(code);

    [Theory]
    [InlineData("6222021234567890128")]
    [InlineData("13800138477")]
    [InlineData("110101199003077758")]
    [InlineData("11010119900307775X")]
    [InlineData("欧阳密探")]
    [InlineData("ZELDA QUILLFEATHER")]
    [InlineData("oUpF8uMuAJO_M2pxb1Q9zNjWeS6q")]
    [InlineData("zelda.quill@example.net")]
    [InlineData("159****5620")]
    [InlineData("ACQ.TRADE_HAS_CLOSE\n")]
    [InlineData("CODE 6222021234567890128")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_has_not_the_form_of_a_code_is_not(string text) => RailWords.Code(text).Should().Be("(not a code)");

    [Theory]
    [InlineData("no answer within 4 s")]
    [InlineData("HTTP 500 SYSTEM_ERROR")]
    [InlineData("the statement of 2026-03-05 at 10:13:29")]
    [InlineData("a line has 605 bytes instead of 607")]
    [InlineData("transport fault: Connection refused (127.0.0.1:5080)")]
    public void A_sentence_of_ours_stays(string sentence) => RailWords.Sentence(sentence).Should().Be(sentence);

    [Theory]
    [InlineData("card 6222021234567890128 declined", "card … declined")]
    [InlineData("card 6222 0212 3456 7890 declined", "card … declined")]
    [InlineData("card 6222-0212-3456-7890 declined", "card … declined")]
    [InlineData("login 159****5620 closed", "login … closed")]
    [InlineData("id 11010119900307775X wrong", "id … wrong")]
    [InlineData("tell zelda.quill@example.net of it", "tell … of it")]
    [InlineData("payer oUpF8uMuAJO_M2pxb1Q9zNjWeS6q gone", "payer … gone")]
    [InlineData("欧阳密探 is gone", "… is gone")]
    public void What_may_name_somebody_is_cut_out_of_it(string sentence, string kept)
    {
        RailWords.Sentence(sentence).Should().Be(kept);
        RailWords.Sentence(kept).Should().Be(kept, "once is enough");
    }

    [Fact]
    public void Sums_and_columns_of_a_statement_stay_and_numbers_of_people_do_not() =>
        RailWords.OfStatement("the total 订单总金额 is 12345678.90, of 13800138477").Should().Be("the total 订单总金额 is 12345678.90, of …");

    [Fact]
    public void No_answer_can_be_made_with_more_than_that()
    {
        const string text = "tel 13800138477 欧阳密探";
        string[] made =
        [
            $"{new ChargeOutcome.Declined(DeclineReason.Other, text)}", $"{new ChargeOutcome.Pending(text)}", $"{new ChargeOutcome.Unknown(text)}",
            $"{new ChargeOutcome.Refused(text, text)}", $"{new ChargeOutcome.NotSent(text)}", $"{new AgreementAnswer.Suspended(text)}",
            $"{new AgreementAnswer.Refused(text, text)}", $"{new AgreementAnswer.Unknown(text)}", $"{new RailNoticeAnswer.Refused(text, text)}",
            $"{new RailNoticeAnswer.Unknown(text)}", $"{new SigningAnswer.Refused(text, text)}", $"{new SigningAnswer.Unknown(text)}",
            $"{new RefundAnswer.Pending(text)}", $"{new RefundAnswer.Unknown(text)}", $"{new RefundAnswer.Refused(text, text)}",
            $"{new RefundAnswer.Impossible(text, text)}", $"{new CallbackReading.Rejected(text)}", $"{new CallbackReading.NothingForUs(text)}",
            $"{new Core.Subscriptions.NoticeResult.Failed(text)}",
        ];
        made.Should().NotContain(answer => answer.Contains("13800138477") || answer.Contains("欧阳密探"));
        new StatementAnswer.Failed(text).Why.Should().NotContain("13800138477");
    }
}
