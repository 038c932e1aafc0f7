using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>The rows of a merchant account that all hosts share, within the transaction of a batch.</summary>
internal static class AccountRows
{
    private const string MakeSql = $"insert into {FuseTables.Charges} (account, minute, charges, forecast, free, free_at) values ($1, -1, 0, 0, 0, 0) on conflict do nothing";

    private const string LockSql = $"select minute, charges, forecast, free, free_at from {FuseTables.Charges} where account = $1 for update";

    // A statement of its own after the lock, and so with a view of its own: a hold that was stored while the lock was waited for is seen.
    private const string StopsSql = $"""
        select {StopRows.Columns} from {FuseTables.Stops}
        where (ended_at is null and (account is null or account = $1) and (scope <> 'membership' or key = any($2)))
            or (ended_at > $3 and rule = 'member-charges' and key = any($2))
        """;

    private const string ForecastSql = $"""
        select count(*) from (select 1 from {BookTable.Name} where account = $1 and alarm < $2 limit $3) due
        """;

    private const string WriteSql = $"update {FuseTables.Charges} set minute = $2, charges = $3, forecast = $4, free = $5, free_at = $6 where account = $1";

    private const string HoldSql = $"""
        insert into {FuseTables.Held} (id, account, until) select id, $1, until from unnest($2, $3) as n(id, until)
        on conflict (id) do update set account = excluded.account, until = excluded.until
        """;

    private const string HearSql = $"""
        insert into {FuseTables.Outcomes} (account, outcomes, foreign_orders, foreign_since) values ($1, '', 0, 0)
        on conflict (account) do update set account = excluded.account returning outcomes, foreign_orders, foreign_since
        """;

    private const string HeardSql = $"update {FuseTables.Outcomes} set outcomes = $2, foreign_orders = $3, foreign_since = $4 where account = $1";

    public static async Task<AccountGuard> LockAsync(
        NpgsqlTransaction transaction, MerchantAccount account, IReadOnlyCollection<SubscriptionId> asking, Instant now, int most,
        CancellationToken cancellation)
    {
        var (charges, stops, late) = await ReadAsync(transaction, account, asking, now, cancellation);
        if (charges is null)
        {
            await MakeAsync(transaction, account, cancellation);
            (charges, stops, late) = await ReadAsync(transaction, account, asking, now, cancellation);
        }

        if (charges!.Begins(now))
            charges = charges.Begin(now, await ForecastAsync(transaction, account, now, most, cancellation));
        return new(charges, stops) { Late = late };
    }

    /// <summary>Makes the row of an account that never charged.</summary>
    public static async Task MakeAsync(NpgsqlTransaction transaction, MerchantAccount account, CancellationToken cancellation)
    {
        await using var make = Command(transaction, MakeSql, account);
        await make.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<IReadOnlyList<ChargeStop>> WriteAsync(
        NpgsqlTransaction transaction, MerchantAccount account, ChargeLeave leave, IReadOnlyList<HeldCharge> held, CancellationToken cancellation)
    {
        await using (var command = Command(transaction, WriteSql, account))
        {
            var charges = leave.Charges;
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = charges.Minute });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = charges.Charges });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = charges.Forecast });
            command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = charges.Free });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = charges.FreeAt.ToUnixTimeTicks() });
            await command.ExecuteNonQueryAsync(cancellation);
        }

        if (held.Count > 0)
        {
            await using var command = Command(transaction, HoldSql, account);
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. held.Select(h => h.Id.Value)] });
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. held.Select(h => BookRow.Ticks(h.Until))] });
            await command.ExecuteNonQueryAsync(cancellation);
        }

        foreach (var window in leave.Late)
            await LateRows.WriteAsync(transaction, account, window, cancellation);
        return await StopRows.InsertAsync(transaction, leave.Blown, cancellation);
    }

    public static async Task<IReadOnlyList<ChargeStop>> HearAsync(
        NpgsqlTransaction transaction, MerchantAccount account, AccountNews news, FuseLimits limits, Instant now, CancellationToken cancellation)
    {
        OutcomeCounters counters;
        await using (var command = Command(transaction, HearSql, account))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            counters = new(reader.GetString(0), reader.GetInt32(1), Instant.FromUnixTimeTicks(reader.GetInt64(2)));
        }

        var (after, blown) = counters.Hear(news, limits, now);
        await using (var command = Command(transaction, HeardSql, account))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after.Outcomes });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = after.ForeignOrders });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after.ForeignSince.ToUnixTimeTicks() });
            await command.ExecuteNonQueryAsync(cancellation);
        }

        return await StopRows.InsertAsync(transaction, news.Stops(account, blown, limits, now), cancellation);
    }

    private static async Task<(ChargeCounters? Charges, IReadOnlyList<ChargeStop> Stops, IReadOnlyList<LateWindow> Late)> ReadAsync(
        NpgsqlTransaction transaction, MerchantAccount account, IReadOnlyCollection<SubscriptionId> asking, Instant now, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(new(LockSql) { Parameters = { new NpgsqlParameter<string> { TypedValue = account.ToString() } } });
        batch.BatchCommands.Add(new(StopsSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = account.ToString() },
                new NpgsqlParameter<string[]> { TypedValue = [.. asking.Select(id => id.ToString())] },
                new NpgsqlParameter<DateTime> { TypedValue = (now - RecentOrder.Kept).ToDateTimeUtc() },
            },
        });
        batch.BatchCommands.Add(new(LateRows.NewestSql) { Parameters = { new NpgsqlParameter<string> { TypedValue = account.ToString() } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        ChargeCounters? charges = null;
        if (await reader.ReadAsync(cancellation))
        {
            charges = new(
                reader.GetInt64(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetDouble(3), Instant.FromUnixTimeTicks(reader.GetInt64(4)));
        }

        await reader.NextResultAsync(cancellation);
        var stops = await StopRows.ReadAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        return (charges, stops, await LateRows.ReadAsync(reader, cancellation));
    }

    private static async Task<int> ForecastAsync(
        NpgsqlTransaction transaction, MerchantAccount account, Instant now, int most, CancellationToken cancellation)
    {
        await using var command = Command(transaction, ForecastSql, account);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = BookRow.Ticks(Instant.FromUnixTimeSeconds((ChargeCounters.MinuteOf(now) + 1) * 60)) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        return (int)(long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, MerchantAccount account) => new(sql, transaction.Connection, transaction)
    {
        Parameters = { new NpgsqlParameter<string> { TypedValue = account.ToString() } },
    };
}
