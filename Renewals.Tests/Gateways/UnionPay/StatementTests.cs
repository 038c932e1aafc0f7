using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;
using Fields = System.Collections.Generic.Dictionary<string, string>;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>Alone: one test measures the memory of the process.</summary>
[CollectionDefinition(nameof(UnionPayStatementTests), DisableParallelization = true)]
[Collection(nameof(UnionPayStatementTests))]
public sealed class UnionPayStatementTests
{
    private const string Zm = "INN26030588ZM_700000000000001";
    private const string Zme = "INN26030588ZME_700000000000001";
    private const string Rd = "RD201026030501_700000000000001";
    private static readonly LocalDate Day = new(2026, 3, 5);
    private static readonly Instant At = UnionPayText.Time("20260305101329")!.Value;
    private static readonly string Order = Samples.Number.ToString();
    private static readonly string Back = Samples.Number.Refund(1).ToString();

    [Fact]
    public void Order_sums_count_not_what_was_settled() => Lines(Row(Order, 1990)).Should().Equal(
        new StatementLine(Order, null, Money.Cny(1990), "Q" + Order[..20], At));

    [Theory]
    [InlineData("04")]
    [InlineData("31")]
    public void What_is_given_back_names_its_payment_and_counts_under_its_own_number(string type) =>
        Lines(Returned(Back, 990, type, ("origOrderId", Order), ("origQryId", "Q1"))).Should().Equal(new StatementLine(Order, Back, Money.Cny(990), "Q1", At));

    [Fact]
    public void A_refund_of_ours_names_its_payment_itself_where_the_older_layout_does_not() =>
        Lines(Returned(Back, 990, "04", ("reserved", "whatever stands there"))).Should().ContainSingle().Which.OrderNumber.Should().Be(Order);

    [Fact]
    public void A_refund_made_elsewhere_keeps_the_numbers_it_came_with() =>
        Lines(Returned("COUNTER0001", 990, "04", ("origOrderId", Order))).Should().ContainSingle()
            .Which.Should().Match<StatementLine>(line => line.OrderNumber == Order && line.RefundNumber == "COUNTER0001");

    [Fact]
    public void Another_product_of_the_merchant_is_listed_by_the_side_it_was_settled_to() =>
        Lines(Row("SHOP0001", 500, ("txnType", "01")), Row("SHOP0002", 500, ("txnType", "09"), ("settleAmt", "D000000000500"), ("merchantFee", "000000000000")))
            .Select(line => line.RefundNumber is null).Should().Equal(true, false);

    [Fact]
    public void A_row_without_an_order_number_counts_in_the_totals_and_is_no_line() =>
        Lines(Row(Order, 1990), Row("", 700)).Should().ContainSingle();

    [Fact]
    public void A_day_without_rows_has_no_lines() => Lines().Should().BeEmpty();

    /// <summary>The clearing day begins at 23:00 of the day before, and its last rows may be booked on the next date.</summary>
    [Theory]
    [InlineData("2026-01-01", "1231230500", 2025)]
    [InlineData("2025-12-31", "0101000500", 2026)]
    [InlineData("2024-03-01", "0229230500", 2024)]
    public void Times_without_a_year_lie_near_their_day(string day, string time, int year)
    {
        var date = NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value;
        var stamp = date.ToString("yyMMdd", null);
        var zip = Zip(
            ($"INN{stamp}88ZM_700000000000001", Text(Row(Order, 1990, ("traceTime", time)))),
            ($"RD2010{stamp}01_700000000000001", Summary([Row(Order, 1990)], date.ToString("yyyyMMdd", null))));
        UnionPayStatement.Read(zip, Samples.Options(), date).Should().BeOfType<StatementAnswer.Ready>()
            .Which.Lines.Should().ContainSingle().Which.At.Should().Be(UnionPayText.Time($"{year}{time}")!.Value);
    }

