using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.OpenApi;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>The API's own description (OpenAPI), made from its routes: it cannot say anything else than they do.</summary>
/// <remarks>What fields mean is taken from the comments on their types, at compile time; see the project file.</remarks>
internal static class ApiDocument
{
    private const string Key = "key";
    private const string ProblemSchema = "Problem";

    private static readonly Dictionary<int, string> Problems = new()
    {
        [400] = "The body or the question is wrong; detail names the field and what to write.",
        [401] = "No key, or none of ours.",
        [403] = "The key's role is too small.",
        [404] = "There is no such thing.",
        [409] = "It is not granted, or a call with this Idempotency-Key is under way. Nothing was stored.",
        [412] = "The membership has moved on since it was read (If-Match).",
        [413] = "The body is too large.",
        [422] = "The plan, coupon, add-on or account is unknown or not sold there; or the Idempotency-Key was used for another call.",
        [429] = "Too many calls: wait as long as Retry-After says.",
        [503] = "Not confirmed, or not now: ask again.",
    };

    /// <summary>Values that are texts on the wire: their form, an example, and what they are.</summary>
    private static readonly Dictionary<Type, (string? Format, string Example, string Words)> Texts = new()
    {
        [typeof(Instant)] = ("date-time", "2026-03-05T00:00:00Z", "A moment, in UTC (ISO 8601)."),
        [typeof(LocalDate)] = ("date", "2026-03-05", "A day (ISO 8601)."),
        [typeof(LocalTime)] = ("time", "08:00:00", "A time of day."),
        [typeof(Duration)] = (null, "24:00:00", "A length of time, as hours:minutes:seconds, with days before them where there are any."),
        [typeof(TimeSpan)] = (null, "00:01:00", "A length of time, as hours:minutes:seconds, with days before them where there are any."),
        [typeof(MerchantAccount)] = (null, "wechat:1900000109", "A merchant account, as rail:number."),
        [typeof(SubscriptionId)] = ("uuid", "01970000-0000-7000-8000-000000000001", "A membership's id."),
        [typeof(AgreementId)] = ("uuid", "01970000-0000-7000-8000-000000000002", "An agreement's own id."),
        [typeof(OrderNumber)] = (null, "AG000000008008000000000001000112", "An order's number: 32 characters, of which each order has its own."),
    };

    /// <summary>Types of others, and types that are only ever seen where they may be missing.</summary>
    private static readonly Dictionary<Type, string> Others = new()
    {
        [typeof(JsonElement)] = "The event's content as it is stored; fields are added to it, never changed.",
        [typeof(HealthStatus)] = "Whether something is well: healthy, degraded (a person should look) or unhealthy (it cannot work).",
        [typeof(CancelledBy)] = "Who stopped renewal.",
        [typeof(FuseRule)] = "Which fuse blew.",
        [typeof(Core.Ledger.WebhookActionKind)] = "What was sent again: retry, one event that was given up; replay, everything from a place of the feed on.",
        [typeof(ParkReason)] = "Why a person must look.",
    };

    /// <summary>Adds what makes it.</summary>
    public static void AddTo(IServiceCollection services) => services.AddEndpointsApiExplorer().AddOpenApi(document =>
    {
        ConcurrentDictionary<(string Schema, string Field), string> fields = [];
        document.ShouldInclude = description => $"/{description.RelativePath}".StartsWith(ApiEndpoints.Root, StringComparison.Ordinal);
        document.AddSchemaTransformer((schema, context, _) =>
        {
            Note(schema, context.JsonPropertyInfo, fields);
            return Task.FromResult(Transform(schema, context.JsonTypeInfo.Type));
        });
        document.AddOperationTransformer((operation, context, _) => Task.FromResult(Transform(operation, context)));
        document.AddDocumentTransformer((made, _, _) => Task.FromResult(Transform(made, fields)));
    });

    // Where a field may be missing and its type stands elsewhere, the framework drops what was said of the field.
    private static void Note(OpenApiSchema schema, JsonPropertyInfo? field, ConcurrentDictionary<(string Schema, string Field), string> fields)
    {
        if (field is null || OpenApiOptions.CreateDefaultSchemaReferenceId(field.Options.GetTypeInfo(field.DeclaringType)) is not { } id)
            return;
        if ((schema.Metadata is { } more && more.TryGetValue("x-ref-description", out var said) ? said as string : schema.Description) is { } words)
            fields[(id, field.Name)] = words;
    }

