using System.Diagnostics;

namespace Renewals.Host.Postgres;

/// <summary>Which servers, and helpers that make a server's files, are alive.</summary>
internal static class ServerProcesses
{
    /// <summary>Whether a process still works on a data folder; <paramref name="words"/> is what its command line says then.</summary>
    public static bool AnyUses(string words, string data)
    {
        // Without /proc there is the pid file only. It is not there while the files are being made.
        if (!Directory.Exists("/proc/self"))
            return PidIn(data) is { } pid && IsAlive(pid);
        return Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out var id) && id != Environment.ProcessId)
            .Any(folder => Read(Path.Combine(folder, "cmdline")).Contains(words, StringComparison.Ordinal));
    }

    /// <summary>Removes the pid file of a dead server when its number now belongs to another program.</summary>
    /// <remarks>PostgreSQL would take that program for a server and refuse to start. Numbers repeat soon in a container.</remarks>
    public static void RemoveMisleadingPidFile(string data)
    {
        if (PidIn(data) is { } pid && File.Exists($"/proc/{pid}/comm") && Read($"/proc/{pid}/comm").Trim() != "postgres")
            File.Delete(PidFile(data));
    }

    private static string PidFile(string data) => Path.Combine(data, "postmaster.pid");

    private static int? PidIn(string data) =>
        int.TryParse(Read(PidFile(data)).Split('\n')[0], out var pid) && pid != int.MinValue ? Math.Abs(pid) : null;

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        // Files of the process table vanish while they are read; those of other users may be hidden.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
