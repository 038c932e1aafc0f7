using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>Documents in the ledger's database, encrypted with the vault's keys.</summary>
internal sealed class PostgresKeptDocuments(NpgsqlDataSource database, VaultCipher cipher) : IKeptDocuments
{
    public const string Name = $"{MartenConfiguration.Schema}.kept_document";

    private const string InsertSql = $"""
        insert into {Name} as d (id, account, kind, at, key_name, sealed, bytes, result, note, membership)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 where not exists (select from {PostgresErasures.Memberships} where membership = $10)
        on conflict (id) do
        """;

    private const string KeepSql = $"{InsertSql} update set result = excluded.result, times = d.times + 1";
    private const string KeepFirstSql = $"{InsertSql} nothing";

    /// <summary>What <see cref="DescriptionsAsync"/> reads.</summary>
    public const string Columns = "id, account, kind, at, bytes, times, result, note, membership";

    public static Table Schema()
    {
        var t = new Table(Name);
        t.AddColumn("id", "uuid").AsPrimaryKey();
        t.AddColumn("account", "varchar").NotNull();
        t.AddColumn("kind", "varchar").NotNull();
        t.AddColumn("at", "timestamptz").NotNull();
        t.AddColumn("key_name", "varchar").NotNull();
        t.AddColumn("sealed", "bytea").NotNull();

        // Of documents that were kept before these columns were: what is known of them.
        t.AddColumn("bytes", "int").NotNull().DefaultValue(0);
        t.AddColumn("times", "int").NotNull().DefaultValue(1);
        t.AddColumn("result", "varchar").NotNull().DefaultValueByString("read");
        t.AddColumn("note", "varchar");
        t.AddColumn("membership", "uuid");
        t.Indexes.Add(new IndexDefinition("idx_kept_document_membership") { Columns = ["membership"], Predicate = "membership is not null" });
        t.Indexes.Add(new IndexDefinition("idx_kept_document_at") { Columns = ["at"] });
        return t;
    }

    public async Task KeepAsync(DocumentDraft draft, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(draft.FirstStays ? KeepFirstSql : KeepSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = draft.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = draft.Account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = draft.Kind.ToString() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = draft.At.ToDateTimeUtc() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = cipher.Seal(draft.Content.Span, Bound(draft.Id)) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = draft.Content.Length });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = draft.Result });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)draft.Note ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)draft.Membership?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<IReadOnlyList<KeptDocument>> ListAsync(MerchantAccount? account, DocumentKind? kind, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {Columns} from {Name} where ($1 is null or account = $1) and ($2 is null or kind = $2) order by at desc, id limit $3");
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = account?.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = kind?.ToString() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await DescriptionsAsync(command, cancellation);
    }

    public async Task<KeptDocument?> DescribeAsync(Guid id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {Columns} from {Name} where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (await DescriptionsAsync(command, cancellation)).SingleOrDefault();
    }

    public async Task<byte[]?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select key_name, sealed from {Name} where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        using var opener = cipher.Open();
        return opener.Unseal(Bound(id), reader.GetString(0), reader.GetFieldValue<byte[]>(1));
    }

    public async Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {Name} where at < $1");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.ToDateTimeUtc() });
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Reads descriptions: the columns of <see cref="Columns"/>.</summary>
    public static async Task<IReadOnlyList<KeptDocument>> DescriptionsAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<KeptDocument> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(new(
                reader.GetGuid(0), MerchantAccount.Parse(reader.GetString(1)), Enum.Parse<DocumentKind>(reader.GetString(2)),
                Instant.FromDateTimeUtc(reader.GetDateTime(3)), reader.GetInt32(4), reader.GetInt32(5), reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetString(7))
            {
                Membership = reader.IsDBNull(8) ? null : new(reader.GetGuid(8)),
            });
        }

        return found;
    }

    /// <summary>The name a message is sealed under.</summary>
    public static string Bound(Guid id) => $"document {id:N}";
}
