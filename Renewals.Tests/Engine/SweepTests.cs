using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Claim, commit, call, record: what holds whatever goes wrong between two of them.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class SweepTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_intent_is_committed_and_no_lock_is_held_while_a_rail_is_called()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connectionString);
        await using var beside = NpgsqlDataSource.Create(connectionString);
        ConcurrentQueue<(long Requested, long Unlocked)> seen = new();
        host.Rail.OnCharge = async order =>
        {
            await using var requested = beside.CreateCommand("select count(*) from renewals.mt_events where type = 'requested'");
            await using var unlocked = beside.CreateCommand("select count(*) from (select 1 from renewals.book for update skip locked) rows");
            seen.Enqueue(((long)(await requested.ExecuteScalarAsync())!, (long)(await unlocked.ExecuteScalarAsync())!));
            return host.Rail.Take(order);
        };
        var id = await host.SignAsync();
        seen.Should().Equal((1L, 1L));
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle();
    }

    /// <summary>A machine that stood still between a look and its claim may hold rows of a ledger that was restored meanwhile.</summary>
    [Fact]
    public async Task Whether_the_ledger_is_frozen_is_looked_at_with_the_rows_in_hand()
    {
        var freeze = new RowCounter();
        await using var host = await TestHost.StartAsync(null, null, null, null, services => services.AddSingleton<IFreeze>(freeze), []);
        var id = await host.SignAsync();
        freeze.CountFree = async () =>
        {
            await using var others = await host.Ledger.ClaimDueAsync(Samples.Account, NodaTime.Instant.FromDateTimeOffset(host.Time.GetUtcNow()), 10, default);
            return others.Rows.Count;
        };
        await host.SweepUntilAsync<Charged>(id, 2);
        freeze.Free.Should().NotBeEmpty().And.OnlyContain(rows => rows == 0, "the one membership is held by whoever looks");
    }

    private sealed class RowCounter : IFreeze
    {
        public Func<Task<int>>? CountFree { get; set; }

        public List<int> Free { get; } = [];

        public ChargeStop? Known => null;

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public async ValueTask<ChargeStop?> LookAsync(CancellationToken cancellation)
        {
            if (CountFree is not null)
                Free.Add(await CountFree());
            return null;
        }

        public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_commit_is_followed_by_no_call_and_the_ask_duty_finds_out(bool inMemory)
    {
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        host.Rail.OnQueryAgreement = _ => new AgreementAnswer.Pending();
        var id = await host.SignAsync();
        host.Rail.OnQueryAgreement = null;
        var replies = 0;
        LoseReplies(host, () =>
        {
            // The second commit from here holds the order: the first recorded the signature.
            if (host.Ledger.ReadEventsAsync(id, default).GetAwaiter().GetResult().OfType<Requested>().Any() && replies++ == 0)
                throw new IOException("the connection broke");
        });
        await host.SweepUntilAsync<Requested>(id);
        host.Rail.Orders.Should().BeEmpty();
        host.Logs.Count(1003).Should().Be(1);
        await host.SweepUntilAsync<Charged>(id);
        host.Rail.Orders.Select(order => order.Number).Should().Equal(Samples.Order(id, 1));
        (await host.EventsAsync<NotTaken>(id)).Should().ContainSingle(e => e.Outcome is ChargeOutcome.Missing);
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_late_sender_sends_nothing_and_the_same_order_goes_later()
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        await using var host = await TestHost.StartAsync(null, time, rail);
        var stalled = 0;
        ((InMemoryLedger)host.Ledger).AfterCommit = () =>
        {
            var requested = host.Ledger.ReadEventsAsync(Samples.IdOf(1), default).GetAwaiter().GetResult().OfType<Requested>().Any();
            if (requested && stalled++ == 0)
                time.Advance(TimeSpan.FromSeconds(61));
        };
        var id = await host.SignAsync();
        rail.Orders.Should().BeEmpty();
        (await host.EventsAsync<NotTaken>(id)).Should().ContainSingle(e => e.Outcome is ChargeOutcome.NotSent);
        await host.SweepUntilAsync<Charged>(id);
        rail.Orders.Select(order => order.Number).Should().Equal(Samples.Order(id, 1));
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(TaskCanceledException))]
    public async Task An_adapter_that_throws_leaves_the_outcome_unknown_asked_later_under_the_same_number(Type fault)
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnCharge = order =>
        {
            // It took the money and failed on the way back; its neighbour's answer must not be lost with it.
            host.Rail.Take(order);
            return order.Number.Charge.Subscription == Samples.IdOf(1) ? throw (Exception)Activator.CreateInstance(fault)! : Task.FromResult(host.Rail.Take(order));
        };
        await host.Members.SignAsync(TestHost.Request(2));
        var id = await host.SignAsync();
        (await host.EventsAsync<Charged>(Samples.IdOf(2))).Should().ContainSingle();
        (await host.EventsAsync<Charged>(id)).Should().BeEmpty();
        await host.SweepUntilAsync<Charged>(id);
        host.Rail.Orders.Should().HaveCount(2);
        (await host.EventsAsync<Charged>(id)).Single().Order.Should().Be(Samples.Order(id, 1));
    }

    [Fact]
    public async Task Without_a_permit_nothing_is_claimed_and_nothing_appended()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnPermits = _ => 0;
        var id = await host.SignAsync();
        (await host.SweepAsync()).Should().Be(0);
        (await host.Ledger.ReadEventsAsync(id, default)).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_broken_rail_fills_nobody_elses_batch()
    {
        var time = TestHost.Clock();
        var broken = new ScriptedRail(time, new("alipay", "2")) { OnPermits = _ => 0 };
        await using var host = await TestHost.StartAsync(null, time, new ScriptedRail(time), options => options.Engine.BatchSize = 1, broken);
        for (var i = 2; i <= 5; i++)
            await host.Members.SignAsync(TestHost.Request(i, account: broken.Account));
        var id = await host.SignAsync();
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle();
    }

    [Fact]
    public async Task Nobody_is_charged_whom_no_channel_told_and_telling_is_tried_again()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.OnNotice = _ => Task.FromResult<NoticeResult>(new NoticeResult.Failed("no channel"));
        var id = await host.SignAsync();
        await host.SweepUntilAsync<NoticeFailed>(id, 3);
        host.Rail.Orders.Should().ContainSingle();
        host.Rail.OnNotice = null;
        await host.SweepUntilAsync<Charged>(id, 2);
        var told = (await host.EventsAsync<Announced>(id)).Single();
        ((ChargeAuthority.Notice)(await host.EventsAsync<Requested>(id))[^1].Authority).NoticeId.Should().Be(told.Notice.NoticeId);
    }

    [Fact]
    public async Task Who_waits_for_a_turn_at_the_notifier_while_the_night_begins_is_told_in_the_morning()
    {
        await using var host = await TestHost.StartAsync(more: options => options.Engine.CallsAtOnce = 1);
        var (one, two) = (await host.SignAsync(1), await host.SignAsync(2));
        await host.SweepUntilAsync<CyclePlanned>(one);
        await host.SweepUntilAsync<CyclePlanned>(two);
        var (first, second) = ((await host.FindAsync(one)).Cycle!.AnnounceAt, (await host.FindAsync(two)).Cycle!.AnnounceAt);
        var evening = Instant.Max(first, second).InZone(RenewalZones.Get(RenewalZones.Shanghai)).Date.At(new(21, 59, 30)).InZoneStrictly(RenewalZones.Get(RenewalZones.Shanghai));
        host.Time.Advance(evening.ToDateTimeOffset() - host.Time.GetUtcNow());
        host.Rail.OnNotice = _ =>
        {
            host.Time.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult<NoticeResult>(new NoticeResult.HandedOver("receipt", Instant.FromDateTimeOffset(host.Time.GetUtcNow())));
        };
        await host.SweepAsync();
        host.Rail.Notices.Should().ContainSingle("the night began while the other waited");
        await host.SweepUntilAsync(async () => (await host.EventsAsync<Announced>(one)).Count + (await host.EventsAsync<Announced>(two)).Count == 2);
        var morning = (await host.EventsAsync<Announced>(one)).Concat(await host.EventsAsync<Announced>(two)).Max(e => e.Notice.HandedOverAt);
        morning.InZone(RenewalZones.Get(RenewalZones.Shanghai)).Hour.Should().Be(8);
    }

    [Fact]
    public async Task A_notice_repeated_after_a_crash_carries_the_same_id()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        host.Rail.OnNotice = _ => throw new InvalidOperationException("the process died here");
        await host.SweepUntilAsync(() => Task.FromResult(!host.Rail.Notices.IsEmpty));
        host.Rail.OnNotice = null;
        await host.SweepUntilAsync<Announced>(id);
        host.Rail.Notices.Should().HaveCount(2);
        host.Rail.Notices.Select(notice => notice.NoticeId).Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_row_that_contradicts_its_stream_stops_nobody_but_itself(bool streamIsGone)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connectionString);
        foreach (var i in (int[])[2, 3])
            await host.Members.SignAsync(TestHost.Request(i));
        await using (var sql = NpgsqlDataSource.Create(connectionString))
        {
            var id = Samples.IdOf(2).Value;
            await using var spoil = sql.CreateCommand(streamIsGone
                ? $"delete from renewals.mt_events where stream_id = '{id}'; delete from renewals.mt_streams where id = '{id}'"
                : $"update renewals.book set version = 7, state = replace(state::text, '\"version\":1,', '\"version\":7,')::json where id = '{id}'");
            await spoil.ExecuteNonQueryAsync();
        }

        await host.SignAsync();
        foreach (var i in (int[])[1, 3])
            (await host.EventsAsync<Charged>(Samples.IdOf(i))).Should().ContainSingle();
        host.Logs.Count(1001).Should().BePositive();
        (await host.SweepAsync()).Should().Be(0);
        await using var row = await host.Ledger.OpenAsync([Samples.IdOf(2)], default);
        (row.Rows.Single().State?.Parked).Should().Be(streamIsGone ? null : ParkReason.Fault);
    }

    [Fact]
    public async Task A_membership_that_cannot_be_folded_is_parked_and_the_rest_renews()
    {
        await using var host = await TestHost.StartAsync();
        await host.Members.SignAsync(TestHost.Request(2));
        var ledger = (InMemoryLedger)host.Ledger;
        ledger.Spoil(Samples.IdOf(2), row => row with { State = "{}"u8.ToArray() });
        ledger.SpoilStream(Samples.IdOf(2));
        var id = await host.SignAsync();
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle();
        (await host.EventsAsync<Parked>(Samples.IdOf(2))).Should().ContainSingle(e => e.Reason == ParkReason.Fault);
        (await host.SweepAsync()).Should().Be(0);
    }

    private static void LoseReplies(TestHost host, Action fault)
    {
        if (host.Ledger is InMemoryLedger memory)
            memory.AfterCommit = fault;
        else
            ((MartenLedger)host.Ledger).AfterCommit = fault;
    }
}
