using System.Data;
using Npgsql;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Folds streams anew and compares them with the book, a page at a time.</summary>
internal sealed class BookVerifier(NpgsqlDataSource database)
{
    private const string ReadSql = $"""
        select id, account, switched, alarm, version, member, agreement_id, status, parked, signing_key, state_version, state from {BookTable.Name}
        where id > $1 order by id limit $2
        """;

    private const string NoRowSql = $"""
        select stream_id from {MartenConfiguration.Schema}.mt_events e
        where type in ('enrolled', 'imported') and not exists (select 1 from {BookTable.Name} b where b.id = e.stream_id) order by stream_id
        """;

    /// <summary>Compares every row, beside a running engine.</summary>
    /// <param name="progress">Told how many rows were compared, now and then; null: nobody is.</param>
    /// <param name="cancellation">Gives up; nothing was changed.</param>
    public async Task<BookVerification> CompareAsync(IProgress<long>? progress, CancellationToken cancellation)
    {
        var (differences, compared) = (new List<string>(), 0L);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        for (Guid? after = Guid.Empty; after is { } id;)
        {
            (after, var rows) = await ComparePageAsync(connection, id, differences, cancellation);
            progress?.Report(compared += rows);
        }

        await AddStreamsWithoutRowAsync(connection, differences, cancellation);
        return new(compared, differences);
    }

    /// <returns>The last id of the page, null when there are no more; and how many rows it has.</returns>
    private static async Task<(Guid? Last, int Rows)> ComparePageAsync(
        NpgsqlConnection connection, Guid after, List<string> differences, CancellationToken cancellation)
    {
        // Rows and events are of one moment, so the engine may go on meanwhile.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var rows = await ReadPageAsync(transaction, after, cancellation);

        // A row that was parked because it could not be read keeps no state to compare.
        var comparable = rows.Where(row => row.StateVersion != 0).ToList();
        var folded = await StreamFold.RunAsync(transaction, [.. comparable.Select(row => row.Row.Id.Value)], cancellation);
        differences.AddRange(comparable.Select(row => Difference(row.Row, row.StateVersion, folded)).OfType<string>());
        return (rows.Count == StreamFold.Page ? rows[^1].Row.Id.Value : null, rows.Count);
    }

    private static string? Difference(BookRow row, int stateVersion, StreamFolds folded)
    {
        if (folded.Faults.TryGetValue(row.Id.Value, out var fault))
            return $"{row.Id}: the stream cannot be folded: {fault}";
        if (!folded.States.TryGetValue(row.Id.Value, out var state))
            return $"{row.Id}: the book has a row, but there is no stream";
        var fold = BookRow.Of(state);
        return row.DifferenceFrom(stateVersion == LedgerJson.StateVersion ? fold : fold with { State = row.State });
    }

    private static async Task<List<(BookRow Row, int StateVersion)>> ReadPageAsync(NpgsqlTransaction transaction, Guid after, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(ReadSql, transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = StreamFold.Page });
        List<(BookRow, int)> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = new BookRow(
                new(reader.GetGuid(0)), MerchantAccount.Parse(reader.GetString(1)), reader.IsDBNull(3) ? null : reader.GetInt64(3), reader.GetInt64(4),
                reader.GetString(5), new(reader.GetGuid(6)), Enum.Parse<SubscriptionStatus>(reader.GetString(7)),
                reader.IsDBNull(8) ? null : Enum.Parse<ParkReason>(reader.GetString(8)), reader.IsDBNull(9) ? null : reader.GetString(9),
                reader.GetFieldValue<byte[]>(11))
            {
                Switched = reader.GetBoolean(2),
            };
            rows.Add((row, reader.GetInt32(10)));
        }

        return rows;
    }

    private static async Task AddStreamsWithoutRowAsync(NpgsqlConnection connection, List<string> differences, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(NoRowSql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            differences.Add($"{reader.GetGuid(0):N}: there is a stream, but the book has no row");
    }
}

/// <summary>What a comparison of the book with the folds of its streams found.</summary>
/// <param name="Memberships">How many rows were compared.</param>
/// <param name="Differences">One line for each row that differs, is missing, or has no stream; empty: the book is right.</param>
public sealed record BookVerification(long Memberships, IReadOnlyList<string> Differences);
