using NodaTime;
using Npgsql;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>The ledger's identity in its own database.</summary>
/// <param name="database">The ledger's.</param>
/// <param name="filesBorn">When the data folder's files were made, where the host can say.</param>
internal sealed class PostgresLedgerIdentities(NpgsqlDataSource database, string? filesBorn) : ILedgerIdentities
{
    private const string Events = $"{MartenConfiguration.Schema}.mt_events";

    private const string Columns =
        "number, id, ledger, environment, system, timeline, database_oid, database_name, files_born, written_at, written_by, reason";

    // An event's id may be that of a repeat after a restore; with the moment it was stored it is not.
    private const string EventKey = "id::text || '@' || (extract(epoch from timestamp) * 1000000)::bigint";

    private const string PlaceSql = """
        select (select system_identifier::text from pg_control_system()), (select timeline_id from pg_control_checkpoint()), oid::bigint, datname::text
        from pg_database where datname = current_database()
        """;

    private const string AddSql = $"""
        insert into {IdentityTables.Identities} ({Columns})
        select $1, new.id, coalesce(nullif($2, '{NoName}'::uuid), new.id), $3, $4, $5, $6, $7, $8, $9, $10, $11 from (select gen_random_uuid() as id) new
        on conflict do nothing returning {Columns}
        """;

    private const string NoName = "00000000-0000-0000-0000-000000000000";

    private const string IdentitySql = $"select {Columns} from {IdentityTables.Identities} order by number desc limit 1";

    private const string LastSql = $"select seq_id, {EventKey} from {Events} order by seq_id desc limit 1";

    private const string MarkSql = $"""
        select exists (select 1 from {IdentityTables.Identities} where id = $1), exists (select 1 from {Events} where seq_id = $2 and {EventKey} = $3)
        """;

    private const string FreezeSql = $"select {StopRows.Columns} from {FuseTables.Stops} where rule = '{StopRows.Frozen}' and ended_at is null";

    private const string LastBeforeSql = $"""
        select (data->>'at')::timestamptz from {Events} where data->>'at' is not null and (data->>'at')::timestamptz < $1 order by seq_id desc limit 1
        """;

    public async Task<LedgerSight> LookAsync(HostMark? mark, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        foreach (var sql in (string[])[PlaceSql, IdentitySql, LastSql, FreezeSql])
            batch.BatchCommands.Add(new(sql));
        if (mark is not null)
            batch.BatchCommands.Add(MarkCommand(mark));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var place = new LedgerPlace(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetString(3), filesBorn);
        await reader.NextResultAsync(cancellation);
        var identity = (await ReadAsync(reader, cancellation)).SingleOrDefault();
        await reader.NextResultAsync(cancellation);
        var last = await reader.ReadAsync(cancellation) ? new EventMark(reader.GetInt64(0), reader.GetString(1)) : null;
        await reader.NextResultAsync(cancellation);
        var freeze = (await StopRows.ReadAsync(reader, cancellation)).SingleOrDefault();
        return new(place, identity, last, mark is null ? MarkIs.None : await ReadMarkAsync(reader, mark, identity, cancellation), freeze);
    }

    public async Task<LedgerIdentity?> AddAsync(LedgerIdentity identity, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(AddSql);
        var place = identity.Place;
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = identity.Number });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = identity.Ledger });
        command.Parameters.Add(StopRows.Text(identity.Environment));
        command.Parameters.Add(StopRows.Text(place.System));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = place.Timeline });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = place.Database });
        command.Parameters.Add(StopRows.Text(place.Name));
        command.Parameters.Add(StopRows.Text(place.FilesBorn));
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = identity.At.ToDateTimeUtc() });
        command.Parameters.Add(StopRows.Text(identity.By));
        command.Parameters.Add(StopRows.Text(identity.Why));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return (await ReadAsync(reader, cancellation)).SingleOrDefault();
    }

    public async Task<IReadOnlyList<LedgerIdentity>> HistoryAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {Columns} from {IdentityTables.Identities} order by number");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await ReadAsync(reader, cancellation);
    }

    public async Task<IReadOnlyList<MerchantAccount>> AccountsAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select account from {IdentityTables.Accounts} order by account");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<MerchantAccount> accounts = [];
        while (await reader.ReadAsync(cancellation))
            accounts.Add(MerchantAccount.Parse(reader.GetString(0)));
        return accounts;
    }

    public async Task ServeAsync(IReadOnlyCollection<MerchantAccount> accounts, Instant now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"insert into {IdentityTables.Accounts} (account, since) select account, $2 from unnest($1) as n(account) on conflict do nothing");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. accounts.Select(account => account.ToString())] });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.ToDateTimeUtc() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<Instant?> LastEventBeforeAsync(Instant time, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(LastBeforeSql);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = time.ToDateTimeUtc() });
        return await command.ExecuteScalarAsync(cancellation) is DateTime at ? Instant.FromDateTimeUtc(at) : null;
    }

    private static NpgsqlBatchCommand MarkCommand(HostMark mark) => new(MarkSql)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = mark.Identity }, new NpgsqlParameter<long> { TypedValue = mark.Last.Sequence },
            new NpgsqlParameter<string> { TypedValue = mark.Last.Event },
        },
    };

    private static async Task<MarkIs> ReadMarkAsync(NpgsqlDataReader reader, HostMark mark, LedgerIdentity? identity, CancellationToken cancellation)
    {
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return mark.In(identity, identityIsThere: reader.GetBoolean(0), eventIsThere: reader.GetBoolean(1));
    }

    private static async Task<List<LedgerIdentity>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        List<LedgerIdentity> identities = [];
        while (await reader.ReadAsync(cancellation))
        {
            identities.Add(new()
            {
                Number = reader.GetInt32(0), Id = reader.GetGuid(1), Ledger = reader.GetGuid(2), Environment = reader.GetString(3),
                Place = new(reader.GetString(4), reader.GetInt32(5), reader.GetInt64(6), reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8)),
                At = Instant.FromDateTimeUtc(reader.GetDateTime(9)), By = reader.GetString(10), Why = reader.GetString(11),
            });
        }

        return identities;
    }
}
