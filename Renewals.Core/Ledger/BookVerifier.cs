using Marten;
using Npgsql;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Folds streams anew and compares them with the book.</summary>
internal sealed class BookVerifier(IDocumentStore store, NpgsqlDataSource database)
{
    private const string ReadSql = $"""
        select id, account, alarm, version, member, agreement_id, status, parked, signing_key, state_version, state from {BookTable.Name} order by id
        """;

    public async Task<IReadOnlyList<string>> CompareAsync(CancellationToken cancellation)
    {
        List<string> differences = [];
        HashSet<Guid> inBook = [];
        await using var session = store.QuerySession();
        await foreach (var (row, stateVersion) in ReadBookAsync(cancellation))
        {
            inBook.Add(row.Id.Value);
            if (stateVersion != LedgerJson.StateVersion)
                continue;
            if (Evolve.All(null, await MartenLedger.EventsOfAsync(session, row.Id, cancellation)) is not { } state)
                differences.Add($"{row.Id}: the book has a row, but there is no stream");
            else if (row.DifferenceFrom(BookRow.Of(state)) is { } difference)
                differences.Add(difference);
        }

        await foreach (var id in ReadStreamsAsync(cancellation))
        {
            if (!inBook.Contains(id))
                differences.Add($"{id:N}: there is a stream, but the book has no row");
        }

        return differences;
    }

    private async IAsyncEnumerable<(BookRow Row, int StateVersion)> ReadBookAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(ReadSql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = new BookRow(
                new(reader.GetGuid(0)), MerchantAccount.Parse(reader.GetString(1)), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.GetInt64(3),
                reader.GetString(4), new(reader.GetGuid(5)), Enum.Parse<SubscriptionStatus>(reader.GetString(6)),
                reader.IsDBNull(7) ? null : Enum.Parse<ParkReason>(reader.GetString(7)), reader.IsDBNull(8) ? null : reader.GetString(8),
                reader.GetFieldValue<byte[]>(10));
            yield return (row, reader.GetInt32(9));
        }
    }

    private async IAsyncEnumerable<Guid> ReadStreamsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select stream_id from {MartenConfiguration.Schema}.mt_events where type = 'enrolled' order by stream_id");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return reader.GetGuid(0);
    }
}
