using System.Collections.Concurrent;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Npgsql;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Webhooks;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Webhooks;

/// <summary>What gets to an endpoint, in which order, and how often.</summary>
public abstract class WebhookCourierContract : IDisposable
{
    private readonly FakeTimeProvider time = TestHost.Clock();
    private readonly ListLogger logs = new();
    private readonly Merchant merchant = new();
    private readonly List<WebhookCourier> couriers = [];

    private protected ISubscriptionLedger Ledger { get; set; } = null!;

    private protected IEventFeed Feed { get; set; } = null!;

    private protected IWebhookStore Store { get; set; } = null!;

    public void Dispose()
    {
        couriers.ForEach(courier => courier.Dispose());
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_event_waits_until_the_one_before_it_got_there_and_other_memberships_do_not()
    {
        var courier = await BegunAsync();
        await LiveAsync(1, 3);
        await LiveAsync(2, 2);
        merchant.Refuse = got => got.Membership == Samples.IdOf(1).Value && got.Number == 2;
        await BringAsync(courier);
        merchant.Of(1).Should().Equal(1, 2);
        merchant.Of(2).Should().Equal(1, 2);
        (await StandAsync()).Should().Be(new WebhookStand(5, 2, 0), "the refused event and the one behind it wait");

        await LiveAsync(1, 1, from: 4);
        await BringAsync(courier);
        merchant.Of(1).Should().Equal([1, 2], "its time has not come, and what happens later waits behind it");
        time.Advance(TimeSpan.FromSeconds(6));
        await BringAsync(courier);
        merchant.Of(1).Should().Equal([1, 2, 2], "it is refused again");
        merchant.Refuse = _ => false;
        await BringAsync(courier);
        merchant.Of(1).Should().HaveCount(3, "the second wait is longer");
        time.Advance(TimeSpan.FromMinutes(6));
        await BringAsync(courier);
        merchant.Of(1).Should().Equal(1, 2, 2, 2, 3, 4);
        merchant.IdsOf(1, 2).Distinct().Should().ContainSingle("a repeat has the same id");
        (await StandAsync()).Should().Be(new WebhookStand(6, 0, 0));
    }

    [Fact]
    public async Task After_ten_tries_it_is_given_up_the_rest_goes_on_and_a_person_can_send_it_again()
    {
        var courier = await BegunAsync();
        await LiveAsync(1, 3);
        merchant.Refuse = got => got.Number == 2;
        List<TimeSpan> waits = [];
        for (var since = time.GetUtcNow(); merchant.Of(1).Count(number => number == 2) < WebhookSchedule.MostTries; time.Advance(TimeSpan.FromMinutes(Math.Max(1, waits[^1].TotalMinutes / 8))))
        {
            var before = merchant.Got.Count;
            await BringAsync(courier);
            if (merchant.Got.Count > before)
            {
                waits.Add(time.GetUtcNow() - since);
                since = time.GetUtcNow();
            }

            (time.GetUtcNow() - since).Should().BeLessThan(TimeSpan.FromHours(32));
        }

        waits.Skip(2).Should().BeInAscendingOrder().And.HaveCount(8);
        waits[^1].Should().BeGreaterThanOrEqualTo(TimeSpan.FromHours(24)).And.BeLessThan(TimeSpan.FromHours(32));
        logs.Count(2010).Should().Be(1);
        await BringAsync(courier);
        merchant.Of(1)[^1].Should().Be(3, "what waited behind it goes on");
        var dead = (await Store.DeadAsync("shop", 0, 10, default)).Should().ContainSingle().Subject;
        (dead.Name, dead.Tries, dead.Answer).Should().Be(("agreement-asked", 10, "503"));
        (await StandAsync()).Should().Be(new WebhookStand(3, 0, 1));

        merchant.Refuse = _ => false;
        (await Store.ReviveAsync("shop", Guid.Empty, Word, default)).Should().BeFalse();
        (await Store.ReviveAsync("shop", dead.Id, Word, default)).Should().BeTrue();
        (await Store.ReviveAsync("shop", dead.Id, Word, default)).Should().BeFalse("it is not dead any more");
        var action = (await Store.ActionsAsync("shop", null, 10, default)).Should().ContainSingle("only what was done is recorded").Subject;
        (action.Kind, action.Event, action.Sequence, action.Word.By, action.Word.Why).Should().Be((WebhookActionKind.Retry, dead.Id, dead.Sequence, "ann", "the shop was closed"));
        (action.Word.At - Now).TotalMilliseconds.Should().BeApproximately(0, 1);
        await BringAsync(courier);
        merchant.Of(1)[^1].Should().Be(2);
        (await StandAsync()).Should().Be(new WebhookStand(3, 0, 0));
    }

    [Fact]
    public async Task A_host_that_dies_before_it_stored_the_cursor_sends_again_under_the_same_ids_and_another_takes_over_in_time()
    {
        var dying = await BegunAsync(store => new DyingStore(store));
        await LiveAsync(1, 2);
        await dying.Awaiting(courier => courier.RunAsync(default)).Should().ThrowAsync<TimeoutException>();
        merchant.Of(1).Should().Equal(1, 2);

        var other = Courier();
        await BringAsync(other);
        merchant.Of(1).Should().Equal([1, 2], "the dead host still holds the endpoint");
        time.Advance(WebhookCourier.HoldFor.ToTimeSpan());
        await BringAsync(other);
        merchant.Of(1).Should().Equal(1, 2, 1, 2);
        merchant.IdsOf(1, 1).Distinct().Should().ContainSingle();
        merchant.IdsOf(1, 2).Distinct().Should().ContainSingle();
        (await StandAsync()).Should().Be(new WebhookStand(2, 0, 0));
        await other.LeaveAsync();
        await LiveAsync(1, 1, from: 3);
        await BringAsync(Courier());
        merchant.Of(1)[^1].Should().Be(3, "a host that leaves is not waited for");
    }

    [Fact]
    public async Task Everything_from_a_place_on_comes_again_and_a_round_under_way_does_not_undo_that()
    {
        var courier = await BegunAsync();
        await LiveAsync(1, 4);
        merchant.Refuse = got => got.Number == 3;
        await BringAsync(courier);
        merchant.Refuse = _ => false;
        merchant.During = () => Store.ReplayAsync("shop", 2, Word, default);
        await LiveAsync(2, 1);
        await courier.RunAsync(default);
        merchant.During = null;
        (await StandAsync()).Should().Be(new WebhookStand(1, 0, 0), "what the round wanted to store came too late");
        await BringAsync(courier);
        merchant.Of(1).Should().Equal(1, 2, 3, 2, 3, 4);
        merchant.Of(2).Should().Equal(1, 1);
        (await StandAsync()).Should().Be(new WebhookStand(5, 0, 0));
    }

    [Fact]
    public async Task What_persons_had_sent_again_is_kept_and_read_page_by_page_the_newest_first()
    {
        foreach (var place in new[] { 3, 2, 1 })
        {
            (await Store.ReplayAsync("shop", place, Word, default)).Should().BeTrue();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await Store.ReplayAsync("other", 9, Word, default);
        var first = await Store.ActionsAsync("shop", null, 2, default);
        first.Select(action => (action.Kind, action.Event, action.Sequence, action.Word.By)).Should().Equal((WebhookActionKind.Replay, null, 1, "ann"), (WebhookActionKind.Replay, null, 2, "ann"));
        (await Store.ActionsAsync("shop", first[^1].Id, 2, default)).Select(action => action.Sequence).Should().Equal(3);
    }

    [Fact]
    public async Task Sending_again_from_a_place_that_was_not_reached_leaves_nothing_out()
    {
        var courier = await BegunAsync();
        await LiveAsync(1, 2);
        await BringAsync(courier);
        await LiveAsync(1, 4, from: 3);
        foreach (var place in new[] { 3, 5 })
            (await Store.ReplayAsync("shop", place, Word, default)).Should().BeFalse("what lies before it would come never");
        (await StandAsync()).Should().Be(new WebhookStand(2, 0, 0));
        (await Store.ActionsAsync("shop", null, 10, default)).Should().BeEmpty("what was refused stands nowhere");
        (await Store.ReplayAsync("shop", 2, Word, default)).Should().BeTrue();
        await BringAsync(courier);
        merchant.Of(1).Should().Equal(1, 2, 2, 3, 4, 5, 6);
    }

    [Fact]
    public async Task While_nothing_gets_there_the_feed_rests_and_only_what_is_wanted_is_sent()
    {
        var courier = await BegunAsync(change: settings => settings.Events.Add("agreement-asked"));
        await LiveAsync(1, 2);
        merchant.Refuse = _ => true;
        await BringAsync(courier);
        await LiveAsync(2, 2);
        await BringAsync(courier);
        merchant.Got.Should().ContainSingle("nothing new is tried while nothing gets there").Which.Type.Should().Be("agreement-asked");
        logs.Count(2011).Should().Be(1);
        merchant.Refuse = _ => false;
        time.Advance(TimeSpan.FromSeconds(6));
        await BringAsync(courier);
        merchant.Got.Select(got => got.Membership).Should().Equal([Samples.IdOf(1).Value, Samples.IdOf(1).Value, Samples.IdOf(2).Value], "one that got there ends the rest");
        (await StandAsync()).Should().Be(new WebhookStand(4, 0, 0));
    }

    [Fact]
    public async Task What_was_given_up_long_ago_is_forgotten()
    {
        var courier = await BegunAsync();
        await LiveAsync(1, 1);
        merchant.Refuse = _ => true;
        await BringAsync(courier);
        time.Advance(TimeSpan.FromSeconds(7));
        var waiting = (await Store.DueAsync("shop", Now, 10, default)).Single();
        var host = Guid.Parse("72000000-0000-8000-8000-000000000001");
        await Store.RecordAsync("shop", host, waiting with { NextAt = null }, false, Now, default);
        (await StandAsync()).Dead.Should().Be(0, "the word of a host that has not the endpoint does not count");
        await courier.LeaveAsync();
        (await Store.HoldAsync("shop", host, Now, Now + Duration.FromMinutes(1), default)).Should().Be(1);
        await Store.RecordAsync("shop", host, waiting with { NextAt = null }, false, Now, default);
        (await Store.EraseDeadAsync(Now, default)).Should().Be(0);
        (await Store.EraseDeadAsync(Now + Duration.FromSeconds(1), default)).Should().Be(1);
        (await StandAsync()).Should().Be(new WebhookStand(1, 0, 0));
    }

    private PersonsWord Word => new(Now, "ann", "the shop was closed");

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    private Task<WebhookStand> StandAsync() => Store.StandAsync("shop", default);

    // An endpoint begins with what happens after it was first seen.
    private async Task<WebhookCourier> BegunAsync(Func<IWebhookStore, IWebhookStore>? store = null, Action<WebhookEndpointSettings>? change = null)
    {
        var courier = Courier(store, change);
        await courier.RunAsync(default);
        return courier;
    }

    private WebhookCourier Courier(Func<IWebhookStore, IWebhookStore>? store = null, Action<WebhookEndpointSettings>? change = null)
    {
        var (endpoint, clock) = (StandardWebhooksTests.Read(change), new EngineClock(time));
        var sender = new WebhookSender(endpoint, TimeSpan.FromSeconds(10), clock, TimeProvider.System, merchant);
        couriers.Add(new(endpoint, new(), sender, Feed, store?.Invoke(Store) ?? Store, clock, logs));
        return couriers[^1];
    }

    private static async Task BringAsync(WebhookCourier courier)
    {
        for (var rounds = 0; await courier.RunAsync(default); rounds++)
            rounds.Should().BeLessThan(100, "it should come to an end");
    }

    private async Task LiveAsync(int number, int events, int from = 1)
    {
        var id = Samples.IdOf(number);
        for (var i = from; i < from + events; i++)
            await EventFeedContract.HappenAsync(Ledger, id, i == 1 ? Samples.Enrolled(id, $"m{number}") : new AgreementAsked(i, "being signed", Samples.Now, Samples.Now));
    }

    private sealed class Merchant : HttpMessageHandler
    {
        public ConcurrentQueue<(Guid Membership, long Number, string Id, string Type)> Got { get; } = new();

        public Func<(Guid Membership, long Number, string Id, string Type), bool> Refuse { get; set; } = _ => false;

        public Func<Task>? During { get; set; }

        public List<long> Of(int number) => [.. Got.Where(got => got.Membership == Samples.IdOf(number).Value).Select(got => got.Number)];

        public IEnumerable<string> IdsOf(int number, long place) => Got.Where(got => got.Membership == Samples.IdOf(number).Value && got.Number == place).Select(got => got.Id);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var body = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
            var got = (
                body.RootElement.GetProperty("membership").GetGuid(), body.RootElement.GetProperty("number").GetInt64(), request.Headers.GetValues("webhook-id").Single(),
                body.RootElement.GetProperty("type").GetString()!);
            Got.Enqueue(got);
            if (During is { } during)
                await during();
            return new(Refuse(got) ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        }
    }

    /// <summary>Dies where the cursor would be stored.</summary>
    private sealed class DyingStore(IWebhookStore store) : IWebhookStore
    {
        public Task<bool> AdvanceAsync(string endpoint, Guid host, long from, long to, IReadOnlyList<WaitingEvent> waiting, CancellationToken cancellation) => throw new TimeoutException("killed");

        public Task<long?> HoldAsync(string endpoint, Guid host, Instant now, Instant until, CancellationToken cancellation) => store.HoldAsync(endpoint, host, now, until, cancellation);

        public Task LeaveAsync(string endpoint, Guid host, CancellationToken cancellation) => store.LeaveAsync(endpoint, host, cancellation);

        public Task<IReadOnlyList<WaitingEvent>> DueAsync(string endpoint, Instant now, int limit, CancellationToken cancellation) => store.DueAsync(endpoint, now, limit, cancellation);

        public Task<IReadOnlySet<SubscriptionId>> WaitingOfAsync(string endpoint, IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation) =>
            store.WaitingOfAsync(endpoint, memberships, cancellation);

        public Task RecordAsync(string endpoint, Guid host, WaitingEvent tried, bool delivered, Instant now, CancellationToken cancellation) =>
            store.RecordAsync(endpoint, host, tried, delivered, now, cancellation);

        public Task<long?> OldestAsync(string endpoint, CancellationToken cancellation) => store.OldestAsync(endpoint, cancellation);

        public Task<WebhookStand> StandAsync(string endpoint, CancellationToken cancellation) => store.StandAsync(endpoint, cancellation);

        public Task<IReadOnlyList<DeadEvent>> DeadAsync(string endpoint, long after, int limit, CancellationToken cancellation) => store.DeadAsync(endpoint, after, limit, cancellation);

        public Task<bool> ReviveAsync(string endpoint, Guid id, PersonsWord word, CancellationToken cancellation) => store.ReviveAsync(endpoint, id, word, cancellation);

        public Task<bool> ReplayAsync(string endpoint, long from, PersonsWord word, CancellationToken cancellation) => store.ReplayAsync(endpoint, from, word, cancellation);

        public Task<IReadOnlyList<WebhookAction>> ActionsAsync(string endpoint, Guid? before, int limit, CancellationToken cancellation) => store.ActionsAsync(endpoint, before, limit, cancellation);

        public Task<int> EraseDeadAsync(Instant before, CancellationToken cancellation) => store.EraseDeadAsync(before, cancellation);
    }
}

/// <summary>The contract in memory.</summary>
public sealed class InMemoryWebhookCourierTests : WebhookCourierContract
{
    public InMemoryWebhookCourierTests()
    {
        var memory = new InMemoryLedger();
        (Ledger, Feed, Store) = (memory, memory, new InMemoryWebhookStore(memory));
    }
}

/// <summary>The contract on PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PostgresWebhookCourierTests(PostgresFixture postgres) : WebhookCourierContract, IAsyncLifetime
{
    private LedgerDatabase database = null!;
    private string connectionString = "";

    public async Task InitializeAsync()
    {
        database = PostgresFixture.Open(connectionString = await postgres.CreateDatabaseAsync());
        (Ledger, Feed, Store) = (database.Ledger, database.Feed, database.Webhooks);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task What_a_person_had_sent_again_can_be_neither_changed_nor_deleted()
    {
        await Store.ReplayAsync("shop", 1, new(Samples.Now, "ann", "the shop was closed"), default);
        await using var source = NpgsqlDataSource.Create(connectionString);
        foreach (var sql in new[] { "update renewals.webhook_action set done_by = 'bob'", "delete from renewals.webhook_action", "truncate renewals.webhook_action" })
        {
            await using var command = source.CreateCommand(sql);
            (await command.Awaiting(c => c.ExecuteNonQueryAsync()).Should().ThrowAsync<PostgresException>()).Which.SqlState.Should().Be(PostgresErrorCodes.RestrictViolation, sql);
        }

        (await Store.ActionsAsync("shop", null, 10, default)).Single().Word.By.Should().Be("ann");
    }
}
