using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What a life leaves in the tables, and the book's rebuild from it.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class StoredLifeTests(PostgresFixture postgres) : IAsyncLifetime
{
    private NpgsqlDataSource sql = null!;
    private TestHost host = null!;

    private BookRebuild Rebuild => host.Services.GetRequiredService<LedgerDatabase>().Book!;

    public async Task InitializeAsync()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        sql = NpgsqlDataSource.Create(connectionString);
        host = await TestHost.StartAsync(connectionString);
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await sql.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_the_rail_calls_a_member_by_lies_in_an_event_or_the_book()
    {
        (await host.Members.SignAsync(TestHost.Request(1) with { PayerId = "openid-of-m1" })).Should().BeOfType<SignResult.Ready>();
        await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        await host.Members.CancelAsync(Samples.IdOf(1), "enough");
        await host.SweepAsync();
        var dump = string.Join('\n', await RowsAsync("select e::text from renewals.mt_events e union all select b::text from renewals.book b union all select s::text from renewals.mt_streams s"));
        dump.Should().Contain("charged").And.Contain("terminated").And.NotContain("openid").And.NotContain("contract-");
        (await RowsAsync("select account from renewals.vault where fingerprint is not null")).Should().ContainSingle();
    }

    [Fact]
    public async Task Events_lie_in_the_database_in_the_ledgers_own_json()
    {
        await host.SignAsync();
        var stored = await RowsAsync("select data::text from renewals.mt_events where type = 'requested'");
        var requested = (await host.EventsAsync<Requested>(Samples.IdOf(1))).Single();
        JsonElement.DeepEquals(JsonDocument.Parse(stored.Single()).RootElement, JsonSerializer.SerializeToElement(requested, LedgerJson.Options))
            .Should().BeTrue(stored.Single());
        (await RowsAsync("select data->>'status' from renewals.mt_events where type = 'agreement-changed'")).Should().Equal("active");
    }

    [Fact]
    public async Task A_rebuild_names_what_differed_repairs_it_and_keeps_claims()
    {
        for (var i = 1; i <= 5; i++)
            await host.SignAsync(i);
        await host.BookEqualsFoldAsync();
        (await Rebuild.RunAsync(null, default)).Should().BeEquivalentTo(new BookRebuildReport(5, []));
        await RowsAsync($"""
            update renewals.book set alarm = alarm + 1 where id = '{Samples.IdOf(1).Value}';
            delete from renewals.book where id = '{Samples.IdOf(2).Value}';
            update renewals.book set version = 1 where id = '{Samples.IdOf(3).Value}';
            update renewals.book set claimed_until = 77 where id = '{Samples.IdOf(4).Value}';
            update renewals.book set member = 'somebody' where id = '{Samples.IdOf(5).Value}';
            """);
        (await Rebuild.RunAsync(null, default)).Differences.Order().Should().Equal(
            $"{Samples.IdOf(1)}: with another alarm", $"{Samples.IdOf(2)}: missing in the book", $"{Samples.IdOf(3)}: at version 1, the fold at 5",
            $"{Samples.IdOf(5)}: with another state or key");
        await host.BookEqualsFoldAsync();
        (await RowsAsync("select claimed_until::text from renewals.book where claimed_until is not null")).Should().Equal("77");
        (await RowsAsync("select tablename::text from pg_tables where tablename like 'book%'")).Should().Equal("book");
        (await Rebuild.RunAsync(null, default)).Differences.Should().BeEmpty();
    }

    [Fact]
    public async Task A_stream_that_cannot_be_folded_keeps_its_row_and_is_reported()
    {
        await host.SignAsync(1);
        await host.SignAsync(2);
        await RowsAsync($"update renewals.mt_events set data = '7' where stream_id = '{Samples.IdOf(1).Value}' and version = 2");
        (await Rebuild.RunAsync(null, default)).Differences.Should().ContainSingle(d => d.StartsWith(Samples.IdOf(1).ToString(), StringComparison.Ordinal));
        (await RowsAsync("select id::text from renewals.book")).Should().HaveCount(2);
    }

    [Fact]
    public async Task The_book_is_rebuilt_while_writers_go_on()
    {
        for (var i = 1; i <= 8; i++)
            await host.Members.SignAsync(TestHost.Request(i));
        var ends = TimeProvider.System.GetTimestamp();
        var writers = Enumerable.Range(1, 2).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < 30; round++)
            {
                var id = Samples.IdOf(1 + ((writer + (round * 2)) % 8));
                await host.Members.ParkAsync(id, "operator", "look");
                await host.Members.UnparkAsync(id, "ann", "looked");
            }
        })).ToList();
        var rebuilds = 0;
        for (; rebuilds == 0 || writers.Exists(writer => !writer.IsCompleted); rebuilds++)
            (await Rebuild.RunAsync(null, default)).Differences.Should().BeEmpty();
        await Task.WhenAll(writers);
        rebuilds.Should().BePositive();
        TimeProvider.System.GetElapsedTime(ends).Should().BeLessThan(TimeSpan.FromMinutes(1));
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Lives_replay_the_same_when_every_table_but_the_events_is_gone()
    {
        for (var i = 1; i <= 3; i++)
            await host.SignAsync(i);
        await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        await host.Members.CancelAsync(Samples.IdOf(2), "enough");
        await host.SweepAsync();
        var before = await StatesAsync(host);

        var dropped = await RowsAsync("select tablename::text from pg_tables where schemaname = 'renewals' and tablename not in ('mt_events', 'mt_streams')");
        dropped.Should().Contain(["book", "vault"]);
        await RowsAsync(string.Join(';', dropped.Select(table => $"drop table renewals.{table} cascade")));

        (await StatesAsync(host)).Should().Equal(before);
        before.Should().OnlyHaveUniqueItems().And.Contain(state => state.Contains("\"status\":\"cancelled\"", StringComparison.Ordinal));
    }

    private static async Task<List<string>> StatesAsync(TestHost host)
    {
        List<string> states = [];
        for (var i = 1; i <= 3; i++)
            states.Add(System.Text.Encoding.UTF8.GetString(LedgerJson.WriteState(await host.FindAsync(Samples.IdOf(i)))));
        return states;
    }

    private async Task<List<string>> RowsAsync(string statement)
    {
        await using var command = sql.CreateCommand(statement);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
