using System.Diagnostics;
using Npgsql;

namespace Renewals.Host.Bench;

/// <summary>The same rows by set-based SQL in batches: the least PostgreSQL needs for them, and so the floor.</summary>
/// <remarks>No history, no notices, no decisions, nothing to explain afterwards: not a way to run a business.</remarks>
internal sealed class BulkBench(BenchOptions options, NpgsqlDataSource database) : IBenchWay
{
    private const string Schema = "bench_bulk";

    private const string OrderSql = $"""
        with claimed as (
            update {Schema}.subscription s set status = 'charging', version = version + 1, updated_at = $1
            from (select id from {Schema}.subscription where status = 'active' and due <= $1 order by due limit $2 for update skip locked) due
            where s.id = due.id
            returning s.*)
        insert into {Schema}.charge_order (number, subscription_id, period, account, agreement_id, amount, currency, subject, notice_id, status, requested_at)
        select replace(id::text, '-', ''), id, period + 1, account, agreement_id, amount, currency, subject, notice_id, 'requested', $1 from claimed
        returning subscription_id
        """;

    private const string RecordSql = $"""
        with paid as (
            update {Schema}.charge_order set status = 'paid', rail_transaction = '42000' || number, paid_at = $2
            where number = any(select replace(id::text, '-', '') from unnest($1) id))
        update {Schema}.subscription set status = 'active', period = period + 1, due = due + interval '1 month', paid_until = paid_until + interval '1 month',
            version = version + 1, updated_at = $2
        where id = any($1)
        """;

    private static readonly DateTime Now = new(2026, 2, 10, 2, 0, 0, DateTimeKind.Utc);

    public string Name => "bulk";

    public Task PrepareAsync(int round, CancellationToken cancellation) => TableSchema.CreateAsync(database, Schema, options.Subscriptions, cancellation);

    public async Task<TimeSpan> RenewAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var renewed = await Task.WhenAll(Enumerable.Range(0, options.Sweeps).Select(_ => Task.Run(() => RunAsync(cancellation), cancellation)));
        var elapsed = watch.Elapsed;
        if (renewed.Sum() != options.Subscriptions || await TableSchema.CountRenewedAsync(database, Schema, cancellation) != options.Subscriptions)
            throw new BenchFaultException($"The bulk job renewed {renewed.Sum()} of {options.Subscriptions}.");
        return elapsed;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<int> RunAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var renewed = 0;
        while (await OrderAsync(connection, cancellation) is { Length: > 0 } ids)
        {
            await using var record = new NpgsqlCommand(RecordSql, connection);
            record.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
            record.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Now });
            await record.ExecuteNonQueryAsync(cancellation);
            renewed += ids.Length;
        }

        return renewed;
    }

    private async Task<Guid[]> OrderAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(OrderSql, connection);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Now });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Batch });
        List<Guid> ids = new(options.Batch);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ids.Add(reader.GetGuid(0));
        return [.. ids];
    }
}
