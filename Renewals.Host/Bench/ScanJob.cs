using Npgsql;

namespace Renewals.Host.Bench;

/// <summary>One connection of the scan, with its four statements prepared.</summary>
internal sealed class ScanJob : IAsyncDisposable
{
    private const string ClaimSql = """
        update {0}.subscription set status = 'charging', version = version + 1, updated_at = $1
        where id = (select id from {0}.subscription where status = 'active' and due <= $1 order by due limit 1 for update skip locked)
        returning id, period + 1, account, agreement_id, amount, currency, subject, notice_id
        """;

    private const string OrderSql = """
        insert into {0}.charge_order (number, subscription_id, period, account, agreement_id, amount, currency, subject, notice_id, status, requested_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'requested', $10)
        """;

    private const string PaidSql = "update {0}.charge_order set status = 'paid', rail_transaction = $2, paid_at = $3 where number = $1";

    private const string RenewSql = """
        update {0}.subscription set status = 'active', period = period + 1, due = due + interval '1 month', paid_until = paid_until + interval '1 month',
            version = version + 1, updated_at = $2
        where id = $1
        """;

    private static readonly DateTime Now = new(2026, 2, 10, 2, 0, 0, DateTimeKind.Utc);

    private readonly NpgsqlConnection connection;
    private readonly NpgsqlCommand claim;
    private readonly NpgsqlCommand order;
    private readonly NpgsqlCommand paid;
    private readonly NpgsqlCommand renew;

    private ScanJob(NpgsqlConnection connection, string schema)
    {
        NpgsqlCommand Command(string sql, params NpgsqlParameter[] parameters)
        {
            var command = new NpgsqlCommand(sql.Replace("{0}", schema, StringComparison.Ordinal), connection);
            command.Parameters.AddRange(parameters);
            return command;
        }

        this.connection = connection;
        claim = Command(ClaimSql, Of(Now));
        order = Command(OrderSql, Of(""), Of(Guid.Empty), Of(0), Of(""), Of(""), Of(0L), Of(""), Of(""), Of(""), Of(Now));
        paid = Command(PaidSql, Of(""), Of(""), Of(Now));
        renew = Command(RenewSql, Of(Guid.Empty), Of(Now));
    }

    public static async Task<ScanJob> OpenAsync(NpgsqlDataSource database, string schema, CancellationToken cancellation)
    {
        var job = new ScanJob(await database.OpenConnectionAsync(cancellation), schema);
        foreach (var command in (NpgsqlCommand[])[job.claim, job.order, job.paid, job.renew])
            await command.PrepareAsync(cancellation);
        return job;
    }

    /// <summary>Claims one due subscription and commits its order.</summary>
    /// <returns>Which; null when none is due.</returns>
    public async Task<Guid?> OrderAsync(CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        Guid subscription;
        await using (var reader = await claim.ExecuteReaderAsync(cancellation))
        {
            if (!await reader.ReadAsync(cancellation))
                return null;
            subscription = reader.GetGuid(0);
            Set(order, 0, $"{subscription:N}");
            Set(order, 1, subscription);
            Set(order, 2, reader.GetInt32(1));
            Set(order, 3, reader.GetString(2));
            Set(order, 4, reader.GetString(3));
            Set(order, 5, reader.GetInt64(4));
            Set(order, 6, reader.GetString(5));
            Set(order, 7, reader.GetString(6));
            Set(order, 8, reader.GetString(7));
        }

        await order.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return subscription;
    }

    /// <summary>Records that it was paid, and the next period.</summary>
    public async Task RecordAsync(Guid subscription, string railTransaction, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        Set(paid, 0, $"{subscription:N}");
        Set(paid, 1, railTransaction);
        await paid.ExecuteNonQueryAsync(cancellation);
        Set(renew, 0, subscription);
        await renew.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in (NpgsqlCommand[])[claim, order, paid, renew])
            await command.DisposeAsync();
        await connection.DisposeAsync();
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static void Set<T>(NpgsqlCommand command, int parameter, T value) => ((NpgsqlParameter<T>)command.Parameters[parameter]).TypedValue = value;
}
