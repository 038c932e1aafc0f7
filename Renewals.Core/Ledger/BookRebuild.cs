using Npgsql;

namespace Renewals.Core.Ledger;

/// <summary>Folds every stream anew into a new table, compares it with the book, and swaps the two.</summary>
/// <remarks>
/// The folding runs beside the engine. Only then is the book locked: streams that moved on meanwhile are folded once more, the tables are
/// compared and renamed, in one transaction.
/// </remarks>
public sealed class BookRebuild
{
    private const string NewName = $"{MartenConfiguration.Schema}.book_new";
    private const string EventsName = $"{MartenConfiguration.Schema}.mt_events";
    private const long LockKey = 0x52656E6577626F6B;

    private readonly NpgsqlDataSource database;

    internal BookRebuild(NpgsqlDataSource database) => this.database = database;

    /// <summary>How many streams there are to fold at this moment.</summary>
    /// <returns>The number; null: counting them would take more than a few seconds, and was left.</returns>
    public async Task<long?> CountAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select count(*) from {MartenConfiguration.Schema}.mt_streams where type = '{StreamAppend.Subscriptions}'");
        return await QuickCount.RunAsync(command, cancellation);
    }

    /// <summary>Rebuilds the book.</summary>
    /// <param name="progress">Told how many streams were folded, now and then.</param>
    /// <param name="cancellation">Gives up; the book stays as it was.</param>
    public async Task<BookRebuildReport> RunAsync(IProgress<long>? progress, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using (var alone = new NpgsqlCommand($"select pg_try_advisory_lock({LockKey})", connection))
        {
            if (await alone.ExecuteScalarAsync(cancellation) is not true)
                throw new InvalidOperationException("The book is being rebuilt already, by another process.");
        }

        try
        {
            await ExecuteAsync(connection, null, $"drop table if exists {NewName}; create table {NewName} (like {BookTable.Name} including defaults)", cancellation);
            SortedSet<string> unreadable = [];
            var streams = await FoldAllAsync(connection, unreadable, progress, cancellation);
            return await SwapAsync(connection, streams, unreadable, cancellation);
        }
        finally
        {
            await ExecuteAsync(connection, null, $"drop table if exists {NewName}; select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    private static async Task<long> FoldAllAsync(
        NpgsqlConnection connection, SortedSet<string> unreadable, IProgress<long>? progress, CancellationToken cancellation)
    {
        var (after, count) = (Guid.Empty, 0L);
        while (true)
        {
            var ids = await PageAsync(connection, after, cancellation);
            if (ids.Count == 0)
                return count;
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await FoldIntoAsync(transaction, ids, unreadable, cancellation);
            await transaction.CommitAsync(cancellation);
            (after, count) = (ids[^1], count + ids.Count);
            progress?.Report(count);
        }
    }

    // A stream that cannot be folded keeps the row it has, and is reported.
    private static async Task FoldIntoAsync(
        NpgsqlTransaction transaction, IReadOnlyList<Guid> ids, SortedSet<string> unreadable, CancellationToken cancellation)
    {
        foreach (var page in ids.Chunk(StreamFold.Page))
        {
            var folded = await StreamFold.RunAsync(transaction, page, cancellation);
            await BookTable.InsertAsync(transaction, [.. folded.States.Values.Select(state => new BookWrite(BookRow.Of(state), 0, null))], cancellation, NewName);
            foreach (var (id, fault) in folded.Faults)
                unreadable.Add($"{id:N}: the stream cannot be folded, its row is kept: {fault}");
            await using var keep = new NpgsqlCommand($"insert into {NewName} select * from {BookTable.Name} where id = any($1)", transaction.Connection, transaction);
            keep.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. folded.Faults.Keys] });
            await keep.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static async Task<BookRebuildReport> SwapAsync(
        NpgsqlConnection connection, long streams, SortedSet<string> unreadable, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, transaction, $"lock table {BookTable.Name} in access exclusive mode; create unique index on {NewName} (id)", cancellation);
        await FoldAgainAsync(connection, transaction, unreadable, cancellation);
        var differences = await CompareAsync(connection, transaction, cancellation);

        // The rows are exchanged rather than the tables: indexes, rights and names stay what they are.
        await ExecuteAsync(
            connection, transaction,
            $"update {NewName} n set claimed_until = b.claimed_until from {BookTable.Name} b where b.id = n.id; truncate {BookTable.Name}; insert into {BookTable.Name} select * from {NewName}",
            cancellation);
        await transaction.CommitAsync(cancellation);
        return new(streams, [.. unreadable, .. differences]);
    }

    private static async Task FoldAgainAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, SortedSet<string> unreadable, CancellationToken cancellation)
    {
        List<Guid> moved = [];
        await using (var command = new NpgsqlCommand(
            $"select s.id from {MartenConfiguration.Schema}.mt_streams s left join {NewName} n on n.id = s.id where n.version is distinct from s.version and exists (select 1 from {EventsName} e where e.stream_id = s.id and e.type in ('enrolled', 'imported'))",
            connection, transaction))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                moved.Add(reader.GetGuid(0));
        }

        if (moved.Count == 0)
            return;
        await using (var delete = new NpgsqlCommand($"delete from {NewName} where id = any($1)", connection, transaction))
        {
            delete.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. moved] });
            await delete.ExecuteNonQueryAsync(cancellation);
        }

        await FoldIntoAsync(transaction, moved, unreadable, cancellation);
    }

    private static async Task<IReadOnlyList<string>> CompareAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select coalesce(b.id, n.id), case when b.id is null then 'missing in the book' when n.id is null then 'in the book without a stream'
                when b.version <> n.version then 'at version ' || b.version || ', the fold at ' || n.version
                when b.alarm is distinct from n.alarm then 'with another alarm' else 'with another state or key' end
            from {BookTable.Name} b full join {NewName} n on n.id = b.id
            where b.id is null or n.id is null or b.version <> n.version or b.alarm is distinct from n.alarm or b.status <> n.status
                or b.parked is distinct from n.parked or b.account <> n.account or b.member <> n.member or b.agreement_id <> n.agreement_id
                or b.signing_key is distinct from n.signing_key or (b.state_version = n.state_version and b.state::text <> n.state::text)
            order by 1
            """,
            connection, transaction);
        List<string> differences = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            differences.Add($"{reader.GetGuid(0):N}: {reader.GetString(1)}");
        return differences;
    }

    private static async Task<List<Guid>> PageAsync(NpgsqlConnection connection, Guid after, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select distinct stream_id from {EventsName} where type in ('enrolled', 'imported') and stream_id > $1 order by stream_id limit {StreamFold.Page}", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        List<Guid> ids = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>What a rebuild found.</summary>
/// <param name="Streams">How many streams were folded.</param>
/// <param name="Differences">One line for each row that differed from the fold; the book is right now.</param>
public sealed record BookRebuildReport(long Streams, IReadOnlyList<string> Differences);
