using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Gateways.WeChatPay;

/// <summary>How the rail writes times and amounts. Local times are Beijing time, always eight hours ahead.</summary>
internal static class WeChatPayWire
{
    private static readonly Offset Beijing = Offset.FromHours(8);
    private static readonly LocalDateTimePattern Compact = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMddHHmmss");
    private static readonly LocalDateTimePattern Spaced = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss");

    /// <summary>The value of a field; empty when it is absent.</summary>
    public static string Text(this IReadOnlyDictionary<string, string> fields, string name) => fields.GetValueOrDefault(name, "");

    /// <summary>A code, to be told: a text that has not the form of one is not.</summary>
    public static string Code(this IReadOnlyDictionary<string, string> fields, string name) => RailWords.Code(fields.Text(name));

    /// <summary>The text of a JSON property; empty when it is absent, not text, or half a character.</summary>
    public static string Text(this JsonElement element, string name)
    {
        try
        {
            return element.Child(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";
        }
        catch (InvalidOperationException)
        {
            // "\ud800" is well-formed JSON and no text.
            return "";
        }
    }

    /// <summary>A JSON property; an undefined element when it is absent.</summary>
    public static JsonElement Child(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>An amount in fen, not negative.</summary>
    public static Money? Fen(string text, string currency) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var fen) && text.Length <= 15
            ? new Money(fen, currency.Length == 0 ? "CNY" : currency)
            : null;

    /// <summary>The amount of a JSON property in fen.</summary>
    public static Money? Fen(this JsonElement element, string name) =>
        element.Child(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var fen) && fen >= 0
            ? new Money(fen, element.Text("currency") is { Length: > 0 } currency ? currency : "CNY")
            : null;

    /// <summary>A time: <c>yyyyMMddHHmmss</c>, <c>yyyy-MM-dd HH:mm:ss</c>, epoch seconds (an older form of contract times), or RFC 3339.</summary>
    public static Instant? Time(string text)
    {
        var local = text.Length == 14 ? Compact.Parse(text) : Spaced.Parse(text);
        if (local.Success)
            return local.Value.WithOffset(Beijing).ToInstant();
        if (text.Length is 9 or 10 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return Instant.FromUnixTimeSeconds(seconds);
        var zoned = OffsetDateTimePattern.Rfc3339.Parse(text);
        return zoned.Success ? zoned.Value.ToInstant() : null;
    }

    /// <summary><c>yyyyMMddHHmmss</c> in Beijing.</summary>
    public static string CompactTime(Instant at) => Compact.Format(at.WithOffset(Beijing).LocalDateTime);
}
