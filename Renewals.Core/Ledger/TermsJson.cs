using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Renewals.Core.Plans;

namespace Renewals.Core.Ledger;

/// <summary>Reads and writes the terms inside the book's state: the same JSON, made and taken apart once for each plan rather than for each row.</summary>
/// <remarks>Terms are half of a state, and all members of a plan version have the same. An instance that was read is shared; terms are immutable.</remarks>
internal sealed class TermsJson(JsonTypeInfo<Terms> plain) : JsonConverter<Terms>
{
    // More different terms than any catalogue has; beyond it they are read anew each time.
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<byte[], Terms> known = new(Utf8Comparer.Instance);
    private readonly ConditionalWeakTable<Terms, byte[]> written = [];

    public override Terms Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var json = JsonMarshal.GetRawUtf8Value(document.RootElement);
        if (known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(json, out var terms))
            return terms;
        terms = JsonSerializer.Deserialize(json, plain) ?? throw new JsonException("The terms are null.");
        return known.Count < MaxKnown ? known.GetOrAdd(json.ToArray(), terms) : terms;
    }

    public override void Write(Utf8JsonWriter writer, Terms value, JsonSerializerOptions options) =>
        writer.WriteRawValue(written.GetValue(value, terms => JsonSerializer.SerializeToUtf8Bytes(terms, plain)), skipInputValidation: true);

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());
    }
}
