using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>What answers mean for collections; no HTTP.</summary>
public sealed class VerdictTests
{
    private static readonly UnionPayIdentity Order = new(Samples.Number.ToString(), Samples.Now);

    /// <summary>The whole table of section 13: what the answer to a collection and the answer to a query make of each code.</summary>
    [Theory]
    [InlineData("00", "Pending", "Succeeded")]
    [InlineData("A6", "Pending", "Succeeded")]
    [InlineData("03", "ask", "ask")]
    [InlineData("04", "ask", "ask")]
    [InlineData("05", "Pending", "Pending")]
    [InlineData("83", "Pending", "Pending")]
    [InlineData("70", "Pending", "Pending")]
    [InlineData("12", "ask", "ask")]
    [InlineData("34", "ask", "ask")]
    [InlineData("37", "ask", "ask")]
    [InlineData("10", "Refused", "Declined BankFault")]
    [InlineData("11", "Refused", "Declined BankFault")]
    [InlineData("13", "Refused", "Declined BankFault")]
    [InlineData("31", "Refused", "Declined BankFault")]
    [InlineData("32", "Refused", "Declined BankFault")]
    [InlineData("38", "Refused", "Declined BankFault")]
    [InlineData("39", "Refused", "Declined BankFault")]
    [InlineData("43", "Refused", "Declined BankFault")]
    [InlineData("92", "Refused", "Declined BankFault")]
    [InlineData("96", "Refused", "Declined BankFault")]
    [InlineData("01", "hint Declined Other", "Declined Other")]
    [InlineData("02", "hint Declined BankFault", "Declined BankFault")]
    [InlineData("06", "hint Declined BankFault", "Declined BankFault")]
    [InlineData("99", "hint Declined BankFault", "Declined BankFault")]
    [InlineData("30", "hint Declined Other", "Declined Other")]
    [InlineData("60", "hint Declined Other", "Declined Other")]
    [InlineData("85", "hint Declined Other", "Declined Other")]
    [InlineData("64", "hint Declined InsufficientFunds", "Declined InsufficientFunds")]
    [InlineData("90", "hint Declined InsufficientFunds", "Declined InsufficientFunds")]
    [InlineData("33", "hint Declined LimitReached", "Declined LimitReached")]
    [InlineData("81", "hint Declined LimitReached", "Declined LimitReached")]
    [InlineData("61", "hint Declined AccountAbnormal", "Declined AccountAbnormal")]
    [InlineData("63", "hint Declined AccountAbnormal", "Declined AccountAbnormal")]
    [InlineData("78", "hint Declined AccountAbnormal", "Declined AccountAbnormal")]
    [InlineData("72", "hint Declined AgreementNotInForce", "Declined AgreementNotInForce")]
    [InlineData("40", "hint Declined AgreementNotInForce", "Declined AgreementNotInForce")]
    [InlineData("66", "hint Declined AccountAbnormal", "Declined AccountAbnormal")]
    [InlineData("69", "hint Declined OrderClosed", "Declined OrderClosed")]
    [InlineData("46", "hint Declined OrderClosed", "Declined OrderClosed")]
    [InlineData("35", "ask", "ask")]
    [InlineData("45", "ask", "ask")]
    [InlineData("42", "ask", "ask")]
    [InlineData("74", "ask", "ask")]
    [InlineData("75", "ask", "ask")]
    [InlineData("98", "ask", "ask")]
    [InlineData("Z9", "ask", "ask")]
    [InlineData("", "ask", "ask")]
    public void Each_code_has_its_place(string code, string answered, string asked)
    {
        InWords(UnionPayVerdicts.JudgeCollection(Answer(code), Order)).Should().Be(answered);
        InWords(UnionPayVerdicts.JudgeQuery(Asked(code), Order)).Should().Be(asked);
    }

    [Fact]
    public void Only_a_payment_with_amount_currency_and_number_is_one()
    {
        var paid = UnionPayVerdicts.JudgeQuery(Asked("00", Samples.PaymentData), Order);
        paid.Should().Be(new ChargeAnswer(new ChargeOutcome.Succeeded(Money.Cny(1990), Samples.QueryId, UnionPayText.Time("20260305101532")!.Value)));
        foreach (var (name, value) in new[] { ("txnAmt", null), ("txnAmt", "19.90"), ("txnAmt", "-1990"), ("currencyCode", "840"), ("currencyCode", null), ("queryId", null) })
        {
            InWords(UnionPayVerdicts.JudgeQuery(Asked("00", [.. Samples.PaymentData, (name, value)]), Order)).Should().Be("ask", $"{name} is {value}");
        }
    }

