using System.Text.RegularExpressions;

namespace Renewals.Host.Postgres;

/// <summary>The installed server programs: where they are and which version they are.</summary>
internal sealed record PostgresPrograms(string Folder, string Version)
{
    // A star stands for the version. Debian, Red Hat, SUSE, Alpine, Homebrew (two), MacPorts, Postgres.app, built from source.
    private static readonly string[] Places =
    [
        "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/libexec/postgresql*",
        "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/opt/local/lib/postgresql*/bin",
        "/Applications/Postgres.app/Contents/Versions/*/bin", "/usr/local/pgsql/bin",
    ];

    public string Initdb => Path.Combine(Folder, "initdb");

    public string Postgres => Path.Combine(Folder, "postgres");

    /// <summary>The part of the version that decides whether a data folder fits: 15 of 15.18.</summary>
    public string MajorVersion => Version.Split('.')[0];

    public static async Task<PostgresPrograms> FindAsync(string? folder, CancellationToken ct)
    {
        var places = folder is null ? SearchPath().Concat(Places.SelectMany(Matches)) : [Path.GetFullPath(folder)];
        string[] needed = ["initdb", "postgres"];
        var found = places.FirstOrDefault(place => needed.All(name => File.Exists(Path.Combine(place, name))))
            ?? throw new PostgresStartException(
                $"The PostgreSQL server programs (initdb and postgres) are not in {folder ?? "the usual places"}: install them " +
                "(Debian and Ubuntu: apt-get install postgresql) or pass a connection string to a server that runs already.");
        var answer = await GuardedProcess.RunAsync(ServerAccount.Self, [Path.Combine(found, "postgres"), "--version"], ct);
        var version = Regex.Match(answer.Output, @"\) (\d+[\w.]*)");
        if (answer.ExitCode != 0 || !version.Success)
            throw PostgresStartException.WithLog($"The program {found}/postgres does not tell its version: reinstall it.", answer.Output);
        return new PostgresPrograms(found, version.Groups[1].Value);
    }

    /// <summary>A tool of the system by name, also when the search path is empty or lacks the administrator's folders.</summary>
    public static string? FindTool(string name) => SearchPath().Concat(["/usr/bin", "/bin", "/usr/sbin", "/sbin"])
        .Select(place => Path.Combine(place, name)).FirstOrDefault(File.Exists);

    // Relative entries are left out: the programs run in another working folder than ours.
    private static IEnumerable<string> SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(place => place.StartsWith('/'));

    private static IEnumerable<string> Matches(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
            return [pattern];
        var parent = pattern[..pattern.LastIndexOf('/', star)];
        var end = pattern.IndexOf('/', star);
        var name = pattern[(parent.Length + 1)..(end < 0 ? pattern.Length : end)];
        var rest = end < 0 ? "" : pattern[end..];
        return !Directory.Exists(parent)
            ? []
            : Directory.EnumerateDirectories(parent, name).OrderByDescending(VersionOf).Select(place => place + rest);
    }

    private static decimal VersionOf(string folder) =>
        decimal.TryParse(Regex.Match(Path.GetFileName(folder), @"\d+(\.\d+)?").Value, out var version) ? version : 0;
}
