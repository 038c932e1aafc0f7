using System.Globalization;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.UnionPay;

/// <summary>One row of a settlement file.</summary>
/// <param name="Totals">What it adds to the totals.</param>
/// <param name="Line">The line; null for a row without an order number of the merchant's.</param>
internal readonly record struct UnionPayStatementRow(UnionPayStatementTotals Totals, StatementLine? Line)
{
    private const string Collection = "11";
    private const string Refund = "04";
    private const string Void = "31";

    /// <summary>Reads a row.</summary>
    /// <param name="line">Its bytes.</param>
    /// <param name="merId">Our merchant number.</param>
    /// <param name="near">A moment of the clearing day: the rail's times have no year.</param>
    /// <exception cref="FormatException">A field cannot be read, or the row is another merchant's.</exception>
    public static UnionPayStatementRow Read(ReadOnlySpan<byte> line, string merId, Instant near)
    {
        UnionPayStatementLayout.Check(line);
        if (UnionPayStatementLayout.Field(line, "merId") != merId)
            throw new FormatException("a row is another merchant's");
        var amount = UnionPayText.Fen(UnionPayStatementLayout.Field(line, "txnAmt")) ?? throw new FormatException("an amount cannot be read");
        var (fee, settled) = (Signed(line, "merchantFee"), Signed(line, "settleAmt"));
        var type = UnionPayStatementLayout.Field(line, "txnType");

        // Letters of what is given back are not published: its kind decides. A payment's letter is, and must be the merchant's credit.
        var isGivenBack = type is Refund or Void || (type != Collection && settled < 0);
        if (type == Collection && settled < 0)
            throw new FormatException("a collection is a debit of the merchant");
        var isDebit = settled == 0 ? isGivenBack : settled < 0;
        return new(
            new(1, isDebit ? 0 : amount.MinorUnits, isDebit ? amount.MinorUnits : 0, Math.Max(0, -fee), Math.Max(0, fee), Math.Max(0, settled), Math.Max(0, -settled)),
            LineOf(line, isGivenBack, amount, near));
    }

    // The order's own sum, not what was settled: the fee is the merchant's affair.
    private static StatementLine? LineOf(ReadOnlySpan<byte> line, bool isGivenBack, Money amount, Instant near)
    {
        var order = UnionPayStatementLayout.Field(line, "orderId");
        var at = UnionPayText.TimeNear(UnionPayStatementLayout.Field(line, "traceTime"), near) ?? throw new FormatException("a time cannot be read");
        if (order.Length == 0)
            return null;
        return isGivenBack
            ? new(OriginalOf(line, order), order, amount, UnionPayStatementLayout.Field(line, "origQryId"), at)
            : new(order, null, amount, UnionPayStatementLayout.Field(line, "queryId"), at);
    }

    // The older layout does not name the payment that is given back; a number of ours names it itself.
    private static string OriginalOf(ReadOnlySpan<byte> line, string order) =>
        OrderNumber.TryParse(order, out var ours) ? ours.OfAttempt.ToString() : UnionPayStatementLayout.Field(line, "origOrderId");

    // C is the merchant's credit, D its debit; nothing has no letter.
    private static long Signed(ReadOnlySpan<byte> line, string name)
    {
        var text = UnionPayStatementLayout.Field(line, name);
        if (text is ['C' or 'D', .. var digits] && UnionPayText.Fen(digits) is { } amount)
            return text[0] == 'C' ? amount.MinorUnits : -amount.MinorUnits;
        return text.Length == 0 || UnionPayText.Fen(text) is { MinorUnits: 0 }
            ? 0
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name} cannot be read"));
    }
}

/// <summary>Rows counted and added up, in fen.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Credit">Order amounts to the merchant's credit.</param>
/// <param name="Debit">Order amounts to its debit.</param>
/// <param name="FeeDebit">Fees it pays.</param>
/// <param name="FeeCredit">Fees it gets back.</param>
/// <param name="NetCredit">What is settled to its credit.</param>
/// <param name="NetDebit">What is settled to its debit.</param>
internal readonly record struct UnionPayStatementTotals(
    long Rows, long Credit, long Debit, long FeeDebit, long FeeCredit, long NetCredit, long NetDebit)
{
    public static UnionPayStatementTotals operator +(UnionPayStatementTotals a, UnionPayStatementTotals b) => new(
        a.Rows + b.Rows, a.Credit + b.Credit, a.Debit + b.Debit, a.FeeDebit + b.FeeDebit, a.FeeCredit + b.FeeCredit, a.NetCredit + b.NetCredit,
        a.NetDebit + b.NetDebit);
}
