using System.Text.Json;

namespace Renewals.Core.Calendar;

/// <summary>The laws that are known by name. They are data: each with its source, in <c>law-packs.json</c> beside this file.</summary>
public static class LawPacks
{
    private static readonly IReadOnlyDictionary<string, (MarketRules Rules, string Source)> Known = Read();

    /// <summary>Every name.</summary>
    public static IReadOnlyCollection<string> Names => [.. Known.Keys];

    /// <summary>The law of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public static MarketRules Get(string name) => Find(name).Rules;

    /// <summary>Where the law stands, for people.</summary>
    /// <inheritdoc cref="Get"/>
    public static string SourceOf(string name) => Find(name).Source;

    private static (MarketRules Rules, string Source) Find(string name) => Known.TryGetValue(name, out var pack)
        ? pack
        : throw new ArgumentException($"There is no law '{name}'; there are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}.", nameof(name));

    private static Dictionary<string, (MarketRules, string)> Read()
    {
        using var data = typeof(LawPacks).Assembly.GetManifestResourceStream("law-packs.json")
            ?? throw new InvalidOperationException("The laws are not in the assembly.");
        return JsonSerializer.Deserialize<List<Pack>>(data, JsonSerializerOptions.Web)!.ToDictionary(pack => pack.Name, pack => (pack.Rules(), pack.Source), StringComparer.Ordinal);
    }

    private sealed record Pack(string Name, string Source, int NoticeDays, int NoticeMaxDays, int ReminderMonths, int ChangeMinDays, int ChangeMaxDays)
    {
        public MarketRules Rules() => NoticeDays is >= 0 and <= 60 && NoticeMaxDays > NoticeDays && ReminderMonths is >= 0 and <= 120 && ChangeMinDays <= ChangeMaxDays && Source.Length > 0
            ? new(Name, NoticeDays, NoticeMaxDays) { ReminderMonths = ReminderMonths, ChangeMinDays = ChangeMinDays, ChangeMaxDays = ChangeMaxDays }
            : throw new InvalidOperationException($"The law '{Name}' makes no sense.");
    }
}
