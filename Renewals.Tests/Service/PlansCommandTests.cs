using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Renewals.Core.Calendar;
using Renewals.Core.Ledger;
using Renewals.Host.Commands;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The <c>plans</c> command, by its words, and a start that would give a version a second meaning.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PlansCommandTests(PostgresFixture postgres) : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task What_is_on_record_is_listed_and_a_version_with_other_content_is_said_and_refused()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (var ledger = PostgresFixture.Open(connection))
            await ledger.Plans.AddAsync([PlanContent.Of(TestHost.Monthly(), MarketRules.MainlandChina), PlanContent.Of(TestHost.Monthly() with { Id = "weekly" }, MarketRules.MainlandChina)], Samples.Now, default);
        scratch.UseServer(connection);
        scratch.Set("Plans/0/Version", 2);
        scratch.Write();
        var listed = await RunAsync("plans", "--json");
        listed.ExitCode.Should().Be(0, listed.Errors);
        JsonNode.Parse(listed.Output)!.AsArray().Select(plan => ((string)plan!["id"]!, (int)plan["version"]!, (bool)plan["onSale"]!, (string?)plan["publishedAt"])).Should().Equal(
            ("monthly", 1, false, $"{Samples.Now}"), ("monthly", 2, true, null), ("weekly", 1, false, $"{Samples.Now}"));

        scratch.Set("Plans/0/Version", 1);
        scratch.Set("Plans/0/OnSale", false);
        scratch.Write();
        var other = await RunAsync("plans");
        other.ExitCode.Should().Be(PlansCommand.Differs, other.Errors);
        other.Output.Should().Contain("The settings have other content under plan 'monthly' version 1: raise its Version, or the service does not start.");
        var run = await RunAsync("run");
        (run.ExitCode, run.Errors).Should().Be(
            (1, $"Plan 'monthly' version 1 is on record with other content since {Samples.Now}: raise its Version, or put its content back. Members who have it keep what they signed either way.\n"));
    }

    private Task<Ending> RunAsync(params string[] arguments) => HostCommand.RunAsync(scratch, arguments);
}
