using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>Fuses and holds in the ledger's database.</summary>
internal sealed class PostgresChargeStops(NpgsqlDataSource database) : IChargeStops
{
    private const int WokenAtOnce = 2_000;

    public async Task<IReadOnlyList<ChargeStop>> ListAsync(bool openOnly, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {StopRows.Columns} from {FuseTables.Stops} {(openOnly ? "where ended_at is null" : "")} order by id desc");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await StopRows.ReadAsync(reader, cancellation);
    }

    public async Task<ChargeStop?> FindAsync(long id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {StopRows.Columns} from {FuseTables.Stops} where id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return (await StopRows.ReadAsync(reader, cancellation)).SingleOrDefault();
    }

    public async Task<bool> HasMembershipsAsync(StopScope scope, string key, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select exists (select 1 from {BookTable.Name} where {Where(scope)})");
        if (scope != StopScope.Everything)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    public async Task<ChargeStop?> HoldAsync(ChargeStop hold, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockAccountsAsync(transaction, hold.Account, cancellation);
        var stored = await StopRows.InsertAsync(transaction, [hold], cancellation);
        await transaction.CommitAsync(cancellation);
        return stored.SingleOrDefault();
    }

    public async Task<ChargeStop?> EndAsync(long id, StopEnd end, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { IsOpen: true } stop)
            return null;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(cancellation))
        {
            await LockAccountsAsync(transaction, stop.Account, cancellation);
            if (ClearSql(stop.Rule) is { } clear)
                await ExecuteAsync(transaction, clear, cancellation, Text(stop.Account?.ToString()));
            if (await EndAsync(transaction, id, end, cancellation) == 0)
                return null;
            await transaction.CommitAsync(cancellation);
        }

        await WakeAllAsync(stop.Account, cancellation);
        return stop with { End = end };
    }

    public async Task<IReadOnlyList<LateWindow>> LateAsync(MerchantAccount account, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(LateRows.NewestSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await LateRows.ReadAsync(reader, cancellation);
    }

    public async Task<ChargeStop?> RaiseAsync(MerchantAccount account, LateWindow window, StopEnd end, CancellationToken cancellation)
    {
        ChargeStop? stop;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(cancellation))
        {
            await LockAccountsAsync(transaction, account, cancellation);
            await LateRows.WriteAsync(transaction, account, window, cancellation);

            // Under the lock no claim can blow it meanwhile.
            stop = (await ListAsync(openOnly: true, cancellation)).FirstOrDefault(open => open.IsOfLateCharges && open.Key == account.ToString());
            if (stop is not null && await EndAsync(transaction, stop.Id, end, cancellation) == 0)
                stop = null;
            await transaction.CommitAsync(cancellation);
        }

        await WakeAllAsync(account, cancellation);
        return stop is null ? null : stop with { End = end };
    }

    private static Task<int> EndAsync(NpgsqlTransaction transaction, long id, StopEnd end, CancellationToken cancellation) => ExecuteAsync(
        transaction, $"update {FuseTables.Stops} set ended_at = $2, ended_by = $3, ended_reason = $4 where id = $1 and ended_at is null", cancellation,
        new NpgsqlParameter<long> { TypedValue = id }, new NpgsqlParameter<DateTime> { TypedValue = end.At.ToDateTimeUtc() }, Text(end.By), Text(end.Why));

    private async Task WakeAllAsync(MerchantAccount? account, CancellationToken cancellation)
    {
        while (await WakeAsync(account, cancellation) == WokenAtOnce)
        {
        }
    }

    // What a rule has counted is looked at now; counting begins anew.
    private static string? ClearSql(FuseRule? rule) => rule switch
    {
        null or FuseRule.MemberCharges or FuseRule.Frozen or FuseRule.LateMoney => null,
        FuseRule.OverForecast => $"update {FuseTables.Charges} set minute = -1, charges = 0 where account = $1",
        FuseRule.Declines => $"update {FuseTables.Outcomes} set outcomes = '' where account = $1",
        FuseRule.ForeignOrder => $"update {FuseTables.Outcomes} set foreign_orders = 0, foreign_since = 0 where account = $1",
        _ => throw new InvalidOperationException($"No counter for {rule}."),
    };

    private static string Where(StopScope scope) => scope switch
    {
        StopScope.Everything => "true",
        StopScope.Account => "account = $1",
        StopScope.Plan => "state->'terms'->>'planId' = $1",
        StopScope.Membership => "id = $1::uuid",
        _ => throw new InvalidOperationException($"No such scope: {scope}."),
    };

    // A claim that was decided before is committed before this returns.
    private static async Task LockAccountsAsync(NpgsqlTransaction transaction, MerchantAccount? account, CancellationToken cancellation)
    {
        if (account is { } one)
            await AccountRows.MakeAsync(transaction, one, cancellation);
        await ExecuteAsync(
            transaction, $"select 1 from {FuseTables.Charges} where $1 is null or account = $1 order by account for update", cancellation,
            Text(account?.ToString()));
    }

    // Rows of the book first, as everybody; then what was laid aside, where it still is.
    private async Task<int> WakeAsync(MerchantAccount? account, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        List<Guid> ids = [];
        await using (var command = new NpgsqlCommand(
            $"""
            select b.id from {BookTable.Name} b where b.id in (select id from {FuseTables.Held} where $1 is null or account = $1 order by id limit {WokenAtOnce})
            order by b.id for update
            """,
            connection, transaction))
        {
            command.Parameters.Add(Text(account?.ToString()));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                ids.Add(reader.GetGuid(0));
        }

        var which = new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] };
        await ExecuteAsync(
            transaction, $"update {BookTable.Name} b set claimed_until = null from {FuseTables.Held} h where h.id = b.id and b.id = any($1) and b.claimed_until = h.until",
            cancellation, which);
        await ExecuteAsync(transaction, $"delete from {FuseTables.Held} where id = any($1)", cancellation, which.Clone());
        await transaction.CommitAsync(cancellation);
        return ids.Count;
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlTransaction transaction, string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlParameter Text(string? value) => StopRows.Text(value);
}
