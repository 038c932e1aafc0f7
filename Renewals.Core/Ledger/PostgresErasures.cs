using System.Text.Json;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Subscriptions;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>Erasures in the ledger's database: one transaction for what goes and for the record of it.</summary>
internal sealed class PostgresErasures(NpgsqlDataSource database, VaultCipher cipher) : IErasures
{
    /// <summary>One row for each erasure, for ever.</summary>
    public const string Name = $"{MartenConfiguration.Schema}.erasure";

    /// <summary>Memberships whose member was erased, for ever: nothing that comes of them later is kept.</summary>
    public const string Memberships = $"{MartenConfiguration.Schema}.erased_membership";

    public static IEnumerable<ISchemaObject> Schema()
    {
        var t = new Table(Name);
        t.AddColumn("id", "uuid").AsPrimaryKey();
        t.AddColumn("member", "varchar").NotNull();
        t.AddColumn("erased_at", "timestamptz").NotNull();
        t.AddColumn("erased_by", "varchar").NotNull();
        t.AddColumn("reason", "varchar").NotNull();
        t.AddColumn("report", "json").NotNull();
        t.Indexes.Add(new IndexDefinition("idx_erasure_member") { Columns = ["member"] });
        var m = new Table(Memberships);
        m.AddColumn("membership", "uuid").AsPrimaryKey();
        m.AddColumn("erasure", "uuid").NotNull();
        return [t, m, .. InsertOnly.Guards(Name), .. InsertOnly.Guards(Memberships)];
    }

    public async Task<IReadOnlyList<KeptDocument>> CallbacksOfAsync(IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {PostgresKeptDocuments.Columns} from {PostgresKeptDocuments.Name} where membership = any($1)");
        command.Parameters.Add(Ids(memberships.Select(id => id.Value)));
        return await PostgresKeptDocuments.DescriptionsAsync(command, cancellation);
    }

    public async Task<IReadOnlyList<KeptDocument>> SharedAsync(IReadOnlyCollection<string> rails, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {PostgresKeptDocuments.Columns} from {PostgresKeptDocuments.Name} where membership is null and split_part(account, ':', 1) = any($1) order by at, id");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rails] });
        return await PostgresKeptDocuments.DescriptionsAsync(command, cancellation);
    }

    public async Task EraseAsync(ErasureWork work, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            var id = EventIds.Named(Guid.Empty, $"erasure/{work.Report.Member}/{work.Report.At.ToUnixTimeTicks()}");
            batch.BatchCommands.Add(Record(id, work.Report));
            batch.BatchCommands.Add(new($"insert into {Memberships} (membership, erasure) select unnest($1), $2 on conflict do nothing")
            {
                Parameters = { Ids(work.Report.Memberships.Select(membership => membership.Value)), new NpgsqlParameter<Guid> { TypedValue = id } },
            });
            batch.BatchCommands.Add(new($"delete from {VaultTable.Name} where agreement_id = any($1)") { Parameters = { Ids(work.Agreements.Select(a => a.Value)) } });
            batch.BatchCommands.Add(new($"delete from {PostgresKeptDocuments.Name} where id = any($1) or membership = any($2)")
            {
                Parameters = { Ids(work.Documents), Ids(work.Report.Memberships.Select(membership => membership.Value)) },
            });
            foreach (var forgotten in PostgresMoves.Forget(work.Report.Memberships))
                batch.BatchCommands.Add(forgotten);
            foreach (var redacted in work.Redacted)
                batch.BatchCommands.Add(Rewrite(redacted));
            await batch.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    public async Task<IReadOnlyList<ErasureReport>> FindAsync(string member, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select report from {Name} where member = $1 order by erased_at, id");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = member });
        List<ErasureReport> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            found.Add(JsonSerializer.Deserialize<ErasureReport>(reader.GetFieldValue<byte[]>(0), LedgerJson.Options)!);
        return found;
    }

    private static NpgsqlBatchCommand Record(Guid id, ErasureReport report) => new(
        $"insert into {Name} (id, member, erased_at, erased_by, reason, report) values ($1, $2, $3, $4, $5, $6)")
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = id }, new NpgsqlParameter<string> { TypedValue = report.Member },
            new NpgsqlParameter<DateTime> { TypedValue = report.At.ToDateTimeUtc() }, new NpgsqlParameter<string> { TypedValue = report.By! },
            new NpgsqlParameter<string> { TypedValue = report.Why! },
            new NpgsqlParameter<byte[]> { TypedValue = JsonSerializer.SerializeToUtf8Bytes(report, LedgerJson.Options), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Json },
        },
    };

    private NpgsqlBatchCommand Rewrite(RedactedDocument redacted) => new(
        $"update {PostgresKeptDocuments.Name} set key_name = $2, sealed = $3, bytes = $4, note = $5 where id = $1")
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = redacted.Id }, new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey },
            new NpgsqlParameter<byte[]> { TypedValue = cipher.Seal(redacted.Content, PostgresKeptDocuments.Bound(redacted.Id)) },
            new NpgsqlParameter<int> { TypedValue = redacted.Content.Length }, new NpgsqlParameter<string> { TypedValue = redacted.Note },
        },
    };

    private static NpgsqlParameter<Guid[]> Ids(IEnumerable<Guid> ids) => new() { TypedValue = [.. ids] };
}
