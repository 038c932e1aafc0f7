using System.Runtime.Versioning;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Renewals.Core.Engine;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The README's lines do what the README says.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class EmbeddingTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_lines_in_the_readme_start_the_engine_and_take_a_member_to_sign()
    {
        var rail = new ScriptedRail(TimeProvider.System);
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var (host, result) = await EmbeddingExample.RunAsync(
            builder, rail, rail, await postgres.CreateDatabaseAsync(), new byte[32], Samples.Account, Samples.Id.Value);
        using (host)
        {
            result.Should().BeOfType<SignResult.Ready>();
            await host.StopAsync();
        }
    }

    [Fact]
    public void The_readme_shows_exactly_the_lines_that_are_tested()
    {
        var source = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Service", "EmbeddingExample.cs"));
        var indent = source.First(line => line.EndsWith("// <readme>", StringComparison.Ordinal)).IndexOf('/');
        var lines = source.SkipWhile(line => !line.EndsWith("// <readme>", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.EndsWith("// </readme>", StringComparison.Ordinal)).Select(line => line.Length > indent ? line[indent..] : "");
        var readme = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "README.md"));
        readme.SkipWhile(line => line != "## Embed it").SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```").Should().Equal(lines);
    }
}
