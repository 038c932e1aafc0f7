using System.Data;
using Marten;
using Marten.Services;
using Npgsql;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Folds streams anew and compares them with the book.</summary>
internal sealed class BookVerifier(IDocumentStore store, NpgsqlDataSource database)
{
    private const string ReadSql = $"""
        select id, account, alarm, version, member, agreement_id, status, parked, signing_key, state_version, state from {BookTable.Name}
        where id > $1 order by id limit 500
        """;

    public async Task<IReadOnlyList<string>> CompareAsync(CancellationToken cancellation)
    {
        List<string> differences = [];
        HashSet<Guid> inBook = [];

        // One snapshot of rows and events: what writers do meanwhile is not a difference.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using var session = store.QuerySession(SessionOptions.ForTransaction(transaction));
        for (var after = Guid.Empty; await ReadPageAsync(transaction, after, cancellation) is { Count: > 0 } page; after = page[^1].Row.Id.Value)
        {
            foreach (var (row, stateVersion) in page)
            {
                inBook.Add(row.Id.Value);
                if (await DifferenceAsync(session, row, stateVersion, cancellation) is { } difference)
                    differences.Add(difference);
            }
        }

        differences.AddRange((await ReadStreamsAsync(transaction, cancellation)).Where(id => !inBook.Contains(id))
            .Select(id => $"{id:N}: there is a stream, but the book has no row"));
        return differences;
    }

    private static async Task<string?> DifferenceAsync(IQuerySession session, BookRow row, int stateVersion, CancellationToken cancellation)
    {
        // A row that was parked because it could not be read keeps no state to compare.
        if (stateVersion == 0)
            return null;
        try
        {
            if (Evolve.All(null, await MartenLedger.EventsOfAsync(session, row.Id, cancellation)) is not { } state)
                return $"{row.Id}: the book has a row, but there is no stream";
            var fold = BookRow.Of(state);
            return row.DifferenceFrom(stateVersion == LedgerJson.StateVersion ? fold : fold with { State = row.State });
        }
        catch (Exception e) when (e is not OperationCanceledException && !MartenBatch.IsOfDatabase(e))
        {
            return $"{row.Id}: the stream cannot be folded: {e.Message}";
        }
    }

    private static async Task<List<(BookRow Row, int StateVersion)>> ReadPageAsync(NpgsqlTransaction transaction, Guid after, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(ReadSql, transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        List<(BookRow, int)> page = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = new BookRow(
                new(reader.GetGuid(0)), MerchantAccount.Parse(reader.GetString(1)), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.GetInt64(3),
                reader.GetString(4), new(reader.GetGuid(5)), Enum.Parse<SubscriptionStatus>(reader.GetString(6)),
                reader.IsDBNull(7) ? null : Enum.Parse<ParkReason>(reader.GetString(7)), reader.IsDBNull(8) ? null : reader.GetString(8),
                reader.GetFieldValue<byte[]>(10));
            page.Add((row, reader.GetInt32(9)));
        }

        return page;
    }

    private static async Task<List<Guid>> ReadStreamsAsync(NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select stream_id from {MartenConfiguration.Schema}.mt_events where type = 'enrolled' order by stream_id", transaction.Connection, transaction);
        List<Guid> ids = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ids.Add(reader.GetGuid(0));
        return ids;
    }
}
