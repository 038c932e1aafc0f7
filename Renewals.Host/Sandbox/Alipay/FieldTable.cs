using System.Globalization;
using System.Text.Json;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What a field of a content holds.</summary>
internal enum FieldKind
{
    Text,

    /// <summary>Yuan with at most two decimals, as text or number.</summary>
    Yuan,

    /// <summary>A whole number, as text or number.</summary>
    Number,
    Date,
    Time,
    Object,
    List,
}

/// <summary>One field: its name, kind, longest text, and the fields of an object in it.</summary>
internal sealed record Field(string Name, FieldKind Kind = FieldKind.Text, int Most = 64, bool IsRequired = false, FieldTable? Of = null);

/// <summary>The fields of a content (<c>biz_content</c>). Fields that are not listed are ignored, as the rail ignores them.</summary>
internal sealed record FieldTable(params IReadOnlyList<Field> Fields)
{
    /// <summary>What is wrong with a content; null when nothing is.</summary>
    public string? Fault(JsonElement content)
    {
        foreach (var field in Fields)
        {
            if (!content.TryGetProperty(field.Name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (field.IsRequired)
                    return $"{field.Name} is missing";
                continue;
            }

            if (!Fits(field, value))
                return $"{field.Name} is not as it must be";
            if (field.Of?.Fault(value) is { } inner)
                return $"{field.Name}: {inner}";
        }

        return null;
    }

    private static bool Fits(Field field, JsonElement value) => field.Kind switch
    {
        FieldKind.Text => value.ValueKind == JsonValueKind.String && value.AsText() is { Length: > 0 } text && text.Length <= field.Most,
        FieldKind.Yuan => AlipayWire.TryYuan(value.AsText()) is not null,
        FieldKind.Number => int.TryParse(value.AsText(), NumberStyles.None, CultureInfo.InvariantCulture, out _),
        FieldKind.Date => value.AsText().Length == 10 && AlipayWire.TryDate(value.AsText()) is not null,
        FieldKind.Time => AlipayWire.TryTime(value.AsText()) is not null,

        // A text that holds JSON is a frequent fault of merchants; the rail refuses it.
        FieldKind.Object => value.ValueKind == JsonValueKind.Object,
        FieldKind.List => value.ValueKind == JsonValueKind.Array,
        _ => throw new InvalidOperationException($"Kind {field.Kind} is unknown."),
    };
}

/// <summary>Reads JSON values as the texts they stand for.</summary>
internal static class JsonTexts
{
    /// <summary>A property as text; empty when it is absent or neither text nor number.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.AsText() : "";

    /// <summary>A value as text.</summary>
    public static string AsText(this JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Number => value.GetRawText(),
                _ => "",
            };
        }
        catch (InvalidOperationException)
        {
            // "\ud800" is well-formed JSON and no text.
            return "";
        }
    }

    /// <summary>An object in an object; null when there is none.</summary>
    public static JsonElement? Part(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;
}
