using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>One call of the API, read.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path below <c>/v1/</c>.</param>
/// <param name="Text">The parameters as they came, which an idempotency key is bound to.</param>
/// <param name="Key">The idempotency key; null for none.</param>
/// <param name="Now">When.</param>
internal sealed record ApiCall(string Method, string Path, string Text, string? Key, Instant Now)
{
    private readonly Dictionary<string, string> fields = QueryHelpers.ParseQuery(Text)
        .ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal);

    public string this[string name] => fields.GetValueOrDefault(name, "");

    public long? Number(string name) => long.TryParse(this[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    public Instant? Time(string name) => Number(name) is { } seconds ? Instant.FromUnixTimeSeconds(seconds) : null;

    /// <summary>The values under a name with brackets, such as all of <c>metadata[…]</c>.</summary>
    public IReadOnlyDictionary<string, string> Under(string name) => fields
        .Where(field => field.Key.StartsWith($"{name}[", StringComparison.Ordinal) && field.Key.IndexOf(']', name.Length) == field.Key.Length - 1)
        .ToDictionary(field => field.Key[(name.Length + 1)..^1], field => field.Value, StringComparer.Ordinal);

    /// <summary>Whether the caller wants an object in the place of its id.</summary>
    public bool Expands(string what) => fields.Any(field => field.Key.StartsWith("expand[", StringComparison.Ordinal) && field.Value == what);

    /// <summary>Everything that names what the call is about.</summary>
    public IEnumerable<string> About => fields
        .Where(pair => pair.Key.Contains("[order]", StringComparison.Ordinal) || pair.Key.Contains("[refund]", StringComparison.Ordinal)
            || pair.Key.Contains("[agreement]", StringComparison.Ordinal) || pair.Key is "client_reference_id" or "customer" or "payment_intent")
        .Select(pair => pair.Value).Concat(Path.Split('/'));
}

/// <summary>An answer of the API.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">JSON.</param>
/// <param name="Kept">Whether it is kept under the idempotency key: not when the call was refused before it was executed.</param>
internal sealed record ApiAnswer(int Status, JsonObject Body, bool Kept = true)
{
    public static ApiAnswer Of(JsonObject body) => new(200, body);

    /// <summary>A fault of the request; nothing was executed.</summary>
    public static ApiAnswer Invalid(string message, string? param = null, string? code = null, int status = 400) =>
        new(status, Error("invalid_request_error", code, message, param), Kept: false);

    public static ApiAnswer Missing(string what, string id) => Invalid($"No such {what}: '{id}'", what == "PaymentMethod" ? "payment_method" : "id", "resource_missing", 404);

    public static JsonObject Error(string type, string? code, string message, string? param = null) => new()
    {
        ["error"] = new JsonObject { ["type"] = type, ["code"] = code, ["message"] = message, ["param"] = param },
    };

    /// <summary>A page of a list, newest first.</summary>
    public static ApiAnswer Page<T>(ApiCall call, IEnumerable<T> newestFirst, Func<T, string> id, Func<T, JsonObject> view)
    {
        var limit = (int)(call.Number("limit") ?? 10);
        if (limit is < 1 or > 100)
            return Invalid("limit must be 1 to 100", "limit");
        var after = call["starting_after"];
        var rest = after.Length == 0 ? newestFirst : newestFirst.SkipWhile(item => id(item) != after).Skip(1);
        var page = rest.Take(limit + 1).ToList();
        return Of(new()
        {
            ["object"] = "list", ["url"] = $"/v1/{call.Path}", ["has_more"] = page.Count > limit,
            ["data"] = new JsonArray([.. page.Take(limit).Select(item => (JsonNode)view(item))]),
        });
    }
}
