using Npgsql;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Bench;

/// <summary>What came of the callbacks, asked of the database itself.</summary>
internal sealed class CallbackChecks
{
    private const string RecordedSql = $"""
        select count(distinct e.stream_id) from unnest($1, $2) as o(id, number)
        join {MartenConfiguration.Schema}.mt_events e on e.stream_id = o.id and e.type = 'charged' and e.data->>'order' = o.number
        """;

    private const string KeptSql = $"select count(distinct membership) from {PostgresKeptDocuments.Name} where membership = any($1)";

    /// <summary>Orders that stand in the ledger as paid.</summary>
    public long Recorded { get; private init; }

    /// <summary>Memberships whose callback is kept as it came.</summary>
    public long Kept { get; private init; }

    /// <summary>Rows of the book that differ from the fold of their stream.</summary>
    public int BookDiffers { get; private init; }

    /// <summary>Looks.</summary>
    public static async Task<CallbackChecks> LookAsync(CallbackWorld world, IReadOnlyList<Requested> orders, CancellationToken cancellation)
    {
        await using var witness = NpgsqlDataSource.Create(world.ConnectionString);
        Guid[] ids = [.. orders.Select(order => order.Order.Charge.Subscription.Value)];
        return new()
        {
            Recorded = await CountAsync(witness, RecordedSql, ids, [.. orders.Select(order => order.Order.ToString())], cancellation),
            Kept = await CountAsync(witness, KeptSql, ids, null, cancellation),
            BookDiffers = (await world.Ledger.VerifyBookAsync(cancellation)).Count,
        };
    }

    /// <summary>Every callback that was sent was received, recorded and kept.</summary>
    /// <exception cref="BenchFaultException">One was lost; the message says how many, and where.</exception>
    public void Require(int sent, int received)
    {
        if (received != sent || Recorded != sent || Kept != sent)
            throw new BenchFaultException($"Callbacks were lost: of {sent} sent {received} were received, {Recorded} are recorded and {Kept} are kept.");
        if (BookDiffers > 0)
            throw new BenchFaultException($"The book differs from the fold in {BookDiffers} rows.");
    }

    private static async Task<long> CountAsync(NpgsqlDataSource witness, string sql, Guid[] ids, string[]? numbers, CancellationToken cancellation)
    {
        await using var command = witness.CreateCommand(sql);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        if (numbers is not null)
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = numbers });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
