using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
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

        // Of two fields of one name, one would not be heeded; and "5" may be meant as something else than 5.
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Insert(0, new EnumWords());

        // People read it in a terminal, in Chinese too; what has a meaning in a page is still written as a number.
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        return options;
    }
}

/// <summary>Enums in the ledger's words; a word that is none is answered with those that are.</summary>
internal sealed class EnumWords : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(WordsOf<>).MakeGenericType(typeToConvert))!;

    /// <summary>Reads a word of an address.</summary>
    public static bool TryRead<T>(string? text, out T value)
        where T : struct, Enum
    {
        value = default;
        return text is not null && WordsOf<T>.Values.TryGetValue(text, out value);
    }

    /// <summary>What to write.</summary>
    public static string SentenceFor<T>()
        where T : struct, Enum => $"write one of {string.Join(", ", WordsOf<T>.Values.Keys)}.";

    /// <summary>The words of an enum, for its document.</summary>
    public static IEnumerable<string> Of(Type type) => Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName);

    private sealed class WordsOf<T> : JsonConverter<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(Word, value => value, StringComparer.OrdinalIgnoreCase);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryRead<T>(reader.TokenType == JsonTokenType.String ? reader.GetString() : null, out var value) ? value : throw new FieldException(SentenceFor<T>());

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Word(value));

        private static string Word(T value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
    }
}
