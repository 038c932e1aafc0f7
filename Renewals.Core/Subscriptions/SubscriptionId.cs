using System.Text.Json;
using System.Text.Json.Serialization;

namespace Renewals.Core.Subscriptions;

/// <summary>Names one member's membership; also the name of its event stream.</summary>
/// <param name="Value">128 bits; chosen by the caller, never by Core.</param>
[JsonConverter(typeof(SubscriptionIdConverter))]
public readonly record struct SubscriptionId(Guid Value)
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("N");

    internal sealed class SubscriptionIdConverter : JsonConverter<SubscriptionId>
    {
        public override SubscriptionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());

        public override void Write(Utf8JsonWriter writer, SubscriptionId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
