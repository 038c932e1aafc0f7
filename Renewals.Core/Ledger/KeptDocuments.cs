using System.Collections.Concurrent;
using System.Security.Cryptography;
using NodaTime;
using Npgsql;
using Renewals.Core.Gateways;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>What is kept of what a rail said.</summary>
internal enum DocumentKind
{
    /// <summary>A statement as the rail sent it.</summary>
    Statement,
}

/// <summary>Raw messages of rails, encrypted, for a while: the evidence behind the events.</summary>
/// <remarks>Only what was verified is kept, so that a stranger cannot fill the disk. The same message again is the same document.</remarks>
internal interface IKeptDocuments
{
    /// <summary>Keeps a message.</summary>
    /// <returns>Its name.</returns>
    Task<Guid> KeepAsync(MerchantAccount account, DocumentKind kind, ReadOnlyMemory<byte> body, Instant at, CancellationToken cancellation);

    /// <summary>A message as it came; null: there is none, or no longer.</summary>
    Task<byte[]?> FindAsync(Guid id, CancellationToken cancellation);

    /// <summary>Forgets what came before.</summary>
    /// <returns>How many were forgotten.</returns>
    Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation);
}

/// <summary>The name of a document: that of its content.</summary>
internal static class DocumentName
{
    public static Guid Of(MerchantAccount account, DocumentKind kind, ReadOnlySpan<byte> body) =>
        EventIds.Named(Guid.Empty, $"{account}/{kind}/{Convert.ToHexStringLower(SHA256.HashData(body))}");
}

/// <summary>Documents in the ledger's database, encrypted with the vault's keys.</summary>
internal sealed class PostgresKeptDocuments(NpgsqlDataSource database, VaultCipher cipher) : IKeptDocuments
{
    private const string Name = $"{MartenConfiguration.Schema}.kept_document";

    public static Table Schema()
    {
        var t = new Table(Name);
        t.AddColumn("id", "uuid").AsPrimaryKey();
        t.AddColumn("account", "varchar").NotNull();
        t.AddColumn("kind", "varchar").NotNull();
        t.AddColumn("at", "timestamptz").NotNull();
        t.AddColumn("key_name", "varchar").NotNull();
        t.AddColumn("sealed", "bytea").NotNull();
        t.Indexes.Add(new IndexDefinition("idx_kept_document_at") { Columns = ["at"] });
        return t;
    }

    public async Task<Guid> KeepAsync(MerchantAccount account, DocumentKind kind, ReadOnlyMemory<byte> body, Instant at, CancellationToken cancellation)
    {
        var id = DocumentName.Of(account, kind, body.Span);
        await using var command = database.CreateCommand(
            $"insert into {Name} (id, account, kind, at, key_name, sealed) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind.ToString() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.ToDateTimeUtc() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = cipher.Seal(body.Span, Bound(id)) });
        await command.ExecuteNonQueryAsync(cancellation);
        return id;
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

    private static string Bound(Guid id) => $"document {id:N}";
}

/// <summary>Documents for tests and simulations: nothing is encrypted, nothing outlives the process.</summary>
internal sealed class InMemoryKeptDocuments : IKeptDocuments
{
    private readonly ConcurrentDictionary<Guid, (Instant At, byte[] Body)> kept = new();

    public Task<Guid> KeepAsync(MerchantAccount account, DocumentKind kind, ReadOnlyMemory<byte> body, Instant at, CancellationToken cancellation)
    {
        var id = DocumentName.Of(account, kind, body.Span);
        kept.TryAdd(id, (at, body.ToArray()));
        return Task.FromResult(id);
    }

    public Task<byte[]?> FindAsync(Guid id, CancellationToken cancellation) =>
        Task.FromResult(kept.TryGetValue(id, out var document) ? document.Body : null);

    public Task<int> EraseBeforeAsync(Instant before, CancellationToken cancellation) =>
        Task.FromResult(kept.Where(pair => pair.Value.At < before).Count(pair => kept.TryRemove(pair.Key, out _)));
}
