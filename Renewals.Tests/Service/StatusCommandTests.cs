using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Renewals.Core.Subscriptions;
using Renewals.Host.Commands;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>On a real database: how the ledger stands, who waits for a person, and the person's word.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class StatusCommandTests(PostgresFixture postgres) : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Who_waits_for_a_person_is_said_until_somebody_looked_and_who_and_why_are_kept()
    {
        var connection = await MembersAsync(TimeProvider.System.GetUtcNow());
        (await StatusAsync(connection, exitCode: 0)).GetProperty("needsAPerson").GetBoolean().Should().BeFalse();
        var piped = await HostProgram.RunAsync(scratch.Folder, "status", "--connection", connection);
        piped.Output.Split('\n').Should().ContainSingle(line => line.Contains("wechat:1900000109"), "nothing is broken over lines: {0}", piped.Errors);

        var id = $"{Samples.IdOf(1)}";
        var parked = await RunAsync("park", id, "--by", "ann", "--reason", "the member wrote to us");
        (parked.ExitCode, parked.Output).Should().Be((0, $"{id} is parked: Requested.\n"), parked.Errors);
        var account = (await StatusAsync(connection, StatusCommand.NeedsAPerson)).GetProperty("accounts").EnumerateArray().Single();
        (account.GetProperty("active").GetInt64(), account.GetProperty("parked").GetProperty("requested").GetInt64()).Should().Be((2, 1));

        var unparked = await RunAsync("unpark", id, "--by", "bob", "--reason", "nothing was wrong", "--json");
        (unparked.ExitCode, unparked.Output.Contains("\"parked\":null", StringComparison.Ordinal)).Should().Be((0, true), unparked.Errors);
        await StatusAsync(connection, exitCode: 0);
        (await HostCommand.RunAsync("replay", id, "--connection", connection)).Output.Should().Contain("ann: the member wrote to us").And.Contain("by bob, why nothing was wrong");
    }

    [Fact]
    public async Task Work_that_is_late_is_said()
    {
        var connection = await MembersAsync(TimeProvider.System.GetUtcNow().AddMonths(-2));
        var account = (await StatusAsync(connection, StatusCommand.NeedsAPerson)).GetProperty("late").EnumerateArray().Single();
        account.GetProperty("due").GetInt64().Should().Be(2);
        (await HostCommand.RunAsync("status", "--connection", connection)).Output.Should().Contain("Late: wechat:1900000109 has 2 memberships due, the first since ").And.Contain("Is a service running?");
    }

    [Fact]
    public async Task A_membership_that_is_not_there_and_a_word_that_is_missing_are_refused()
    {
        await MembersAsync(TimeProvider.System.GetUtcNow());
        (await RunAsync("park", $"{Samples.IdOf(9)}", "--by", "ann", "--reason", "x")).ShouldBeRefusal($"There is no membership {Samples.IdOf(9)} in this ledger.");
        (await RunAsync("unpark", "mine", "--by", "ann", "--reason", "x")).FirstError.Should().StartWith("mine is no membership's id");
        (await RunAsync("park", $"{Samples.IdOf(1)}", "--by", " ", "--reason", "x")).FirstError.Should().StartWith("--by is empty");
    }

    /// <summary>Two members who paid their first period at this moment.</summary>
    private async Task<string> MembersAsync(DateTimeOffset at)
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (var host = await TestHost.StartAsync(connection, new FakeTimeProvider(at)))
        {
            await host.SignAsync(1);
            await host.SignAsync(2);
        }

        scratch.UseServer(connection);
        scratch.Write();
        return connection;
    }

    private async Task<JsonElement> StatusAsync(string connection, int exitCode)
    {
        var ending = await HostProgram.RunAsync(scratch.Folder, "status", "--connection", connection, "--json");
        ending.ExitCode.Should().Be(exitCode, ending.Errors + ending.Output);
        using var said = JsonDocument.Parse(ending.Output);
        return said.RootElement.Clone();
    }

    private Task<Ending> RunAsync(params string[] arguments) => HostCommand.RunAsync(scratch, arguments);
}