    private static OpenApiSchema Transform(OpenApiSchema schema, Type type)
    {
        var (value, nullable) = Nullable.GetUnderlyingType(type) is { } inner ? (inner, JsonSchemaType.Null) : (type, default(JsonSchemaType));
        schema.Description ??= Others.GetValueOrDefault(value);
        if (value.IsEnum)
        {
            schema.Type = JsonSchemaType.String | nullable;
            schema.Enum = [.. EnumWords.Of(value).Select(word => (System.Text.Json.Nodes.JsonNode)word)];
        }
        else if (Texts.TryGetValue(value, out var text))
        {
            (schema.Type, schema.Format, schema.Examples, schema.Properties, schema.Required) = (JsonSchemaType.String | nullable, text.Format, [text.Example], null, null);
            schema.Description ??= text.Words;
        }
        else if (value.Namespace == typeof(ApiDocument).Namespace && value.Name.EndsWith("Body", StringComparison.Ordinal))
        {
            // A field that is none is refused.
            schema.AdditionalPropertiesAllowed = false;
        }

        return schema;
    }

    private static OpenApiOperation Transform(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var (route, metadata) = (context.Description.RelativePath!, context.Description.ActionDescriptor.EndpointMetadata);
        var handler = metadata.OfType<MethodInfo>().First();
        var role = metadata.OfType<NeededRole>().Select(needed => needed.Role).LastOrDefault(ApiRole.Admin);
        var area = handler.DeclaringType!.Name.Replace("Api", "", StringComparison.Ordinal);
        var name = handler.Name.Replace("Async", "", StringComparison.Ordinal);
        operation.OperationId = JsonNamingPolicy.CamelCase.ConvertName($"{area}{name}");
        operation.Tags = new HashSet<OpenApiTagReference> { new(route.Split('/')[2], context.Document) };
        operation.Description = $"For the role {role} and those above it.";
        operation.Security = [new() { [new(Key, context.Document)] = [role.ToString()] }];
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
            parameter.Description ??= ApiParameters.WordsOf(operation.OperationId, parameter.Name!);
        var changes = context.Description.HttpMethod is "POST" or "DELETE";
        if (context.Description.HttpMethod == "POST")
            Header(operation, KeyedCalls.Header, "A key of the caller for this call: sent again, it gets the answer it had, and nothing is done twice.");
        var isOfOne = changes && route.Contains("/subscriptions/{id:guid}/", StringComparison.Ordinal) && !route.EndsWith("/preview", StringComparison.Ordinal);
        if (isOfOne)
            Header(operation, "If-Match", "The ETag of the membership as the caller has seen it.");
        operation.Responses ??= [];
        foreach (var status in Problems.Keys.Where(status => MayAnswer(status, route, changes, isOfOne)))
            operation.Responses[$"{status}"] = new OpenApiResponseReference($"{status}", context.Document);
        return operation;
    }

    private static bool MayAnswer(int status, string route, bool changes, bool isOfOne) => status switch
    {
        404 => route.Contains('{', StringComparison.Ordinal),
        409 or 413 or 422 => changes,
        412 => isOfOne,
        _ => true,
    };

    private static void Header(OpenApiOperation operation, string name, string words) => (operation.Parameters ??= []).Add(
        new OpenApiParameter { Name = name, In = ParameterLocation.Header, Description = words, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });

    private static OpenApiDocument Transform(OpenApiDocument document, IReadOnlyDictionary<(string Schema, string Field), string> fields)
    {
        document.Info = new()
        {
            Title = "Renewals", Version = "v1",
            Description = "Memberships that renew themselves. Every call may be repeated: asking twice is asking once. Errors are problem documents (RFC 9457).",
        };
        document.Servers = [];
        var components = document.Components ??= new();
        foreach (var (id, schema) in components.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            foreach (var (name, field) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                if (field is OpenApiSchema inline)
                    inline.Description ??= fields.GetValueOrDefault((id, name));
            }
        }

        (components.Schemas ??= new Dictionary<string, IOpenApiSchema>())[ProblemSchema] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object, Description = "What went wrong (RFC 9457).",
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text("An address that names the kind of problem."), ["title"] = Text("The status in words."),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." }, ["detail"] = Text("What went wrong and what to do, in a sentence."),
            },
        };
        components.Responses = Problems.ToDictionary(problem => $"{problem.Key}", IOpenApiResponse (problem) => new OpenApiResponse
        {
            Description = problem.Value,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, document) } },
        });
        (components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>())[Key] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key of Renewals:Api:Keys, or a token of the provider of Renewals:Api:Tokens.",
        };
        return document;
    }

    private static OpenApiSchema Text(string words) => new() { Type = JsonSchemaType.String, Description = words };
}
