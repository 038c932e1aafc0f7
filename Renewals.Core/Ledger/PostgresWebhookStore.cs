using NodaTime;
using Npgsql;
using Renewals.Core.Subscriptions;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>Cursors of endpoints, and what did not get there yet, in the ledger's database.</summary>
/// <remarks>A host holds an endpoint by a row and not by a lock of its session, so that it works behind a pool of connections too; what a host stores after it lost the endpoint changes nothing.</remarks>
internal sealed class PostgresWebhookStore(NpgsqlDataSource database) : IWebhookStore
{
    public const string Endpoints = $"{MartenConfiguration.Schema}.webhook_endpoint";
    public const string Waiting = $"{MartenConfiguration.Schema}.webhook_event";

    /// <summary>What persons had sent again, for ever.</summary>
    public const string Actions = $"{MartenConfiguration.Schema}.webhook_action";

    private const string HoldSql = $"""
        insert into {Endpoints} as e (name, place, holder, held_until)
        values ($1, (select coalesce(max(seq_id), 0) from {MartenConfiguration.Schema}.mt_events), $2, $4)
        on conflict (name) do update set holder = excluded.holder, held_until = excluded.held_until
        where e.holder is null or e.holder = excluded.holder or e.held_until <= $3
        returning place
        """;

    private const string AdvanceSql = $"update {Endpoints} set place = $4 where name = $1 and holder = $2 and place = $3";

    private const string InsertSql = $"""
        insert into {Waiting} (endpoint, sequence, id, membership, name, tries, next_at, answer)
        select $1, * from unnest($2, $3, $4, $5, $6, $7, $8)
        """;

    // Of the two parts of the statement neither sees what the other does, hence the comparison with the row that goes.
    private const string NextSql = $"""
        update {Waiting} set next_at = $3 where endpoint = $1 and sequence = (
            select min(w.sequence) from {Waiting} w join gone on gone.membership = w.membership where w.endpoint = $1 and w.dead_at is null and w.sequence <> $2)
        """;

    private const string Mine = $"exists (select from {Endpoints} e where e.name = $1 and e.holder = $4)";

    private const string DeliveredSql = $"with gone as (delete from {Waiting} where endpoint = $1 and sequence = $2 and dead_at is null and {Mine} returning membership) {NextSql}";

    private const string DeadSql = $"""
        with gone as (
            update {Waiting} set dead_at = $3, next_at = null, tries = $5, answer = $6 where endpoint = $1 and sequence = $2 and dead_at is null and {Mine} returning membership)
        {NextSql}
        """;

    private const string AgainSql = $"update {Waiting} set next_at = $3, tries = $5, answer = $6 where endpoint = $1 and sequence = $2 and dead_at is null and {Mine}";

    private const string StandSql = $"""
        select (select place from {Endpoints} where name = $1), count(*) filter (where dead_at is null), count(*) filter (where dead_at is not null)
        from {Waiting} where endpoint = $1
        """;

    private const string ReviveSql = $"""
        with alive as (
            update {Waiting} set dead_at = null, next_at = $3, tries = 0 where endpoint = $1 and id = $2 and dead_at is not null returning membership, sequence),
        behind as (
            update {Waiting} w set next_at = null from alive where w.endpoint = $1 and w.membership = alive.membership and w.dead_at is null and w.sequence <> alive.sequence),
        kept as (
            insert into {Actions} (id, endpoint, event, sequence, done_at, done_by, reason) select $4, $1, $2, sequence, $3, $5, $6 from alive)
        select count(*) from alive
        """;

    // Never forward: what lies between would be sent by nobody and stand in no list.
    private const string ReplaySql =
        $"insert into {Endpoints} as e (name, place) values ($1, $2 - 1) on conflict (name) do update set place = excluded.place where e.place >= $2";

    private const string ReplayedSql = $"insert into {Actions} (id, endpoint, event, sequence, done_at, done_by, reason) values ($1, $2, null, $3, $4, $5, $6)";

    private const string ActionsSql = $"""
        select id, event, sequence, done_at, done_by, reason from {Actions} where endpoint = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
        """;

