using System.Diagnostics;
using Npgsql;

namespace Renewals.Host.Bench;

/// <summary>What most teams write: a job that takes one due row at a time, on 16 connections, by prepared statements.</summary>
/// <remarks>
/// It keeps the same promises at the database as the engine does: the order is committed before the money moves, and two jobs never take
/// one row. It claims by a single statement, which is the quickest way to write it.
/// </remarks>
internal sealed class ScanBench(BenchOptions options, NpgsqlDataSource database) : IBenchWay
{
    private const string Schema = "bench_scan";
    private const int Connections = 16;

    private const string ClaimSql = $"""
        update {Schema}.subscription set status = 'charging', version = version + 1, updated_at = $1
        where id = (select id from {Schema}.subscription where status = 'active' and due <= $1 order by due limit 1 for update skip locked)
        returning id, period + 1, account, agreement_id, amount, currency, subject, notice_id
        """;

    private const string OrderSql = $"""
        insert into {Schema}.charge_order (number, subscription_id, period, account, agreement_id, amount, currency, subject, notice_id, status, requested_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'requested', $10)
        """;

    private const string PaidSql = $"update {Schema}.charge_order set status = 'paid', rail_transaction = $2, paid_at = $3 where number = $1";

    private const string RenewSql = $"""
        update {Schema}.subscription set status = 'active', period = period + 1, due = due + interval '1 month', paid_until = paid_until + interval '1 month',
            version = version + 1, updated_at = $2
        where id = $1
        """;

    private static readonly DateTime Now = new(2026, 2, 10, 2, 0, 0, DateTimeKind.Utc);

    public string Name => "scan";

    public Task PrepareAsync(int round, CancellationToken cancellation) => TableSchema.CreateAsync(database, Schema, options.Subscriptions, cancellation);

    public async Task<TimeSpan> RenewAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var renewed = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => RunAsync(cancellation), cancellation)));
        var elapsed = watch.Elapsed;
        if (renewed.Sum() != options.Subscriptions || await TableSchema.CountRenewedAsync(database, Schema, cancellation) != options.Subscriptions)
            throw new BenchFaultException($"The scan renewed {renewed.Sum()} of {options.Subscriptions}.");
        return elapsed;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<int> RunAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var renewed = 0;
        while (await OrderAsync(connection, cancellation) is { } order)
        {
            var transaction = await ChargeAsync(order.Number);
            await RecordAsync(connection, order, transaction, cancellation);
            renewed++;
        }

        return renewed;
    }

    private static async Task<ScanOrder?> OrderAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var insert = new NpgsqlCommand(OrderSql, connection, transaction);
        ScanOrder order;
        await using (var claim = new NpgsqlCommand(ClaimSql, connection, transaction))
        {
            claim.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Now });
            await using var reader = await claim.ExecuteReaderAsync(cancellation);
            if (!await reader.ReadAsync(cancellation))
                return null;
            order = new($"{reader.GetGuid(0):N}", reader.GetGuid(0));
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = order.Number });
            insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order.Subscription });
            insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = reader.GetInt32(1) });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reader.GetString(2) });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reader.GetString(3) });
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = reader.GetInt64(4) });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reader.GetString(5) });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reader.GetString(6) });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reader.GetString(7) });
            insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Now });
        }

        await insert.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return order;
    }

    private static Task<string> ChargeAsync(string number) => Task.FromResult("42000" + number);

    private static async Task RecordAsync(NpgsqlConnection connection, ScanOrder order, string railTransaction, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var paid = new NpgsqlCommand(PaidSql, connection, transaction))
        {
            paid.Parameters.Add(new NpgsqlParameter<string> { TypedValue = order.Number });
            paid.Parameters.Add(new NpgsqlParameter<string> { TypedValue = railTransaction });
            paid.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Now });
            await paid.ExecuteNonQueryAsync(cancellation);
        }

        await using (var renew = new NpgsqlCommand(RenewSql, connection, transaction))
        {
            renew.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order.Subscription });
            renew.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Now });
            await renew.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private sealed record ScanOrder(string Number, Guid Subscription);
}
