using System.Runtime.Versioning;
using System.Text.Json;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>An operator's commands on a real database, and what they refuse.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class FuseCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task An_operator_holds_and_releases_and_everything_is_kept_with_who_and_why()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connection);
        await host.SignAsync();
        Task<Ending> Run(params string[] arguments) => HostCommand.RunAsync([.. arguments, "--connection", connection]);

        var nobody = await Run("hold", "account", "alipay:7", "--by", "ann", "--reason", "test");
        (nobody.ExitCode, nobody.Errors).Should().Be((2, "There is no membership of account alipay:7.\n"));
        var held = await Run("hold", "plan", "monthly", "--by", "ann", "--reason", "wrong price", "--json");
        held.ExitCode.Should().Be(0, held.Errors);
        using (var stop = JsonDocument.Parse(held.Output))
        {
            stop.RootElement.GetProperty("id").GetInt64().Should().Be(1);
            stop.RootElement.GetProperty("scope").GetString().Should().Be("plan");
        }

        (await Run("fuse", "reset", "1", "--by", "ann", "--reason", "x")).ExitCode.Should().Be(2);
        var list = await Run("fuse", "list");
        list.Output.Should().StartWith("1  hold  plan monthly  since ").And.EndWith(" by ann: wrong price\n");
        (await Run("release", "1", "--by", "bob", "--reason", " ")).ExitCode.Should().Be(1);
        (await Run("release", "1", "--by", "bob", "--reason", "price is right")).ExitCode.Should().Be(0);
        (await Run("fuse", "list")).Output.Should().Be("No fuse is blown and nothing is held.\n");
        using var all = JsonDocument.Parse((await Run("fuse", "list", "--all", "--json")).Output);
        var end = all.RootElement.EnumerateArray().Single().GetProperty("end");
        (end.GetProperty("by").GetString(), end.GetProperty("why").GetString()).Should().Be(("bob", "price is right"));
    }

    [Fact]
    public async Task A_hold_without_a_ledger_a_reason_or_a_name_is_refused_in_a_sentence()
    {
        foreach (var arguments in (string[][])[["hold", "all", "--by", "ann", "--reason", "x"], ["hold", "all", "--connection", "Host=nowhere", "--by", "ann"], ["hold", "account", "x", "--by", "a", "--reason", "x", "--connection", "Host=nowhere"]])
        {
            var ending = await HostProgram.RunAsync(Path.GetTempPath(), arguments);
            ending.ExitCode.Should().Be(1);
            ending.Errors.Split('\n').Should().HaveCount(2);
        }
    }
}
