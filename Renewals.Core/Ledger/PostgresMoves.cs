using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>In the ledger's database; payers and order numbers as keyed hashes, which tell nothing.</summary>
internal sealed class PostgresMoves(NpgsqlDataSource database, VaultCipher cipher) : IMoves
{
    private const string Moves = $"{MartenConfiguration.Schema}.move";
    private const string Keys = $"{MartenConfiguration.Schema}.move_key";
    private const string Days = $"{MartenConfiguration.Schema}.move_day";
    private const string Lines = $"{MartenConfiguration.Schema}.move_line";

    // The number of an order names one membership; a payer may have several.
    private const string Certain = $"bool_or(k.is_order or (select count(distinct o.subscription_id) from {Keys} o where o.account = $1 and o.fingerprint = k.fingerprint) = 1)";

    public static IEnumerable<Table> Schema()
    {
        var move = new Table(Moves);
        move.AddColumn("account", "varchar").AsPrimaryKey();
        move.AddColumn("first_day", "date").NotNull();
        move.AddColumn("last_day", "date").NotNull();
        yield return move;
        var key = new Table(Keys);
        key.AddColumn("account", "varchar").AsPrimaryKey();
        key.AddColumn("fingerprint", "bytea").AsPrimaryKey();
        key.AddColumn("subscription_id", "uuid").AsPrimaryKey();
        key.AddColumn("is_order", "boolean").NotNull();
        key.AddColumn("cut_over", "timestamptz").NotNull();
        key.Indexes.Add(new IndexDefinition("idx_move_key_subscription") { Columns = ["subscription_id"] });
        yield return key;
        var day = new Table(Days);
        day.AddColumn("account", "varchar").AsPrimaryKey();
        day.AddColumn("day", "date").AsPrimaryKey();
        yield return day;
        var line = new Table(Lines);
        line.AddColumn("account", "varchar").AsPrimaryKey();
        line.AddColumn("fingerprint", "bytea").AsPrimaryKey();
        line.AddColumn("day", "date").NotNull();
        line.AddColumn("rail_transaction", "varchar").NotNull();
        line.AddColumn("is_refund", "boolean").NotNull();
        line.AddColumn("amount", "bigint").NotNull();
        line.AddColumn("currency", "varchar").NotNull();
        line.AddColumn("at", "timestamptz").NotNull();
        line.AddColumn("payer", "bytea");
        line.AddColumn("order_number", "bytea").NotNull();
        line.Indexes.Add(new IndexDefinition("idx_move_line_payer") { Columns = ["account", "payer"], Predicate = "payer is not null" });
        line.Indexes.Add(new IndexDefinition("idx_move_line_order") { Columns = ["account", "order_number"] });
        line.Indexes.Add(new IndexDefinition("idx_move_line_refund") { Columns = ["account", "rail_transaction"], Predicate = "is_refund" });
        yield return line;
    }

    /// <summary>Forgets what statements call these memberships by, and whose kept lines are; part of an erasure's transaction.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Forget(IReadOnlyCollection<SubscriptionId> ids)
    {
        yield return new($"update {Lines} l set payer = null from {Keys} k where k.account = l.account and k.fingerprint = l.payer and k.subscription_id = any($1)")
        {
            Parameters = { IdsOf(ids) },
        };
        yield return new($"delete from {Keys} where subscription_id = any($1)") { Parameters = { IdsOf(ids) } };
    }

    private static NpgsqlParameter<Guid[]> IdsOf(IReadOnlyCollection<SubscriptionId> ids) => new() { TypedValue = [.. ids.Select(id => id.Value)] };

