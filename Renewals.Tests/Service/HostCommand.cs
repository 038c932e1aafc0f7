using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Renewals.Host.Commands;
using Renewals.Host.Postgres;
using Spectre.Console;

namespace Renewals.Tests.Service;

/// <summary>The real program's entry, called in this process: the same words come in and the same come out, without the seconds a new process compiles for.</summary>
/// <remarks>
/// Not for what only a process shows: signals, the working directory, bytes on the standard output, what is left behind. That is <see cref="HostProgram"/>.
/// </remarks>
internal static class HostCommand
{
    private static readonly MethodInfo Main = typeof(EmbeddedPostgres).Assembly.EntryPoint!;
    private static readonly AsyncLocal<Words?> Here = new();

    /// <summary>Runs a command with a folder's settings.</summary>
    public static Task<Ending> RunAsync(SampleSettings settings, params string[] arguments) => RunAsync([.. arguments, "--config", settings.SettingsFile]);

    /// <summary>Runs a command to its end.</summary>
    public static Task<Ending> RunAsync(params string[] arguments) => RunAsync(new Words { IsLookedAt = false }, arguments);

    /// <summary>Runs a command whose standard error is a terminal that somebody looks at.</summary>
    public static Task<Ending> RunAtTerminalAsync(params string[] arguments) => RunAsync(new Words { IsLookedAt = true }, arguments);

    /// <summary>A console without colours.</summary>
    public static IAnsiConsole ConsoleOver(TextWriter writer, bool interactive)
    {
        var console = AnsiConsole.Create(new()
        {
            Ansi = interactive ? AnsiSupport.Yes : AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Yes : InteractionSupport.No, Out = new AnsiConsoleOutput(writer), Enrichment = new() { UseDefaultEnrichers = false },
        });
        if (interactive)
            console.Profile.Width = 200;
        return console;
    }

    private static async Task<Ending> RunAsync(Words words, string[] arguments)
    {
        var code = await Task.Run(() =>
        {
            // Everything the command starts from here on inherits it; nobody else does.
            Here.Value = words;
            return (int)Main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
        });
        return new(code, words.Output.Text, words.Errors.Text);
    }

    /// <summary>Before anything is written: whoever keeps the console's writer keeps one that can tell commands apart.</summary>
    [ModuleInitializer]
    internal static void TellApart()
    {
        Console.SetOut(new Switch(Console.Out, words => words.Output));
        Console.SetError(new Switch(Console.Error, words => words.Errors));
        AnsiConsole.Console = ConsoleOver(Console.Out, interactive: false);
        ErrorTerminal.Open = () => new(ConsoleOver(Console.Error, Here.Value is { IsLookedAt: true }), showsOutput: false);
    }

    private sealed class Words
    {
        public required bool IsLookedAt { get; init; }

        public Kept Output { get; } = new();

        public Kept Errors { get; } = new();
    }

    /// <summary>What was written; a log's thread may still write.</summary>
    private sealed class Kept
    {
        private readonly StringBuilder text = new();

        public Kept() => Writer = TextWriter.Synchronized(new StringWriter(text));

        public TextWriter Writer { get; }

        public string Text
        {
            get
            {
                lock (Writer)
                    return text.ToString();
            }
        }
    }

    /// <summary>Writes to the command it is called by; outside of commands, to where it always went.</summary>
    private sealed class Switch(TextWriter otherwise, Func<Words, Kept> of) : TextWriter
    {
        public override Encoding Encoding => otherwise.Encoding;

        private TextWriter To => Here.Value is { } words ? of(words).Writer : otherwise;

        public override void Write(char value) => To.Write(value);

        public override void Write(string? value) => To.Write(value);

        public override void Write(char[] buffer, int index, int count) => To.Write(buffer, index, count);

        public override void Write(ReadOnlySpan<char> buffer) => To.Write(buffer);

        public override void Flush() => To.Flush();
    }
}
