using System.Text.Json;
using System.Text.Json.Serialization;

namespace Renewals.Core.Gateways;

/// <summary>A merchant number at a rail: the key of everything that belongs to that rail.</summary>
/// <param name="Rail">Short name of the rail, lower case: <c>wechat</c>.</param>
/// <param name="Number">The merchant number the rail gave (商户号).</param>
[JsonConverter(typeof(MerchantAccountConverter))]
public readonly record struct MerchantAccount(string Rail, string Number)
{
    /// <summary>The account as one word, <c>wechat:1900000109</c>: its form in events, tables and logs.</summary>
    public override string ToString() => $"{Rail}:{Number}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not of the form <c>rail:number</c>.</exception>
    public static MerchantAccount Parse(string text) => text.Split(':') is [{ Length: > 0 } rail, { Length: > 0 } number]
        ? new(rail, number)
        : throw new FormatException($"'{text}' is not a merchant account; write it as rail:number, such as wechat:1900000109.");

    internal sealed class MerchantAccountConverter : JsonConverter<MerchantAccount>
    {
        public override MerchantAccount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Parse(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, MerchantAccount value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
