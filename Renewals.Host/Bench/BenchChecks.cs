using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Ledger;

namespace Renewals.Host.Bench;

/// <summary>A figure only counts when the work was done right.</summary>
internal sealed class BenchChecks(BenchOptions options, NpgsqlDataSource witness)
{
    // Both numbers are of the round's own streams: renewals charged by the orders the rail saw, and everything charged at all.
    private const string ChargedSql = $"""
        select count(*) filter (where e.data->>'order' = o.number), count(distinct e.stream_id) filter (where e.data->>'order' = o.number), count(*)
        from unnest($1, $2) as o(id, number) join {MartenConfiguration.Schema}.mt_events e on e.stream_id = o.id and e.type = 'charged'
        """;

    /// <summary>Rounds whose book was compared with the fold.</summary>
    public int BooksVerified { get; private set; }

    /// <summary>Different order numbers the rail saw.</summary>
    public long Orders { get; private set; }

    /// <summary>Renewals that stand in the ledger as charged.</summary>
    public long Charged { get; private set; }

    /// <summary>Orders that were read as committed before the rail answered.</summary>
    public long CommittedBeforeCharge { get; private set; }

    /// <summary>Checks one round of the engine.</summary>
    /// <exception cref="BenchFaultException">Something is not as it must be; the message says what.</exception>
    public async Task CheckAsync(EngineBench engine, CancellationToken cancellation)
    {
        var n = options.Subscriptions;
        var rail = engine.Rail;
        Require(rail.Calls == n && rail.Orders.Count == n, $"the rail was asked {rail.Calls} times for {rail.Orders.Count} different orders, not once for each of {n}");
        Require(rail.Sampled > 0 && rail.Uncommitted == 0, $"{rail.Uncommitted} of {rail.Sampled} sampled orders reached the rail before they were committed");
        Require(rail.Orders.All(order => order.Charge is { Kind: ChargeKind.Renewal, Ordinal: 2 }), "an order is not for the renewal that was due");
        var (renewals, streams, all) = await CountChargedAsync(rail, cancellation);
        Require(renewals == n && streams == n, $"{renewals} renewals of {streams} memberships stand as charged, not {n}");
        Require(all == 2L * n, $"{all} charges stand in the ledger, not two for each of {n}");
        var differences = await engine.Ledger.VerifyBookAsync(cancellation);
        Require(differences.Count == 0, $"the book differs from the fold in {differences.Count} rows, first: {(differences.Count > 0 ? differences[0] : "")}");
        BooksVerified++;
        Orders += rail.Orders.Count;
        Charged += renewals;
        CommittedBeforeCharge += rail.Sampled;
    }

    private async Task<(long Renewals, long Streams, long All)> CountChargedAsync(BenchRail rail, CancellationToken cancellation)
    {
        var orders = rail.Orders.ToList();
        await using var command = witness.CreateCommand(ChargedSql);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. orders.Select(order => order.Charge.Subscription.Value)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. orders.Select(order => order.ToString())] });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new BenchFaultException($"The engine's round does not count: {otherwise}.");
    }
}

/// <summary>A round did not do what it measures; the message says what is wrong.</summary>
internal sealed class BenchFaultException(string message) : Exception(message);