    [Fact]
    public void Widths_are_counted_in_bytes_where_Chinese_stands()
    {
        var row = Row(Order, 1990, ("subMerAbbr", "示例二级商户"), ("merchantReserved", "续费"), ("reserved", "保留域"));
        Lines(row).Should().Equal(Lines(Row(Order, 1990)));
        UnionPayStatementLayout.Field(UnionPayStatementLayout.Write(row), "subMerAbbr").Should().Be("示例二级商户");
    }

    [Fact]
    public void The_table_of_the_published_sample_is_read_as_the_short_form_is()
    {
        var table = $"""
            商户代码:{Samples.MerId}    清算币种:人民币
            收单机构:88022900    清算日期:20260305
            自助消费        8      0.00   13227.00   79.36   0.00   0.00   13147.64
            总计            8      0.00   13227.00   79.36   0.00   0.00   13147.64

            总计            8      0.00   13227.00   79.36   0.00   0.00   13147.64
            """;
        UnionPayStatementSummary.Read(table, Samples.MerId, Day).Should().Be(new UnionPayStatementTotals(8, 1_322_700, 0, 7936, 0, 1_314_764, 0));
        var two = () => UnionPayStatementSummary.Read(table[..^10] + "13147.65", Samples.MerId, Day);
        two.Should().Throw<FormatException>("its two totals differ");
    }

    [Theory]
    [InlineData("merId", "700000000000002", "another merchant's row")]
    [InlineData("txnAmt", "00000000199X", "no amount")]
    [InlineData("txnAmt", "000000001991", "more than the summary says")]
    [InlineData("settleAmt", "D000000001984", "a collection that takes from the merchant")]
    [InlineData("settleAmt", "X000000001984", "no side")]
    [InlineData("settleAmt", "000000001984", "a sum without a side")]
    [InlineData("merchantFee", "C000000000006", "a fee on the other side")]
    [InlineData("traceTime", "0230101329", "no time")]
    [InlineData("traceTime", "", "no time at all")]
    public void A_file_with_a_wrong_field_is_not_used(string field, string value, string why)
    {
        Fields[] good = [Row(Order, 1990)];
        Read(Whole(Text(Row(Order, 1990, (field, value))), Summary(good))).Should().BeOfType<StatementAnswer.Failed>(why);
        Read(Whole(Text(good), Summary(good))).Should().BeOfType<StatementAnswer.Ready>();
    }

