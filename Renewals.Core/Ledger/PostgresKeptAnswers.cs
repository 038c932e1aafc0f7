using System.Text.Json;
using NodaTime;
using Npgsql;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>Answers of the API in the ledger's database, sealed with the vault's keys.</summary>
internal sealed class PostgresKeptAnswers(NpgsqlDataSource database, VaultCipher cipher) : IKeptAnswers
{
    public const string Name = $"{MartenConfiguration.Schema}.api_answer";

    // One statement: of two hosts that get the same call at once one begins it. What is forgotten makes room in the same step.
    private const string TakeSql = $"""
        insert into {Name} as a (key, run, at, answered, key_name, sealed) values ($1, $2, $3, false, $4, $5)
        on conflict (key) do update set run = excluded.run, at = excluded.at, answered = false, key_name = excluded.key_name, sealed = excluded.sealed
        where a.at < $6
        """;

    private const string TakeOverSql = $"update {Name} set run = $2, at = $3 where key = $1 and run = $4 and not answered";

    public static Table Schema()
    {
        var t = new Table(Name);
        t.AddColumn("key", "uuid").AsPrimaryKey();
        t.AddColumn("run", "uuid").NotNull();
        t.AddColumn("at", "timestamptz").NotNull();
        t.AddColumn("answered", "boolean").NotNull();
        t.AddColumn("key_name", "varchar").NotNull();
        t.AddColumn("sealed", "bytea").NotNull();
        t.Indexes.Add(new IndexDefinition("idx_api_answer_at") { Columns = ["at"] });
        return t;
    }

    public async Task<CallTaken> TakeAsync(KeyedCall call, Instant now, Instant keptSince, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        while (true)
        {
            await using (var take = Command(connection, TakeSql, call.Key, call.Run, now))
            {
                take.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey });
                take.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Seal(new(call.Request, null), call.Key) });
                take.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = keptSince.ToDateTimeUtc() });
                if (await take.ExecuteNonQueryAsync(cancellation) == 1)
                    return new CallTaken.Begin();
            }

            // Given back or forgotten between the two: it is taken anew.
            if (await FindAsync(connection, call.Key, cancellation) is { } known)
                return await JudgeAsync(connection, call, known, now, cancellation);
        }
    }

    public async Task<bool> KeepAsync(KeyedCall call, KeptAnswer answer, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {Name} set answered = true, key_name = $3, sealed = $4 where key = $1 and run = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = call.Key });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = call.Run });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Seal(new(call.Request, answer), call.Key) });
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    public async Task GiveBackAsync(KeyedCall call, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {Name} where key = $1 and run = $2 and not answered");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = call.Key });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = call.Run });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {Name} where at < $1");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.ToDateTimeUtc() });
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<CallTaken> JudgeAsync(NpgsqlConnection connection, KeyedCall call, Known known, Instant now, CancellationToken cancellation)
    {
        if (!known.Content.Request.AsSpan().SequenceEqual(call.Request))
            return new CallTaken.OtherCall();
        if (known.Content.Answer is { } answer)
            return new CallTaken.Answered(answer);
        if (known.At + IKeptAnswers.Patience > now)
            return new CallTaken.UnderWay();
        await using var over = Command(connection, TakeOverSql, call.Key, call.Run, now);
        over.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = known.Run });
        return await over.ExecuteNonQueryAsync(cancellation) == 1 ? new CallTaken.Begin() : new CallTaken.UnderWay();
    }

    private async Task<Known?> FindAsync(NpgsqlConnection connection, Guid key, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select run, at, key_name, sealed from {Name} where key = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        using var opener = cipher.Open();
        var plain = opener.Unseal(Owner(key), reader.GetString(2), reader.GetFieldValue<byte[]>(3));
        return new(reader.GetGuid(0), Instant.FromDateTimeUtc(reader.GetDateTime(1)), JsonSerializer.Deserialize<Content>(plain)!);
    }

    private byte[] Seal(Content content, Guid key) => cipher.Seal(JsonSerializer.SerializeToUtf8Bytes(content), Owner(key));

    private static string Owner(Guid key) => $"api-answer/{key:N}";

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, Guid key, Guid run, Instant at)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = run });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.ToDateTimeUtc() });
        return command;
    }

    private sealed record Content(byte[] Request, KeptAnswer? Answer);

    private sealed record Known(Guid Run, Instant At, Content Content);
}
