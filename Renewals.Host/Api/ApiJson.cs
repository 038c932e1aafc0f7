using System.Text.Json;
using System.Text.Json.Serialization;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>The API's JSON: the ledger's form; a name that is no field is refused, because a misspelt field is one that is not heeded, and so is a missing one.</summary>
internal static class ApiJson
{
    /// <summary>For answers.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions());

    /// <summary>Makes options write and read this form.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        LedgerJson.Configure(options);
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectRequiredConstructorParameters = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Insert(0, new EnumWords());
        return options;
    }
}

/// <summary>Enums in the ledger's words; a word that is none is answered with those that are.</summary>
internal sealed class EnumWords : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(WordsOf<>).MakeGenericType(typeToConvert))!;

    private sealed class WordsOf<T> : JsonConverter<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(Word, value => value, StringComparer.OrdinalIgnoreCase);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value)
                ? value
                : throw new JsonException($"write one of {string.Join(", ", Values.Keys)}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Word(value));

        private static string Word(T value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
    }
}
