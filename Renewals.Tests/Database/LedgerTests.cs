using System.Runtime.Versioning;
using Npgsql;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Database;

/// <summary>The contract in memory.</summary>
public sealed class InMemoryLedgerTests : LedgerContract
{
    private readonly InMemoryLedger ledger = new();

    public InMemoryLedgerTests() => Ledger = ledger;

    protected override void LoseReplies(Action? fault) => ledger.AfterCommit = fault;

    protected override async Task SpoilRowAndStreamAsync(SubscriptionId id)
    {
        await SpoilRowAsync(id);
        ledger.SpoilStream(id);
    }

    protected override Task SpoilRowAsync(SubscriptionId id) => SpoilAsync(id, row => row with { State = "{}"u8.ToArray() });

    protected override Task RemoveRowAsync(SubscriptionId id) => SpoilAsync(id, _ => null);

    protected override Task MoveAlarmAsync(SubscriptionId id) => SpoilAsync(id, row => row with { Alarm = row.Alarm + 1 });

    private Task SpoilAsync(SubscriptionId id, Func<BookRow, BookRow?> change)
    {
        ledger.Spoil(id, change);
        return Task.CompletedTask;
    }
}

/// <summary>The contract on PostgreSQL, each test in a database of its own.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class MartenLedgerTests(PostgresFixture postgres) : LedgerContract, IAsyncLifetime
{
    private LedgerDatabase database = null!;
    private NpgsqlDataSource sql = null!;

    public async Task InitializeAsync()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        database = PostgresFixture.Open(connectionString);
        sql = NpgsqlDataSource.Create(connectionString);
        Ledger = database.Ledger;
    }

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        await sql.DisposeAsync();
    }

    protected override void LoseReplies(Action? fault) => ((MartenLedger)Ledger).AfterCommit = fault;

    protected override async Task SpoilRowAndStreamAsync(SubscriptionId id)
    {
        await SpoilRowAsync(id);
        await ExecuteAsync("update renewals.mt_events set data = '{\"id\": 7}' where stream_id = $1 and version = 1", id);
    }

    protected override Task SpoilRowAsync(SubscriptionId id) => ExecuteAsync("update renewals.book set state = '{}' where id = $1", id);

    protected override Task RemoveRowAsync(SubscriptionId id) => ExecuteAsync("delete from renewals.book where id = $1", id);

    protected override Task MoveAlarmAsync(SubscriptionId id) => ExecuteAsync("update renewals.book set alarm = alarm + 1 where id = $1", id);

    private async Task ExecuteAsync(string statement, SubscriptionId id)
    {
        await using var command = sql.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        (await command.ExecuteNonQueryAsync()).Should().Be(1);
    }
}
