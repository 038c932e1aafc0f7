using System.Diagnostics;

namespace Renewals.Host.Postgres;

/// <summary>A folder that keeps a server's data between runs, held by one process at a time.</summary>
internal sealed class PersistentFolder : IDisposable
{
    private const string Passable = """for folder; do [ -x "$folder" ] || { echo "$folder"; exit 1; }; done""";

    // A server whose owner was killed stops within half a second, unless it has much to write down first.
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);

    private readonly FolderLock held;
    private readonly string folder;

    private PersistentFolder(string folder, FolderLock held) => (this.folder, this.held) = (folder, held);

    public string Data => Path.Combine(folder, "data");

    private string Draft => Path.Combine(folder, "data.new");

    private string HolderFile => Path.Combine(folder, "holder");

    public static async Task<PersistentFolder> OpenAsync(
        string path, PostgresPrograms programs, ServerAccount account, CancellationToken ct)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var opened = Lock(folder, account);
        try
        {
            await RequirePassageAsync(folder, account, ct);
            await opened.WaitForFormerServerAsync(ct);
            await opened.PrepareDataAsync(programs, account, ct);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public void Dispose() => held.Dispose();

    private static PersistentFolder Lock(string folder, ServerAccount account)
    {
        try
        {
            if (File.Exists(Path.Combine(folder, "PG_VERSION")))
                throw new PostgresStartException(
                    $"The folder {folder} is the data folder of another PostgreSQL server: give an empty folder, " +
                    "or start that server and pass a connection string.");
            Make(folder, account);
            var held = FolderLock.TryTake(folder) ?? throw InUse(folder, Read(Path.Combine(folder, "holder")));
            var opened = new PersistentFolder(folder, held);
            // Beside the lock and not in it: a locked file cannot be read.
            File.WriteAllText(opened.HolderFile, $"process {Environment.ProcessId}");
            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PostgresStartException($"The data folder {folder} cannot be used by this user: give a folder it can write to.", e);
        }
    }

    private static void Make(string folder, ServerAccount account)
    {
        if (Directory.Exists(folder))
            return;
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, account.FolderMode);
    }

    private static async Task RequirePassageAsync(string folder, ServerAccount account, CancellationToken ct)
    {
        var way = new List<string>();
        for (var step = folder; step is not null; step = Path.GetDirectoryName(step))
            way.Insert(0, step);
        var (exitCode, closed) = await GuardedProcess.RunAsync(account, ["/bin/sh", "-c", Passable, "sh", .. way], ct);
        if (exitCode != 0)
            throw new PostgresStartException(
                $"The account {account.Name ?? "of this process"}, which runs the server, cannot pass through the folder {closed}: " +
                "allow it (chmod o+x) or give a data folder elsewhere.");
    }

    private async Task WaitForFormerServerAsync(CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        while (ServerProcesses.AnyUses($"\0-D\0{Data}", Data))
        {
            if (waited.Elapsed > LongestStop)
                throw InUse(folder, "a PostgreSQL server without an owner");
            await Task.Delay(TimeSpan.FromMilliseconds(20), ct);
        }
    }

    private async Task PrepareDataAsync(PostgresPrograms programs, ServerAccount account, CancellationToken ct)
    {
        if (!Directory.Exists(Data))
        {
            // A killed start leaves its draft behind. Only a finished data folder ever gets the name.
            await GuardedProcess.RunAsync(ServerAccount.Self, ["rm", "-rf", Draft], ct);
            await new ClusterMaker(programs, account).InitialiseAsync(Draft, kept: true, ct);
            Directory.Move(Draft, Data);
        }

        await account.TakeOverAsync(Data, ct);
        var version = Read(Path.Combine(Data, "PG_VERSION"));
        if (version != programs.MajorVersion)
            throw new PostgresStartException(
                $"The folder {Data} was made by PostgreSQL '{version}' and version {programs.Version} is installed: " +
                "install that version, or give an empty folder.");
        ServerProcesses.RemoveMisleadingPidFile(Data);
    }

    private static PostgresStartException InUse(string folder, string holder) => new(
        $"The data folder {folder} is in use by {(holder.Length == 0 ? "another process" : holder)}: stop it, or give another folder.");

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
