using System.Text.RegularExpressions;

namespace Renewals.Core.Charging;

/// <summary>What may be kept of a rail's words: codes, and sentences of our own. The one place that decides it.</summary>
/// <remarks>
/// A rail's free text may quote a card number, a name or a login, so adapters judge by it at most and never pass it on. What they do pass on
/// goes through here once more, in the constructors of the answers: an event, a log line or an exception cannot be made without it.
/// A single word in Latin letters cannot be told from a code; no rail here writes names or logins so.
/// </remarks>
public static partial class RailWords
{
    private const string Hidden = "…";
    private const string NoCode = "(not a code)";
    private const int LongestCode = 64;

    /// <summary>The rail's code or state, such as <c>ACQ.TRADE_HAS_CLOSE</c> or <c>card_declined</c>; anything that has not the form of one is not kept.</summary>
    /// <param name="text">As the rail wrote it; empty stays empty.</param>
    public static string Code(string text) => text.Length == 0 || (text.Length <= LongestCode && IsCode().IsMatch(text)) ? text : NoCode;

    /// <summary>A sentence of ours: without logins, numbers of seven digits and more, opaque ids, and letters that are not English.</summary>
    /// <param name="text">The sentence.</param>
    public static string Sentence(string text) => Foreign().Replace(Named().Replace(text, Hidden), Hidden);

    /// <summary>A sentence of ours about a statement: its columns have Chinese names, and its sums may be long.</summary>
    /// <param name="text">The sentence.</param>
    public static string OfStatement(string text) => NamedInStatement().Replace(text, Hidden);

    // Words, or digits with at most one letter around them, between separators: an opaque id mixes its letters.
    [GeneratedRegex(@"^(?:(?:[A-Z]+|[a-z]+|(?:[A-Z][a-z]+)+)[0-9]{0,6}[A-Za-z]?|[0-9]{1,6}[A-Za-z]?)(?:[_.:/\-](?:(?:[A-Z]+|[a-z]+|(?:[A-Z][a-z]+)+)[0-9]{0,6}[A-Za-z]?|[0-9]{1,6}[A-Za-z]?))*\z")]
    private static partial Regex IsCode();

    private const string Login = @"[^\s@'""<>]+@[^\s@'""<>]+";
    private const string Opaque = @"(?<![A-Za-z0-9_\-])(?=[A-Za-z0-9_\-]*[a-z])(?=[A-Za-z0-9_\-]*[A-Z])(?=[A-Za-z0-9_\-]*[0-9])[A-Za-z0-9_\-]{20,}";

    [GeneratedRegex($@"{Login}|{Opaque}|[0-9](?:[ *]{{0,8}}[0-9]){{6,}}[Xx]?|(?:[0-9]{{3,4}}-){{2,}}[0-9]{{3,}}")]
    private static partial Regex Named();

    [GeneratedRegex($@"{Login}|{Opaque}|[0-9](?:[ *]{{0,8}}[0-9]){{10,}}[Xx]?")]
    private static partial Regex NamedInStatement();

    [GeneratedRegex(@"[^\x00-\x7F…]+")]
    private static partial Regex Foreign();
}
