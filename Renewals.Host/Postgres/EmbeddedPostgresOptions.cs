namespace Renewals.Host.Postgres;

/// <summary>How a private PostgreSQL server is run.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>The folder that keeps the data between runs; created when missing. Default: none, the data is thrown away.</summary>
    /// <remarks>It is a folder of ours with the server's data folder in it, not a data folder another server made.</remarks>
    public string? DataFolder { get; init; }

    /// <summary>Whether a committed transaction survives a power cut. Default: true. Switch it off for tests only.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>The folder with <c>initdb</c> and <c>postgres</c>. Default: none, the usual places are searched.</summary>
    public string? ProgramsFolder { get; init; }

    /// <summary>How long the server may take from its launch to its first answer. Default: one minute.</summary>
    /// <remarks>After a crash it first brings its data in order, which can take most of that.</remarks>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many connections the server takes. Default: 100.</summary>
    public int MaxConnections { get; init; } = 100;

    /// <summary>How many connections one connection string may keep open. Default: 40, so that two pools fit in one server.</summary>
    public int MaxPoolSize { get; init; } = 40;

    /// <summary>Server settings by name, on top of ours and stronger. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    internal IEnumerable<string> ServerArguments(string data, string sockets)
    {
        // The one way in is the socket, and its folder admits the server's account (and root) only: that is what makes trust sound.
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "",
            ["unix_socket_directories"] = sockets,
            ["unix_socket_permissions"] = "0700",
            ["port"] = EmbeddedPostgres.Port.ToString(),
            ["max_connections"] = MaxConnections.ToString(),
            ["shared_buffers"] = "128MB",
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["log_checkpoints"] = "off",
            // Compiling a plan costs more than any of our short statements.
            ["jit"] = "off",
        };
        foreach (var name in (string[])["fsync", "synchronous_commit", "full_page_writes"])
            settings[name] = Durable ? "on" : "off";
        if (!Durable)
        {
            settings["wal_level"] = "minimal";
            settings["max_wal_senders"] = "0";
        }

        foreach (var (name, value) in Settings)
            settings[name] = value;
        return [.. (string[])["-D", data], .. settings.SelectMany(s => (string[])["-c", $"{s.Key}={s.Value}"])];
    }
}
