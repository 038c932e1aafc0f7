using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using NodaTime;

namespace Renewals.Host.Torture;

/// <summary>A child process that runs an <see cref="ObedientHost"/>.</summary>
internal sealed class HostProcess : IDisposable
{
    private const int LinesKept = 30;

    /// <summary>What a process that was killed by SIGKILL ends with.</summary>
    private const int Killed = 128 + 9;

    private readonly Process process;
    private readonly ConcurrentQueue<string> errors = new();

    private HostProcess(Process process, string? death)
    {
        (this.process, PlannedDeath) = (process, death);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
        Ready = ReadAddressAsync();
    }

    /// <summary>Where it listens, once it does; null: it died before.</summary>
    public Task<Uri?> Ready { get; }

    /// <summary>Where it is to die, as <c>point:passing</c>; null: it is shot some time.</summary>
    public string? PlannedDeath { get; }

    /// <summary>Whether the run shot it.</summary>
    public bool WasShot { get; private set; }

    /// <summary>Starts one; it is ready some time later.</summary>
    public static HostProcess Start(string settings, Instant now, string? death)
    {
        // Published as one file there is no such file beside it, and the program is the process itself.
        var program = Path.Combine(AppContext.BaseDirectory, $"{typeof(HostProcess).Assembly.GetName().Name}.dll");
        List<string> words = File.Exists(program) ? ["dotnet", program] : [Environment.ProcessPath!];
        words.AddRange(["torture-host", "--config", settings, "--now", now.ToUnixTimeTicks().ToString(CultureInfo.InvariantCulture)]);
        if (death is not null)
            words.AddRange(["--die", death]);
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };

        // One of several on a small machine: neither tiers of compilation nor a garbage collector for each core pay.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        return new(Process.Start(start)!, death);
    }

    /// <summary>Has it do all that is due at an instant.</summary>
    /// <returns>What it did; null: it died over it.</returns>
    /// <exception cref="InvalidOperationException">It ended in another way than by SIGKILL.</exception>
    public async Task<HostRound?> GoAsync(Instant now, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(now.ToUnixTimeTicks().ToString(CultureInfo.InvariantCulture).AsMemory(), cancellation);
            await process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            return await DiedAsync(cancellation);
        }

        if (await process.StandardOutput.ReadLineAsync(cancellation) is not { } answer)
            return await DiedAsync(cancellation);
        return answer.Split(' ') is ["done", var count, var next]
            ? new(int.Parse(count, CultureInfo.InvariantCulture), Next(long.Parse(next, CultureInfo.InvariantCulture)), null)
            : new(0, null, answer);
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public void Shoot()
    {
        WasShot = true;
        process.Kill();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private static Instant? Next(long ticks) => ticks == long.MaxValue ? null : Instant.FromUnixTimeTicks(Math.Max(ticks, 0));

    private async Task<Uri?> ReadAddressAsync()
    {
        var line = await process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ') is ["ready", var address])
            return new Uri(address);
        await DiedAsync(CancellationToken.None);
        return null;
    }

    private async Task<HostRound?> DiedAsync(CancellationToken cancellation)
    {
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == Killed
            ? null
            : throw new InvalidOperationException($"A host ended with exit code {process.ExitCode}:\n{string.Join('\n', errors)}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        errors.Enqueue(line);
        while (errors.Count > LinesKept)
            errors.TryDequeue(out _);
    }
}

/// <summary>What a host did in one round.</summary>
/// <param name="Done">How many memberships and statement days.</param>
/// <param name="NextStatement">When its reconciliation is next due.</param>
/// <param name="Fault">What went wrong; null: nothing.</param>
internal sealed record HostRound(int Done, Instant? NextStatement, string? Fault);
