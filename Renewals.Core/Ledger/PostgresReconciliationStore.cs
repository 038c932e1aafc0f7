using System.Text.Json;
using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Ledger;

/// <summary>Runs of the reconciliation beside the ledger.</summary>
internal sealed class PostgresReconciliationStore(NpgsqlDataSource database) : IReconciliationStore
{
    private const string Runs = ReconciliationTables.Runs;
    private const string Differences = ReconciliationTables.Differences;

    private const string SaveSql = $"""
        insert into {Runs} as r (account, day, started, finished, state, why, lines, matched, absent, counts, document)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (account, day) do update set started = excluded.started, finished = excluded.finished, state = excluded.state, why = excluded.why,
            lines = excluded.lines, matched = excluded.matched, absent = excluded.absent, counts = excluded.counts, document = excluded.document
            where excluded.state = '{nameof(ReconciliationState.Complete)}' or r.state <> '{nameof(ReconciliationState.Complete)}'
        """;

    private const string InsertSql = $"""
        insert into {Differences} (account, day, number, kind, order_number, refund_number, rail_transaction, ours, ours_currency, theirs,
            theirs_currency, at, healed, detail)
        select $1, $2, n.* from unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as n
        """;

    // What another day's statement has is no longer missing on the day our events named.
    private const string StrikeSql = $"""
        with struck as (
            delete from {Differences} d using {Differences} seen
            where seen.account = $1 and seen.day = $2 and seen.kind = '{nameof(DifferenceKind.OtherDay)}' and d.account = $1 and d.day <> $2
                and d.kind = '{nameof(DifferenceKind.OursOnly)}' and d.order_number = seen.order_number
                and d.refund_number is not distinct from seen.refund_number
            returning d.day)
        update {Runs} r set counts = r.counts || jsonb_build_object('{nameof(DifferenceKind.OursOnly)}',
                (r.counts->>'{nameof(DifferenceKind.OursOnly)}')::bigint - s.count)
        from (select day, count(*) from struck group by day) s where r.account = $1 and r.day = s.day
        """;

    public async Task SaveAsync(ReconciliationReport report, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await SaveRunAsync(transaction, report, cancellation))
        {
            await using var delete = Command(transaction, $"delete from {Differences} where account = $1 and day = $2", report.Account, report.Day);
            await delete.ExecuteNonQueryAsync(cancellation);
            if (report.Differences.Count > 0)
                await InsertAsync(transaction, report, cancellation);
            await using var strike = Command(transaction, StrikeSql, report.Account, report.Day);
            await strike.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    public async Task<ReconciliationReport?> FindAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(
            connection, $"select started, finished, state, why, lines, matched, absent, counts::text, document from {Runs} where account = $1 and day = $2", account, day);
        ReconciliationReport report;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            if (!await reader.ReadAsync(cancellation))
                return null;
            report = new()
            {
                Account = account, Day = day, Started = At(reader, 0), Finished = At(reader, 1), State = Enum.Parse<ReconciliationState>(reader.GetString(2)),
                Why = Text(reader, 3), Lines = reader.GetInt64(4), Matched = reader.GetInt64(5), Absent = reader.GetInt64(6),
                Counts = Counts(reader, 7),
                Document = reader.IsDBNull(8) ? null : reader.GetGuid(8),
            };
        }

