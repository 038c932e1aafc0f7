using System.Text;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The ZM line of a settlement file (对账文件): 42 fields of fixed width in bytes, one space between, 607 bytes of GBK.</summary>
internal static class SettlementLayout
{
    public const int LineLength = 607;

    private static readonly (string Name, int Length)[] Fields =
    [
        ("transactionCode", 3), ("agentInstitution", 11), ("sendingInstitution", 11), ("traceNo", 6), ("traceTime", 10), ("accNo", 19),
        ("txnAmt", 12), ("merCatCode", 4), ("terminalType", 2), ("queryId", 21), ("payMethodOld", 2), ("orderId", 32), ("payCardType", 2),
        ("origTraceNo", 6), ("origTraceTime", 10), ("merchantFee", 13), ("settleAmt", 13), ("payMethod", 4), ("groupMerchant", 15),
        ("txnType", 2), ("txnSubType", 2), ("bizType", 6), ("accType", 2), ("billType", 4), ("billNo", 32), ("interactionMode", 1),
        ("origQryId", 21), ("merId", 15), ("splitMode", 1), ("subMerId", 15), ("subMerAbbr", 32), ("subMerSplitAmt", 13),
        ("netSettleAmt", 13), ("termId", 8), ("merchantReserved", 32), ("discountAmt", 13), ("invoiceAmt", 13), ("instalmentFee", 12),
        ("instalmentCount", 2), ("medium", 1), ("origOrderId", 32), ("reserved", 98),
    ];

    private static readonly HashSet<string> Names = [.. Fields.Select(field => field.Name)];

    /// <summary>The character set of all entries.</summary>
    public static Encoding Gbk { get; } = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;

    /// <summary>Writes a line, without its line end. Absent fields are blank; too long ones are cut between characters.</summary>
    /// <exception cref="ArgumentException">A field is none of the layout.</exception>
    public static byte[] Write(IReadOnlyDictionary<string, string> values)
    {
        if (values.Keys.FirstOrDefault(name => !Names.Contains(name)) is { } stranger)
            throw new ArgumentException($"'{stranger}' is no field of the line.", nameof(values));
        var line = new byte[LineLength];
        line.AsSpan().Fill((byte)' ');
        var start = 0;
        foreach (var (name, length) in Fields)
        {
            Cut(values.GetValueOrDefault(name, ""), length).CopyTo(line.AsSpan(start));
            start += length + 1;
        }

        return line;
    }

    /// <summary>Reads a line: every field that is not blank, without the blanks around it.</summary>
    /// <exception cref="ArgumentException">The line has not the length of the layout.</exception>
    public static Dictionary<string, string> Read(ReadOnlySpan<byte> line)
    {
        if (line.Length != LineLength)
            throw new ArgumentException($"A line has {LineLength} bytes, this one {line.Length}.", nameof(line));
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var start = 0;
        foreach (var (name, length) in Fields)
        {
            if (Gbk.GetString(line.Slice(start, length)).Trim(' ') is { Length: > 0 } value)
                values.Add(name, value);
            start += length + 1;
        }

        return values;
    }

    private static byte[] Cut(string text, int most)
    {
        while (Gbk.GetByteCount(text) > most)
            text = text[..^1];
        return Gbk.GetBytes(text);
    }
}