    [Theory]
    [InlineData("笔数 1", "笔数 2")]
    [InlineData("贷方金额 19.90", "贷方金额 19.91")]
    [InlineData("费用借 0.06", "费用借 0.07")]
    [InlineData("清算净额贷 19.84", "清算净额贷 19.85")]
    [InlineData("商户代码:700000000000001", "商户代码:700000000000002")]
    [InlineData("清算日期:20260305", "清算日期:20260306")]
    [InlineData("笔数", "条数")]
    public void A_summary_that_says_something_else_spoils_the_file(string from, string to)
    {
        Fields[] rows = [Row(Order, 1990)];
        Summary(rows).Should().Contain(from);
        Read(Whole(Text(rows), Summary(rows).Replace(from, to))).Should().BeOfType<StatementAnswer.Failed>();
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_not_used()
    {
        Fields[] rows = [Row(Order, 1990), Row("SHOP0001", 500)];
        var text = Text(rows);
        for (var length = 0; length < text.Length; length += 29)
            Read(Whole(text[..length], Summary(rows))).Should().BeOfType<StatementAnswer.Failed>("{0} bytes came", length);
        var whole = Whole(text, Summary(rows));
        for (var length = 0; length < whole.Length; length += 13)
            Read(whole[..length]).Should().BeOfType<StatementAnswer.Failed>("{0} bytes came", length);
        Read(whole).Should().BeOfType<StatementAnswer.Ready>().Which.Raw.ToArray().Should().Equal(whole);
    }

    [Fact]
    public void Fields_that_do_not_stand_in_their_places_spoil_the_file()
    {
        Fields[] rows = [Row(Order, 1990)];
        var text = Text(rows);
        text[3] = (byte)'X';
        Read(Whole(text, Summary(rows))).Should().BeOfType<StatementAnswer.Failed>("no space after the first field");
        text = Text(rows);
        text[^1] = (byte)' ';
        Read(Whole(text, Summary(rows))).Should().BeOfType<StatementAnswer.Failed>("no line end");
        text = Text(rows);
        (text[112], text[113]) = (0x81, 0x30);
        Read(Whole(text, Summary(rows))).Should().BeOfType<StatementAnswer.Failed>("an order number that is no text");
    }

    [Fact]
    public void Exceptions_are_allowed_in_their_form_and_end_as_no_line()
    {
        Fields[] rows = [Row(Order, 1990)];
        var (text, summary) = (Text(rows), Encoded(Summary(rows)));
        var disputes = Encoding.ASCII.GetBytes(new string(' ', UnionPayStatementLayout.ExceptionLineLength) + "\r\n");
        Read(Zip((Zm, text), (Zme, disputes), (Rd, summary))).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().ContainSingle();
        Read(Zip((Zm, text), (Zme, disputes[..^3]), (Rd, summary))).Should().BeOfType<StatementAnswer.Failed>();
        Read(Zip((Zm, text), (Rd, summary))).Should().BeOfType<StatementAnswer.Ready>("the published sample has no exceptions");
    }

    [Fact]
    public void A_zip_without_its_files_with_others_or_of_too_much_is_not_used()
    {
        Fields[] rows = [Row(Order, 1990)];
        var (text, summary) = (Text(rows), Encoded(Summary(rows)));
        Read(Zip((Zm, text))).Should().BeOfType<StatementAnswer.Failed>("nothing says that it is whole");
        Read(Zip((Rd, summary))).Should().BeOfType<StatementAnswer.Failed>();
        Read(Zip((Zm, text), (Zm, text), (Rd, summary))).Should().BeOfType<StatementAnswer.Failed>("two lists");
        Read(Zip((Zm, text), ("INN26030688ZM_700000000000001", text), (Rd, summary))).Should().BeOfType<StatementAnswer.Failed>("a list nobody reads");
        UnionPayStatement.Read(Zip((Zm, text), (Rd, summary)), Samples.Options(), Day.PlusDays(1)).Should().BeOfType<StatementAnswer.Failed>("another day");
        UnionPayStatement.Read(Zip((Zm, text), (Rd, summary)), Samples.Options(o => o.MaxStatementBytes = 608), Day)
            .Should().BeOfType<StatementAnswer.Failed>().Which.Why.Should().Contain("608");
        Read("no zip"u8.ToArray()).Should().BeOfType<StatementAnswer.Failed>();
    }

    [Fact]
    public void Content_is_unpacked_up_to_its_limit_only()
    {
        var packed = UnionPayStatementContent.Pack(new byte[100_000]);
        UnionPayStatementContent.Unpack(packed, 100_000).Length.Should().Be(100_000);
        var much = () => UnionPayStatementContent.Unpack(packed, 99_999);
        much.Should().Throw<InvalidDataException>();
        var nothing = () => UnionPayStatementContent.Unpack("", 1);
        nothing.Should().Throw<InvalidDataException>();
        var noise = () => UnionPayStatementContent.Unpack("#", 1);
        noise.Should().Throw<FormatException>();
    }

    /// <summary>100,000 rows, some 61 MB unpacked: reading them keeps nothing but the packed file.</summary>
    [Fact]
    public void A_hundred_thousand_rows_are_read_without_being_held()
    {
        const int count = 100_000;
        var line = Text(Row(Order, 1990));
        var all = new byte[line.Length * count];
        for (var i = 0; i < count; i++)
            line.CopyTo(all.AsSpan(i * line.Length));
        var zip = Zip((Zm, all), (Rd, Encoded(Summary(count, 1990L * count, 6L * count))));
        all = [];
        var clock = Stopwatch.StartNew();
        var ready = Read(zip).Should().BeOfType<StatementAnswer.Ready>().Subject;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (read, grown) = (0, 0L);
        foreach (var _ in ready.Lines)
        {
            if (++read % 20_000 == 0)
                grown = Math.Max(grown, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        read.Should().Be(count);
        grown.Should().BeLessThan(4 * 1024 * 1024);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
        ready.Lines.Take(3).Should().HaveCount(3, "they can be read again");
    }

    private static StatementAnswer Read(byte[] zip) => UnionPayStatement.Read(zip, Samples.Options(), Day);

    private static List<StatementLine> Lines(params Fields[] rows) =>
        [.. Read(Whole(Text(rows), Summary(rows))).Should().BeOfType<StatementAnswer.Ready>().Subject.Lines];

    /// <summary>A collection with a fee of 6 fen.</summary>
    private static Fields Row(string order, long fen, params (string Name, string Value)[] changes)
    {
        var row = new Fields
        {
            ["transactionCode"] = "S56", ["traceNo"] = "200007", ["traceTime"] = "0305101329", ["txnAmt"] = $"{fen:000000000000}",
            ["queryId"] = "Q" + (order.Length > 20 ? order[..20] : order), ["orderId"] = order, ["merchantFee"] = "D000000000006",
            ["settleAmt"] = $"C{fen - 6:000000000000}", ["txnType"] = "11", ["txnSubType"] = "03", ["bizType"] = "000000", ["merId"] = Samples.MerId,
        };
        foreach (var (name, value) in changes)
            row[name] = value;
        return row;
    }

    private static Fields Returned(string order, long fen, string type, params (string Name, string Value)[] changes) => Row(
        order, fen, [("txnType", type), ("txnSubType", "00"), ("merchantFee", "C000000000006"), ("settleAmt", $"D{fen - 6:000000000000}"), .. changes]);

    private static byte[] Text(params Fields[] rows) => [.. rows.SelectMany(row => UnionPayStatementLayout.Write(row).Concat("\r\n"u8.ToArray()))];

    private static string Summary(params Fields[] rows) => Summary(rows, "20260305");

    private static string Summary(Fields[] rows, string day)
    {
        var (paid, back) = (rows.Where(row => row["settleAmt"][0] != 'D').ToList(), rows.Where(row => row["settleAmt"][0] == 'D').ToList());
        long Fen(IEnumerable<Fields> of, string name, char side) => of.Where(row => row[name][0] == side).Sum(row => long.Parse(row[name][1..]));
        return Sentences(
            day, rows.Length, paid.Sum(row => long.Parse(row["txnAmt"])), back.Sum(row => long.Parse(row["txnAmt"])), Fen(rows, "merchantFee", 'D'),
            Fen(rows, "merchantFee", 'C'), Fen(rows, "settleAmt", 'C'), Fen(rows, "settleAmt", 'D'));
    }

    private static string Summary(int rows, long credit, long fees) => Sentences("20260305", rows, credit, 0, fees, 0, credit - fees, 0);

    private static string Sentences(string day, int rows, long credit, long debit, long feeDebit, long feeCredit, long netCredit, long netDebit) =>
        $"商户交易汇总(示例)\r\n商户代码:{Samples.MerId}    清算币种:人民币\r\n清算日期:{day}    生成日期:20260306\r\n"
        + $"笔数 {rows}  贷方金额 {Yuan(credit)}  借方金额 {Yuan(debit)}\r\n费用借 {Yuan(feeDebit)} 费用贷 {Yuan(feeCredit)}\r\n"
        + $"清算净额贷 {Yuan(netCredit)} 借 {Yuan(netDebit)}\r\n";

    private static string Yuan(long fen) => $"{fen / 100}.{fen % 100:00}";

    private static byte[] Encoded(string text) => UnionPayStatementLayout.Gbk.GetBytes(text);

    private static byte[] Whole(byte[] detail, string summary) => Zip((Zm, detail), (Zme, []), (Rd, Encoded(summary)));

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return target.ToArray();
    }

    private static byte[] Zip((string Name, byte[] Content) detail, (string Name, string Content) summary) => Zip(detail, (summary.Name, Encoded(summary.Content)));
}
