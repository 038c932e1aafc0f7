using Spectre.Console;

namespace Renewals.Host.Commands;

/// <summary>The standard error of a command: what it says on the way, and how far it is. The standard output is left to what it found.</summary>
/// <param name="console">The standard error.</param>
/// <param name="showsOutput">Whether the standard output is seen on a terminal too.</param>
internal sealed class ErrorTerminal(IAnsiConsole console, bool showsOutput) : IProgress<string>
{
    /// <summary>Takes the standard error as it is; tests put another in its place.</summary>
    public static Func<ErrorTerminal> Open { get; set; } = () => new(Detect(), !Console.IsOutputRedirected);

    private bool IsLookedAt => console.Profile.Capabilities is { Interactive: true, Ansi: true };

    /// <summary>Says each step, at once and in order.</summary>
    public void Report(string value) => WriteLine(value);

    /// <summary>Writes a line; where there is a bar, above it.</summary>
    public void WriteLine(string line)
    {
        // Anywhere else lines are read by programs: they are not folded to a width.
        if (IsLookedAt)
            console.WriteLine(line);
        else
            console.Profile.Out.Writer.WriteLine(line);
    }

    /// <summary>Does a long piece of work and shows how far it is: as a bar on a terminal, elsewhere by a line now and then.</summary>
    /// <param name="work">What is done.</param>
    /// <param name="run">Does it, and tells how many are done.</param>
    public Task<T> RunAsync<T>(LongWork work, Func<WorkProgress, Task<T>> run)
    {
        // Lines of the standard output on the same terminal would be drawn over.
        return IsLookedAt && !(work.Prints && showsOutput) ? WorkBar.RunAsync(console, work, run) : InLinesAsync(work, run);
    }

    private Task<T> InLinesAsync<T>(LongWork work, Func<WorkProgress, Task<T>> run)
    {
        var said = 0L;
        return run(new(work, progress =>
        {
            if (progress.Done - said < work.Every)
                return;
            said = progress.Done;
            WriteLine(progress.Words);
        }));
    }

    private static IAnsiConsole Detect()
    {
        // Spectre knows the terminals that can draw and the usual build servers. Whether somebody looks it would ask the standard output.
        var isFile = Console.IsErrorRedirected || Environment.GetEnvironmentVariable("CI") is { Length: > 0 };
        return AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(Console.Error),
            Ansi = isFile ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = isFile ? InteractionSupport.No : InteractionSupport.Yes,
        });
    }
}