    [Fact]
    public void Without_a_trace_time_a_payment_has_its_orders_time()
    {
        var paid = UnionPayVerdicts.JudgeQuery(Asked("00", [.. Samples.PaymentData, ("traceTime", null)]), Order);
        paid.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>().Which.PaidAt.Should().Be(Samples.Now);
    }

    [Theory]
    [InlineData("orderId", "ANOTHER1")]
    [InlineData("orderId", null)]
    [InlineData("txnTime", "20260305101531")]
    [InlineData("txnTime", null)]
    public void An_answer_for_another_transaction_settles_nothing(string name, string? value)
    {
        InWords(UnionPayVerdicts.JudgeQuery(Asked("00", [.. Samples.PaymentData, (name, value)]), Order)).Should().Be("ask");
        InWords(UnionPayVerdicts.JudgeQuery(Asked("64", [(name, value)]), Order)).Should().Be("ask");
        InWords(UnionPayVerdicts.JudgeCollection(Answer("32", (name, value)), Order)).Should().Be("ask");
    }

    [Fact]
    public void A_genuine_answer_of_another_kind_settles_nothing()
    {
        InWords(UnionPayVerdicts.JudgeQuery(Asked("00", [.. Samples.PaymentData, ("txnType", "04")]), Order)).Should().Be("ask", "a refund of that number");
        InWords(UnionPayVerdicts.JudgeCollection(Answer("10", ("txnType", "00")), Order)).Should().Be("ask", "a refused question");
        InWords(UnionPayVerdicts.JudgeQuery(Answer("00", Samples.PaymentData), Order)).Should().Be("ask", "accepted, brought as the answer to a question");
    }

    [Fact]
    public void No_such_order_is_missing_and_a_refused_question_says_nothing()
    {
        UnionPayVerdicts.JudgeQuery(Answer("34", ("txnType", "00")), Order).Outcome.Should().BeOfType<ChargeOutcome.Missing>();
        foreach (var code in new[] { "10", "11", "37", "31", "64" })
            InWords(UnionPayVerdicts.JudgeQuery(Answer(code, ("txnType", "00")), Order)).Should().Be("ask", code);
        InWords(UnionPayVerdicts.JudgeQuery(new UnionPayReply.NotSent("no permit"), Order)).Should().Be("ask");
        InWords(UnionPayVerdicts.JudgeQuery(new UnionPayReply.Unclear("time-out"), Order)).Should().Be("ask");
    }

    [Fact]
    public void What_did_not_leave_this_machine_was_not_sent() =>
        UnionPayVerdicts.JudgeCollection(new UnionPayReply.NotSent("no permit"), Order).Should().Be(new ChargeAnswer(new ChargeOutcome.NotSent("no permit")));

    /// <summary>The rail's words are not ours, and may quote a card, a document or a phone: its code is passed on, and nothing else.</summary>
    [Fact]
    public void Nothing_of_the_rails_words_is_passed_on()
    {
        var reply = Answer("32", ("respMsg", $"卡{Samples.Card}无效 13552535506 34112619770921836X [9100004]"));
        var refused = UnionPayVerdicts.JudgeCollection(reply, Order).Outcome.Should().BeOfType<ChargeOutcome.Refused>().Subject;
        refused.Why.Should().Be("32");
        reply.ToString().Should().Be("32");
    }

    internal static UnionPayReply.Message Answer(string code, params (string Name, string? Value)[] more) => new(Samples.Ours(
        [("txnType", "11"), ("orderId", Order.OrderId), ("txnTime", UnionPayText.Time(Order.At)), ("respCode", code), ("respMsg", "text"), .. more]));

    private static UnionPayReply.Message Asked(string code, params (string Name, string? Value)[] more) =>
        Answer("00", [("origRespCode", code), .. more.Length > 0 ? more : Samples.PaymentData]);

    private static string InWords(ChargeAnswer answer) => (answer.Evidence, answer.Outcome) switch
    {
        (Evidence.Hint, ChargeOutcome.Unknown) => "ask",
        (Evidence.Hint, ChargeOutcome.Declined declined) => $"hint Declined {declined.Reason}",
        (Evidence.Conclusive, ChargeOutcome.Declined declined) => $"Declined {declined.Reason}",
        (Evidence.Conclusive, var outcome) => outcome.GetType().Name,
        _ => answer.ToString(),
    };
}
