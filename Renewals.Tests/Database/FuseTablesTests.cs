using System.Runtime.Versioning;
using Marten;
using Npgsql;
using Renewals.Core.Ledger;

namespace Renewals.Tests.Database;

/// <summary>A database from before the fuses gets what they need at the next start.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class FuseTablesTests(PostgresFixture postgres)
{
    [Fact]
    public async Task An_older_database_comes_up_by_itself_and_the_next_start_changes_nothing()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var sql = NpgsqlDataSource.Create(connectionString))
        await using (var older = sql.CreateCommand(
            "drop table renewals.account_charges, renewals.account_outcomes, renewals.charge_stop, renewals.held_charge, renewals.late_money"))
        {
            await older.ExecuteNonQueryAsync();
        }

        await using (var database = PostgresFixture.Open(connectionString))
        {
            await database.PrepareAsync(default);
            (await database.Stops.ListAsync(openOnly: false, default)).Should().BeEmpty();
        }

        await using var store = DocumentStore.For(marten => marten.UseRenewals(connectionString, TimeProvider.System));
        await FluentActions.Awaiting(() => store.Storage.Database.AssertDatabaseMatchesConfigurationAsync()).Should().NotThrowAsync();
    }
}
