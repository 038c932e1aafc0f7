namespace Renewals.Host.Service;

/// <summary>Where the embedded PostgreSQL keeps its data when nobody says where.</summary>
internal static class DataFolders
{
    private const string Name = "renewals";

    /// <summary>
    /// <c>/var/lib/renewals</c> for root; otherwise <c>$XDG_DATA_HOME/renewals</c>, or <c>~/.local/share/renewals</c> where that is not set.
    /// </summary>
    /// <param name="environment">Reads a variable of the environment.</param>
    /// <param name="privileged">Whether this is root.</param>
    /// <exception cref="CannotRunException">This user has no home.</exception>
    public static string Standard(Func<string, string?> environment, bool privileged)
    {
        if (privileged)
            return $"/var/lib/{Name}";
        if (environment("XDG_DATA_HOME") is ['/', ..] data)
            return Path.Combine(data, Name);
        return environment("HOME") is ['/', ..] home
            ? Path.Combine(home, ".local", "share", Name)
            : throw new CannotRunException(
                "This user has no home folder to keep the data in: name a data folder with --data, or a server with --connection.");
    }

    /// <summary>
    /// Where a host keeps what must not be restored with the data: beside the data folder, its name and <c>-state</c>; with a server of the merchant's own
    /// beside the standard folder, and where this user has no home in the working directory.
    /// </summary>
    /// <param name="data">The embedded server's data folder; null: a server of the merchant's own.</param>
    public static string State(string? data)
    {
        try
        {
            return $"{Path.TrimEndingDirectorySeparator(data ?? Standard())}-state";
        }
        catch (CannotRunException)
        {
            return Path.GetFullPath($"{Name}-state");
        }
    }

    /// <summary>The standard folder of this process.</summary>
    /// <inheritdoc cref="Standard(Func{string, string?}, bool)"/>
    public static string Standard() => Standard(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);
}
