using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Api;

/// <summary>The API's own description (OpenAPI), made from its routes: it cannot say anything else than they do.</summary>
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

    /// <summary>Values that are texts on the wire: their form and an example.</summary>
    private static readonly Dictionary<Type, (string? Format, string Example)> Texts = new()
    {
        [typeof(Instant)] = ("date-time", "2026-03-05T00:00:00Z"),
        [typeof(LocalDate)] = ("date", "2026-03-05"),
        [typeof(LocalTime)] = ("time", "08:00:00"),
        [typeof(Duration)] = (null, "24:00:00"),
        [typeof(TimeSpan)] = (null, "00:01:00"),
        [typeof(MerchantAccount)] = (null, "wechat:1900000109"),
        [typeof(SubscriptionId)] = ("uuid", "01970000-0000-7000-8000-000000000001"),
        [typeof(AgreementId)] = ("uuid", "01970000-0000-7000-8000-000000000002"),
        [typeof(OrderNumber)] = (null, "01JZ0000000000000000000000R0011X"),
    };

    /// <summary>Adds what makes it.</summary>
    public static void AddTo(IServiceCollection services) => services.AddEndpointsApiExplorer().AddOpenApi(document =>
    {
        document.ShouldInclude = description => $"/{description.RelativePath}".StartsWith(ApiEndpoints.Root, StringComparison.Ordinal);
        document.AddSchemaTransformer((schema, context, _) => Task.FromResult(Transform(schema, context.JsonTypeInfo.Type)));
        document.AddOperationTransformer((operation, context, _) => Task.FromResult(Transform(operation, context)));
        document.AddDocumentTransformer((made, _, _) => Task.FromResult(Transform(made)));
    });

    private static OpenApiSchema Transform(OpenApiSchema schema, Type type)
    {
        var (value, nullable) = Nullable.GetUnderlyingType(type) is { } inner ? (inner, JsonSchemaType.Null) : (type, default(JsonSchemaType));
        if (value.IsEnum)
        {
            schema.Type = JsonSchemaType.String | nullable;
            schema.Enum = [.. EnumWords.Of(value).Select(word => (System.Text.Json.Nodes.JsonNode)word)];
        }
        else if (Texts.TryGetValue(value, out var text))
        {
            (schema.Type, schema.Format, schema.Examples, schema.Properties, schema.Required) = (JsonSchemaType.String | nullable, text.Format, [text.Example], null, null);
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

    private static OpenApiDocument Transform(OpenApiDocument document)
    {
        document.Info = new()
        {
            Title = "Renewals", Version = "v1",
            Description = "Memberships that renew themselves. Every call may be repeated: asking twice is asking once. Errors are problem documents (RFC 9457).",
        };
        document.Servers = [];
        var components = document.Components ??= new();
        (components.Schemas ??= new Dictionary<string, IOpenApiSchema>())[ProblemSchema] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text(), ["title"] = Text(), ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer }, ["detail"] = Text(),
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

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}
