using System.Globalization;
using System.Runtime.InteropServices;

namespace Renewals.Host.Postgres;

/// <summary>When a file came to be on its disk. No copy keeps that, whatever else it keeps.</summary>
/// <remarks>
/// On Linux by <c>statx(2)</c>, as the framework gives the older of the other times there. File systems of servers know it (ext4, XFS, Btrfs, ZFS); of
/// one that does not, nothing is said.
/// </remarks>
internal static partial class FileBirth
{
    private const int WorkingDirectory = -100;
    private const uint BirthTime = 0x800;

    /// <summary>The time as text; null: it is not known.</summary>
    public static string? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return OperatingSystem.IsMacOS() && File.Exists(path) ? Text(File.GetCreationTimeUtc(path), 0) : null;
        try
        {
            return statx(WorkingDirectory, path, 0, BirthTime, out var found) == 0 && (found.Mask & BirthTime) != 0
                ? Text(DateTime.UnixEpoch.AddSeconds(found.BornSeconds), found.BornNanoseconds)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static string Text(DateTime second, uint nanoseconds) =>
        $"{second.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)}.{nanoseconds:D9}Z";

#pragma warning disable IDE1006, SA1300 // The name is the C library's.
    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint wanted, out Found found);
#pragma warning restore IDE1006, SA1300

    // The kernel writes 256 bytes; these of them are read.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Found
    {
        [FieldOffset(0)]
        public uint Mask;

        [FieldOffset(80)]
        public long BornSeconds;

        [FieldOffset(88)]
        public uint BornNanoseconds;
    }
}
