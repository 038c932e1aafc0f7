using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Renewals.Host.Commands;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>The <c>erase</c> command, by its words.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class EraseCommandTests(PostgresFixture postgres) : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_member_is_erased_once_nothing_is_open_with_who_and_why_and_again_says_so()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (var host = await TestHost.StartAsync(connection, new FakeTimeProvider(TimeProvider.System.GetUtcNow())))
        {
            await host.SignAsync(1);
            await host.SignAsync(2);
            await host.Members.CancelAsync(Samples.IdOf(1), "enough");
            await host.SweepAsync();
        }

        scratch.UseServer(connection);
        scratch.Write();
        (await RunAsync("--member", "m1")).FirstError.Should().StartWith("Who erases and why is kept: give --by and --why, or --dry-run to change nothing.");
        (await RunAsync("--member", "nobody", "--dry-run")).ShouldBeRefusal("There is no membership of member 'nobody' in this ledger.");

        var open = await RunAsync("--member", "m2", "--by", "ann", "--why", "asked");
        (open.ExitCode, open.Output).Should().Be(
            (EraseCommand.Open, $"open: {Samples.IdOf(2)}: it renews; cancel it, and wait until the rail has ended the agreement.\nNothing was erased.\n"), open.Errors);

        var dry = await RunAsync("--member", "m1", "--dry-run");
        dry.ExitCode.Should().Be(0, dry.Errors);
        dry.Output.Should().StartWith("Would be erased: the keys of 1 agreements, 0 callbacks, 0 lines in 0 statements; 1 memberships.\nstays until 20").And.Contain("under the opaque name 'm1'");

        var done = await RunAsync("--member", "m1", "--by", "ann", "--why", "the member asked", "--json");
        done.ExitCode.Should().Be(0, done.Errors);
        using (var report = JsonDocument.Parse(done.Output))
        {
            report.RootElement.GetProperty("isDone").GetBoolean().Should().BeTrue();
            report.RootElement.GetProperty("erased").GetProperty("vaultKeys").GetInt32().Should().Be(1);
            report.RootElement.GetProperty("by").GetString().Should().Be("ann");
        }

        var again = await RunAsync("--member", "m1", "--by", "ann", "--why", "the member asked");
        again.ExitCode.Should().Be(0, again.Errors);
        again.Output.Should().Contain("Erased before: ").And.EndWith(" Nothing was left to erase.\n").And.NotContain("Erased: ");
        var verified = await HostCommand.RunAsync("verify", "--connection", connection);
        (verified.ExitCode, verified.Output).Should().Be((0, "2 memberships compared.\nThe book is right.\n"), verified.Errors);
    }

    private Task<Ending> RunAsync(params string[] arguments) => HostCommand.RunAsync(scratch, ["erase", .. arguments]);
}
