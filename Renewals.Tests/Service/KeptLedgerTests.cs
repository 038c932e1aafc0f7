using System.Text.Json;
using System.Text.Json.Nodes;

namespace Renewals.Tests.Service;

/// <summary>Commands on a ledger that is there already; it is made once, as making one takes seconds.</summary>
public sealed class KeptLedgerTests(KeptLedgerTests.Made made) : IClassFixture<KeptLedgerTests.Made>
{
    private readonly SampleSettings scratch = made.Settings;

    private string KeyFile => Path.Combine(scratch.DataFolder, "vault-key");

    [Fact]
    public async Task A_planted_stale_alarm_an_altered_row_and_a_missing_one_are_found_and_repaired()
    {
        var verified = await HostCommand.RunAtTerminalAsync("verify", "--data", scratch.DataFolder, "--json");
        verified.ExitCode.Should().Be(2, verified.Errors);
        verified.Errors.Should().Contain("3 of 3 memberships compared, 100 %");
        using (var found = JsonDocument.Parse(verified.Output))
        {
            found.RootElement.GetProperty("memberships").GetInt64().Should().Be(3);
            found.RootElement.GetProperty("differences").EnumerateArray().Select(line => line.GetString()).Should().SatisfyRespectively(
                stale => stale.Should().Contain("00000002000000000000000000000000").And.Contain("Alarm"),
                altered => altered.Should().Contain("00000003000000000000000000000000").And.Contain("Member = somebody else"),
                missing => missing.Should().Be("00000004000000000000000000000000: there is a stream, but the book has no row"));
        }

        var repaired = await HostCommand.RunAsync("rebuild-book", "--data", scratch.DataFolder);
        repaired.Errors.Should().BeEmpty();
        repaired.Output.Should().Be(
            """
            4 streams folded.
            00000002000000000000000000000000: with another alarm
            00000003000000000000000000000000: with another state or key
            00000004000000000000000000000000: missing in the book
            3 differences, repaired.

            """);
        repaired.ExitCode.Should().Be(3);

        var right = await HostCommand.RunAsync("verify", "--data", scratch.DataFolder);
        (right.ExitCode, right.Output).Should().Be((0, "4 memberships compared.\nThe book is right.\n"), right.Errors);

        var again = await HostCommand.RunAtTerminalAsync("rebuild-book", "--data", scratch.DataFolder, "--json");

        again.ExitCode.Should().Be(0);
        again.Errors.Should().Contain("4 of 4 streams folded, 100 %");
        using var report = JsonDocument.Parse(again.Output);
        report.RootElement.GetProperty("streams").GetInt64().Should().Be(4);
        report.RootElement.GetProperty("differences").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task A_membership_is_shown_as_it_was_at_any_moment()
    {
        const string First = "00000001-0000-0000-0000-000000000000";
        var now = await ReplayAsync(First, "--json");
        now.ExitCode.Should().Be(0, now.Errors);
        using (var shown = JsonDocument.Parse(now.Output))
        {
            shown.RootElement.GetProperty("events")[0].GetProperty("name").GetString().Should().Be("enrolled");
            shown.RootElement.GetProperty("state").GetProperty("member").GetString().Should().Be("m1");
            shown.RootElement.GetProperty("duties")[0].GetProperty("kind").GetString().Should().Be("ask-signing");
        }

        (await ReplayAsync(First)).Output.Should().Contain("enrolled").And.Contain("to do: AskSigning at ");
        (await ReplayAsync(First, "--at", "2020-01-01T00:00:00Z")).Output.Should().EndWith("did not exist yet.\n");
        (await ReplayAsync("00000009-0000-0000-0000-000000000000")).ShouldBeRefusal("There is no membership 00000009000000000000000000000000 in this ledger.");
        (await ReplayAsync(First, "--at", "yesterday")).FirstError.Should().StartWith("--at is yesterday: write it as 2026-04-10T08:00:00Z, in UTC.");
    }

    private Task<Ending> ReplayAsync(params string[] arguments) => HostCommand.RunAsync(["replay", .. arguments, "--data", scratch.DataFolder]);

    [Fact]
    public async Task Where_there_is_no_ledger_none_is_made()
    {
        var nowhere = Path.Combine(scratch.Folder, "nowhere");
        (await HostProgram.RunAsync(scratch.Folder, "rebuild-book", "--data", nowhere)).ShouldBeRefusal(
            $"There is no ledger in {nowhere}: name the folder that the service was given.");
        Directory.Exists(nowhere).Should().BeFalse();
    }

    [Fact]
    public async Task Agreements_without_their_key_are_refused_before_anything_is_claimed()
    {
        scratch.Write();
        (await RunAsync()).ShouldBeRefusal(
            $"The data folder {scratch.DataFolder} holds agreements but not their key: put its file vault-key back, or configure the key under Renewals:Vault:Keys.");
        File.Exists(KeyFile).Should().BeFalse();
    }

    [Fact]
    public async Task Agreements_with_another_key_are_refused_before_anything_is_claimed()
    {
        scratch.Set("Vault", JsonNode.Parse("""{"Keys":{"test-only":"YW4gZXhhbXBsZSBvbmx5OiByZXBsYWNlIHRoZSBrZXk="}}"""));
        scratch.Write();
        var ending = await RunAsync();
        scratch.Set("Vault", null);

        ending.ExitCode.Should().Be(1);
        ending.FirstError.Should().StartWith("The vault was written with another key than those given here: ");
        (ending.Errors + ending.Output).Should().NotContain("   at ");
    }

    [Fact]
    public async Task A_ledger_that_is_what_it_was_needs_no_adoption_and_one_of_another_environment_is_frozen_and_says_so()
    {
        scratch.Set("Vault", new JsonObject { ["Keys"] = new JsonObject { ["test-only"] = Convert.ToBase64String(new byte[32]) } });
        scratch.Set("DataFolder", scratch.DataFolder);
        scratch.Write();
        try
        {
            await ShouldFreezeAsync();
        }
        finally
        {
            foreach (var name in (string[])["Vault", "DataFolder", "Environment"])
                scratch.Set(name, null);
        }
    }

    private async Task ShouldFreezeAsync()
    {
        var unasked = await AdoptAsync();
        unasked.ExitCode.Should().Be(1);
        unasked.FirstError.Should().StartWith("A ledger that was copied or restored does not know what was charged since: add --reconcile,");
        var same = await AdoptAsync("--reconcile");
        (same.ExitCode, same.Output).Should().Be((2, "The ledger is not frozen; there is nothing to adopt.\n"), same.Errors);

        scratch.Set("Environment", "staging");
        scratch.Write();
        var look = await HostCommand.RunAsync(scratch, ["adopt", "--dry-run"]);
        look.Output.Should().Contain("Frozen since").And.EndWith("Nothing was done (--dry-run).\n", look.Errors);
        var frozen = await HostCommand.RunAtTerminalAsync("adopt", "--reconcile", "--json", "--by", "ann", "--reason", "moved", "--config", scratch.SettingsFile);
        frozen.ExitCode.Should().Be(1, frozen.Errors);
        frozen.Errors.Should().MatchRegex(@"(\d) of \1 memberships looked at, 100 %").And.Contain("wechat:1900000109: asking for orders");
        using (var report = JsonDocument.Parse(frozen.Output))
        {
            report.RootElement.GetProperty("adopted").GetBoolean().Should().BeFalse();
            report.RootElement.GetProperty("freeze").GetProperty("why").GetString().Should().Contain("this host of 'staging'");
            report.RootElement.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()).Should()
                .Contain(problem => problem!.Contains("order "), "the rail is away").And.Contain(problem => problem!.Contains("can be had from"));
        }

        using (var run = HostProgram.Start(scratch.Folder, "run"))
        {
            var said = await SandboxRunTests.SaidAsync(run);
            said.Should().ContainKey("FROZEN");
            using var http = new HttpClient();
            (await http.GetStringAsync(said["health"])).Should().Be("live\n", "anybody may ask");
            (await http.GetStringAsync(said["api"] + "/health")).Should().Contain("\"name\":\"ledger\",\"status\":\"degraded\",\"words\":\"frozen since ");
            (await run.StopAsync()).ExitCode.Should().Be(0);
        }
    }

    private Task<Ending> AdoptAsync(params string[] options) => HostCommand.RunAsync(scratch, ["adopt", .. options, "--by", "ann", "--reason", "moved"]);

    private Task<Ending> RunAsync() => HostCommand.RunAsync(scratch, "run", "--data", scratch.DataFolder);

    /// <summary>Four members about to sign; the alarm of one is a day wrong, another's row was altered, the last one's is gone.</summary>
    public sealed class Made : IAsyncLifetime
    {
        private const string Spoil = """
            update renewals.book set alarm = alarm + 864000000000 where id = '00000002-0000-0000-0000-000000000000';
            update renewals.book set member = 'somebody else' where id = '00000003-0000-0000-0000-000000000000';
            delete from renewals.book where id = '00000004-0000-0000-0000-000000000000'
            """;

        internal SampleSettings Settings { get; } = new();

        public Task InitializeAsync() => KeptLedger.MakeAsync(Settings.DataFolder, members: 4, Spoil);

        public Task DisposeAsync()
        {
            Settings.Dispose();
            return Task.CompletedTask;
        }
    }
}
