using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;

namespace Renewals.Core.Ledger;

/// <summary>What one version of a plan sells, in a form that is the same wherever and whenever it is written, and addressed by its hash.</summary>
/// <remarks>
/// Everything a plan says is content, but for whether it is on sale and where (<see cref="Plan.OnSale"/>, <see cref="Plan.Templates"/>): a plan that is
/// withdrawn, or sold at one more merchant account, sells what it sold. Fields that plans get later are content too, without a change here.
/// </remarks>
/// <param name="Id">The plan.</param>
/// <param name="Version">Which version of it.</param>
/// <param name="Json">The content: the ledger's JSON, every field written, in the order of their names.</param>
/// <param name="Hash">SHA-256 of <paramref name="Json"/> in UTF-8, as 64 lower-case hexadecimal digits.</param>
internal sealed record PlanContent(string Id, int Version, string Json, string Hash)
{
    private static readonly string[] NoContent = [nameof(Plan.OnSale), nameof(Plan.Templates)];
    private static readonly JsonSerializerOptions Options = Configured();

    /// <summary>The content of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="law">The law where the plan names none: which one it is sold under is content, whoever names it.</param>
    public static PlanContent Of(Plan plan, MarketRules law)
    {
        var json = Sorted(JsonSerializer.SerializeToNode(plan with { Law = plan.Law ?? law }, Options))!.ToJsonString(Options);
        return new(plan.Id, plan.Version, json, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json))));
    }

    /// <summary>Whether two contents sell the same.</summary>
    /// <remarks>
    /// What an earlier version of this program wrote lacks the fields that plans have got since: it is read as the plan it is now, with their defaults,
    /// before it is called another one.
    /// </remarks>
    public bool IsSameAs(PlanContent other) => Hash == other.Hash || AsOfNow()?.Hash == other.Hash;

    private PlanContent? AsOfNow()
    {
        try
        {
            return JsonSerializer.Deserialize<Plan>(Json, Options) is { Law: { } law } plan ? Of(plan, law) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    // Every field is written, also one that has its default: what is left out would change its meaning with the default.
    private static JsonSerializerOptions Configured()
    {
        var options = LedgerJson.Configure(new JsonSerializerOptions { IgnoreReadOnlyProperties = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        options.TypeInfoResolver = options.TypeInfoResolver!.WithAddedModifier(LeaveOut);
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOut(JsonTypeInfo info)
    {
        if (info.Type != typeof(Plan))
            return;
        foreach (var property in info.Properties.Where(p => NoContent.Contains(p.Name, StringComparer.OrdinalIgnoreCase)).ToList())
            info.Properties.Remove(property);
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
