using CsCheck;
using Renewals.Core.Gateways;

namespace Renewals.Tests.Gateways;

/// <summary>Genuine messages with one field changed on their way: left out, lengthened, emptied, renamed, exchanged with another, or one more.</summary>
internal static class FieldMutations
{
    /// <summary>At least a thousand are made, and none is believed; unchanged, every message is.</summary>
    /// <param name="genuine">The messages' fields, signature included.</param>
    /// <param name="kinds">How many kinds of message there must be.</param>
    /// <param name="read">Sends fields the rail's way and reads them.</param>
    public static void AreAllRejected(IReadOnlyList<IReadOnlyDictionary<string, string>> genuine, int kinds, Func<Dictionary<string, string>, CallbackReading> read)
    {
        genuine.Should().HaveCount(kinds).And.OnlyContain(fields => !(read(new(fields)) is CallbackReading.Rejected));
        var changed = 0;
        Gen.Select(Gen.Int[0, genuine.Count - 1], Gen.Int[0, 1_000], Gen.Int[0, 5], Gen.Int[0, 1_000]).Sample(
            (which, at, way, other) =>
            {
                var fields = new Dictionary<string, string>(genuine[which]);

                // An empty field says nothing and is not signed.
                var names = fields.Where(field => field.Value.Length > 0).Select(field => field.Key).ToList();
                if (!Change(fields, names[at % names.Count], names[other % names.Count], way, other))
                    return true;
                Interlocked.Increment(ref changed);
                return read(fields) is CallbackReading.Rejected;
            },
            iter: 1_200, seed: "0N0XIzNsQ0O2");
        changed.Should().BeGreaterThanOrEqualTo(1_000);
    }

    private static bool Change(Dictionary<string, string> fields, string name, string second, int way, int other)
    {
        var value = fields[name];
        switch (way)
        {
            case 0: fields.Remove(name); break;
            case 1: fields[name] = value + "0"; break;
            case 2: fields[name] = ""; break;
            case 3: fields.Remove(name); fields[name + "x"] = value; break;
            case 4: (fields[name], fields[second]) = (fields[second], value); return fields[name] != value;
            default: fields[$"x{other}"] = "1"; break;
        }

        return true;
    }
}
