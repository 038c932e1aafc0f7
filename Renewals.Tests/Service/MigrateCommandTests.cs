using System.Runtime.Versioning;
using Renewals.Host.Commands;
using Renewals.Tests.Database;

namespace Renewals.Tests.Service;

/// <summary>The schema of a server of one's own is changed by a command of its own, and not by whichever version of the service starts first.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class MigrateCommandTests(PostgresFixture postgres) : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task In_production_a_start_on_another_schema_is_refused_until_it_was_migrated()
    {
        scratch.UseServer(await postgres.CreateDatabaseAsync(prepared: false));
        scratch.Write();

        (await RunAsync("run")).FirstError.Should().StartWith("The database's schema is not the one this version wants");
        var dry = await RunAsync("migrate", "--dry-run");
        dry.ExitCode.Should().Be(MigrateCommand.Needed, dry.Errors);
        dry.Output.Should().Contain("renewals.book", "the statements are shown");
        (await RunAsync("run")).FirstError.Should().StartWith("The database's schema is not the one this version wants", "a dry run changes nothing");

        var done = await RunAsync("migrate");
        (done.ExitCode, done.Output).Should().Be((0, "The schema is now as this version wants it.\n"), done.Errors);
        var again = await RunAsync("migrate", "--dry-run", "--json");
        (again.ExitCode, again.Output).Should().Be((0, "{\"isNeeded\":false,\"applied\":false,\"sql\":\"\"}\n"), again.Errors);
        using var run = HostProgram.Start(scratch.Folder, "run");
        (await SandboxRunTests.SaidAsync(run)).Should().ContainKey("health");
        (await run.StopAsync()).ExitCode.Should().Be(0);
    }

    private Task<Ending> RunAsync(params string[] arguments) => HostCommand.RunAsync(scratch, arguments);
}
