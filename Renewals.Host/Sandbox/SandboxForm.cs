using System.Text.Json;
using System.Text.Json.Nodes;

namespace Renewals.Host.Sandbox;

/// <summary>What a person's form or a script's JSON posted.</summary>
internal sealed class SandboxForm
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    private SandboxForm()
    {
    }

    /// <summary>The <c>extraData</c> a mini program was opened with; empty when none was posted.</summary>
    public IReadOnlyDictionary<string, string> ExtraData { get; private set; } = new Dictionary<string, string>();

    /// <summary>A value, empty when it is absent.</summary>
    public string this[string name] => values.GetValueOrDefault(name, "");

    public static async Task<SandboxForm> ReadAsync(HttpRequest request)
    {
        var form = new SandboxForm();
        if (request.HasFormContentType)
        {
            foreach (var (name, value) in await request.ReadFormAsync())
                form.values[name] = value.ToString();
            return form;
        }

        try
        {
            if (JsonNode.Parse(await RequestBody.ReadAsync(request)) is JsonObject body)
                form.Take(body);
        }
        catch (JsonException)
        {
            // An unreadable body gives no values; the endpoint says what it misses.
        }

        return form;
    }

    private void Take(JsonObject body)
    {
        foreach (var (name, value) in body)
        {
            if (value is JsonValue)
                values[name] = value.ToString();
            if (name == "extraData" && value is JsonObject extra)
                ExtraData = extra.ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal);
        }
    }
}
