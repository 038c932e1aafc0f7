using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Renewals.Host.Commands;

/// <summary>Says what is wrong with a command line: the sentences first and nothing else, where the parser would print a page of help.</summary>
internal static class Misreadings
{
    /// <summary>The sentence about a command line that cannot be read; null: it can.</summary>
    public static string? Sentence(ParseResult parsed)
    {
        if (parsed.Action is not ParseErrorAction)
            return null;
        var faults = parsed.UnmatchedTokens is { Count: > 0 } unmatched
            ? unmatched.Select(token => $"There is no command or option '{token}'.")
            : parsed.Errors.Select(error => string.Join(' ', error.Message.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)));
        var help = string.Join(' ', Path(parsed.CommandResult).Append("--help"));
        return $"{string.Join(' ', faults)} `{help}` says what can be given.";
    }

    private static IEnumerable<string> Path(CommandResult command) =>
        (command.Parent is CommandResult parent ? Path(parent) : []).Append(command.Command.Name);
}
