using System.Data;
using Npgsql;
using NpgsqlTypes;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>The book in PostgreSQL: a flat table, written in sets.</summary>
internal static class BookTable
{
    public const string Name = $"{MartenConfiguration.Schema}.book";

    private const string Columns = "id, account, switched, alarm, version, member, agreement_id, status, parked, signing_key, state_version, state";

    private const string DueSql = $"""
        select id, version, state_version, state from {Name}
        where account = $1 and alarm <= $2 and (claimed_until is null or claimed_until <= $2)
        order by alarm limit $3 for update skip locked
        """;

    // A state the caller has at this version already does not travel.
    private const string LockSql = $"""
        select b.id, b.version, b.state_version, case when b.version = k.version then null else b.state end
        from unnest($1, $2) as k(id, version) join {Name} b on b.id = k.id order by b.id for update of b
        """;

    private const string UpdateSql = $"""
        update {Name} b set account = n.account, switched = n.switched, alarm = n.alarm, version = n.version, member = n.member, agreement_id = n.agreement_id,
            status = n.status, parked = n.parked, signing_key = n.signing_key, state_version = n.state_version, state = n.state,
            claimed_until = n.claimed_until
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            as n(id, account, switched, alarm, version, member, agreement_id, status, parked, signing_key, state_version, state, claimed_until, before)
        where b.id = n.id and b.version = n.before
        """;

    private const string InsertSql = $"""
        insert into {Name} ({Columns}, claimed_until)
        select id, account, switched, alarm, version, member, agreement_id, status, parked, signing_key, state_version, state, claimed_until
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            as n(id, account, switched, alarm, version, member, agreement_id, status, parked, signing_key, state_version, state, claimed_until)
        """;

    public static Table Schema(string table = "book")
    {
        var t = new Table($"{MartenConfiguration.Schema}.{table}");
        t.AddColumn("id", "uuid").AsPrimaryKey();
        t.AddColumn("account", "varchar").NotNull();
        t.AddColumn("switched", "boolean").NotNull().DefaultValueByExpression("false");
        t.AddColumn("alarm", "bigint");
        t.AddColumn("claimed_until", "bigint");
        t.AddColumn("version", "bigint").NotNull();
        t.AddColumn("member", "varchar").NotNull();
        t.AddColumn("agreement_id", "uuid").NotNull();
        t.AddColumn("status", "varchar").NotNull();
        t.AddColumn("parked", "varchar");
        t.AddColumn("signing_key", "varchar");
        t.AddColumn("state_version", "int").NotNull();
        t.AddColumn("state", "json").NotNull();
        t.Indexes.Add(new IndexDefinition($"idx_{table}_due") { Columns = ["account", "alarm"], Predicate = "alarm is not null" });
        t.Indexes.Add(new IndexDefinition($"idx_{table}_agreement") { Columns = ["agreement_id"], IsUnique = true });
        t.Indexes.Add(new IndexDefinition($"idx_{table}_signing") { Columns = ["signing_key"], IsUnique = true, Predicate = "signing_key is not null" });
        t.Indexes.Add(new IndexDefinition($"idx_{table}_member") { Columns = ["member", "account"] });

        // Most are active: those are found in any order, and renewing them need not write here.
        t.Indexes.Add(new IndexDefinition($"idx_{table}_status") { Columns = ["status", "id"], Predicate = "status <> 'Active'" });
        t.Indexes.Add(new IndexDefinition($"idx_{table}_parked") { Columns = ["id"], Predicate = "parked is not null" });
        return t;
    }

    public static async Task<List<StoredRow>> LockDueAsync(
        NpgsqlTransaction transaction, MerchantAccount account, long now, int limit, CancellationToken cancellation)
    {
        await using var command = Command(transaction, DueSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await ReadAsync(command, cancellation);
    }

    /// <summary>Locks named rows.</summary>
    /// <param name="transaction">Holds the locks.</param>
    /// <param name="ids">Which, each once.</param>
    /// <param name="known">Rows still at the version of these come without their state.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<List<StoredRow>> LockAsync(
        NpgsqlTransaction transaction, Guid[] ids, IReadOnlyDictionary<Guid, Subscription> known, CancellationToken cancellation)
    {
        await using var command = Command(transaction, LockSql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(ids, id => known.TryGetValue(id, out var state) ? state.Version : -1) });
        return await ReadAsync(command, cancellation);
    }

    /// <returns>How many rows were still at the version they were decided at.</returns>
    public static async Task<int> UpdateAsync(NpgsqlTransaction transaction, IReadOnlyList<BookWrite> writes, CancellationToken cancellation)
    {
        await using var command = Command(transaction, UpdateSql);
        AddColumns(command, writes);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. writes.Select(w => w.Before)] });
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task InsertAsync(NpgsqlTransaction transaction, IReadOnlyList<BookWrite> writes, CancellationToken cancellation, string table = Name)
    {
        await using var command = Command(transaction, InsertSql.Replace(Name, table, StringComparison.Ordinal));
        AddColumns(command, writes);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql) => new(sql, transaction.Connection, transaction);

    private static async Task<List<StoredRow>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        List<StoredRow> rows = [];
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation))
            rows.Add(new(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt32(2), await reader.IsDBNullAsync(3, cancellation) ? null : reader.GetFieldValue<byte[]>(3)));
        rows.Sort((left, right) => left.Id.CompareTo(right.Id));
        return rows;
    }

    private static void AddColumns(NpgsqlCommand command, IReadOnlyList<BookWrite> writes)
    {
        void Add<T>(Func<BookWrite, T> value, NpgsqlDbType type)
        {
            var values = new T[writes.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = value(writes[i]);
            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        }

        Add(w => w.Row.Id.Value, NpgsqlDbType.Uuid);
        Add(w => w.Row.Account.ToString(), NpgsqlDbType.Text);
        Add(w => w.Row.Switched, NpgsqlDbType.Boolean);
        Add(w => w.Row.Alarm, NpgsqlDbType.Bigint);
        Add(w => w.Row.Version, NpgsqlDbType.Bigint);
        Add(w => w.Row.Member, NpgsqlDbType.Text);
        Add(w => w.Row.Agreement.Value, NpgsqlDbType.Uuid);
        Add(w => StatusNames[(int)w.Row.Status], NpgsqlDbType.Text);
        Add(w => w.Row.Parked?.ToString(), NpgsqlDbType.Text);
        Add(w => w.Row.SigningKey, NpgsqlDbType.Text);
        Add(_ => LedgerJson.StateVersion, NpgsqlDbType.Integer);
        Add(w => w.Row.State, NpgsqlDbType.Json);
        Add(w => w.ClaimedUntil, NpgsqlDbType.Bigint);
    }

    private static readonly string[] StatusNames = Enum.GetNames<SubscriptionStatus>();
}

/// <summary>A row as it lies in the table; without its state where the caller has that already.</summary>
internal sealed record StoredRow(Guid Id, long Version, int StateVersion, byte[]? State);

/// <summary>A row to write.</summary>
internal sealed record BookWrite(BookRow Row, long Before, long? ClaimedUntil);
