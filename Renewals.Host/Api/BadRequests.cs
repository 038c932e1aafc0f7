using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Renewals.Host.Api;

/// <summary>Says in words of ours what the framework found wrong with a call: its own sentences name types of ours and guess at our code.</summary>
internal static partial class BadRequests
{
    private const string NoBody = "The body is missing or is no JSON object: send one, with Content-Type: application/json.";

    /// <summary>What to say of a call the framework did not let through.</summary>
    public static IResult Of(BadHttpRequestException e, ApiSettings settings) => OfStatus(e.StatusCode, settings) ?? ApiEndpoints.Problem(e.StatusCode, SentenceOf(e));

    /// <summary>What to say of an answer that has a status and nothing else; null: it needs no words.</summary>
    public static IResult? OfStatus(int status, ApiSettings settings) => status switch
    {
        404 => ApiEndpoints.Problem(status, "There is nothing at this address; /openapi lists the calls there are."),
        405 => ApiEndpoints.Problem(status, "The address is right and the method is not; the header Allow names those there are."),
        413 => ApiEndpoints.Problem(status, $"The body is larger than Renewals:Api:MaxBodyBytes ({settings.MaxBodyBytes})."),
        415 => ApiEndpoints.Problem(status, "Send the body as JSON, with Content-Type: application/json."),
        503 => ApiEndpoints.Problem(status, "The service is starting or ending: ask again."),
        _ => null,
    };

    private static string SentenceOf(BadHttpRequestException e) => e.InnerException switch
    {
        JsonException json => SentenceOf(json),
        null when Parameter().Match(e.Message) is { Success: true } bound => $"{bound.Groups["name"].Value} is not of its form: write {FormOf(bound.Groups["type"].Value)}.",
        null when Missing().Match(e.Message) is { Success: true } missing => $"{missing.Groups["name"].Value} is missing.",
        null when e.Message.StartsWith("If-Match", StringComparison.Ordinal) => e.Message,
        _ => NoBody,
    };

    private static string SentenceOf(JsonException e) => e switch
    {
        FieldException own => FieldOf(own) is { } field ? $"{field}: {own.Message}" : own.Message,
        _ when Required().Match(e.Message) is { Success: true } missing => $"{(FieldOf(e) is { } part ? $"{part}: " : "")}{missing.Groups["names"].Value}: missing, and it must be there.",
        _ when Unknown().Match(e.Message) is { Success: true } unknown => $"{Within(e)}'{unknown.Groups["name"].Value}' is no field of this call; look at its spelling.",
        _ when e.Message.StartsWith("Duplicate", StringComparison.Ordinal) => $"{(Twice().Match(e.Message) is { Success: true } twice ? $"{Within(e)}'{twice.Groups["name"].Value}'" : FieldOf(e))} stands there twice; which one is meant?",
        _ when e.Message.Contains("null values", StringComparison.Ordinal) => $"{FieldOf(e) ?? Null().Match(e.Message).Groups["name"].Value}: it cannot be null.",
        _ when IsSyntax(e) => string.Create(CultureInfo.InvariantCulture, $"The body is no JSON: look at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."),
        _ when FieldOf(e) is { } field =>
            $"{field}: the value is not of its form; days are written as 2026-03-05, moments as 2026-03-05T00:00:00Z, numbers, true and false without quotes.",
        _ => NoBody,
    };

    // What the reader itself finds wrong has no field that is wrong, and ends with its place.
    private static bool IsSyntax(JsonException e) => e.InnerException is JsonException && e.LineNumber is not null;

    private static string? FieldOf(JsonException e) => e.Path is ['$', '.', .. { Length: > 0 } field] ? field : null;

    private static string Within(JsonException e) => FieldOf(e) is { } field && field.Contains('.', StringComparison.Ordinal) ? $"{field[..field.LastIndexOf('.')]}: " : "";

    private static string FormOf(string type) => type switch
    {
        _ when type.Contains("Guid", StringComparison.Ordinal) => "an id, such as 01970000-0000-7000-8000-000000000001",
        _ when type.Contains("bool", StringComparison.OrdinalIgnoreCase) => "true or false",
        _ when type.Contains("int", StringComparison.OrdinalIgnoreCase) || type.Contains("long", StringComparison.OrdinalIgnoreCase) => "a whole number",
        _ => "what the document at /openapi says",
    };

    [GeneratedRegex("""\AFailed to bind parameter "(?<type>\S+) (?<name>\w+)" from""")]
    private static partial Regex Parameter();

    [GeneratedRegex("""\ARequired parameter "\S+ (?<name>\w+)" was not provided""")]
    private static partial Regex Missing();

    [GeneratedRegex("""was missing required properties including: (?<names>'[^.]*')""")]
    private static partial Regex Required();

    [GeneratedRegex("""\AThe JSON property '(?<name>.*)' could not be mapped""", RegexOptions.Singleline)]
    private static partial Regex Unknown();

    [GeneratedRegex("""\ADuplicate propert\w+ '(?<name>[^']*)'""")]
    private static partial Regex Twice();

    [GeneratedRegex("""'(?<name>\w+)'""")]
    private static partial Regex Null();
}

/// <summary>A value that a reader of ours does not take; the message says what to write.</summary>
internal sealed class FieldException(string message) : JsonException(message);
