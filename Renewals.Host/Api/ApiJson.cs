using System.Text.Json;
using System.Text.Json.Serialization;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>The API's JSON: the ledger's form, and a name that is no field is refused, because a misspelt field is one that is not heeded.</summary>
internal static class ApiJson
{
    /// <summary>For answers.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions());

    /// <summary>Makes options write and read this form.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        LedgerJson.Configure(options);
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        return options;
    }
}
