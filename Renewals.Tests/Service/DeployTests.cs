using System.Diagnostics;
using System.Runtime.Versioning;
using Renewals.Tests.Rules;

namespace Renewals.Tests.Service;

/// <summary>What is handed out beside the program. That it publishes is not tried here: it takes minutes.</summary>
[UnsupportedOSPlatform("windows")]
public class DeployTests
{
    private static readonly string Root = SourceRules.Root();

    [Fact]
    public async Task A_platform_that_is_none_is_refused_before_anything_is_made()
    {
        using var publish = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Root, "Renewals.Host", "Deploy", "publish.sh"), "linux-x65"]) { RedirectStandardError = true })!;
        (await publish.StandardError.ReadToEndAsync()).Should().Be("There is no platform 'linux-x65' here; there are linux-x64 linux-arm64 win-x64.\n");
        await publish.WaitForExitAsync();
        publish.ExitCode.Should().Be(1);
    }

    [Fact]
    public void The_container_is_made_of_what_is_there_runs_as_nobody_of_weight_and_is_asked_whether_it_lives()
    {
        var lines = File.ReadAllLines(Path.Combine(Root, "Dockerfile"));
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]).Where(path => path != ".").ToList();
        copied.Should().HaveCountGreaterThan(5).And.OnlyContain(path => Path.Exists(Path.Combine(Root, path)));
        lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)).Should().Be("USER renewals");
        lines.Should().Contain(line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal) && line.Contains("/health/live", StringComparison.Ordinal));
        File.ReadAllLines(Path.Combine(Root, ".dockerignore")).Should().Contain(["**/bin", "**/obj", ".git", "**/vault-key", "**/appsettings*.json"]);
    }
}
