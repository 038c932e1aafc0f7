using System.Globalization;
using System.Net;
using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Api;

/// <summary>A body that can be wrong in more than its form.</summary>
internal interface IBody
{
    /// <summary>What is wrong, in a sentence for the caller; null: nothing.</summary>
    string? Fault { get; }
}

/// <summary>What bodies are held to before the engine sees them. Each gives the fault, or null.</summary>
internal static class Check
{
    /// <summary>The most characters of a name, a key, a reference.</summary>
    public const int MostOfName = 200;

    /// <summary>The most characters of a reason in words.</summary>
    public const int MostOfReason = 1_000;

    /// <summary>How far ahead something can be asked for: two years, which is longer than any period and notice that is sold.</summary>
    public static readonly Period MostAhead = Core.Subscriptions.Decide.LongestAhead;

    private static readonly LocalDate FirstDay = new(2000, 1, 1), LastDay = new(2100, 12, 31);

    // Far above any price, and far below what sums of it could overflow.
    private const long MostMinorUnits = 1_000_000_000_000;

    /// <summary>A name that must be there.</summary>
    public static string? Name(string field, string text) =>
        string.IsNullOrWhiteSpace(text) ? $"{field} is empty; write 1 to {MostOfName} characters." : Text(field, text, MostOfName);

    /// <summary>A name that must be there and is a part of addresses.</summary>
    public static string? Segment(string field, string text) =>
        Name(field, text) ?? (text.Contains('/', StringComparison.Ordinal) || text is "." or ".." ? $"{field} is a part of addresses: no '/' in it, and neither '.' nor '..'." : null);

    /// <summary>A reason that must be there.</summary>
    public static string? Reason(string text) =>
        string.IsNullOrWhiteSpace(text) ? $"why is empty; say why in 1 to {MostOfReason} characters, without personal data." : Text("why", text, MostOfReason);

    /// <summary>A text that may be missing or empty. What cannot be printed cannot be stored everywhere.</summary>
    public static string? Text(string field, string? text, int most) =>
        text is null ? null
        : text.Length > most ? string.Create(CultureInfo.InvariantCulture, $"{field} has {text.Length} characters; at most {most}.")
        : text.Any(char.IsControl) ? $"{field} has a control character, such as a line break; leave it out."
        : null;

    /// <summary>A day that can be meant at all: outside of these years calendars and databases know no bounds of ours.</summary>
    public static string? Day(string field, LocalDate day) => day >= FirstDay && day <= LastDay
        ? null
        : $"{field} is {day:uuuu-MM-dd}; write a day from {FirstDay:uuuu-MM-dd} to {LastDay:uuuu-MM-dd}.";

    /// <summary>A moment that can be meant at all.</summary>
    public static string? Moment(string field, Instant moment) => Day(field, moment.InUtc().Date);

    /// <summary>A day that lies not too far ahead.</summary>
    /// <param name="field">The field.</param>
    /// <param name="day">The day; null: there is none.</param>
    /// <param name="now">Now.</param>
    public static string? Ahead(string field, LocalDate? day, Instant now) => day is { } given && now.InUtc().Date + MostAhead is var last && given > last
        ? $"{field} is {given:uuuu-MM-dd}; at most two years ahead, {last:uuuu-MM-dd}."
        : null;

    /// <summary>An IP address, where there is one.</summary>
    public static string? Address(string field, string? text) => text is null || IPAddress.TryParse(text, out _) ? null : $"{field} is no IP address; write one such as 203.0.113.7, or leave it out.";

    /// <summary>An amount, where there is one.</summary>
    public static string? Amount(string field, Money? amount) => amount switch
    {
        null => null,
        { Currency: not [>= 'A' and <= 'Z', >= 'A' and <= 'Z', >= 'A' and <= 'Z'] } => $"{field}: currency is three capital letters, such as CNY (ISO 4217).",
        { MinorUnits: < 1 or > MostMinorUnits } => string.Create(CultureInfo.InvariantCulture, $"{field}: minorUnits is {amount.Value.MinorUnits}; write 1 to {MostMinorUnits}, in the currency's smallest unit."),
        _ => null,
    };
}
