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

    /// <summary>The standard folder of this process.</summary>
    /// <inheritdoc cref="Standard(Func{string, string?}, bool)"/>
    public static string Standard() => Standard(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);
}
