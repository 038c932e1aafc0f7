using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Callbacks of one account that come at once are recorded together; each is answered for itself.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class CallbackQueueTests(PostgresFixture postgres)
{
    private const int Crowd = 40;

    private static readonly SubscriptionId Nobody = Samples.IdOf(9_999);

    [Fact]
    public async Task A_crowd_that_waits_is_recorded_together_once_each()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await SignedAsync(connection);
        var queue = host.Services.GetRequiredService<CallbackQueue>();
        await using var sql = NpgsqlDataSource.Create(connection);
        List<Task<bool>> recorded;
        await using (var held = await sql.OpenConnectionAsync())
        await using (var transaction = await held.BeginTransactionAsync())
        {
            // The first is held up at its membership until all the others have come.
            await using var hold = new NpgsqlCommand("select 1 from renewals.book where id = $1 for update", held, transaction) { Parameters = { new() { Value = Ids[0].Value } } };
            await hold.ExecuteScalarAsync();
            recorded = [.. Ids.Select(id => queue.RecordAsync(Samples.Account, Parks(id), default))];
            await transaction.CommitAsync();
        }

        (await Task.WhenAll(recorded)).Should().AllBeEquivalentTo(true);
        foreach (var id in Ids)
            (await host.EventsAsync<Parked>(id)).Should().ContainSingle();
        await using var command = sql.CreateCommand("select count(distinct xmin::text) from renewals.mt_events where type = 'parked'");
        ((long)(await command.ExecuteScalarAsync())!).Should().Be(2, "the first alone, and then all who waited");
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_of_no_membership_fails_alone(bool inMemory)
    {
        await using var host = await SignedAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var queue = host.Services.GetRequiredService<CallbackQueue>();
        var recorded = Ids.Prepend(Nobody).Append(Nobody).Select(id => queue.RecordAsync(Samples.Account, Parks(id), default)).ToList();
        foreach (var (id, task) in Ids.Prepend(Nobody).Append(Nobody).Zip(recorded))
        {
            if (id == Nobody)
                await FluentActions.Awaiting(() => task).Should().ThrowAsync<InvalidOperationException>().WithMessage("The book has no row*");
            else
                (await task).Should().BeTrue();
        }

        foreach (var id in Ids)
            (await host.EventsAsync<Parked>(id)).Should().ContainSingle();
    }

    [Fact]
    public async Task Who_gives_up_waiting_holds_up_nobody()
    {
        await using var host = await SignedAsync(await postgres.CreateDatabaseAsync());
        var queue = host.Services.GetRequiredService<CallbackQueue>();
        using var impatient = new CancellationTokenSource();
        var recorded = Ids.Select((id, i) => queue.RecordAsync(Samples.Account, Parks(id), i % 2 == 0 ? impatient.Token : default)).ToList();
        await impatient.CancelAsync();
        for (var i = 1; i < Crowd; i += 2)
            (await recorded[i]).Should().BeTrue();
        foreach (var task in recorded)
            await Task.WhenAny(task);
        (await queue.RecordAsync(Samples.Account, Parks(Ids[0]), default)).Should().BeTrue();
        (await host.EventsAsync<Parked>(Ids[0])).Should().ContainSingle();
    }

    private static IReadOnlyList<SubscriptionId> Ids { get; } = [.. Enumerable.Range(1, Crowd).Select(Samples.IdOf)];

    private static Outcome.OfSubscription Parks(SubscriptionId id) => new(id, new SubscriptionCommand.Park(ParkReason.Requested, "look"));

    private static async Task<TestHost> SignedAsync(string? connection)
    {
        var time = TestHost.Clock();
        var host = await TestHost.StartAsync(connection, time, new ScriptedRail(time));
        for (var number = 1; number <= Crowd; number++)
            await host.SignAsync(number);
        return host;
    }
}
