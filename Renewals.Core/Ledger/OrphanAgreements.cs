using System.Collections.Concurrent;
using System.Text.Json;
using NodaTime;
using Npgsql;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>Agreements that rails told us of and that no membership has.</summary>
internal interface IOrphanAgreements
{
    /// <summary>The rail said that it is in force. The same again only moves <see cref="OrphanAgreement.LastSeen"/>.</summary>
    Task SeenAsync(MerchantAccount account, string signingCode, string railAgreementId, Instant now, CancellationToken cancellation);

    /// <summary>The rail said that it is over: it is forgotten. One that was never seen is no error.</summary>
    Task EndedAsync(MerchantAccount account, string signingCode, CancellationToken cancellation);

    /// <summary>How many an account has.</summary>
    Task<long> CountAsync(MerchantAccount account, CancellationToken cancellation);

    /// <summary>Those of an account, the longest known first.</summary>
    Task<IReadOnlyList<OrphanAgreement>> ListAsync(MerchantAccount account, int limit, CancellationToken cancellation);
}

/// <summary>In the ledger's database: found by a keyed hash of the code, the codes encrypted with the vault's keys.</summary>
internal sealed class PostgresOrphanAgreements(NpgsqlDataSource database, VaultCipher cipher) : IOrphanAgreements
{
    private const string Name = $"{MartenConfiguration.Schema}.orphan_agreement";

    public static Table Schema()
    {
        var t = new Table(Name);
        t.AddColumn("account", "varchar").AsPrimaryKey();
        t.AddColumn("fingerprint", "bytea").AsPrimaryKey();
        t.AddColumn("first_seen", "timestamptz").NotNull();
        t.AddColumn("last_seen", "timestamptz").NotNull();
        t.AddColumn("key_name", "varchar").NotNull();
        t.AddColumn("sealed", "bytea").NotNull();
        return t;
    }

    public async Task SeenAsync(MerchantAccount account, string signingCode, string railAgreementId, Instant now, CancellationToken cancellation)
    {
        var fingerprint = cipher.Fingerprint(account, signingCode);
        var codes = JsonSerializer.SerializeToUtf8Bytes(new Codes(signingCode, railAgreementId));
        await using var command = Command(
            $"""
            insert into {Name} (account, fingerprint, first_seen, last_seen, key_name, sealed) values ($1, $2, $3, $3, $4, $5)
            on conflict (account, fingerprint) do update
                set last_seen = excluded.last_seen, key_name = excluded.key_name, sealed = excluded.sealed
            """,
            account);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = fingerprint });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.ToDateTimeUtc() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = cipher.Seal(codes, Owner(account, fingerprint)) });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task EndedAsync(MerchantAccount account, string signingCode, CancellationToken cancellation)
    {
        await using var command = Command($"delete from {Name} where account = $1 and fingerprint = $2", account);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = cipher.Fingerprint(account, signingCode) });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<long> CountAsync(MerchantAccount account, CancellationToken cancellation)
    {
        await using var command = Command($"select count(*) from {Name} where account = $1", account);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public async Task<IReadOnlyList<OrphanAgreement>> ListAsync(MerchantAccount account, int limit, CancellationToken cancellation)
    {
        await using var command = Command(
            $"select fingerprint, key_name, sealed, first_seen, last_seen from {Name} where account = $1 order by first_seen, fingerprint limit $2", account);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        List<OrphanAgreement> found = [];
        using var opener = cipher.Open();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var owner = Owner(account, reader.GetFieldValue<byte[]>(0));
            var codes = JsonSerializer.Deserialize<Codes>(opener.Unseal(owner, reader.GetString(1), reader.GetFieldValue<byte[]>(2)))!;
            found.Add(new(
                account, codes.SigningCode, codes.RailAgreementId, Instant.FromDateTimeUtc(reader.GetDateTime(3)), Instant.FromDateTimeUtc(reader.GetDateTime(4))));
        }

        return found;
    }

    private NpgsqlCommand Command(string sql, MerchantAccount account)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        return command;
    }

    private static string Owner(MerchantAccount account, byte[] fingerprint) => $"orphan {account} {Convert.ToHexStringLower(fingerprint)}";

    private sealed record Codes(string SigningCode, string RailAgreementId);
}

/// <summary>For tests and simulations: nothing is encrypted, nothing outlives the process.</summary>
internal sealed class InMemoryOrphanAgreements : IOrphanAgreements
{
    private readonly ConcurrentDictionary<(MerchantAccount Account, string Code), OrphanAgreement> known = new();

    /// <summary>Knows what another knows, and nothing else: a backup, and a restore.</summary>
    public void CopyFrom(InMemoryOrphanAgreements other)
    {
        known.Clear();
        foreach (var (key, orphan) in other.known)
            known[key] = orphan;
    }

    public Task SeenAsync(MerchantAccount account, string signingCode, string railAgreementId, Instant now, CancellationToken cancellation)
    {
        known.AddOrUpdate(
            (account, signingCode), _ => new(account, signingCode, railAgreementId, now, now),
            (_, before) => before with { RailAgreementId = railAgreementId, LastSeen = now });
        return Task.CompletedTask;
    }

    public Task EndedAsync(MerchantAccount account, string signingCode, CancellationToken cancellation)
    {
        known.TryRemove((account, signingCode), out _);
        return Task.CompletedTask;
    }

    public Task<long> CountAsync(MerchantAccount account, CancellationToken cancellation) =>
        Task.FromResult(known.Keys.LongCount(key => key.Account == account));

    public Task<IReadOnlyList<OrphanAgreement>> ListAsync(MerchantAccount account, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<OrphanAgreement>>([.. known.Values.Where(orphan => orphan.Account == account).OrderBy(orphan => orphan.FirstSeen).Take(limit)]);
}
