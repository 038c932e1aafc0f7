using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Renewals.Tests.Privacy;

/// <summary>What must never be found again, and where it went in. Invented; none of it is anybody's.</summary>
internal sealed class Planted
{
    public const string Card = "6222021234567890128";
    public const string Name = "欧阳密探";
    public const string LatinName = "ZELDA QUILLFEATHER";
    public const string IdNumber = "110101199003077758";
    public const string Phone = "13800138477";
    public const string OpenId = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6q";
    public const string Login = "zelda.quill@example.net";

    /// <summary>A text of a rail or a stranger with all of it.</summary>
    public const string Sentence = $"{Name} {LatinName} {IdNumber} tel {Phone} card {Card} openid {OpenId} login {Login}";

    /// <summary>Values that all members were given, so that they are nobody's in particular.</summary>
    public static IReadOnlyList<string> Shared { get; } = [Card, OpenId];

    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, string> values = new()
    {
        ["card"] = Card, ["name"] = Name, ["latin name"] = LatinName, ["id number"] = IdNumber, ["phone"] = Phone, ["openid"] = OpenId, ["login"] = Login,
    };

    private readonly ConcurrentDictionary<(string Rail, string Entrance, string Kind), int> entered = new();

    /// <summary>The kinds that every rail must have been given.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["card", "name", "id number", "phone", "openid", "login"];

    /// <summary>One more value: something a rail of the sandbox makes for its member.</summary>
    public void Add(string kind, string value) => values.Add(kind, value);

    /// <summary>Counts what stands in a message on its way in.</summary>
    public void Enter(string rail, string entrance, string text)
    {
        foreach (var (kind, value) in values.Where(pair => text.Contains(pair.Value, StringComparison.Ordinal)))
            entered.AddOrUpdate((rail, entrance, kind), 1, (_, before) => before + 1);
    }

    public int Count(string rail, string entrance) => entered.Where(pair => (pair.Key.Rail, pair.Key.Entrance) == (rail, entrance)).Sum(pair => pair.Value);

    public int CountOf(string rail, string kind) => entered.Where(pair => (pair.Key.Rail, pair.Key.Kind) == (rail, kind)).Sum(pair => pair.Value);

    /// <summary>Every value of a kind that stands in a text, in any of the writings it may have there.</summary>
    public IEnumerable<string> In(string text) => values
        .Where(pair => Writings(pair.Value).Any(writing => text.Contains(writing, StringComparison.OrdinalIgnoreCase))).Select(pair => pair.Key);

    private static IEnumerable<string> Writings(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return new[]
        {
            value, JsonSerializer.Serialize(value).Trim('"'), JsonSerializer.Serialize(value, Unescaped).Trim('"'), Uri.EscapeDataString(value),
            Convert.ToHexString(bytes), Convert.ToBase64String(bytes[..(bytes.Length / 3 * 3)]),
        }.Distinct();
    }
}
