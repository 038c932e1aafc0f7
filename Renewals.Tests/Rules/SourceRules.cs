using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Renewals.Tests.Rules;

/// <summary>What product source may not mention, by folder. Comments do not count.</summary>
internal static partial class SourceRules
{
    public const int MaxLines = 400;

    private static readonly string[] PureFolders = ["Plans", "Calendar", "Charging", "Gateways", "Subscriptions", "Agreements"];

    private static readonly (string Word, string Why)[] Impure =
    [
        ("Marten", "storage"), ("Npgsql", "storage"), ("Weasel", "storage"), ("JasperFx", "storage"), ("Polly", "resilience"),
        (@"System\.Net", "network"), ("HttpClient", "network"), (@"System\.IO", "files"), ("File", "files"),
        ("DateTime", "the wall clock"), ("DateTimeOffset", "the wall clock"), ("TimeProvider", "the wall clock"), ("SystemClock", "the wall clock"),
        ("IClock", "the wall clock"), ("Stopwatch", "the wall clock"), (@"Environment", "the machine"),
        ("Random", "randomness"), (@"Guid\.NewGuid", "randomness"), (@"Guid\.CreateVersion7", "randomness"), ("RandomNumberGenerator", "randomness"),
        (@"Core\.Engine", "an outer folder"), (@"Core\.Ledger", "an outer folder"), (@"Core\.Audit", "an outer folder"),
    ];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Renewals.sln")))
                return folder;
        }

        throw new InvalidOperationException($"No Renewals.sln above {here}.");
    }

    /// <summary>The product's own source: path below the root, and text.</summary>
    public static IReadOnlyList<(string Path, string Text)> Product()
    {
        var root = Root();
        return
        [
            .. new[] { "Renewals.Core", "Renewals.Gateways", "Renewals.Host" }
                .SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories))
                .Select(file => (Path.GetRelativePath(root, file).Replace('\\', '/'), File.ReadAllText(file)))
                .Where(file => !file.Item1.Contains("/obj/", StringComparison.Ordinal) && !file.Item1.Contains("/bin/", StringComparison.Ordinal)),
        ];
    }

    public static bool IsPure(string path) => PureFolders.Any(folder => path.StartsWith($"Renewals.Core/{folder}/", StringComparison.Ordinal));

    /// <summary>What is wrong with one file.</summary>
    public static IEnumerable<string> Broken(string path, string text)
    {
        var code = Comments().Replace(text, "");
        if (IsPure(path))
        {
            foreach (var (word, why) in Impure)
            {
                if (Mentions(code, word))
                    yield return $"{path} is pure and mentions {word}: {why}";
            }
        }

        if (MayStore(path) is false && (Mentions(code, "Marten") || Mentions(code, "Npgsql")))
            yield return $"{path} mentions the database; only Renewals.Core/Ledger does";
        if (path.StartsWith("Renewals.Core/", StringComparison.Ordinal) && (Mentions(code, @"Renewals\.Gateways") || Mentions(code, @"Renewals\.Host")))
            yield return $"{path} mentions an outer project";
        if (path.StartsWith("Renewals.Gateways/", StringComparison.Ordinal) && Mentions(code, @"Renewals\.Host"))
            yield return $"{path} mentions an outer project";
        if (text.Split('\n').Length - 1 > MaxLines)
            yield return $"{path} has more than {MaxLines} lines";
    }

    // The host runs a private server of its own and looks at it, with Npgsql; that is not storing.
    private static bool MayStore(string path) =>
        path.StartsWith("Renewals.Core/Ledger/", StringComparison.Ordinal) || path.StartsWith("Renewals.Host/", StringComparison.Ordinal);

    // A namespace or type as a word of its own, not a part of one: LocalDateTime is not DateTime.
    private static bool Mentions(string code, string word) => Regex.IsMatch(code, $@"(?<!\w){word}(?!\w)", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();
}
