using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Plans;

namespace Renewals.Gateways.UnionPay;

/// <summary>How the rail writes times and amounts. Times are Beijing time, always eight hours ahead.</summary>
public static class UnionPayText
{
    /// <summary>Chinese yuan in <c>currencyCode</c>.</summary>
    public const string Yuan = "156";

    private static readonly Offset Beijing = Offset.FromHours(8);
    private static readonly LocalDateTimePattern Compact = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMddHHmmss");

    /// <summary>The value of a field; empty when it is absent.</summary>
    public static string Text(this IReadOnlyDictionary<string, string> fields, string name) => fields.GetValueOrDefault(name, "");

    /// <summary><c>yyyyMMddHHmmss</c> in Beijing, whole seconds.</summary>
    public static string Time(Instant at) => Compact.Format(at.WithOffset(Beijing).LocalDateTime);

    /// <summary>Reads what <see cref="Time(Instant)"/> writes; null when it is none.</summary>
    public static Instant? Time(string text) => Compact.Parse(text) is { Success: true } read ? read.Value.WithOffset(Beijing).ToInstant() : null;

    /// <summary>A time without a year (<c>traceTime</c>, MMddHHmmss), in the year that brings it nearest to another instant.</summary>
    /// <returns>Null when it is no time in any of these years.</returns>
    public static Instant? TimeNear(string text, Instant near)
    {
        var year = near.WithOffset(Beijing).Year;
        return text.Length == 10
            ? new[] { year - 1, year, year + 1 }.Select(y => Time($"{y:0000}{text}")).OfType<Instant>()
                .OrderBy(at => at > near ? at - near : near - at).Cast<Instant?>().FirstOrDefault()
            : null;
    }

    /// <summary>The time inside a <c>queryId</c> of the present shape: two digits, yyMMddHHmmss, a trace number, 8.</summary>
    /// <remarks>The rail does not promise the shape: nothing about money may depend on it but the choice between two ways of giving back.</remarks>
    /// <returns>Null for any other shape, and for that of before 2017, which begins with the century.</returns>
    public static Instant? TimeOfQueryId(string queryId) =>
        queryId is { Length: 21 } && queryId.All(char.IsAsciiDigit) && queryId[^1] == '8' && !queryId.StartsWith("20", StringComparison.Ordinal)
            ? Time($"20{queryId[2..14]}")
            : null;

    /// <summary>The local date and time in Beijing.</summary>
    public static LocalDateTime Local(Instant at) => at.WithOffset(Beijing).LocalDateTime;

    /// <summary>So many months later by Beijing's calendar.</summary>
    public static Instant PlusMonths(Instant at, int months) => Local(at).PlusMonths(months).WithOffset(Beijing).ToInstant();

    /// <summary>Fen as the rail writes them.</summary>
    public static string Fen(Money amount) => amount.MinorUnits.ToString(CultureInfo.InvariantCulture);

    /// <summary>An amount in fen, not negative; null when it is none.</summary>
    public static Money? Fen(string text) => text.Length is > 0 and <= 12 && text.All(char.IsAsciiDigit)
        ? Money.Cny(long.Parse(text, CultureInfo.InvariantCulture))
        : null;
}
