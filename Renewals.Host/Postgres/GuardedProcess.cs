using System.Diagnostics;

namespace Renewals.Host.Postgres;

/// <summary>A child process that ends when this process ends, however it ends, SIGKILL included.</summary>
/// <remarks>
/// The kernel closes our end of the child's input at our death; a guard in the child's shell waits for just that and then stops
/// the command. A death signal (prctl) would not do: it follows the thread that forked, and pool threads come and go.
/// </remarks>
internal sealed class GuardedProcess : IAsyncDisposable
{
    private const int LinesKept = 40;
    private const string StopServer = "INT";
    private const string StopTool = "TERM";

    // The signal is repeated: a background command of a shell ignores INT until it has set up its own handler, so the first may be lost.
    // The guard is waited for as well: it carries the command's words, and who looks must not take it for a server that was left behind.
    // After half a minute the server is told to stop without a checkpoint, ten seconds later it is killed.
    private const string Script = """
        signal=$1; shift
        exec 3<&0
        "$@" </dev/null 3<&- &
        child=$!
        (
            trap '' INT TERM HUP
            read -r line <&3
            tries=0
            while kill -s "$signal" "$child"; do
                sleep 0.1
                tries=$((tries + 1))
                [ "$tries" -ne 300 ] || signal=QUIT
                [ "$tries" -ne 400 ] || { kill -s KILL "$child"; break; }
            done
        ) </dev/null >/dev/null 2>&1 &
        guard=$!
        trap '' INT TERM HUP
        exec 3<&-
        wait "$child"
        code=$?
        kill -s KILL "$guard" 2>/dev/null
        wait "$guard" 2>/dev/null
        exit "$code"
        """;

    // Everything said goes one way, also what the tools that change the account say.
    private static readonly string[] OneOutput = ["/bin/sh", "-c", """exec "$@" 2>&1""", "output"];

    private readonly Process process;
    private readonly Queue<string> lines = new();
    private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GuardedProcess(ServerAccount account, string signal, IEnumerable<string> command)
    {
        string[] words = [.. OneOutput, .. account.Prefix, "/bin/sh", "-c", Script, "guard", signal, .. command];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Ours may be closed to the server's account.
            WorkingDirectory = "/",
        };
        UseNeutralEnvironment(start.Environment);
        process = Process.Start(start)!;
        // A thread of its own: reading a pipe blocks, and the pool has few threads on a small machine.
        new Thread(ReadToEnd) { IsBackground = true, Name = "postgres output" }.Start();
    }

    /// <summary>Ends when the command has ended and its output is read to the end.</summary>
    public Task Exited => exited.Task;

    /// <summary>The last lines the command wrote.</summary>
    public string Log
    {
        get
        {
            lock (lines)
                return string.Join(Environment.NewLine, lines);
        }
    }

    /// <summary>Starts a server: it is stopped by the signal that asks PostgreSQL not to wait for its clients.</summary>
    public static GuardedProcess StartServer(ServerAccount account, IEnumerable<string> command) => new(account, StopServer, command);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        ServerAccount account, IEnumerable<string> command, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        await using var child = new GuardedProcess(account, StopTool, command);
        await child.Exited.WaitAsync(ct);
        return (child.process.ExitCode, child.Log);
    }

    /// <summary>Runs a command to its end and throws the sentence when it fails.</summary>
    public static async Task RequireAsync(ServerAccount account, IEnumerable<string> command, string sentence, CancellationToken ct)
    {
        var (exitCode, output) = await RunAsync(account, command, ct);
        if (exitCode != 0)
            throw PostgresStartException.WithLog(sentence, output);
    }

    /// <summary>Stops the command and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        try
        {
            // The guard gives up after 40 seconds; should it be gone itself, this is the last resort.
            await Exited.WaitAsync(TimeSpan.FromSeconds(50));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await Exited;
        }

        process.Dispose();
    }

    // PGPORT and its like would change the server, the language would change its messages, the time zone what initdb writes down. Where systemd
    // started us, the server would tell it that the service is ready when only the server is.
    private static void UseNeutralEnvironment(IDictionary<string, string?> environment)
    {
        string[] unwanted = ["PG", "LC_", "LANG", "NOTIFY_SOCKET"];
        foreach (var name in environment.Keys.Where(key => unwanted.Any(key.StartsWith)).ToList())
            environment.Remove(name);
        environment["LC_ALL"] = "C";
        environment["TZ"] = "UTC";
    }

    private void ReadToEnd()
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lock (lines)
            {
                lines.Enqueue(line);
                if (lines.Count > LinesKept)
                    lines.Dequeue();
            }
        }

        process.WaitForExit();
        exited.SetResult();
    }
}
