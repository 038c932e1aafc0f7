namespace Renewals.Host.Postgres;

/// <summary>Our folder in the temporary area: one per user, holding the run folders and the template of the data folder.</summary>
/// <remarks>All in it is trusted, so it must be ours and closed to others' writing; the temporary area itself is open to all.</remarks>
internal sealed record TemporaryArea(string Folder)
{
    // The path of a socket has 107 bytes at most; what we add to this folder takes about 35.
    private const int LongestFolder = 60;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const string Make = """
        folder="$1/renewals-pg-$(id -u)"
        mkdir -m 0700 "$folder" 2>/dev/null
        [ -d "$folder" ] && [ ! -L "$folder" ] && [ -O "$folder" ] && echo "$folder"
        """;

    // A template is not forced to the disk, which takes seconds on a busy one; so none is trusted that may have seen a power cut.
    private static readonly string Boot = ReadBoot();

    public static async Task<TemporaryArea> OpenAsync(ServerAccount account, CancellationToken ct)
    {
        string?[] places = [Environment.GetEnvironmentVariable("TMPDIR"), "/tmp", "/var/tmp"];
        foreach (var place in places.Where(place => place is ['/', ..] && Directory.Exists(place)))
        {
            string[] make = ["/bin/sh", "-c", Make, "sh", place!.TrimEnd('/')];
            var (exitCode, folder) = await GuardedProcess.RunAsync(ServerAccount.Self, make, ct);
            if (exitCode != 0 || folder.Length > LongestFolder || (File.GetUnixFileMode(folder) & OthersWrite) != 0)
                continue;
            File.SetUnixFileMode(folder, account.FolderMode);
            if (account.Name is null || await account.CheckAsync("""[ -x "$1" ]""", folder, ct))
                return new TemporaryArea(folder);
        }

        throw new PostgresStartException(
            "Neither /tmp nor /var/tmp takes the server's socket: set TMPDIR to a folder with a short name that this user can write to.");
    }

    /// <summary>The run folders, living and dead.</summary>
    public IEnumerable<string> RunFolders() => Directory.EnumerateDirectories(Folder, "run-*");

    /// <summary>Where the ready data folder of a version, a locale and an account is kept.</summary>
    public string Template(PostgresPrograms programs, string locale, ServerAccount account) =>
        Path.Combine(Folder, $"template-{Boot}-{programs.Version}-{locale}-{account.Name ?? "self"}");

    /// <summary>The templates of former runs of the machine.</summary>
    public IEnumerable<string> OldTemplates() => Directory.EnumerateDirectories(Folder, "template-*")
        .Where(folder => !Path.GetFileName(folder).StartsWith($"template-{Boot}-", StringComparison.Ordinal));

    private static string ReadBoot()
    {
        const string BootId = "/proc/sys/kernel/random/boot_id";
        return File.Exists(BootId) ? File.ReadAllText(BootId)[..8] : "any";
    }
}
