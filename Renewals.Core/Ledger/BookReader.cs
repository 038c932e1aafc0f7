using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Reads the book from end to end, a page at a time, so that no snapshot stays open for long and memory is bounded by the page.</summary>
internal sealed class BookReader(NpgsqlDataSource database)
{
    private const string PageSql = $"""
        select id, version, state_version, state from {BookTable.Name} where account = $1 and id > $2 order by id limit $3
        """;

    /// <summary>See <see cref="ISubscriptionLedger.ReadMembershipsAsync"/>.</summary>
    public async IAsyncEnumerable<Subscription> ReadMembershipsAsync(MerchantAccount account, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var after = Guid.Empty; ;)
        {
            var (last, page) = await ReadPageAsync(account, after, cancellation);
            foreach (var membership in page)
                yield return membership;
            if (last is not { } id)
                yield break;
            after = id;
        }
    }

    /// <returns>The last id of the page, null when there are no more; and its memberships.</returns>
    private async Task<(Guid? Last, List<Subscription> Page)> ReadPageAsync(MerchantAccount account, Guid after, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var rows = await ReadRowsAsync(transaction, account, after, cancellation);

        // What cannot be used of the book is folded again from the events; rows of version 0 are parked because they cannot be folded either.
        var states = rows.Where(row => row.StateVersion != 0)
            .ToDictionary(row => row.Id, row => LedgerJson.UsableState(row.StateVersion, row.Version, row.State));
        Guid[] unusable = [.. states.Where(state => state.Value is null).Select(state => state.Key)];
        var folds = unusable.Length == 0 ? null : await StreamFold.RunAsync(transaction, unusable, cancellation);
        var page = states.Select(state => state.Value ?? folds!.States.GetValueOrDefault(state.Key)).OfType<Subscription>().ToList();
        return (rows.Count == StreamFold.Page ? rows[^1].Id : null, page);
    }

    private static async Task<List<StoredRow>> ReadRowsAsync(
        NpgsqlTransaction transaction, MerchantAccount account, Guid after, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(PageSql, transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = StreamFold.Page });
        List<StoredRow> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            rows.Add(new(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt32(2), reader.GetFieldValue<byte[]>(3)));
        return rows;
    }
}
