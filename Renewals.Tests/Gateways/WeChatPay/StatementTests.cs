using System.IO.Compression;
using System.Text;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

public sealed class StatementTests
{
    private const string OldHeader =
        "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额," +
        "微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率";

    private const string OldTotals = "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额";

    private static readonly string New = Encoding.UTF8.GetString(Samples.Bytes("bill-all.txt"));

    [Fact]
    public void The_old_layout_of_24_columns_is_read_by_its_names()
    {
        var text = $"{OldHeader}\n{OldLine("SUCCESS", "15.00")}\n{OldLine("REFUND", "0.00", "R1", "5.00")}\n{OldTotals}\n`2,`15.00,`5.00,`0.00,`0.06\n";
        Read(text).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().Equal(
            new StatementLine("SUB1", null, Money.Cny(1500), "42", Instant.FromUtc(2026, 3, 3, 0, 5, 12)) { Payer = "o1" },
            new StatementLine("SUB1", "R1", Money.Cny(500), "42", Instant.FromUtc(2026, 3, 3, 0, 5, 12)));
    }

    [Fact]
    public void Line_ends_byte_order_mark_and_packing_make_no_difference()
    {
        var expected = ((StatementAnswer.Ready)Read(New)).Lines;
        foreach (var text in new[] { New.Replace("\r\n", "\n"), New.TrimStart('\uFEFF'), New.TrimEnd(), New + "\r\n" })
            Read(text).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().Equal(expected);
        var packed = WeChatPayStatement.Read(Pack(Encoding.UTF8.GetBytes(New)), Samples.MchId, 1 << 20);
        packed.Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().Equal(expected);
    }

    [Fact]
    public void The_payer_is_read_of_orders_under_an_agreement_that_are_not_ours_and_of_no_others()
    {
        string? Payer(string text) => ((StatementAnswer.Ready)Read(text)).Lines.First().Payer;
        var (lines, ours) = ($"{OldHeader}\n{OldLine("SUCCESS", "15.00")}\n{OldTotals}\n`1,`15.00,`0.00,`0.00,`0.06\n", Samples.Order.Number.ToString());
        Payer(lines).Should().Be("o1");
        Payer(lines.Replace("`PAP", "`JSAPI")).Should().BeNull("somebody who paid in the shop pays for no membership");
        Payer(lines.Replace("SUB1", ours)).Should().BeNull("the order's number says whose it is");
    }

    [Fact]
    public void A_comma_in_a_name_separates_nothing() =>
        Read(New.Replace("`会员续费,", "`会员,续费,")).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().HaveCount(2);

    [Theory]
    [InlineData("PROCESSING")]
    [InlineData("FAIL")]
    public void A_refund_that_is_not_done_is_no_line(string status) =>
        Read(New.Replace("`ORIGINAL,`SUCCESS", $"`ORIGINAL,`{status}")).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().ContainSingle();

    [Theory]
    [InlineData("`2,`15.00", "`3,`15.00", "the count is another")]
    [InlineData("`0.06000,`15.00,`5.00", "`0.06000,`16.00,`5.00", "the payments add up to less")]
    [InlineData("`0.06000,`15.00,`5.00", "`0.06000,`15.00,`5.01", "the refunds add up to less")]
    [InlineData("`1900000109", "`1900000110", "another merchant's")]
    [InlineData("商户订单号", "订单编号", "a column is missing")]
    [InlineData("设备号", "商户号", "a column stands twice")]
    [InlineData("`PAP,`SUCCESS", "`PAP,`NEW", "a state nobody knows")]
    [InlineData("2026-03-03 08:05:12", "2026-03-33 08:05:12", "no time")]
    [InlineData("`0.60%,`15.00", "`0.60%,`15.001", "a part of a fen")]
    [InlineData("`0.60%,`15.00", "`0.60%,`-15.00", "a negative payment")]
    [InlineData(",`PAP", "", "a cell is missing")]
    [InlineData("总交易单数", "`总数", "no totals")]
    public void A_statement_with_anything_wrong_is_not_used(string from, string to, string why)
    {
        New.Should().Contain(from);
        Read(New.Replace(from, to)).Should().BeOfType<StatementAnswer.Failed>(why);
    }

