using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

/// <summary>Alone: one test measures the memory of the process.</summary>
[CollectionDefinition(nameof(StatementTests), DisableParallelization = true)]
[Collection(nameof(StatementTests))]
public sealed class StatementTests
{
    private const string DetailName = "20880000000001010156_20250701_业务明细.csv";
    private static readonly LocalDate Day = new(2025, 7, 1);
    private static readonly string Detail = Samples.Vector("bill-trade.json").Text("detail_text");

    [Fact]
    public void Order_sums_count_and_refunds_are_told_by_their_own_number() => Lines(Text(
        Row("T1", "SUB1", "交易", "20.00", "18.00", "0.00"), Row("T1", "SUB1", "退款", "-5.00", "-5.00", "0.00", "RF1"))).Should().Equal(
        new StatementLine("SUB1", null, Money.Cny(2000), "T1", Instant.FromUtc(2025, 7, 1, 0, 0, 2)),
        new StatementLine("SUB1", "RF1", Money.Cny(500), "T1", Instant.FromUtc(2025, 7, 1, 0, 0, 2)));

    [Fact]
    public void A_row_without_an_order_number_counts_in_the_totals_and_is_no_line() =>
        Lines(Text(Row("T1", "SUB1", "交易", "20.00", "20.00", "0.00"), Row("T2", "", "交易", "7.00", "7.00", "0.00"))).Should().ContainSingle();

    [Fact]
    public void Line_ends_make_no_difference_and_an_empty_day_has_no_lines()
    {
        Lines(Detail.Replace("\r\n", "\n")).Should().Equal(Lines(Detail)).And.HaveCount(3);
        Lines(Text()).Should().BeEmpty();
    }

    [Fact]
    public void A_comma_in_a_name_separates_nothing_quoted_or_not()
    {
        var expected = Lines(Text(Row("T1", "SUB1", "交易", "20.00", "20.00", "0.00")));
        Lines(Text(Row("T1", "SUB1", "交易", "20.00", "20.00", "0.00").Replace("会员", "会员,续费,两月"))).Should().Equal(expected);
        Lines(Text(Row("T1", "SUB1", "交易", "20.00", "20.00", "0.00").Replace("会员", "\"会员,\"\"A\"\",续费\""))).Should().Equal(expected);
    }

    [Theory]
    [InlineData("交易合计：2笔", "交易合计：3笔", "the count is another")]
    [InlineData("商家实收共44.90元", "商家实收共44.91元", "the payments add up to less")]
    [InlineData("商家实收退款共-5.00元", "商家实收退款共-5.01元", "the refunds add up to less")]
    [InlineData("#退款合计", "#合计", "a total is missing")]
    [InlineData("#退款合计", "#交易合计", "a total stands twice")]
    [InlineData("业务明细列表结束", "业务明细", "no end mark")]
    [InlineData("业务明细列表--", "业务明细--", "no list")]
    [InlineData("[2088000000000101", "[2088000000000102", "another's account")]
    [InlineData("#起始日期：[2025年07月01日", "#起始日期：[2025年07月02日", "another day")]
    [InlineData("商户订单号", "订单编号", "a column is missing")]
    [InlineData("门店名称", "商户订单号", "a column stands twice")]
    [InlineData("退款,", "退票,", "a kind nobody knows")]
    [InlineData("-5.00,-5.00", "5.00,-5.00", "a refund that takes")]
    [InlineData("19.90,19.90", "-19.90,19.90", "a payment that gives")]
    [InlineData("19.90,19.90", "19.901,19.90", "a part of a fen")]
    [InlineData("2025-07-01 08:00:02", "2025-07-32 08:00:02", "no time")]
    [InlineData("#导出时间", "导出时间", "more after the end")]
    public void A_statement_with_anything_wrong_is_not_used(string from, string to, string why)
    {
        Detail.Should().Contain(from);
        var at = Detail.IndexOf(from, StringComparison.Ordinal);
        Read(Zip(Detail[..at] + to + Detail[(at + from.Length)..])).Should().BeOfType<StatementAnswer.Failed>(why);
    }

    [Fact]
    public void A_statement_cut_short_anywhere_is_not_used()
    {
        var lastTotal = Detail.IndexOf("#退款合计", StringComparison.Ordinal);
        for (var length = 0; length < lastTotal; length += 7)
            Read(Zip(Detail[..length])).Should().BeOfType<StatementAnswer.Failed>("{0} characters came", length);
        var whole = Zip(Detail);
        for (var length = 0; length < whole.Length; length += 13)
            Read(whole.AsMemory(0, length).ToArray()).Should().BeOfType<StatementAnswer.Failed>("{0} bytes came", length);
        Read(whole).Should().BeOfType<StatementAnswer.Ready>().Which.Raw.ToArray().Should().Equal(whole);
    }