    public static IEnumerable<ISchemaObject> Schema()
    {
        var endpoints = new Table(Endpoints);
        endpoints.AddColumn("name", "varchar").AsPrimaryKey();
        endpoints.AddColumn("place", "bigint").NotNull();
        endpoints.AddColumn("holder", "uuid");
        endpoints.AddColumn("held_until", "timestamptz");
        yield return endpoints;
        var waiting = new Table(Waiting);
        waiting.AddColumn("endpoint", "varchar").AsPrimaryKey();
        waiting.AddColumn("sequence", "bigint").AsPrimaryKey();
        waiting.AddColumn("id", "uuid").NotNull();
        waiting.AddColumn("membership", "uuid").NotNull();
        waiting.AddColumn("name", "varchar").NotNull();
        waiting.AddColumn("tries", "int").NotNull();
        waiting.AddColumn("next_at", "timestamptz");
        waiting.AddColumn("dead_at", "timestamptz");
        waiting.AddColumn("answer", "varchar").NotNull();
        waiting.Indexes.Add(new IndexDefinition("idx_webhook_event_due") { Columns = ["endpoint", "next_at"], Predicate = "next_at is not null" });
        waiting.Indexes.Add(new IndexDefinition("idx_webhook_event_membership") { Columns = ["endpoint", "membership", "sequence"], Predicate = "dead_at is null" });
        waiting.Indexes.Add(new IndexDefinition("idx_webhook_event_dead") { Columns = ["dead_at"], Predicate = "dead_at is not null" });
        yield return waiting;
        var actions = new Table(Actions);
        actions.AddColumn("id", "uuid").AsPrimaryKey();
        actions.AddColumn("endpoint", "varchar").NotNull();
        actions.AddColumn("event", "uuid");
        actions.AddColumn("sequence", "bigint").NotNull();
        actions.AddColumn("done_at", "timestamptz").NotNull();
        actions.AddColumn("done_by", "varchar").NotNull();
        actions.AddColumn("reason", "varchar").NotNull();
        actions.Indexes.Add(new IndexDefinition("idx_webhook_action_endpoint") { Columns = ["endpoint", "id"] });
        yield return actions;
        foreach (var guard in InsertOnly.Guards(Actions))
            yield return guard;
    }

    /// <summary>An id that sorts by when something was done.</summary>
    public static Guid NewId(PersonsWord word) => Guid.CreateVersion7(word.At.ToDateTimeOffset());

    public async Task<long?> HoldAsync(string endpoint, Guid host, Instant now, Instant until, CancellationToken cancellation)
    {
        await using var command = Command(HoldSql, endpoint, host, now.ToDateTimeUtc(), until.ToDateTimeUtc());
        return (long?)await command.ExecuteScalarAsync(cancellation);
    }

