namespace Renewals.Host.Postgres;

/// <summary>The claim of one living process on a folder. The kernel takes it back when the process dies.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream file;

    private FolderLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock, or returns null when another process has it or the folder is gone.</summary>
    public static FolderLock? TryTake(string folder)
    {
        var path = PathIn(folder);
        try
        {
            var taken = new FolderLock(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
            // Between our opening and our locking the file, a sweep may have removed it: then the lock protects nothing.
            if (File.Exists(path))
                return taken;
            taken.Dispose();
            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Where the lock of a folder is.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "lock");

    public void Dispose() => file.Dispose();
}
