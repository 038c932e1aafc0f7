using System.Text.Json;
using System.Text.Json.Nodes;
using Renewals.Core.Agreements;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Database;

/// <summary>Lives as every version so far wrote them, each with the states it was folded to: they fold the same for ever.</summary>
/// <remarks>
/// One file for each form that events or states ever had; a file is never edited. A state may know more than it did when it was written, and never
/// anything else. The newest file is what is written today: <see cref="EventFormatTests"/> says when there must be another.
/// </remarks>
public sealed class GoldenHistoryTests
{
    private const string State = nameof(Subscription);

    /// <summary>The newest file.</summary>
    public static string Newest => Files().Max(StringComparer.Ordinal)!;

    public static TheoryData<string> Histories => [.. Files().Order(StringComparer.Ordinal).Select(file => Path.GetFileNameWithoutExtension(file))];

    [Theory]
    [MemberData(nameof(Histories))]
    public void A_history_folds_to_what_it_was_folded_to_then(string history)
    {
        var lines = ReadLines(history);
        var lives = Split(lines.Select(EventOf).OfType<SubscriptionEvent>(), e => e is Enrolled or Imported);
        var states = lines.Where(line => line.Type == State).Select(line => JsonNode.Parse(line.Json)!.AsObject()).ToList();

        lives[0].Should().HaveCountGreaterThan(20);
        states.Should().HaveCountGreaterThanOrEqualTo(3);
        foreach (var then in states)
        {
            var life = lives.Single(one => Evolve.Next(null, one[0]).Id.Value == then["id"]!.GetValue<Guid>());
            var now = JsonNode.Parse(LedgerJson.WriteState(Evolve.All(null, life.Take(then["version"]!.GetValue<int>()))!))!;
            Difference(then, now, "").Should().BeNull();
        }

        var agreements = Split(lines.Select(EventOf).OfType<AgreementEvent>(), e => e is SigningStarted or TakenOver);
        agreements[0].Aggregate((Agreement?)null, EvolveAgreement.Next)!.Status.Should().Be(AgreementStatus.Terminated);
    }

    // One stream after another, each with its first event.
    private static List<List<T>> Split<T>(IEnumerable<T> events, Func<T, bool> begins)
    {
        List<List<T>> streams = [];
        foreach (var e in events)
        {
            if (begins(e))
                streams.Add([]);
            streams[^1].Add(e);
        }

        return streams;
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public void A_history_folds_the_same_after_it_was_written_again(string history)
    {
        foreach (var line in ReadLines(history).Where(line => line.Type != State))
        {
            var e = EventOf(line)!;
            JsonSerializer.Deserialize(JsonSerializer.Serialize(e, e.GetType(), LedgerJson.Options), e.GetType(), LedgerJson.Options).Should().Be(e);
        }
    }

    [Fact]
    public void Every_kind_of_event_is_in_a_history() =>
        Files().SelectMany(File.ReadLines).Select(line => line.Split(' ')[0]).Distinct().Should().BeEquivalentTo(
            [.. EventNames.OfSubscriptions.Keys.Concat(EventNames.OfAgreements.Keys).Select(type => type.Name), State]);

    [Fact]
    public void A_state_that_lost_or_changed_anything_would_be_found()
    {
        var then = JsonNode.Parse("""{"a":1,"b":[{"c":"x"}]}""")!;
        Difference(then, JsonNode.Parse("""{"a":1,"b":[{"c":"x","d":2}],"e":3}""")!, "").Should().BeNull("it knows more");
        foreach (var other in new[] { """{"a":2,"b":[{"c":"x"}]}""", """{"b":[{"c":"x"}]}""", """{"a":1,"b":[]}""", """{"a":1,"b":[{"c":"y"}]}""", """{"a":"1","b":[{"c":"x"}]}""" })
            Difference(then, JsonNode.Parse(other)!, "").Should().NotBeNull(other);
    }

    private static string? Difference(JsonNode? then, JsonNode? now, string where) => (then, now) switch
    {
        (JsonObject a, JsonObject b) => a.Select(pair => Difference(pair.Value, b[pair.Key], $"{where}.{pair.Key}")).FirstOrDefault(d => d is not null),
        (JsonArray a, JsonArray b) when a.Count == b.Count => a.Zip(b).Select((pair, i) => Difference(pair.First, pair.Second, $"{where}[{i}]")).FirstOrDefault(d => d is not null),
        _ => JsonNode.DeepEquals(then, now) ? null : $"{where} was {then?.ToJsonString() ?? "null"} and is {now?.ToJsonString() ?? "null"}",
    };

    private static object? EventOf((string Type, string Json) line) =>
        EventNames.OfSubscriptions.Keys.Concat(EventNames.OfAgreements.Keys).SingleOrDefault(type => type.Name == line.Type) is { } type
            ? JsonSerializer.Deserialize(line.Json, type, LedgerJson.Options)
            : null;

    private static List<(string Type, string Json)> ReadLines(string history) =>
        [.. File.ReadLines(Files().Single(file => Path.GetFileNameWithoutExtension(file) == history)).Select(line => (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Database", "Histories"), "??.jsonl");
}