    public async Task LeaveAsync(string endpoint, Guid host, CancellationToken cancellation)
    {
        await using var command = Command($"update {Endpoints} set holder = null where name = $1 and holder = $2", endpoint, host);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<IReadOnlyList<WaitingEvent>> DueAsync(string endpoint, Instant now, int limit, CancellationToken cancellation)
    {
        await using var command = Command(
            $"select sequence, id, membership, name, tries, next_at, answer from {Waiting} where endpoint = $1 and next_at <= $2 order by next_at limit $3",
            endpoint, now.ToDateTimeUtc(), limit);
        List<WaitingEvent> due = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            due.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), new(reader.GetGuid(2)), reader.GetString(3), reader.GetInt32(4),
                Instant.FromDateTimeUtc(reader.GetDateTime(5)), reader.GetString(6)));
        }

        return due;
    }

    public async Task<IReadOnlySet<SubscriptionId>> WaitingOfAsync(string endpoint, IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation)
    {
        await using var command = Command(
            $"select distinct membership from {Waiting} where endpoint = $1 and membership = any($2) and dead_at is null", endpoint, memberships.Select(id => id.Value).ToArray());
        HashSet<SubscriptionId> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            found.Add(new(reader.GetGuid(0)));
        return found;
    }

    public async Task<bool> AdvanceAsync(string endpoint, Guid host, long from, long to, IReadOnlyList<WaitingEvent> waiting, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var advance = With(new NpgsqlCommand(AdvanceSql, connection, transaction), endpoint, host, from, to))
        {
            if (await advance.ExecuteNonQueryAsync(cancellation) == 0)
                return false;
        }

        if (waiting.Count > 0)
        {
            await using var insert = With(
                new NpgsqlCommand(InsertSql, connection, transaction), endpoint, Each(waiting, e => e.Sequence), Each(waiting, e => e.Id), Each(waiting, e => e.Membership.Value),
                Each(waiting, e => e.Name), Each(waiting, e => e.Tries), Each(waiting, e => e.NextAt?.ToDateTimeUtc()), Each(waiting, e => e.Answer));
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    public async Task RecordAsync(string endpoint, Guid host, WaitingEvent tried, bool delivered, Instant now, CancellationToken cancellation)
    {
        await using var command = (delivered, tried.NextAt) switch
        {
            (true, _) => Command(DeliveredSql, endpoint, tried.Sequence, now.ToDateTimeUtc(), host),
            (false, null) => Command(DeadSql, endpoint, tried.Sequence, now.ToDateTimeUtc(), host, tried.Tries, tried.Answer),
            (false, { } next) => Command(AgainSql, endpoint, tried.Sequence, next.ToDateTimeUtc(), host, tried.Tries, tried.Answer),
        };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<WebhookStand> StandAsync(string endpoint, CancellationToken cancellation)
    {
        await using var command = Command(StandSql, endpoint);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(await reader.IsDBNullAsync(0, cancellation) ? null : reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    public async Task<long?> OldestAsync(string endpoint, CancellationToken cancellation)
    {
        await using var command = Command($"select min(sequence) from {Waiting} where endpoint = $1 and dead_at is null", endpoint);
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    public async Task<IReadOnlyList<DeadEvent>> DeadAsync(string endpoint, long after, int limit, CancellationToken cancellation)
    {
        await using var command = Command(
            $"select sequence, id, membership, name, tries, dead_at, answer from {Waiting} where endpoint = $1 and sequence > $2 and dead_at is not null order by sequence limit $3",
            endpoint, after, limit);
        List<DeadEvent> dead = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            dead.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), new(reader.GetGuid(2)), reader.GetString(3), reader.GetInt32(4),
                Instant.FromDateTimeUtc(reader.GetDateTime(5)), reader.GetString(6)));
        }

        return dead;
    }

    public async Task<bool> ReviveAsync(string endpoint, Guid id, PersonsWord word, CancellationToken cancellation)
    {
        await using var command = Command(ReviveSql, endpoint, id, word.At.ToDateTimeUtc(), NewId(word), word.By, word.Why);
        return (long)(await command.ExecuteScalarAsync(cancellation))! > 0;
    }

    public async Task<bool> ReplayAsync(string endpoint, long from, PersonsWord word, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // First the cursor: a host that is sending either has stored what waits, or will not store it any more.
        await using (var replay = With(new NpgsqlCommand(ReplaySql, connection, transaction), endpoint, from))
        {
            if (await replay.ExecuteNonQueryAsync(cancellation) == 0)
                return false;
        }

        await using (var forget = With(new NpgsqlCommand($"delete from {Waiting} where endpoint = $1 and sequence >= $2", connection, transaction), endpoint, from))
            await forget.ExecuteNonQueryAsync(cancellation);
        await using (var record = With(new NpgsqlCommand(ReplayedSql, connection, transaction), NewId(word), endpoint, from, word.At.ToDateTimeUtc(), word.By, word.Why))
            await record.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    public async Task<IReadOnlyList<WebhookAction>> ActionsAsync(string endpoint, Guid? before, int limit, CancellationToken cancellation)
    {
        await using var command = Command(ActionsSql, endpoint, before ?? (object)DBNull.Value, limit);
        List<WebhookAction> actions = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            Guid? of = await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetGuid(1);
            actions.Add(new(
                reader.GetGuid(0), of is null ? WebhookActionKind.Replay : WebhookActionKind.Retry, of, reader.GetInt64(2),
                new(Instant.FromDateTimeUtc(reader.GetDateTime(3)), reader.GetString(4), reader.GetString(5))));
        }

        return actions;
    }

    public async Task<int> EraseDeadAsync(Instant before, CancellationToken cancellation)
    {
        await using var command = Command($"delete from {Waiting} where dead_at < $1", before.ToDateTimeUtc());
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static T[] Each<T>(IReadOnlyList<WaitingEvent> events, Func<WaitingEvent, T> value) => [.. events.Select(value)];

    private NpgsqlCommand Command(string sql, params object[] values) => With(database.CreateCommand(sql), values);

    private static NpgsqlCommand With(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
