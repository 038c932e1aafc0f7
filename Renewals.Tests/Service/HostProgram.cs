using System.Diagnostics;
using Renewals.Host.Postgres;

namespace Renewals.Tests.Service;

/// <summary>The real program as a child process, as a user starts it.</summary>
internal sealed class HostProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process process;
    private Task<string>? rest;

    private HostProgram(Process process) => this.process = process;

    /// <summary>What it wrote to the standard output, line by line.</summary>
    public StreamReader Output => process.StandardOutput;

    public static HostProgram Start(string folder, params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [typeof(EmbeddedPostgres).Assembly.Location, .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,

            // As where a person sits: what is redirected is no terminal all the same.
            Environment = { ["TERM"] = "xterm-256color" },
        })!);

    /// <summary>Runs it to its end.</summary>
    public static async Task<Ending> RunAsync(string folder, params string[] arguments)
    {
        using var program = Start(folder, arguments);
        return await program.EndAsync();
    }

    /// <summary>Reads what it goes on to write, so that it never waits for a reader; the end has it.</summary>
    public void ReadOn() => rest = process.StandardOutput.ReadToEndAsync();

    /// <summary>Asks it to stop, as a service manager does.</summary>
    public async Task<Ending> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]);
        return await EndAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private async Task<Ending> EndAsync()
    {
        var output = rest ?? process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return new Ending(process.ExitCode, await output, await errors);
    }
}

/// <summary>How the program ended.</summary>
internal sealed record Ending(int ExitCode, string Output, string Errors)
{
    public string FirstError => Errors.Split('\n')[0];

    /// <summary>It refused in one sentence, and left a stack trace nowhere.</summary>
    public void ShouldBeRefusal(string sentence)
    {
        Errors.Should().Be(sentence + "\n");
        ExitCode.Should().Be(1);
        (Errors + Output).Should().NotContain("   at ");
    }
}
