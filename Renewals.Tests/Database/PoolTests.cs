using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>Connections are few. Whoever has one never waits for another of the same pool.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PoolTests(PostgresFixture postgres)
{
    private const int Connections = 2;

    [Fact]
    public async Task When_all_connections_hold_rows_the_look_at_the_freeze_has_one_of_its_own()
    {
        var pool = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync()) { MaxPoolSize = Connections, Timeout = 4 };
        var time = TestHost.Clock();
        await using var host = await TestHost.StartAsync(pool.ConnectionString, time, new ScriptedRail(time));
        List<SubscriptionId> ids = [];
        for (var number = 1; number <= 4 * Connections; number++)
        {
            await host.SignAsync(number);
            ids.Add(Samples.IdOf(number));
        }

        // What is known of the freeze is too old to be believed by any of them.
        var memberships = host.Services.GetRequiredService<Memberships>();
        for (var round = 0; round < 5; round++)
        {
            host.Time.Advance(LedgerGuard.LookEvery * 2);
            var why = $"round {round}";
            await Task.WhenAll(ids.Select(id => round % 2 == 0 ? memberships.ParkAsync(id, "ann", why) : memberships.UnparkAsync(id, "ann", why)));
        }

        foreach (var id in ids)
            (await host.EventsAsync<Parked>(id)).Should().HaveCount(3);
    }
}
