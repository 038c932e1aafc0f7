using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>Rows of <see cref="FuseTables.Late"/>. Written under the lock of the account's row of charges.</summary>
internal static class LateRows
{
    /// <summary>The newest window of each currency of an account.</summary>
    public const string NewestSql = $"""
        select distinct on (currency) currency, since, until, raised, taken, begun_by, reason from {FuseTables.Late} where account = $1 order by currency, since desc
        """;

    private const string WriteSql = $"""
        insert into {FuseTables.Late} (account, currency, since, until, raised, taken, begun_by, reason) values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (account, currency, since) do update
        set until = excluded.until, raised = excluded.raised, taken = excluded.taken, begun_by = excluded.begun_by, reason = excluded.reason
        """;

    public static async Task<IReadOnlyList<LateWindow>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        List<LateWindow> windows = [];
        while (await reader.ReadAsync(cancellation))
        {
            windows.Add(new(
                reader.GetString(0), Instant.FromUnixTimeTicks(reader.GetInt64(1)), Instant.FromUnixTimeTicks(reader.GetInt64(2)),
                reader.IsDBNull(3) ? null : reader.GetInt64(3), reader.GetInt64(4), reader.GetString(5), reader.GetString(6)));
        }

        return windows;
    }

    public static async Task WriteAsync(NpgsqlTransaction transaction, MerchantAccount account, LateWindow window, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(WriteSql, transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = window.Currency });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = window.Since.ToUnixTimeTicks() });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = window.Until.ToUnixTimeTicks() });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint, Value = window.Raised ?? (object)DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = window.Taken });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = window.By });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = window.Why });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
