using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Renewals.Core.Ledger;

/// <summary>The feed in the ledger's database.</summary>
/// <remarks>
/// A transaction that draws from the sequence locks it first and holds that lock to its end. So when a place is seen, whoever drew an earlier one and has not
/// committed yet is among those who hold the lock at that moment; once these have ended, nothing can appear before the place any more. Nothing that writes has
/// to know of it. Where one of them takes long, the feed goes on as far as there is no gap: what is seen without one cannot be preceded by anything.
/// </remarks>
internal sealed class PostgresEventFeed(NpgsqlDataSource database) : IEventFeed
{
    /// <summary>How often it looks whether they have ended, before it is content with what has no gap.</summary>
    public const int Looks = 20;

    private const string Events = $"{MartenConfiguration.Schema}.mt_events";
    private const int GaplessPage = 1_000;
    private const string LastSql = $"select coalesce(max(seq_id), 0) from {Events}";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    private const string DrawersSql = $"""
        select distinct virtualtransaction from pg_locks
        where locktype = 'relation' and database = (select oid from pg_database where datname = current_database())
            and relation = '{MartenConfiguration.Schema}.mt_events_sequence'::regclass and mode = 'RowExclusiveLock'
        """;

    private const string GaplessSql = $"""
        select coalesce(max(seq_id) filter (where seq_id - place = $1), $1)
        from (select seq_id, row_number() over (order by seq_id) as place from {Events} where seq_id > $1 order by seq_id limit $2) e
        """;

    private const string Columns = "e.id, e.seq_id, e.stream_id, e.version, e.type, e.timestamp, e.data";

    // Agreements have streams in the same table; what happens to one that concerns a membership stands in the membership's stream too.
    private const string From = $"from {Events} e join {MartenConfiguration.Schema}.mt_streams s on s.id = e.stream_id and s.type = '{StreamAppend.Subscriptions}'";

    private const string PageSql = $"select {Columns} {From} where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3";

    private const string FindSql = $"select {Columns} {From} where e.seq_id = any($1) order by e.seq_id";

    public async Task<IReadOnlyList<FeedEvent>> ReadAsync(long after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var until = await FinalUntilAsync(connection, after, cancellation);
        if (until <= after)
            return [];
        await using var command = new NpgsqlCommand(PageSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = until });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await ReadAsync(command, cancellation);
    }

    public async Task<IReadOnlyList<FeedEvent>> FindAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(FindSql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. sequences] });
        return await ReadAsync(command, cancellation);
    }

    public async Task<long> LastAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await LastAsync(connection, cancellation);
    }

    // Each statement sees what is committed when it begins, so who draws is looked at after the last place, and what is read after both.
    private static async Task<long> FinalUntilAsync(NpgsqlConnection connection, long after, CancellationToken cancellation)
    {
        var last = await LastAsync(connection, cancellation);
        if (last <= after)
            return after;
        var drawers = await DrawersAsync(connection, cancellation);
        for (var look = 1; drawers.Count > 0 && look < Looks; look++)
        {
            await Task.Delay(BetweenLooks, cancellation);
            drawers.IntersectWith(await DrawersAsync(connection, cancellation));
        }

        return drawers.Count == 0 ? last : await GaplessUntilAsync(connection, after, cancellation);
    }

    private static async Task<long> LastAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(LastSql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<HashSet<string>> DrawersAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(DrawersSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        HashSet<string> drawers = [];
        while (await reader.ReadAsync(cancellation))
            drawers.Add(reader.GetString(0));
        return drawers;
    }

    private static async Task<long> GaplessUntilAsync(NpgsqlConnection connection, long after, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(GaplessSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = GaplessPage });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<IReadOnlyList<FeedEvent>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        List<FeedEvent> events = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var data = JsonSerializer.Deserialize<JsonElement>(reader.GetFieldValue<byte[]>(6));
            var stored = Instant.FromDateTimeUtc(reader.GetDateTime(5));
            events.Add(new(reader.GetGuid(0), reader.GetInt64(1), new(reader.GetGuid(2)), reader.GetInt64(3), reader.GetString(4), AtOf(data) ?? stored, data));
        }

        return events;
    }

    private static Instant? AtOf(JsonElement data) =>
        data.TryGetProperty("at", out var at) && InstantPattern.ExtendedIso.Parse(at.GetString() ?? "") is { Success: true } parsed ? parsed.Value : null;
}
