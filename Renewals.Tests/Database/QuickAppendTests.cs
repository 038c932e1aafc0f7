using Marten;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Bench;
using Renewals.Host.Postgres;

namespace Renewals.Tests.Database;

/// <summary>The one-statement append stores what Marten's own unit of work stores, and refuses what that refuses.</summary>
public sealed class QuickAppendTests : IAsyncLifetime
{
    private const string RowsSql = """
        select e.version, e.id, e.type, e.mt_dotnet_type, e.tenant_id, e.data::text, s.type, s.version, s.tenant_id
        from renewals.mt_events e join renewals.mt_streams s on s.id = e.stream_id where e.stream_id = $1 order by e.version
        """;

    private readonly BenchRail rail = new(new(Signs), null!);
    private EmbeddedPostgres server = null!;
    private NpgsqlDataSource database = null!;
    private DocumentStore store = null!;

    private static Instant Signs { get; } = Instant.FromUtc(2026, 1, 10, 0, 0);

    public async Task InitializeAsync()
    {
        server = await EmbeddedPostgres.StartAsync(new() { Durable = false }, default);
        database = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        store = DocumentStore.For(marten => marten.UseRenewals(server.ConnectionString("postgres"), TimeProvider.System));
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        await store.DisposeAsync();
        await database.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Martens_append_function_has_the_form_we_call() =>
        (await QuickAppend.IsAvailableAsync(database, default)).Should().BeTrue();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_ways_store_the_same_rows(bool oneByOne)
    {
        var member = BenchMember.Sign(rail.Traits, 0, 1, Signs);
        List<string>[] stored = [[], []];
        foreach (var quick in (bool[])[false, true])
        {
            await ExecuteAsync("truncate renewals.mt_streams, renewals.mt_events, renewals.book");
            await WriteAsync(Ledger(quick), member, oneByOne);
            stored[quick ? 1 : 0] = [.. await RowsAsync(member.State.Id.Value), .. await RowsAsync(member.State.Agreement.Id.Value)];
            (await Ledger(quick).ReadEventsAsync(member.State.Id, default)).Should().Equal(member.Events);
            (await Ledger(quick).VerifyBookAsync(default)).Should().BeEmpty();
        }

        stored[0].Should().HaveCount(member.Events.Count + 2);
        stored[1].Should().Equal(stored[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_moved_on_is_a_conflict_and_nothing_is_stored(bool quick)
    {
        var member = BenchMember.Sign(rail.Traits, 0, 2, Signs);
        var ledger = Ledger(quick);
        await WriteAsync(ledger, member, false);
        await using var batch = await ledger.OpenAsync([], default);
        batch.WriteAgreement(member.State.Agreement.Id, 1, [new Verified(Signs)]);

        await batch.Awaiting(b => b.CommitAsync(default)).Should().ThrowAsync<LedgerConflictException>();

        (await RowsAsync(member.State.Agreement.Id.Value)).Should().HaveCount(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_begins_once(bool quick)
    {
        var member = BenchMember.Sign(rail.Traits, 0, 3, Signs);
        var ledger = Ledger(quick);
        await WriteAsync(ledger, member, false);
        await using var batch = await ledger.OpenAsync([], default);
        batch.WriteAgreement(member.State.Agreement.Id, 0, member.AgreementEvents);

        await batch.Awaiting(b => b.CommitAsync(default)).Should().ThrowAsync<LedgerConflictException>();
    }

    [Fact]
    public async Task A_carried_state_is_used_only_while_the_row_is_at_its_version()
    {
        var member = BenchMember.Sign(rail.Traits, 0, 4, Signs);
        var ledger = Ledger(true);
        await WriteAsync(ledger, member, false);
        var claimed = await ChangeAsync(ledger, member.State, new Postponed(Signs, "first", Signs), Signs + Duration.FromMinutes(2));
        ledger.Carried.Keep([claimed with { Member = "stale" }]);
        await ChangeAsync(Ledger(true), claimed, new Postponed(Signs, "second", Signs), null);

        await using var batch = await ledger.OpenAsync([member.State.Id], default);

        batch.Rows.Should().ContainSingle().Which.State.Should().Match<Subscription>(s => s.Version == claimed.Version + 1 && s.Member == member.State.Member);
    }

    private MartenLedger Ledger(bool quick) => new(store, database) { AppendsQuickly = quick };

    private static async Task WriteAsync(MartenLedger ledger, BenchMember member, bool oneByOne)
    {
        Subscription? state = null;
        foreach (var events in member.Events.Chunk(oneByOne ? 1 : member.Events.Count))
        {
            await using var batch = await ledger.OpenAsync([member.State.Id], default);
            var before = state?.Version ?? 0;
            state = Evolve.All(state, events)!;
            batch.Write(before, events, state, null);
            await batch.CommitAsync(default);
        }

        await using var last = await ledger.OpenAsync([], default);
        last.WriteAgreement(member.State.Agreement.Id, 0, member.AgreementEvents);
        await last.CommitAsync(default);
    }

    private static async Task<Subscription> ChangeAsync(MartenLedger ledger, Subscription before, SubscriptionEvent e, Instant? claimedUntil)
    {
        await using var batch = await ledger.OpenAsync([before.Id], default);
        var after = Evolve.Next(before, e);
        batch.Write(before.Version, [e], after, claimedUntil);
        await batch.CommitAsync(default);
        return after;
    }

    private async Task<List<string>> RowsAsync(Guid stream)
    {
        await using var command = database.CreateCommand(RowsSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stream });
        List<string> rows = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add(string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i))));
        return rows;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
