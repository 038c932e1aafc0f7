using System.Collections.Frozen;
using System.Text;

namespace Renewals.Gateways.UnionPay;

/// <summary>The ZM line of a settlement file (对账文件): 42 fields of fixed width in bytes of GBK, one space between, 607 bytes.</summary>
/// <remarks>
/// Published by the rail with its sample files. An older layout has 41 fields, its last one over the room of the last two here: nothing
/// before it differs.
/// </remarks>
public static class UnionPayStatementLayout
{
    /// <summary>Bytes of a line, without its line end.</summary>
    public const int LineLength = 607;

    /// <summary>Bytes of a line of the file of exceptions (ZME). The names of its fields are not published.</summary>
    public const int ExceptionLineLength = 339;

    private static readonly (string Name, int Length)[] Widths =
    [
        ("transactionCode", 3), ("agentInstitution", 11), ("sendingInstitution", 11), ("traceNo", 6), ("traceTime", 10), ("accNo", 19),
        ("txnAmt", 12), ("merCatCode", 4), ("terminalType", 2), ("queryId", 21), ("payMethodOld", 2), ("orderId", 32), ("payCardType", 2),
        ("origTraceNo", 6), ("origTraceTime", 10), ("merchantFee", 13), ("settleAmt", 13), ("payMethod", 4), ("groupMerchant", 15),
        ("txnType", 2), ("txnSubType", 2), ("bizType", 6), ("accType", 2), ("billType", 4), ("billNo", 32), ("interactionMode", 1),
        ("origQryId", 21), ("merId", 15), ("splitMode", 1), ("subMerId", 15), ("subMerAbbr", 32), ("subMerSplitAmt", 13),
        ("netSettleAmt", 13), ("termId", 8), ("merchantReserved", 32), ("discountAmt", 13), ("invoiceAmt", 13), ("instalmentFee", 12),
        ("instalmentCount", 2), ("medium", 1), ("origOrderId", 32), ("reserved", 98),
    ];

    // What a merchant reserved may be in any writing; the file has a question mark for what GBK has not.
    private static readonly Encoding Lenient = CodePagesEncodingProvider.Instance.GetEncoding(936)!;

    private static readonly FrozenDictionary<string, (int Start, int Length)> Places = Placed();

    /// <summary>The names of the fields, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Widths.Select(field => field.Name)];

    /// <summary>The character set of all files in the zip; strict in both directions.</summary>
    public static Encoding Gbk => UnionPayWire.EncodingOf("GBK");

    /// <summary>Where a field stands: its first byte, counted from 0, and its width.</summary>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public static (int Start, int Length) PlaceOf(string name) => Places[name];

    /// <summary>One field of a line, without the blanks around it.</summary>
    /// <param name="line">607 bytes, see <see cref="Check"/>.</param>
    /// <param name="name">The field.</param>
    /// <exception cref="DecoderFallbackException">Bytes that are no text.</exception>
    public static string Field(ReadOnlySpan<byte> line, string name)
    {
        var (start, length) = Places[name];
        return Gbk.GetString(line.Slice(start, length).Trim((byte)' '));
    }

    /// <summary>Sees that a line has its length, and a space between any two fields.</summary>
    /// <exception cref="FormatException">It has not: fields were counted otherwise than here.</exception>
    public static void Check(ReadOnlySpan<byte> line)
    {
        if (line.Length != LineLength)
            throw new FormatException($"a line has {line.Length} bytes instead of {LineLength}");

        // The last two are one field in the older layout.
        foreach (var (start, length) in Places.Values)
        {
            if (start + length < Places["origOrderId"].Start && line[start + length] != (byte)' ')
                throw new FormatException($"there is no space after byte {start + length}");
        }
    }

    /// <summary>Writes a line, without its line end. Absent fields are blank; too long ones are cut between characters.</summary>
    /// <exception cref="ArgumentException">A field is none of the layout.</exception>
    public static byte[] Write(IReadOnlyDictionary<string, string> values)
    {
        if (values.Keys.FirstOrDefault(name => !Places.ContainsKey(name)) is { } stranger)
            throw new ArgumentException($"'{stranger}' is no field of the line.", nameof(values));
        var line = new byte[LineLength];
        line.AsSpan().Fill((byte)' ');
        foreach (var (name, value) in values)
            Cut(value, Places[name].Length).CopyTo(line.AsSpan(Places[name].Start));
        return line;
    }

    private static byte[] Cut(string text, int most)
    {
        while (Lenient.GetByteCount(text) > most)
            text = text[..^1];
        return Lenient.GetBytes(text);
    }

    private static FrozenDictionary<string, (int Start, int Length)> Placed()
    {
        var places = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        var start = 0;
        foreach (var (name, length) in Widths)
        {
            places.Add(name, (start, length));
            start += length + 1;
        }

        return places.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
