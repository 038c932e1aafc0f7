using NodaTime;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>Plans on record in the ledger's database.</summary>
internal sealed class PostgresPlanRecords(NpgsqlDataSource database) : IPlanRecords
{
    /// <summary>One row for each version of a plan, for ever.</summary>
    public const string Name = $"{MartenConfiguration.Schema}.plan_version";

    public static IEnumerable<ISchemaObject> Schema()
    {
        var t = new Table(Name);
        t.AddColumn("id", "varchar").AsPrimaryKey();
        t.AddColumn("version", "int").AsPrimaryKey();
        t.AddColumn("hash", "varchar").NotNull();

        // Text, not jsonb: what was hashed is what is kept, byte for byte.
        t.AddColumn("content", "varchar").NotNull();
        t.AddColumn("published_at", "timestamptz").NotNull();
        return [t, .. InsertOnly.Guards(Name)];
    }

    public async Task AddAsync(IReadOnlyCollection<PlanContent> plans, Instant now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            insert into {Name} (id, version, hash, content, published_at) select id, version, hash, content, $5 from unnest($1, $2, $3, $4) as n(id, version, hash, content)
            on conflict do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. plans.Select(plan => plan.Id)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. plans.Select(plan => plan.Version)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. plans.Select(plan => plan.Hash)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. plans.Select(plan => plan.Json)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.ToDateTimeUtc() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<IReadOnlyList<PlanRecord>> ListAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id, version, content, hash, published_at from {Name} order by id collate \"C\", version");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<PlanRecord> found = [];
        while (await reader.ReadAsync(cancellation))
            found.Add(new(new(reader.GetString(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3)), Instant.FromDateTimeUtc(reader.GetDateTime(4))));
        return found;
    }
}
