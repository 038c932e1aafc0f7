using System.Runtime.Versioning;
using System.Text.Json;
using NodaTime;
using Npgsql;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What every feed promises: each event once, in one order, and none left out.</summary>
public abstract class EventFeedContract
{
    private protected ISubscriptionLedger Ledger { get; set; } = null!;

    private protected IEventFeed Feed { get; set; } = null!;

    [Fact]
    public async Task Every_event_is_there_once_in_one_order_page_by_page()
    {
        var lives = new[] { 1, 2 }.ToDictionary(
            Samples.IdOf, number => Samples.Life(Samples.IdOf(number)).Skip(1).Take(9).Prepend(Samples.Enrolled(Samples.IdOf(number), $"m{number}")).ToList());
        foreach (var (id, life) in lives)
            await HappenAsync(Ledger, id, life[0]);
        for (var step = 1; step < 10; step += 3)
        {
            foreach (var (id, life) in lives)
                await HappenAsync(Ledger, id, [.. life.Skip(step).Take(3)]);
        }

        List<FeedEvent> read = [];
        while (await Feed.ReadAsync(read is [.., var last] ? last.Sequence : 0, 7, default) is { Count: > 0 } page)
        {
            page.Count.Should().BeLessThanOrEqualTo(7);
            read.AddRange(page);
        }

        read.Should().HaveCount(20);
        read.Select(e => e.Sequence).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        read[^1].Sequence.Should().Be(await Feed.LastAsync(default));
        foreach (var (id, life) in lives)
        {
            var own = read.Where(e => e.Membership == id).ToList();
            own.Select(e => e.Number).Should().Equal(Enumerable.Range(1, 10).Select(number => (long)number));
            own.Select(e => e.Name).Should().Equal(life.Select(e => EventNames.OfSubscriptions[e.GetType()]));
            own.Select(e => e.Id).Should().Equal(life.Select((e, i) => EventIds.Of(id, e, i + 1)));
            own.Select(e => e.At).Should().Equal(life.Select(e => e.At));
            own.Select(e => Json(JsonSerializer.Deserialize(e.Data, life[(int)e.Number - 1].GetType(), LedgerJson.Options)!)).Should().Equal(life.Select(Json));
        }

        (await Feed.FindAsync([read[3].Sequence, read[1].Sequence, 999], default)).Select(e => e.Id).Should().Equal(read[1].Id, read[3].Id);

        static string Json(object e) => JsonSerializer.Serialize(e, e.GetType(), LedgerJson.Options);
    }

    /// <summary>Lets something happen to a membership.</summary>
    internal static async Task HappenAsync(ISubscriptionLedger ledger, SubscriptionId id, params SubscriptionEvent[] events)
    {
        await using var batch = await ledger.OpenAsync([id], default);
        var before = batch.Rows.SingleOrDefault()?.State;
        batch.Write(before?.Version ?? 0, events, Evolve.All(before, events)!, null);
        await batch.CommitAsync(default);
    }
}

/// <summary>The contract in memory.</summary>
public sealed class InMemoryEventFeedTests : EventFeedContract
{
    public InMemoryEventFeedTests()
    {
        var memory = new InMemoryLedger();
        (Ledger, Feed) = (memory, memory);
    }
}

/// <summary>The contract on PostgreSQL, where a transaction may commit after one that took a later place.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PostgresEventFeedTests(PostgresFixture postgres) : EventFeedContract, IAsyncLifetime
{
    private string connectionString = "";
    private LedgerDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = PostgresFixture.Open(connectionString = await postgres.CreateDatabaseAsync());
        (Ledger, Feed) = (database.Ledger, database.Feed);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_that_commits_late_is_not_left_out_and_what_comes_after_it_waits(bool quick)
    {
        ((MartenLedger)Ledger).AppendsQuickly = quick;
        await HappenAsync(Ledger, Samples.IdOf(1), Samples.Enrolled(Samples.IdOf(1)));
        await using var late = PostgresFixture.Open(connectionString);
        using var reached = new SemaphoreSlim(0);
        using var released = new ManualResetEventSlim();
        ((MartenLedger)late.Ledger).AppendsQuickly = quick;
        ((MartenLedger)late.Ledger).BeforeCommit = () =>
        {
            reached.Release();
            released.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue();
        };
        var committing = Task.Run(() => HappenAsync(late.Ledger, Samples.IdOf(2), Samples.Enrolled(Samples.IdOf(2), "m2")));
        (await reached.WaitAsync(TimeSpan.FromSeconds(30))).Should().BeTrue();
        await HappenAsync(Ledger, Samples.IdOf(3), Samples.Enrolled(Samples.IdOf(3), "m3"));

        (await Feed.LastAsync(default)).Should().Be(3, "the later place is there to be seen, and the earlier one is taken and not there");
        (await Feed.ReadAsync(0, 10, default)).Select(e => e.Membership).Should().Equal(Samples.IdOf(1));
        (await Feed.ReadAsync(1, 10, default)).Should().BeEmpty();

        released.Set();
        await committing;
        (await Feed.ReadAsync(1, 10, default)).Select(e => e.Membership).Should().Equal(Samples.IdOf(2), Samples.IdOf(3));
    }

    [Fact]
    public async Task A_place_that_stays_empty_and_the_events_of_agreements_hold_nothing_up()
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await HappenAsync(Ledger, Samples.IdOf(1), Samples.Enrolled(Samples.IdOf(1)));
        await using (var burn = source.CreateCommand("select nextval('renewals.mt_events_sequence')"))
            await burn.ExecuteScalarAsync();
        await using (var batch = await Ledger.OpenAsync([], default))
        {
            batch.WriteAgreement(Samples.Agreement, 0, [Samples.AgreementLife[0]]);
            await batch.CommitAsync(default);
        }

        await HappenAsync(Ledger, Samples.IdOf(2), Samples.Enrolled(Samples.IdOf(2), "m2"));
        var read = await Feed.ReadAsync(0, 10, default);
        read.Select(e => (e.Sequence, e.Membership)).Should().Equal((1, Samples.IdOf(1)), (4, Samples.IdOf(2)));
    }
}
