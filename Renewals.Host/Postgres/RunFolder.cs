namespace Renewals.Host.Postgres;

/// <summary>The folder of one running server: its socket, and its data when that is thrown away.</summary>
/// <remarks>Locked while its owner lives. A dead owner's folder is removed by a later start.</remarks>
internal sealed class RunFolder : IAsyncDisposable
{
    // The data goes first and the lock last, so that a removal cut short is seen and finished by the next one.
    private const string Remove = """rm -rf "$1/data" "$1/template" "$1/s" && rm -rf "$1" """;

    private static readonly TimeSpan Unlocked = TimeSpan.FromMinutes(1);

    private readonly FolderLock held;

    private RunFolder(string folder, FolderLock held) => (Folder, this.held) = (folder, held);

    public string Folder { get; }

    /// <summary>The throw-away data folder.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>Where a new template is built before it is published.</summary>
    public string TemplateDraft => Path.Combine(Folder, "template");

    /// <summary>The folder of the socket. It is closed to all but the server's account: who can open the socket is let in.</summary>
    public string Sockets => Path.Combine(Folder, "s");

    public static async Task<RunFolder> CreateAsync(TemporaryArea area, ServerAccount account, CancellationToken ct)
    {
        var folder = Path.Combine(area.Folder, $"run-{Guid.NewGuid().ToString("N")[..12]}");
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, account.FolderMode);
        if (FolderLock.TryTake(folder) is not { } held)
            // A sweep caught the folder in the moment before it was locked. The next name is its own.
            return await CreateAsync(area, account, ct);
        var run = new RunFolder(folder, held);
        try
        {
            await account.MakePrivateFolderAsync(run.Sockets, ct);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Removes what dead owners left behind.</summary>
    public static async Task SweepAsync(TemporaryArea area, CancellationToken ct)
    {
        foreach (var folder in area.RunFolders().Where(MayBeDead).ToList())
        {
            using var claim = FolderLock.TryTake(folder);
            // The owner may have died a moment ago, with its server still shutting down.
            if (claim is not null && !ServerProcesses.AnyUses(folder, Path.Combine(folder, "data")))
                await RemoveAsync(folder, ct);
        }

        foreach (var folder in area.OldTemplates().ToList())
            await RemoveAsync(folder, ct);
    }

    /// <summary>Removes the data folder, for a second try at it.</summary>
    public Task RemoveDataAsync(CancellationToken ct) => GuardedProcess.RunAsync(ServerAccount.Self, ["rm", "-rf", Data], ct);

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync(Folder, CancellationToken.None);
        held.Dispose();
    }

    // A folder without a lock may be one its owner has just made, or the rest of a removal.
    private static bool MayBeDead(string folder) =>
        File.Exists(FolderLock.PathIn(folder)) || TimeProvider.System.GetUtcNow() - Directory.GetLastWriteTimeUtc(folder) > Unlocked;

    // What cannot be removed now is removed by a later sweep.
    private static Task RemoveAsync(string folder, CancellationToken ct) =>
        GuardedProcess.RunAsync(ServerAccount.Self, ["/bin/sh", "-c", Remove, "sh", folder], ct);
}
