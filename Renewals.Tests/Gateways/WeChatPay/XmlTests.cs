using System.Text;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

public sealed class XmlTests
{
    [Theory]
    [InlineData("<!DOCTYPE xml [<!ENTITY a 'b'>]><xml><a>&a;</a></xml>", "a document type")]
    [InlineData("<!DOCTYPE xml SYSTEM 'file:///etc/passwd'><xml><a>1</a></xml>", "an external one")]
    [InlineData("<xml><a>&b;</a></xml>", "an entity nobody declared")]
    [InlineData("<xml><a>1</a><a>2</a></xml>", "an element twice")]
    [InlineData("<xml><a>1</a><a/></xml>", "an element twice, once empty")]
    [InlineData("<xml><a><b>1</b></a></xml>", "a nested element")]
    [InlineData("<xml><a>1<!-- x -->2</a></xml>", "a comment inside a value")]
    [InlineData("<xml><!-- x --><a>1</a></xml>", "a comment")]
    [InlineData("<xml><?x y?><a>1</a></xml>", "an instruction")]
    [InlineData("<xml>text<a>1</a></xml>", "text between elements")]
    [InlineData("<xml><a b='c'>1</a></xml>", "an attribute")]
    [InlineData("<xml xmlns='urn:x'><a>1</a></xml>", "a namespace")]
    [InlineData("<root><a>1</a></root>", "another root")]
    [InlineData("<xml><a>1</a></xml><xml/>", "two roots")]
    [InlineData("<xml><a>1</a>", "an end that is missing")]
    [InlineData("<xml><a>1</b></xml>", "tags that do not match")]
    [InlineData("<xml><a>&#0;</a></xml>", "a character XML does not have")]
    [InlineData("<html><body>502</body></html>", "a page of a proxy")]
    [InlineData("{}", "JSON")]
    [InlineData("", "nothing")]
    public void A_document_with_anything_unusual_is_refused(string xml, string why)
    {
        WeChatPayXml.TryRead(Encoding.UTF8.GetBytes(xml), out var fields, out var reason).Should().BeFalse("it has {0}", why);
        fields.Should().BeNull();
        reason.Should().NotBeEmpty();
    }

    [Fact]
    public void Broken_utf8_and_documents_over_the_limit_are_refused()
    {
        WeChatPayXml.TryRead([.. "<xml><a>"u8, 0xC3, 0x28, .. "</a></xml>"u8], out _, out _).Should().BeFalse();
        WeChatPayXml.TryRead(Encoding.UTF8.GetBytes($"<xml><a>{new string('x', WeChatPayXml.MaxBytes)}</a></xml>"), out _, out _).Should().BeFalse();
        WeChatPayXml.TryRead(Encoding.Unicode.GetBytes("<xml><a>1</a></xml>"), out _, out _).Should().BeFalse("only UTF-8 is read");
    }

    [Theory]
    [InlineData("<xml><a/></xml>", "")]
    [InlineData("<xml><a></a></xml>", "")]
    [InlineData("<xml><a><![CDATA[]]></a></xml>", "")]
    [InlineData("<xml><a><![CDATA[1]]><![CDATA[2]]>3</a></xml>", "123")]
    [InlineData("<xml><a>  x\t</a></xml>", "  x\t")]
    [InlineData("<xml><a>   </a></xml>", "   ")]
    [InlineData("<xml><a>&lt;&amp;&#x4F1A;</a></xml>", "<&会")]
    [InlineData("<?xml version=\"1.0\" encoding=\"GBK\"?>\n<xml>\n <a>会员</a>\n</xml>\n", "会员")]
    [InlineData("\uFEFF<xml><a>1</a></xml>", "1")]
    [InlineData("<xml><unheard_of>1</unheard_of><a>1</a></xml>", "1")]
    public void Values_are_kept_as_they_are(string xml, string value)
    {
        WeChatPayXml.TryRead(Encoding.UTF8.GetBytes(xml), out var fields, out var why).Should().BeTrue(why);
        fields!["a"].Should().Be(value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("会员续费")]
    [InlineData("a]]>b]]>")]
    [InlineData("<a>&amp;")]
    [InlineData("line\r\nline")]
    [InlineData(" \t ")]
    [InlineData("\uD83D\uDE00")]
    public void What_is_written_reads_back_the_same(string value)
    {
        var xml = WeChatPayXml.Write([KeyValuePair.Create("a", value), KeyValuePair.Create("b", "1")]);
        WeChatPayXml.TryRead(Encoding.UTF8.GetBytes(xml), out var fields, out var why).Should().BeTrue(why);
        fields.Should().Equal(new Dictionary<string, string> { ["a"] = value, ["b"] = "1" });
    }

    [Theory]
    [InlineData(0x0001)]
    [InlineData(0xD83D)]
    [InlineData(0xFFFF)]
    public void A_character_xml_cannot_carry_is_not_written(int character) =>
        FluentActions.Invoking(() => WeChatPayXml.Write([KeyValuePair.Create("a", $"x{(char)character}y")])).Should().Throw<ArgumentException>();

    [Fact]
    public void Names_are_signed_in_the_order_of_their_bytes()
    {
        string[] names = ["coupon_fee_2", "coupon_fee_10", "timestamp", "time_end", "timeStamp", "Z", "a", "_", "0"];
        WeChatPaySigner.StringToSign(names.Select(name => KeyValuePair.Create(name, "1")), "k").Should().Be(
            "0=1&Z=1&_=1&a=1&coupon_fee_10=1&coupon_fee_2=1&timeStamp=1&time_end=1&timestamp=1&key=k");
    }

    [Fact]
    public void A_signature_that_is_missing_or_empty_is_refused()
    {
        WeChatPaySigner.Verify(Samples.Ours(), Samples.V2Key, WeChatPaySignType.Md5).Should().BeFalse();
        WeChatPaySigner.Verify(Samples.Ours(("sign", "")), Samples.V2Key, WeChatPaySignType.Md5).Should().BeFalse();
    }

    [Theory]
    [InlineData("WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"2\",signature=\"3=\",timestamp=\"4\",serial_no=\"5\"", true)]
    [InlineData("WECHATPAY2-SHA256-RSA2048 serial_no=\"5\", timestamp=\"4\", signature=\"3=\", nonce_str=\"2\", mchid=\"1\"", true)]
    [InlineData("WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"2\",signature=\"3=\",timestamp=\"4\"", false)]
    [InlineData("WECHATPAY2-SHA256-RSA2048 mchid=\"1\",mchid=\"1\",nonce_str=\"2\",signature=\"3=\",timestamp=\"4\",serial_no=\"5\"", false)]
    [InlineData("WECHATPAY2-SHA256-RSA2048 mchid=1,nonce_str=\"2\",signature=\"3=\",timestamp=\"4\",serial_no=\"5\"", false)]
    [InlineData("WECHATPAY2-SM2-WITH-SM3 mchid=\"1\",nonce_str=\"2\",signature=\"3=\",timestamp=\"4\",serial_no=\"5\"", false)]
    [InlineData(null, false)]
    public void An_authorization_header_has_its_five_items_once_in_any_order(string? header, bool good) =>
        WeChatPayAuthorization.TryParse(header).Should().Be(good ? new WeChatPayAuthorization("1", "2", "3=", "4", "5") : null);
}
