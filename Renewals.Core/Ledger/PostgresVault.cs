using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>The vault's table.</summary>
internal static class VaultTable
{
    public const string Name = $"{MartenConfiguration.Schema}.vault";

    public static Table Schema()
    {
        var t = new Table(Name);
        t.AddColumn("agreement_id", "uuid").AsPrimaryKey();
        t.AddColumn("account", "varchar").NotNull();
        t.AddColumn("fingerprint", "bytea");
        t.AddColumn("key_name", "varchar").NotNull();
        t.AddColumn("sealed", "bytea").NotNull();
        t.Indexes.Add(new IndexDefinition("idx_vault_rail_agreement")
        {
            Columns = ["account", "fingerprint"], IsUnique = true, Predicate = "fingerprint is not null",
        });
        return t;
    }
}

/// <summary>The vault in the ledger's database, encrypted.</summary>
internal sealed class PostgresVault(NpgsqlDataSource database, VaultCipher cipher) : IAgreementVault, IVaultInBulk
{
    public async Task PutAsync(AgreementId agreement, MerchantAccount account, RailKeys keys, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            insert into {VaultTable.Name} (agreement_id, account, fingerprint, key_name, sealed) values ($1, $2, $3, $4, $5)
            on conflict (agreement_id) do update set fingerprint = excluded.fingerprint, key_name = excluded.key_name, sealed = excluded.sealed
                where excluded.fingerprint is not null or vault.fingerprint is null
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = agreement.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = cipher.Fingerprint(account, keys) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = cipher.Encrypt(agreement, keys) });
        try
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new AgreementTakenException($"The rail's agreement behind {agreement} already belongs to another agreement at {account}.", e);
        }
    }

    public async Task<IReadOnlyDictionary<string, AgreementId>> FindHoldersAsync(
        MerchantAccount account, IReadOnlyCollection<string> railAgreementIds, CancellationToken cancellation)
    {
        string[] ids = [.. railAgreementIds.Distinct(StringComparer.Ordinal)];
        await using var command = database.CreateCommand(
            $"select n.number, v.agreement_id from unnest($2, $3) as n(number, fingerprint) join {VaultTable.Name} v on v.account = $1 and v.fingerprint = n.fingerprint");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. Enumerable.Range(0, ids.Length)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. ids.Select(id => cipher.Fingerprint(account, id))] });
        Dictionary<string, AgreementId> holders = new(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            holders[ids[reader.GetInt32(0)]] = new(reader.GetGuid(1));
        return holders;
    }

    public async Task PutManyAsync(IReadOnlyList<(AgreementId Agreement, RailKeys Keys)> many, MerchantAccount account, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"insert into {VaultTable.Name} (agreement_id, account, fingerprint, key_name, sealed) select a, $2, f, $3, s from unnest($1, $4, $5) as n(a, f, s) on conflict (agreement_id) do nothing");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. many.Select(one => one.Agreement.Value)] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cipher.CurrentKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]?[]> { TypedValue = [.. many.Select(one => cipher.Fingerprint(account, one.Keys))] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. many.Select(one => cipher.Encrypt(one.Agreement, one.Keys))] });
        try
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new AgreementTakenException($"One of the rail's agreements already belongs to another agreement at {account}.", e);
        }
    }

    public async Task<IReadOnlyDictionary<AgreementId, RailKeys>> GetAsync(IReadOnlyCollection<AgreementId> agreements, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select agreement_id, key_name, sealed from {VaultTable.Name} where agreement_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. agreements.Select(a => a.Value)] });
        Dictionary<AgreementId, RailKeys> found = new(agreements.Count);
        using var opener = cipher.Open();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var id = new AgreementId(reader.GetGuid(0));
            found[id] = opener.Decrypt(id, reader.GetString(1), reader.GetFieldValue<byte[]>(2));
        }

        return found;
    }

    public async Task EraseAsync(AgreementId agreement, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {VaultTable.Name} where agreement_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = agreement.Value });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
