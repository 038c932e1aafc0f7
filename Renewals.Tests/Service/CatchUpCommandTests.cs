using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Commands;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>After an outage, on a real database: what is said of the backlog, and what a person does about it.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class CatchUpCommandTests(PostgresFixture postgres) : IDisposable
{
    private readonly SampleSettings scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task The_backlog_is_said_without_writing_beside_a_frozen_ledger_and_the_limit_is_raised_with_who_and_why()
    {
        var connection = await BacklogAsync(CatchUpPolicy.CurrentPeriodOnly);
        var events = await CountAsync(connection, "select count(*) from renewals.mt_events");
        var look = await RunAsync("--dry-run", "--json");
        look.ExitCode.Should().Be(CatchUpCommand.NeedsAPerson, look.Errors);
        using (var said = JsonDocument.Parse(look.Output))
        {
            var report = said.RootElement.GetProperty("accounts").EnumerateArray().Single();
            var line = report.GetProperty("lines").EnumerateArray().Single();
            (line.GetProperty("plan").GetString(), line.GetProperty("policy").GetString(), line.GetProperty("behind").GetInt64()).Should().Be(("monthly", "current-period-only", 3));
            foreach (var (name, count) in ((string, long)[])[("missedPeriods", 6), ("notCharged", 6), ("charges", 3), ("money", 7_500), ("forgiven", 0), ("asked", 0)])
                line.GetProperty(name).GetInt64().Should().Be(count, name);
            var late = report.GetProperty("late").EnumerateArray().Single();
            (late.GetProperty("total").GetInt64(), late.GetProperty("limit").GetInt64(), late.GetProperty("goneBy").GetInt64()).Should().Be((7_500, 2_500, 2_500));
            late.GetProperty("stopsAt").GetString().Should().NotBeNull();
        }

        var table = await RunAsync("--dry-run");
        table.Output.Should().StartWith("wechat:1900000109: 3 memberships are behind.\n").And.Contain("CNY 7,500 would go out late").And.Contain("the limit stops it at ");
        (await CountAsync(connection, "select count(*) from renewals.mt_events")).Should().Be(events, "a look writes nothing");
        (await CountAsync(connection, "select count(*) from renewals.late_money")).Should().Be(0);

        await CountAsync(connection, """
            with frozen as (insert into renewals.charge_stop (id, scope, key, rule, raised_at, raised_by, reason) values (1, 'everything', '', 'frozen', now(), 'engine', 'restored') returning 1)
            select count(*) from frozen
            """);
        var frozen = await RunAsync("--dry-run", "--json");
        frozen.ExitCode.Should().Be(CatchUpCommand.NeedsAPerson, frozen.Errors);
        frozen.Output.Should().Contain("\"rule\":\"frozen\"").And.Contain("\"behind\":3");

        var raised = await RunAsync("--account", "wechat:1900000109", "--limit", "7500", "--by", "ann", "--why", "the outage of June");
        (raised.ExitCode, raised.Output).Should().Be((0, "wechat:1900000109: CNY 7500 may go out late from now on.\n"), raised.Errors);
        (await CountAsync(connection, "select count(*) from renewals.late_money where raised = 7500 and begun_by = 'ann' and reason = 'the outage of June'")).Should().Be(1);
        (await RunAsync("--dry-run", "--json")).Output.Should().Contain("\"limit\":7500,\"stopsAt\":null");
    }

    [Fact]
    public async Task A_person_decides_where_the_plan_asks()
    {
        var connection = await BacklogAsync(CatchUpPolicy.Ask, parked: true);
        var look = await RunAsync("--dry-run", "--account", "wechat:1900000109", "--json");
        look.ExitCode.Should().Be(CatchUpCommand.NeedsAPerson, look.Errors);
        look.Output.Should().Contain("\"asked\":3");
        var refused = await RunAsync("--account", "wechat:1900000109", "--decide", "charge", "--by", "ann", "--why", "x");
        (refused.ExitCode, refused.Errors).Should().Be((1, "wechat:1900000109 takes one success a period: missed periods cannot be charged late there.\n"));
        var one = await RunAsync("--membership", $"{Samples.IdOf(2)}", "--decide", "current-only", "--by", "ann", "--why", "asked us");
        (one.ExitCode, one.Output).Should().Be((0, "1 memberships go on: current-period-only.\n"), one.Errors);
        var rest = await HostCommand.RunAtTerminalAsync(
            "catch-up", "--account", "wechat:1900000109", "--decide", "forgive", "--by", "ann", "--why", "ours", "--json", "--config", scratch.SettingsFile);
        rest.Errors.Should().Contain("2 of 2 memberships decided, 100 %");
        (rest.ExitCode, rest.Output).Should().Be((0, "{\"decided\":2,\"policy\":\"forgive\"}\n"));
        (await RunAsync("--account", "wechat:1900000109", "--decide", "forgive", "--by", "ann", "--why", "again")).ExitCode.Should().Be(CatchUpCommand.NeedsAPerson);
        (await CountAsync(connection, "select count(*) from renewals.mt_events where type = 'catch-up-decided' and data->>'by' = 'ann'")).Should().Be(3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--dry-run --limit 5 --account wechat:1 --by a --why b")]
    [InlineData("--limit 5 --by a --why b")]
    [InlineData("--limit -5 --account wechat:1 --by a --why b")]
    [InlineData("--limit 5.00 --account wechat:1 --by a --why b")]
    [InlineData("--limit 5 --account wechat:1 --by a")]
    [InlineData("--decide forgive --by a --why b")]
    [InlineData("--decide ask --account wechat:1 --by a --why b")]
    [InlineData("--decide forgive --membership x --by a --why b")]
    public void What_cannot_be_meant_is_said_before_anything_starts(string arguments) => CatchUpCommand.Create().Parse(arguments).Errors.Should().NotBeEmpty();

    [Theory]
    [InlineData("--dry-run")]
    [InlineData("--dry-run --account wechat:1 --json")]
    [InlineData("--account wechat:1 --limit 5000000 --by a --why b")]
    [InlineData("--account stripe:acct_1 --limit \"USD 5000000\" --by a --reason b")]
    [InlineData("--account wechat:1 --plan monthly --decide forgive --by a --why b")]
    public void What_is_documented_can_be_read(string arguments) => CatchUpCommand.Create().Parse(arguments).Errors.Should().BeEmpty();

    [Fact]
    public async Task A_plan_that_the_rail_cannot_keep_or_that_nobody_understands_refuses_to_start()
    {
        scratch.Set("Plans/0/CatchUp", "newest-first");
        scratch.Write();
        (await HostCommand.RunAsync(scratch, "run", "--data", scratch.DataFolder)).ShouldBeRefusal(
            "Renewals:Plans:0 ('monthly'): CatchUp is 'newest-first'; write current-period-only, forgive, ask, oldest-first.");
        scratch.Set("Plans/0/CatchUp", "oldest-first");
        scratch.Write();
        (await HostCommand.RunAsync(scratch, "run", "--data", scratch.DataFolder)).ShouldBeRefusal(
            "Plan 'monthly' charges missed periods late (oldest-first), and wechat:1900000109 takes one success a period: choose another CatchUp, or do not sell the plan there.");
    }

    /// <summary>Three members who paid their first period, and nothing since: two whole periods are over, and the fourth runs for eight days.</summary>
    private async Task<string> BacklogAsync(CatchUpPolicy policy, bool parked = false)
    {
        var connection = await postgres.CreateDatabaseAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-8).AddMonths(-3));
        await using (var host = await TestHost.StartAsync(connection, time, more: options => options.Plans[0] = options.Plans[0] with { CatchUp = policy }))
        {
            for (var i = 1; i <= 3; i++)
                await host.SignAsync(i);
            if (parked)
            {
                host.Time.Advance(TimeSpan.FromDays(85));
                await host.SweepAsync();
                (await host.FindAsync(Samples.IdOf(3))).Parked.Should().Be(ParkReason.CatchUpUndecided);
            }
        }

        scratch.UseServer(connection);
        scratch.Set("Engine", new JsonObject { ["MaxLateMoney"] = 2_500 });
        scratch.Write();
        return connection;
    }

    private Task<Ending> RunAsync(params string[] arguments) => HostCommand.RunAsync(scratch, ["catch-up", .. arguments]);

    private static async Task<long> CountAsync(string connection, string sql)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
