using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Reads events across streams by the time they were decided at, without an index on it.</summary>
/// <remarks>
/// Events are stored in the order of their sequence, and they are decided in nearly that order: hosts follow one clock. So the first event of a
/// time is found by halving the sequence, a page of the primary key a step, and what is read from there on is what was stored since.
/// </remarks>
internal sealed class EventReader(NpgsqlDataSource database)
{
    private const string Events = $"{MartenConfiguration.Schema}.mt_events";

    // Hosts' clocks, the rail's clock and transactions that commit late: an event stands at most this far out of its order.
    private static readonly Duration Slack = Duration.FromHours(2);

    private const string BoundsSql = $"select coalesce(min(seq_id), 0), coalesce(max(seq_id), 0) from {Events}";

    private const string ProbeSql = $"""
        select seq_id, (data->>'at')::timestamptz from {Events} where seq_id >= $1 and data->>'at' is not null order by seq_id limit 1
        """;

    private const string MovementsSql = $"""
        select e.type, e.data from {Events} e join {BookTable.Name} b on b.id = e.stream_id
        where e.seq_id >= $1 and e.type in ('charged', 'overpaid', 'refunded') and b.account = $2
            and coalesce(e.data->>'paidAt', e.data->>'refundedAt')::timestamptz between $3 and $4
        order by e.seq_id
        """;

    private const string UnconcludedSql = $"""
        select distinct e.stream_id from {Events} e join {BookTable.Name} b on b.id = e.stream_id
        where e.seq_id >= $1 and e.type = 'requested' and b.account = $2 and (e.data->>'at')::timestamptz between $3 and $4
            and not exists (
                select from {Events} l where l.stream_id = e.stream_id and l.version > e.version and l.type in ('charged', 'failed', 'overpaid')
                    and l.data->>'order' = e.data->>'order')
        union
        select e.stream_id from {Events} e join {BookTable.Name} b on b.id = e.stream_id
        where e.seq_id >= $1 and e.type = 'refund-requested' and b.account = $2 and (e.data->>'at')::timestamptz between $3 and $4
            and not exists (
                select from {Events} l where l.stream_id = e.stream_id and l.version > e.version
                    and (l.type = 'refunded' and l.data->>'refundNumber' = e.data->>'refund' or l.type = 'not-taken' and l.data->>'order' = e.data->>'refund'))
        """;

    // The streams come from the newest events, their own events from the index of the stream.
    private const string DeclinedSql = $"""
        with declined as (
            select distinct stream_id from {Events}
            where seq_id >= $1 and (type = 'failed' or type = 'hinted' and data->>'reason' is not null) and (data->>'at')::timestamptz >= $2)
        select e.stream_id, b.account, e.type, e.data
        from declined d join {BookTable.Name} b on b.id = d.stream_id join {Events} e on e.stream_id = d.stream_id
        where e.type = any($3) order by e.stream_id, e.version
        """;

    /// <summary>See <see cref="IBookLists.ReadDeclinedAsync"/>.</summary>
    public async IAsyncEnumerable<DeclinedStream> ReadDeclinedAsync(Instant since, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(DeclinedSql, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = await FirstAsync(connection, since - Slack, cancellation) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = since.ToDateTimeUtc() });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. DunningCase.Tells.Select(type => EventNames.OfSubscriptions[type])] });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (id, account, events) = (Guid.Empty, default(MerchantAccount), new List<SubscriptionEvent>());
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.GetGuid(0) is var next && next != id)
            {
                if (events.Count > 0)
                    yield return new(new(id), account, events);
                (id, account, events) = (next, MerchantAccount.Parse(reader.GetString(1)), []);
            }

            events.Add(StreamFold.Read(reader.GetString(2), reader.GetFieldValue<byte[]>(3)));
        }

        if (events.Count > 0)
            yield return new(new(id), account, events);
    }

    /// <summary>See <see cref="ISubscriptionLedger.ReadMovementsAsync"/>.</summary>
    public async IAsyncEnumerable<LedgerMovement> ReadMovementsAsync(
        MerchantAccount account, Instant from, Instant until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // What was taken is stored when it is known: not before it was taken, but perhaps long after.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = await CommandAsync(connection, MovementsSql, account, from, until, cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var e = StreamFold.Read(reader.GetString(0), reader.GetFieldValue<byte[]>(1));
            if (LedgerMovement.Of(e) is { } movement && movement.At >= from && movement.At < until)
                yield return movement;
        }
    }

    /// <summary>See <see cref="ISubscriptionLedger.ReadUnconcludedAsync"/>.</summary>
    public async IAsyncEnumerable<SubscriptionId> ReadUnconcludedAsync(
        MerchantAccount account, Instant from, Instant until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = await CommandAsync(connection, UnconcludedSql, account, from, until - Duration.FromTicks(10), cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return new(reader.GetGuid(0));
    }

    /// <summary>See <see cref="ISubscriptionLedger.ReadEventsAsync"/>.</summary>
    public async Task<IReadOnlyList<SubscriptionEvent>> ReadStreamAsync(SubscriptionId id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select type, data from {Events} where stream_id = $1 order by version");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        List<SubscriptionEvent> stream = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            stream.Add(StreamFold.Read(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        return stream;
    }

    /// <summary>See <see cref="ISubscriptionLedger.FirstEventAtAsync"/>.</summary>
    public async Task<Instant?> FirstAtAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(ProbeSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = 0 });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Instant.FromDateTimeUtc(reader.GetDateTime(1)) : null;
    }

    private static async Task<NpgsqlCommand> CommandAsync(
        NpgsqlConnection connection, string sql, MerchantAccount account, Instant from, Instant until, CancellationToken cancellation)
    {
        var first = await FirstAsync(connection, from - Slack, cancellation);
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.ToDateTimeUtc() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until.ToDateTimeUtc() });
        return command;
    }

    // The first place in the sequence that is not before the time, within the slack.
    private static async Task<long> FirstAsync(NpgsqlConnection connection, Instant time, CancellationToken cancellation)
    {
        var (low, high) = await BoundsAsync(connection, cancellation);
        await using var probe = new NpgsqlCommand(ProbeSql, connection);
        var place = new NpgsqlParameter<long>();
        probe.Parameters.Add(place);
        while (low < high)
        {
            place.TypedValue = low + ((high - low) / 2);
            await using var reader = await probe.ExecuteReaderAsync(cancellation);
            if (!await reader.ReadAsync(cancellation) || Instant.FromDateTimeUtc(reader.GetDateTime(1)) >= time)
                high = place.TypedValue;
            else
                low = Math.Max(place.TypedValue, reader.GetInt64(0)) + 1;
        }

        return low;
    }

    private static async Task<(long Low, long High)> BoundsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(BoundsSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