    public async Task BeginAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation)
    {
        await using var command = Command(
            $"""
            insert into {Moves} (account, first_day, last_day) values ($1, $2, $3) on conflict (account) do update
                set first_day = least(move.first_day, excluded.first_day), last_day = greatest(move.last_day, excluded.last_day)
            """,
            account);
        Add(command, Date(first));
        Add(command, Date(last));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<MoveDays?> FindAsync(MerchantAccount account, CancellationToken cancellation)
    {
        await using var command = Command($"select first_day, last_day from {Moves} where account = $1", account);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new(LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(0)), LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(1)))
            : null;
    }

    public async Task AddKeysAsync(MerchantAccount account, IReadOnlyCollection<MoveKey> keys, CancellationToken cancellation)
    {
        if (keys.Count == 0)
            return;
        await using var command = Command(
            $"""
            insert into {Keys} (account, fingerprint, subscription_id, is_order, cut_over) select distinct $1, f, s, o, c from unnest($2, $3, $4, $5) as n(f, s, o, c)
            on conflict do nothing
            """,
            account);
        Add(command, keys.Select(key => Fingerprint(account, key.Kind, key.Text)).ToArray());
        Add(command, keys.Select(key => key.Id.Value).ToArray());
        Add(command, keys.Select(key => key.Kind == MoveKeyKind.Order).ToArray());
        Add(command, keys.Select(key => key.CutOver.ToDateTimeUtc()).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task KeepAsync(MerchantAccount account, LocalDate day, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation)
    {
        if (lines.Count == 0)
            return;
        await using var command = Command(
            $"""
            insert into {Lines} (account, fingerprint, day, rail_transaction, is_refund, amount, currency, at, payer, order_number)
            select $1, f, $2, t, r, a, c, at, p, o from unnest($3, $4, $5, $6, $7, $8, $9, $10) as n(f, t, r, a, c, at, p, o) on conflict do nothing
            """,
            account);
        Add(command, Date(day));
        Add(command, lines.Select(line => cipher.Fingerprint(account, $"line\n{line.RailTransaction}\n{line.RefundNumber ?? "-"}")).ToArray());
        Add(command, lines.Select(line => line.RailTransaction).ToArray());
        Add(command, lines.Select(line => line.RefundNumber is not null).ToArray());
        Add(command, lines.Select(line => line.Amount.MinorUnits).ToArray());
        Add(command, lines.Select(line => line.Amount.Currency).ToArray());
        Add(command, lines.Select(line => line.At.ToDateTimeUtc()).ToArray());
        AddNames(command, account, lines);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task SetReadAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation)
    {
        await using var command = Command($"insert into {Days} (account, day) values ($1, $2) on conflict do nothing", account);
        Add(command, Date(day));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<IReadOnlySet<LocalDate>> DaysReadAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation)
    {
        await using var command = Command($"select day from {Days} where account = $1 and day between $2 and $3", account);
        Add(command, Date(first));
        Add(command, Date(last));
        HashSet<LocalDate> read = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            read.Add(LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(0)));
        return read;
    }

    public async Task<IReadOnlyList<(SubscriptionId Id, OldPayment Payment)>> AfterCutOverAsync(
        MerchantAccount account, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation)
    {
        var payments = lines.Where(line => line.RefundNumber is null).ToList();
        if (payments.Count == 0)
            return [];
        await using var command = Command(
            $"""
            select n.number, k.subscription_id, {Certain}
            from unnest($2, $3, $4, $5) as n(number, at, payer, order_number)
            join {Keys} k on k.account = $1 and (k.fingerprint = n.payer or k.fingerprint = n.order_number) and n.at >= k.cut_over
            group by n.number, k.subscription_id order by n.number, k.subscription_id
            """,
            account);
        Add(command, Enumerable.Range(0, payments.Count).ToArray());
        Add(command, payments.Select(line => line.At.ToDateTimeUtc()).ToArray());
        AddNames(command, account, payments);
        List<(SubscriptionId, OldPayment)> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var line = payments[reader.GetInt32(0)];
            found.Add((new(reader.GetGuid(1)), new(line.RailTransaction, line.Amount, line.At, reader.GetBoolean(2))));
        }

        return found;
    }

    public async Task<IReadOnlyList<OldPayment>> PaymentsOfAsync(MerchantAccount account, SubscriptionId id, CancellationToken cancellation)
    {
        await using var command = Command(
            $"""
            select l.rail_transaction, l.amount, l.currency, l.at, {Certain}
            from {Keys} k join {Lines} l on l.account = $1 and not l.is_refund and (l.order_number = k.fingerprint or l.payer = k.fingerprint)
            where k.account = $1 and k.subscription_id = $2
                and (select coalesce(sum(r.amount), 0) from {Lines} r where r.account = $1 and r.rail_transaction = l.rail_transaction and r.is_refund) < l.amount
            group by l.rail_transaction, l.amount, l.currency, l.at order by l.at, l.rail_transaction
            """,
            account);
        Add(command, id.Value);
        List<OldPayment> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var amount = new Money(reader.GetInt64(1), reader.GetString(2));
            found.Add(new(reader.GetString(0), amount, Instant.FromDateTimeUtc(reader.GetDateTime(3)), reader.GetBoolean(4)));
        }

        return found;
    }

    public async Task EraseBeforeAsync(LocalDate day, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {Lines} where day < $1");
        Add(command, Date(day));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private void AddNames(NpgsqlCommand command, MerchantAccount account, IReadOnlyCollection<StatementLine> lines)
    {
        byte[]?[] payers = [.. lines.Select(line => line.Payer is { } payer ? Fingerprint(account, MoveKeyKind.Payer, payer) : null)];
        command.Parameters.Add(new NpgsqlParameter<byte[]?[]> { TypedValue = payers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        Add(command, lines.Select(line => Fingerprint(account, MoveKeyKind.Order, line.OrderNumber)).ToArray());
    }

    private byte[] Fingerprint(MerchantAccount account, MoveKeyKind kind, string text) => cipher.Fingerprint(account, $"{kind}\n{text}");

    private NpgsqlCommand Command(string sql, MerchantAccount account)
    {
        var command = database.CreateCommand(sql);
        Add(command, account.ToString());
        return command;
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    private static DateOnly Date(LocalDate date) => date.ToDateOnly();
}