    [Fact]
    public void A_line_has_so_many_characters_and_no_more()
    {
        var longest = Detail.Split("\r\n").Max(line => line.Length);
        AlipayStatement.Read(Zip(Detail), Samples.SellerId, Day, 1 << 20, longest).Should().BeOfType<StatementAnswer.Ready>();
        AlipayStatement.Read(Zip(Detail), Samples.SellerId, Day, 1 << 20, longest - 1).Should().BeOfType<StatementAnswer.Failed>()
            .Which.Why.Should().Be($"a line has more than {longest - 1} characters");
    }

    [Fact]
    public void A_file_without_one_list_of_details_or_of_too_much_is_not_used()
    {
        Read(Zip(Detail, name: "other.csv")).Should().BeOfType<StatementAnswer.Failed>();
        Read(Zip(Detail, copies: 2)).Should().BeOfType<StatementAnswer.Failed>();
        AlipayStatement.Read(Zip(Detail), Samples.SellerId, Day, maxBytes: 500).Should().BeOfType<StatementAnswer.Failed>();
        AlipayStatement.Read(Zip(Detail), Samples.SellerId, Day.PlusDays(1), 1 << 20)
            .Should().BeOfType<StatementAnswer.Failed>("it is of another day");
    }

    /// <summary>100,000 rows, some 14 MB unpacked: reading them keeps nothing but the packed file.</summary>
    [Fact]
    public void A_hundred_thousand_rows_are_read_without_being_held()
    {
        const int rows = 100_000;
        var zip = Zip(Text([.. Enumerable.Range(0, rows).Select(i => Row($"T{i}", $"SUB{i}", "交易", "20.00", "20.00", "0.00"))]));
        var clock = Stopwatch.StartNew();
        var ready = Read(zip).Should().BeOfType<StatementAnswer.Ready>().Subject;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (count, grown) = (0, 0L);
        foreach (var line in ready.Lines)
        {
            if (++count % 20_000 == 0)
                grown = Math.Max(grown, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        count.Should().Be(rows);
        grown.Should().BeLessThan(4 * 1024 * 1024);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
        ready.Lines.Take(3).Should().HaveCount(3, "they can be read again");
    }

    private static StatementAnswer Read(byte[] zip) => AlipayStatement.Read(zip, Samples.SellerId, Day, 64 << 20);

    private static List<StatementLine> Lines(string detail) => [.. Read(Zip(detail)).Should().BeOfType<StatementAnswer.Ready>().Subject.Lines];

    private static string Row(string trade, string order, string kind, string amount, string received, string discount, string refund = "") =>
        $"{trade}\t,{order}\t,{kind},会员,2025-07-01 08:00:01,2025-07-01 08:00:02,,,,,*三(138****0101),{amount},{received},0.00,0.00,0.00,"
        + $"{discount},0.00,,0.00,0.00,{refund}\t,-0.12,0.00,";

    /// <summary>A whole statement around some rows, with totals that agree.</summary>
    private static string Text(params string[] rows)
    {
        var head = Detail[..Detail.IndexOf('\n', Detail.IndexOf("支付宝交易号", StringComparison.Ordinal))].TrimEnd('\r');
        var sums = rows.Select(row => row.Split(',')).GroupBy(cells => cells[2]).ToDictionary(
            group => group.Key, group => (group.Count(), group.Sum(cells => AlipayStatementColumns.Fen(cells[^13]))));
        string Total(string kind) => sums.TryGetValue(kind, out var sum)
            ? $"{sum.Item1}|{(sum.Item2 < 0 ? "-" : "")}{AlipayWire.Yuan(Money.Cny(Math.Abs(sum.Item2)))}"
            : "0|0.00";
        var (paid, back) = (Total("交易").Split('|'), Total("退款").Split('|'));
        return string.Join("\r\n",
        [
            head, .. rows, "#-----业务明细列表结束-----", $"#交易合计：{paid[0]}笔，商家实收共{paid[1]}元，商家优惠共0.00元",
            $"#退款合计：{back[0]}笔，商家实收退款共{back[1]}元，商家优惠退款共0.00元", "#导出时间：[2025年07月02日 07:27:37]", "",
        ]);
    }

    private static byte[] Zip(string detail, string name = DetailName, int copies = 1)
    {
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true, AlipayWire.Gbk))
        {
            for (var i = 0; i < copies; i++)
            {
                using var entry = archive.CreateEntry(i == 0 ? name : $"{i}_业务明细.csv").Open();
                entry.Write(AlipayWire.Gbk.GetBytes(detail));
            }

            using var summary = archive.CreateEntry("20880000000001010156_20250701_业务明细(汇总).csv").Open();
            summary.Write("x"u8);
        }

        return target.ToArray();
    }
}
