using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>A verified API v3 request.</summary>
/// <param name="Fields">The body's values by dotted name, such as <c>amount.total</c>.</param>
/// <param name="Key">The id in the path, empty when there is none.</param>
/// <param name="Now">When it arrived.</param>
internal sealed record V3Call(IReadOnlyDictionary<string, string> Fields, string Key, Instant Now)
{
    public string this[string name] => Fields.GetValueOrDefault(name, "");

    public long Fen(string name) => long.Parse(this[name]);
}

/// <summary>An answer of API v3.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Null for 204.</param>
internal sealed record V3Answer(int Status, JsonObject? Body)
{
    public static V3Answer NoContent { get; } = new(204, null);

    public static V3Answer Ok(JsonObject body) => new(200, body);

    public static V3Answer Fail(int status, string code, string message) =>
        new(status, new JsonObject { ["code"] = code, ["message"] = message });
}

/// <summary>Turns a JSON body into dotted names, keeping apart what is a number and what is text.</summary>
internal static class FlatJson
{
    /// <summary>False when the body is not one object of texts, numbers and such objects, or a name stands twice.</summary>
    public static bool TryRead(byte[] body, Dictionary<string, string> fields, HashSet<string> numbers)
    {
        if (body.Length == 0)
            return true;
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            return TryRead(document.RootElement, "", fields, numbers);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TryRead(JsonElement element, string prefix, Dictionary<string, string> fields, HashSet<string> numbers)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return false;
        foreach (var property in element.EnumerateObject())
        {
            var name = prefix + property.Name;
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object when !TryRead(property.Value, name + ".", fields, numbers):
                    return false;
                case JsonValueKind.Object:
                    break;
                case JsonValueKind.String:
                    fields[name] = property.Value.GetString()!;
                    break;
                case JsonValueKind.Number:
                    fields[name] = property.Value.GetRawText();
                    numbers.Add(name);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
