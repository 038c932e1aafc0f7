using System.Globalization;
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

    /// <summary>An amount, where there is one.</summary>
    public static string? Amount(string field, Money? amount) => amount switch
    {
        null => null,
        { Currency: not [>= 'A' and <= 'Z', >= 'A' and <= 'Z', >= 'A' and <= 'Z'] } => $"{field}: currency is three capital letters, such as CNY (ISO 4217).",
        { MinorUnits: < 1 or > MostMinorUnits } => string.Create(CultureInfo.InvariantCulture, $"{field}: minorUnits is {amount.Value.MinorUnits}; write 1 to {MostMinorUnits}, in the currency's smallest unit."),
        _ => null,
    };
}