    [Fact]
    public void A_line_has_so_many_characters_and_no_more()
    {
        var (whole, longest) = (Encoding.UTF8.GetBytes(New), New.Split('\n').Max(line => line.TrimEnd('\r').Length));
        WeChatPayStatement.Read(whole, Samples.MchId, 1 << 20, longest).Should().BeOfType<StatementAnswer.Ready>();
        WeChatPayStatement.Read(whole, Samples.MchId, 1 << 20, longest - 1).Should().BeOfType<StatementAnswer.Failed>()
            .Which.Why.Should().Be($"a line has more than {longest - 1} characters");
    }

    [Fact]
    public void A_statement_cut_short_anywhere_is_not_used()
    {
        var whole = Encoding.UTF8.GetBytes(New);
        var lastCell = Encoding.UTF8.GetByteCount(New[..New.LastIndexOf(',')]);
        for (var length = 0; length < lastCell; length += 5)
            WeChatPayStatement.Read(whole.AsMemory(0, length), Samples.MchId, 1 << 20).Should().BeOfType<StatementAnswer.Failed>("{0} bytes came", length);
        var packed = Pack(whole);
        WeChatPayStatement.Read(packed.AsMemory(0, packed.Length / 2), Samples.MchId, 1 << 20).Should().BeOfType<StatementAnswer.Failed>();
        WeChatPayStatement.Read(Pack(new byte[100_000]), Samples.MchId, 50_000).Should().BeOfType<StatementAnswer.Failed>("it unpacks to too much");
    }

    [Theory]
    [InlineData("No Bill Exist", typeof(StatementAnswer.Ready))]
    [InlineData("Bill Creating", typeof(StatementAnswer.NotReady))]
    [InlineData("SYSTEMERROR", typeof(StatementAnswer.Failed))]
    [InlineData("invalid bill_type", typeof(StatementAnswer.Failed))]
    public void An_error_document_is_read(string message, Type expected) =>
        Read($"<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[{message}]]></return_msg></xml>").Should().BeOfType(expected);

    [Theory]
    [InlineData("15.00", 1500)]
    [InlineData("15", 1500)]
    [InlineData("0.5", 50)]
    [InlineData("0.01000", 1)]
    [InlineData("123456789012.99", 12_345_678_901_299)]
    public void Yuan_are_read_in_fen(string yuan, long fen) => WeChatPayStatement.Fen(yuan).Should().Be(fen);

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1.2.3")]
    [InlineData("1e3")]
    [InlineData(" 1")]
    [InlineData("+1")]
    [InlineData("0.001")]
    [InlineData("1234567890123")]
    public void Anything_else_is_no_amount(string yuan) => FluentActions.Invoking(() => WeChatPayStatement.Fen(yuan)).Should().Throw<FormatException>();

    private static StatementAnswer Read(string text) => WeChatPayStatement.Read(Encoding.UTF8.GetBytes(text), Samples.MchId, 1 << 20);

    private static string OldLine(string state, string amount, string refund = "0", string refunded = "0.00") =>
        $"`2026-03-03 08:05:12,`{Samples.AppId},`{Samples.MchId},`0,`,`42,`SUB1,`o1,`PAP,`{state},`CMB,`CNY,`{amount},`0.00," +
        $"`0,`{refund},`{refunded},`0.00,`,`{(refund == "0" ? "" : "SUCCESS")},`会员,`,`0.09,`0.60%";

    private static byte[] Pack(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var packing = new GZipStream(target, CompressionMode.Compress))
            packing.Write(bytes);
        return target.ToArray();
    }
}
