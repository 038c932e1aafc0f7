namespace Renewals.Host.Postgres;

/// <summary>The account a command runs under, and the words put before the command to get there.</summary>
/// <remarks>PostgreSQL refuses to run as root, so root lends it an unprivileged account. Everybody else runs it as themselves.</remarks>
internal sealed record ServerAccount
{
    private const UnixFileMode Passable = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // A session of its own keeps Ctrl+C at the terminal away from the server: the host ends its work first, then stops the server.
    private static readonly string[] OwnSession = PostgresPrograms.FindTool("setsid") is { } setsid ? [setsid] : [];

    private ServerAccount(string? name, string? ids, IReadOnlyList<string> prefix) => (Name, Ids, Prefix) = (name, ids, prefix);

    /// <summary>The account of this process.</summary>
    public static ServerAccount Self { get; } = new(null, null, OwnSession);

    /// <summary>The lent account, or null for the account of this process.</summary>
    public string? Name { get; }

    /// <summary>User and group number of the lent account, or null for the account of this process.</summary>
    public string? Ids { get; }

    /// <summary>The words before a command.</summary>
    public IReadOnlyList<string> Prefix { get; }

    /// <summary>The mode of our folders above the server's own: a lent account can pass, nobody can look around.</summary>
    public UnixFileMode FolderMode => Private | (Name is null ? UnixFileMode.None : Passable);

    private static UnixFileMode Private => UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static ServerAccount ForServer()
    {
        if (!Environment.IsPrivilegedProcess)
            return Self;
        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).ToList()
            .FindAll(fields => fields.Length > 3 && fields[2] != "0");
        // "postgres" first: "nobody" is shared with other programs, which could then open the socket.
        var account = accounts.Find(fields => fields[0] == "postgres") ?? accounts.Find(fields => fields[0] == "nobody")
            ?? throw new PostgresStartException(
                "PostgreSQL does not run as root and there is no account 'postgres' or 'nobody' to run it: " +
                "start this program as an ordinary user.");
        var (name, user, group) = (account[0], account[2], account[3]);
        if (PostgresPrograms.FindTool("setpriv") is { } setpriv && !IsBusybox(setpriv))
            return new(name, $"{user}:{group}", [.. OwnSession, setpriv, $"--reuid={user}", $"--regid={group}", "--clear-groups", "--"]);
        if (PostgresPrograms.FindTool("runuser") is { } runuser)
            return new(name, $"{user}:{group}", [.. OwnSession, runuser, "-u", name, "--"]);
        throw new PostgresStartException(
            "PostgreSQL does not run as root and neither setpriv nor runuser is installed: " +
            "install util-linux or start this program as an ordinary user.");
    }

    /// <summary>Makes a folder that belongs to this account and that nobody else can enter.</summary>
    public async Task MakePrivateFolderAsync(string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder, Private);
        if (Ids is not null)
            await GuardedProcess.RequireAsync(Self, ["chown", Ids, folder], CannotGive(folder), ct);
    }

    /// <summary>Gives a folder and all it holds to this account, unless it belongs to it already.</summary>
    public async Task TakeOverAsync(string folder, CancellationToken ct)
    {
        if (Ids is null || await CheckAsync("""[ -O "$1" ]""", folder, ct))
            return;
        // -h: a link planted in the folder is changed itself, not what it points to.
        await GuardedProcess.RequireAsync(Self, ["chown", "-hR", Ids, folder], CannotGive(folder), ct);
    }

    /// <summary>Whether a shell test on the folder holds for this account.</summary>
    public async Task<bool> CheckAsync(string test, string folder, CancellationToken ct) =>
        (await GuardedProcess.RunAsync(this, ["/bin/sh", "-c", test, "sh", folder], ct)).ExitCode == 0;

    private string CannotGive(string folder) =>
        $"The folder {folder} cannot be given to the account {Name}, which runs the server: start this program as an ordinary user.";

    // Busybox has a program of that name that cannot change the account.
    private static bool IsBusybox(string program) => File.ResolveLinkTarget(program, returnFinalTarget: true)?.Name == "busybox";
}
