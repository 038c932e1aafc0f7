using System.Runtime.Versioning;
using System.Security.Cryptography;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What every vault promises.</summary>
public abstract class VaultContract
{
    protected static readonly RailKeys Keys = new("contract-1", "openid-1");
    protected static readonly AgreementId Other = new(Guid.Parse("a0000000-0000-4000-8000-000000000002"));

    internal IAgreementVault Vault { get; set; } = null!;

    [Fact]
    public async Task Keys_are_kept_replaced_and_forgotten()
    {
        (await GetAsync()).Should().BeNull();
        await PutAsync(Samples.Agreement, new(null, "openid-1"));
        await PutAsync(Samples.Agreement, Keys);
        (await GetAsync()).Should().Be(Keys);
        await Vault.EraseAsync(Samples.Agreement, default);
        (await GetAsync()).Should().BeNull();
    }

    [Fact]
    public async Task A_known_id_of_the_rail_is_never_replaced_by_none()
    {
        await PutAsync(Samples.Agreement, Keys);
        await PutAsync(Samples.Agreement, new(null, "openid-1"));
        (await GetAsync()).Should().Be(Keys);
    }

    [Fact]
    public async Task A_rails_agreement_belongs_to_one_agreement_of_an_account_until_it_is_forgotten()
    {
        await PutAsync(Samples.Agreement, Keys);
        var taken = () => PutAsync(Other, Keys);
        await taken.Should().ThrowAsync<AgreementTakenException>();
        await Vault.PutAsync(new(Guid.Parse("a0000000-0000-4000-8000-000000000003")), new("wechat", "2"), Keys, default);
        await Vault.EraseAsync(Samples.Agreement, default);
        await PutAsync(Other, Keys);
    }

    protected Task PutAsync(AgreementId id, RailKeys keys) => Vault.PutAsync(id, Samples.Account, keys, default);

    protected async Task<RailKeys?> GetAsync() => (await Vault.GetAsync([Samples.Agreement, Other], default)).GetValueOrDefault(Samples.Agreement);
}

/// <summary>The contract in memory.</summary>
public sealed class InMemoryVaultTests : VaultContract
{
    public InMemoryVaultTests() => Vault = new InMemoryVault();
}

/// <summary>The contract on PostgreSQL, and what encryption adds to it.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PostgresVaultTests(PostgresFixture postgres) : VaultContract, IAsyncLifetime
{
    private NpgsqlDataSource database = null!;

    public async Task InitializeAsync()
    {
        database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        Vault = new PostgresVault(database, Cipher("k1"));
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task After_a_rotation_old_keys_still_read_and_holders_are_still_found()
    {
        await PutAsync(Samples.Agreement, Keys);
        Vault = new PostgresVault(database, Cipher("k2"));
        (await GetAsync()).Should().Be(Keys);
        var taken = () => PutAsync(Other, Keys);
        await taken.Should().ThrowAsync<AgreementTakenException>();
        await PutAsync(Samples.Agreement, Keys);
        (await QueryAsync("select key_name from renewals.vault")).Should().Be("k2");
        (await GetAsync()).Should().Be(Keys);
    }

    [Theory]
    [InlineData("update renewals.vault set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)")]
    [InlineData("update renewals.vault set agreement_id = 'a0000000-0000-4000-8000-000000000002'")]
    [InlineData("update renewals.vault set key_name = 'k2'")]
    [InlineData("update renewals.vault set key_name = 'gone'")]
    [InlineData("update renewals.vault set sealed = 'x'::bytea")]
    public async Task What_was_changed_moved_or_named_after_another_key_is_refused(string tamper)
    {
        await PutAsync(Samples.Agreement, Keys);
        await QueryAsync(tamper);
        var read = GetAsync;
        await read.Should().ThrowAsync<CryptographicException>();
    }

    [Fact]
    public async Task The_same_keys_never_look_the_same_twice_and_never_lie_open()
    {
        await PutAsync(Samples.Agreement, Keys);
        var before = await QueryAsync("select encode(sealed, 'escape') from renewals.vault");
        await PutAsync(Samples.Agreement, Keys);
        var after = await QueryAsync("select encode(sealed, 'escape') from renewals.vault");
        after.Should().NotBe(before);
        (await QueryAsync("select encode(sealed, 'escape') || encode(fingerprint, 'escape') from renewals.vault")).As<string>()
            .Should().NotContain("contract-1").And.NotContain("openid-1");
    }

    private static VaultCipher Cipher(string current)
    {
        var options = new VaultOptions { CurrentKey = current };
        options.Keys["k1"] = [.. Enumerable.Repeat((byte)1, 32)];
        options.Keys["k2"] = [.. Enumerable.Repeat((byte)2, 32)];
        return new(options);
    }

    private async Task<object?> QueryAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
