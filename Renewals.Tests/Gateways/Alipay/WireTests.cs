using NodaTime;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

public sealed class WireTests
{
    [Theory]
    [InlineData("19.90", 1990)]
    [InlineData("19.9", 1990)]
    [InlineData("0.01", 1)]
    [InlineData("100", 10000)]
    public void Yuan_are_read_in_fen(string yuan, long fen) => AlipayWire.TryYuan(yuan).Should().Be(Money.Cny(fen));

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1.234")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData(" 1")]
    [InlineData("1,000")]
    [InlineData("12345678901234")]
    public void Anything_else_is_no_amount(string yuan) => AlipayWire.TryYuan(yuan).Should().BeNull();

    [Fact]
    public void Fen_are_written_in_yuan()
    {
        AlipayWire.Yuan(Money.Cny(5)).Should().Be("0.05");
        AlipayWire.Yuan(Money.Cny(123456)).Should().Be("1234.56");
        FluentActions.Invoking(() => AlipayWire.Yuan(Money.Cny(-1))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => AlipayWire.Yuan(new(1, "USD"))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Times_are_Beijing_times()
    {
        AlipayWire.Time(Samples.Now).Should().Be("2025-07-01 08:00:00");
        AlipayWire.TryTime("2025-07-01 08:00:00").Should().Be(Samples.Now);
        AlipayWire.TryTime("2025-07-01 08:00:00.321").Should().Be(Samples.Now + Duration.FromMilliseconds(321));
        AlipayWire.TryTime("2025-07-01T08:00:00").Should().BeNull();
        AlipayWire.TryDate("2025-07-06").Should().Be(new LocalDate(2025, 7, 6));
        AlipayWire.TryDate("2025-13-06").Should().BeNull();
    }

    [Theory]
    [InlineData("a=1&a=2", "a field stands twice")]
    [InlineData("a", "no value")]
    [InlineData("=1", "no name")]
    [InlineData("a=%4", "a broken escape")]
    [InlineData("a=%zz", "a broken escape")]
    [InlineData("a=%+1", "a broken escape")]
    [InlineData("a=%FF", "no UTF-8")]
    [InlineData("a=1&charset=utf-16", "a charset the rail does not have")]
    [InlineData("a=1&charset=gbk&b=%81", "no GBK")]
    [InlineData("a=1&", "an empty pair")]
    [InlineData("", "nothing")]
    public void A_broken_form_is_not_read(string form, string why) => AlipayWire.TryReadForm(AlipayWire.Utf8.GetBytes(form)).Should().BeNull(why);

    [Fact]
    public void A_form_is_decoded_once_in_its_own_charset()
    {
        AlipayWire.TryReadForm("a=%2541+%2B&charset=UTF-8&b=%E4%BC%9A"u8)!.Value.Fields.Should().Equal(
            new Dictionary<string, string> { ["a"] = "%41 +", ["charset"] = "UTF-8", ["b"] = "会" });
        AlipayWire.TryReadForm("b=%BB%E1&charset=GBK"u8)!.Value.Fields["b"].Should().Be("会");
    }

    [Theory]
    [InlineData("""{"alipay_trade_pay_response":{"code":"10000"},"alipay_trade_pay_response":{"code":"10000"},"sign":"x"}""", "the node stands twice")]
    [InlineData("""{"alipay_trade_pay_response":{"code":"10000"},"error_response":{"code":"1"},"sign":"x"}""", "two nodes")]
    [InlineData("""{"alipay_trade_query_response":{"code":"10000"},"sign":"x"}""", "another method's")]
    [InlineData("""{"alipay_trade_pay_response":{"code":"10000"},"sign":"x"} {}""", "more than one object")]
    [InlineData("""{"alipay_trade_pay_response":{"code":"10000"},"sign":7}""", "a signature that is no text")]
    [InlineData("""{"alipay_trade_pay_response":{"code":"10000"},"sign":"x" """, "cut short")]
    [InlineData("""{"alipay_trade_pay_response":{"code":"100""", "cut short in a text")]
    [InlineData("""{"alipay_trade_pay_response" {"code":"10000"}}""", "no colon")]
    [InlineData("[]", "no object")]
    [InlineData("<html></html>", "no JSON")]
    [InlineData("", "nothing")]
    public void An_answer_that_is_not_one_node_is_not_cut(string body, string why) => AlipayEnvelope.TryRead(body, "alipay.trade.pay")
        .Should().BeNull(why);

    [Fact]
    public void The_signature_may_stand_before_the_node_and_unknown_members_anywhere() =>
        AlipayEnvelope.TryRead("""{ "sign" : "s" ,"n":1,"t":[{}],"alipay_trade_pay_response": {"a":"}"} , "x":null}""", "alipay.trade.pay")
            .Should().Be(new AlipayEnvelope("""{"a":"}"}""", "s", ""));

    [Fact]
    public void A_signature_is_taken_in_one_spelling_only()
    {
        var sign = Samples.RailKey.Sign("a", AlipayWire.Utf8);
        var key = AlipayKey.TryPublic(Samples.Key("alipay", "public_spki_base64"))!;
        key.Verify("a", sign, AlipayWire.Utf8).Should().BeTrue();
        foreach (var other in new[] { sign + " ", sign + "\n", sign[..^2], "", "=", "!", sign.Insert(4, " ") })
            key.Verify("a", other, AlipayWire.Utf8).Should().BeFalse(other);
        AlipaySigner.StringToSign(new Dictionary<string, string> { ["b"] = "1", ["B"] = "2", ["sign"] = "x", ["c"] = "", ["_"] = "3" })
            .Should().Be("B=2&_=3&b=1");
    }
}