        return report with { Differences = await ReadDifferencesAsync(connection, account, day, cancellation) };
    }

    public async Task<IReadOnlyDictionary<LocalDate, KnownDay>> DaysAsync(MerchantAccount account, LocalDate from, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(connection, $"select day, state, started, counts::text from {Runs} where account = $1 and day >= $2", account, from);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        Dictionary<LocalDate, KnownDay> days = [];
        while (await reader.ReadAsync(cancellation))
        {
            days.Add(
                LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(0)),
                new(Enum.Parse<ReconciliationState>(reader.GetString(1)), At(reader, 2), ReconciliationReport.TotalOf(Counts(reader, 3))));
        }

        return days;
    }

    public async Task<IReadOnlySet<(string Order, string? Refund)>> SeenOnOtherDaysAsync(
        MerchantAccount account, LocalDate day, IReadOnlyCollection<string> orders, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(
            connection,
            $"select order_number, refund_number from {Differences} where account = $1 and day <> $2 and kind = '{nameof(DifferenceKind.OtherDay)}' and order_number = any($3)",
            account, day);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. orders] });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        HashSet<(string, string?)> seen = [];
        while (await reader.ReadAsync(cancellation))
            seen.Add((reader.GetString(0), Text(reader, 1)));
        return seen;
    }

    public async Task<bool> IsUnsettledAsync(MerchantAccount account, LocalDate from, LocalDate until, string order, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(
            connection,
            $"select exists (select from {Differences} where account = $1 and day between $2 and $3 and order_number = $4 and not healed and theirs is not null)",
            account, from);
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = until.ToDateOnly() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = order });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    public async Task<IAsyncDisposable?> TryHoldAsync(string task, MerchantAccount account, CancellationToken cancellation)
    {
        var hold = new Hold(await database.OpenConnectionAsync(cancellation), $"renewals/{task}/{account}");
        try
        {
            if (await hold.TryAsync(cancellation))
                return hold;
        }
        catch
        {
            await hold.DisposeAsync();
            throw;
        }

        await hold.DisposeAsync();
        return null;
    }

    private static async Task<bool> SaveRunAsync(NpgsqlTransaction transaction, ReconciliationReport report, CancellationToken cancellation)
    {
        await using var command = Command(transaction, SaveSql, report.Account, report.Day);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = report.Started.ToDateTimeUtc() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = report.Finished.ToDateTimeUtc() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = report.State.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = report.Why });
        foreach (var count in (long[])[report.Lines, report.Matched, report.Absent])
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = count });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(report.Counts), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)report.Document ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private static async Task InsertAsync(NpgsqlTransaction transaction, ReconciliationReport report, CancellationToken cancellation)
    {
        await using var command = Command(transaction, InsertSql, report.Account, report.Day);
        void Add<T>(Func<Difference, int, T> value, NpgsqlDbType type) => command.Parameters.Add(
            new NpgsqlParameter<T[]> { TypedValue = [.. report.Differences.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type });
        Add((_, i) => i + 1, NpgsqlDbType.Integer);
        Add((d, _) => d.Kind.ToString(), NpgsqlDbType.Varchar);
        Add((d, _) => d.Order, NpgsqlDbType.Varchar);
        Add((d, _) => d.Refund, NpgsqlDbType.Varchar);
        Add((d, _) => d.RailTransaction, NpgsqlDbType.Varchar);
        Add((d, _) => d.Ours?.MinorUnits, NpgsqlDbType.Bigint);
        Add((d, _) => d.Ours?.Currency, NpgsqlDbType.Varchar);
        Add((d, _) => d.Theirs?.MinorUnits, NpgsqlDbType.Bigint);
        Add((d, _) => d.Theirs?.Currency, NpgsqlDbType.Varchar);
        Add((d, _) => d.At.ToDateTimeUtc(), NpgsqlDbType.TimestampTz);
        Add((d, _) => d.Healed, NpgsqlDbType.Boolean);
        Add((d, _) => d.Detail, NpgsqlDbType.Varchar);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<IReadOnlyList<Difference>> ReadDifferencesAsync(
        NpgsqlConnection connection, MerchantAccount account, LocalDate day, CancellationToken cancellation)
    {
        await using var command = Command(
            connection,
            $"select kind, order_number, refund_number, rail_transaction, ours, ours_currency, theirs, theirs_currency, at, healed, detail from {Differences} where account = $1 and day = $2 order by number",
            account, day);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Difference> differences = [];
        while (await reader.ReadAsync(cancellation))
        {
            differences.Add(new(
                Enum.Parse<DifferenceKind>(reader.GetString(0)), Text(reader, 1), Text(reader, 2), Text(reader, 3), Amount(reader, 4), Amount(reader, 6), At(reader, 8),
                reader.GetBoolean(9), reader.GetString(10)));
        }

        return differences;
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, MerchantAccount account, LocalDate day)
    {
        var command = Command(transaction.Connection!, sql, account, day);
        command.Transaction = transaction;
        return command;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, MerchantAccount account, LocalDate day)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day.ToDateOnly() });
        return command;
    }

    private static Dictionary<DifferenceKind, long> Counts(NpgsqlDataReader reader, int column) =>
        JsonSerializer.Deserialize<Dictionary<DifferenceKind, long>>(reader.GetString(column))!.Where(count => count.Value > 0).ToDictionary();

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static Instant At(NpgsqlDataReader reader, int column) => Instant.FromDateTimeUtc(reader.GetDateTime(column));

    private static Money? Amount(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new Money(reader.GetInt64(column), reader.GetString(column + 1));

    // The lock belongs to the connection: it is given back with it, also when this process dies.
    private sealed class Hold(NpgsqlConnection connection, string name) : IAsyncDisposable
    {
        private bool held;

        public async Task<bool> TryAsync(CancellationToken cancellation) => held = await RunAsync("pg_try_advisory_lock", cancellation);

        public async ValueTask DisposeAsync()
        {
            try
            {
                if (held)
                    await RunAsync("pg_advisory_unlock", CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // A connection that broke has given its lock back.
            }

            await connection.DisposeAsync();
        }

        private async Task<bool> RunAsync(string function, CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand($"select {function}(hashtextextended($1, 0))", connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            return await command.ExecuteScalarAsync(cancellation) is true;
        }
    }
}
