using System.Runtime.Versioning;

namespace Renewals.Tests.Service;

/// <summary>The service on a data folder of its own, and the key it keeps there.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeptRunTests : IDisposable
{
    private readonly SampleSettings settings = new();

    private string KeyFile => Path.Combine(settings.DataFolder, "vault-key");

    public void Dispose() => settings.Dispose();

    [Fact]
    public async Task A_first_start_makes_a_key_that_only_its_owner_can_read_and_the_next_one_uses_it()
    {
        settings.Write();
        (await StartAndStopAsync()).Should().Contain($"A new vault key was written to {KeyFile}.");
        var key = await File.ReadAllTextAsync(KeyFile);
        Convert.FromBase64String(key).Should().HaveCount(32);
        File.GetUnixFileMode(KeyFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await StartAndStopAsync()).Should().NotContain("vault key");

        (await File.ReadAllTextAsync(KeyFile)).Should().Be(key);
    }

    private async Task<string> StartAndStopAsync()
    {
        using var program = HostProgram.Start(settings.Folder, "run", "--data", settings.DataFolder);
        List<string> lines = [];
        while (await program.Output.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("  plans", StringComparison.Ordinal))
                break;
        }

        var ending = await program.StopAsync();
        ending.Errors.Should().BeEmpty();
        ending.ExitCode.Should().Be(0);
        return string.Join('\n', lines);
    }
}
