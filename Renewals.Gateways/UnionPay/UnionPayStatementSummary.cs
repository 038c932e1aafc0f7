using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;

namespace Renewals.Gateways.UnionPay;

/// <summary>Reads the summary of a settlement file (RD, 商户交易汇总): whose it is, of which day, and the totals its rows must add up to.</summary>
/// <remarks>
/// It is written for people, and two forms are known: the table of the rail's published sample, with one total line under the kinds of
/// transactions and one under the kinds of cards, and a short form of sentences. Another form makes the whole file unusable.
/// </remarks>
internal static partial class UnionPayStatementSummary
{
    /// <summary>Reads the totals.</summary>
    /// <exception cref="FormatException">It is another merchant's, of another day, in no known form, or has two different totals.</exception>
    public static UnionPayStatementTotals Read(string text, string merId, LocalDate day)
    {
        if (Merchant().Match(text).Groups["id"].Value != merId)
            throw new FormatException("the summary is another merchant's");
        if (Day().Match(text).Groups["day"].Value != day.ToString("uuuuMMdd", CultureInfo.InvariantCulture))
            throw new FormatException("the summary is of another day");
        var totals = Table().Matches(text).Concat(Sentences().Matches(text)).Select(Totals).Distinct().ToList();
        return totals is [var only] ? only : throw new FormatException($"the summary has {totals.Count} different totals");
    }

    private static UnionPayStatementTotals Totals(Match match)
    {
        long Fen(string name) => ReadYuan(match.Groups[name].Value);
        return new(
            long.Parse(match.Groups["rows"].Value, CultureInfo.InvariantCulture), Fen("credit"), Fen("debit"), Fen("feeDebit"), Fen("feeCredit"),
            Fen("netCredit"), Fen("netDebit"));
    }

    private static long ReadYuan(string yuan)
    {
        var point = yuan.IndexOf('.', StringComparison.Ordinal);
        return (long.Parse(yuan[..point], CultureInfo.InvariantCulture) * 100) + long.Parse(yuan[(point + 1)..], CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("商户代码[:：](?<id>[0-9A-Za-z]{15})(?![0-9A-Za-z])", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Merchant();

    [GeneratedRegex("清算日期[:：](?<day>[0-9]{8})(?![0-9])", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Day();

    // Debit before credit, three times.
    [GeneratedRegex(
        @"^总计 +(?<rows>[0-9]{1,12}) +(?<debit>[0-9]{1,13}\.[0-9]{2}) +(?<credit>[0-9]{1,13}\.[0-9]{2}) +(?<feeDebit>[0-9]{1,13}\.[0-9]{2})"
        + @" +(?<feeCredit>[0-9]{1,13}\.[0-9]{2}) +(?<netDebit>[0-9]{1,13}\.[0-9]{2}) +(?<netCredit>[0-9]{1,13}\.[0-9]{2}) *\r?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex(
        @"^笔数 +(?<rows>[0-9]{1,12}) +贷方金额 +(?<credit>[0-9]{1,13}\.[0-9]{2}) +借方金额 +(?<debit>[0-9]{1,13}\.[0-9]{2}) *\r?\n"
        + @"费用借 +(?<feeDebit>[0-9]{1,13}\.[0-9]{2}) +费用贷 +(?<feeCredit>[0-9]{1,13}\.[0-9]{2}) *\r?\n"
        + @"清算净额贷 +(?<netCredit>[0-9]{1,13}\.[0-9]{2}) +借 +(?<netDebit>[0-9]{1,13}\.[0-9]{2}) *\r?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Sentences();
}
