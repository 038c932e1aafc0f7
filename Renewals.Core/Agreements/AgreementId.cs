using System.Text.Json;
using System.Text.Json.Serialization;

namespace Renewals.Core.Agreements;

/// <summary>Names one debit authority (协议) signed at a rail; also the name of its event stream.</summary>
/// <param name="Value">128 bits; chosen by the caller, never by Core.</param>
[JsonConverter(typeof(AgreementIdConverter))]
public readonly record struct AgreementId(Guid Value)
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("N");

    /// <summary>The merchant's own code of the agreement on the wire (WeChat Pay: <c>contract_code</c>): <see cref="ToString"/>.</summary>
    /// <remarks>Derived, so a callback finds its stream without a table.</remarks>
    public string SigningCode => ToString();

    /// <summary>Reads a signing code.</summary>
    /// <returns>False when the text is not one of ours.</returns>
    public static bool TryParse(string? text, out AgreementId id)
    {
        var ours = Guid.TryParseExact(text, "N", out var value) && text == value.ToString("N");
        id = new(value);
        return ours;
    }

    internal sealed class AgreementIdConverter : JsonConverter<AgreementId>
    {
        public override AgreementId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());

        public override void Write(Utf8JsonWriter writer, AgreementId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
