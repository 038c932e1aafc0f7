using System.Text.Json;
using System.Text.Json.Serialization;

namespace Renewals.Core.Calendar;

/// <summary>The laws that are known by name. They are data: each with its source, in <c>law-packs.json</c> beside this file.</summary>
public static class LawPacks
{
    /// <summary>So many days must be left on which a notice is neither too young nor too old.</summary>
    private const int LeastWindowDays = 3;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    };

    private static readonly IReadOnlyDictionary<string, (MarketRules Rules, string Source)> Known = ReadKnown();

    /// <summary>Every name.</summary>
    public static IReadOnlyCollection<string> Names => [.. Known.Keys];

    /// <summary>The law of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public static MarketRules Get(string name) => Find(name).Rules;

    /// <summary>Where the law stands, for people.</summary>
    /// <inheritdoc cref="Get"/>
    public static string SourceOf(string name) => Find(name).Source;

    /// <summary>Reads laws of one's own, in the form of <c>law-packs.json</c>.</summary>
    /// <exception cref="ArgumentException">It is not of that form, a law makes no sense, or two share a name; the message says which.</exception>
    public static IReadOnlyList<MarketRules> Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var packs = JsonSerializer.Deserialize<List<Pack?>>(json, Form)?.Select(pack => pack ?? throw new JsonException("a law is null")).ToList() ?? [];
            return packs.GroupBy(pack => pack.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
                ? throw new ArgumentException($"Two laws are called '{twice.Key}'.", nameof(json))
                : [.. packs.Select(pack => pack.Rules())];
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The laws cannot be read: {e.Message}", nameof(json), e);
        }
    }

    private static (MarketRules Rules, string Source) Find(string name) => Known.TryGetValue(name, out var pack)
        ? pack
        : throw new ArgumentException($"There is no law '{name}'; there are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}.", nameof(name));

    private static Dictionary<string, (MarketRules, string)> ReadKnown()
    {
        using var data = typeof(LawPacks).Assembly.GetManifestResourceStream("law-packs.json")
            ?? throw new InvalidOperationException("The laws are not in the assembly.");
        return JsonSerializer.Deserialize<List<Pack>>(data, Form)!.ToDictionary(pack => pack.Name, pack => (pack.Rules(), pack.Source), StringComparer.Ordinal);
    }

    private sealed record Pack(
        string Name, string Source, int NoticeDays, int NoticeMaxDays, int ReminderMonths, int ChangeMinDays, int ChangeMaxDays,
        NoticeDays? TermOfAYear = null, NoticeDays? LongOffer = null)
    {
        public MarketRules Rules() => IsSound()
            ? new(Name, NoticeDays, NoticeMaxDays)
            {
                ReminderMonths = ReminderMonths, ChangeMinDays = ChangeMinDays, ChangeMaxDays = ChangeMaxDays, TermOfAYear = TermOfAYear, LongOffer = LongOffer,
            }
            : throw new ArgumentException($"The law '{Name}' makes no sense.");

        private bool IsSound()
        {
            NoticeDays[] all = [new(NoticeDays, NoticeMaxDays), .. new[] { TermOfAYear, LongOffer }.OfType<NoticeDays>()];
            return Name is { Length: > 0 } && Source is { Length: > 0 } && ReminderMonths is >= 0 and <= 120
                && ChangeMinDays >= 0 && (ChangeMaxDays == 0 ? ChangeMinDays == 0 : ChangeMaxDays > ChangeMinDays)
                && all.All(days => days.Min is >= 0 and <= 60) && all.Min(days => days.Max) - all.Max(days => days.Min) >= LeastWindowDays;
        }
    }
}
