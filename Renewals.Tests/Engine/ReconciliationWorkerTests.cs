using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Every statement day of every account is read by itself: once, in order, after any outage, whatever fails beside it.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class ReconciliationWorkerTests(PostgresFixture postgres)
{
    /// <summary>The member signs and pays at 10:10 of this day in Shanghai; statements are ready at 10:00 of the day after.</summary>
    private static readonly LocalDate Day = new(2026, 1, 31);

    private static readonly MerchantAccount Other = new("other", "2");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_days_an_outage_missed_are_read_later_in_order_and_once(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        var asked = Asked(host.Rail);
        await host.SignAsync();
        host.Time.Advance(TimeSpan.FromDays(5));
        (await RunAsync(host)).Should().Be(5);
        asked.Should().Equal(Enumerable.Range(0, 5).Select(Day.PlusDays), "every day that is ready, the oldest first");
        (await RunAsync(host)).Should().Be(0);
        Worker(host).NextDue.Should().Be(Instant.FromUtc(2026, 2, 6, 2, 0), "the statement of 5 February is ready at 10:00 of the 6th in Shanghai");
        asked.Should().HaveCount(5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_day_is_read_at_the_hour_the_account_says_and_not_before(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        host.Rail.Traits = host.Rail.Traits with { StatementReadyAt = new(11, 30) };
        var asked = Asked(host.Rail);
        await host.SignAsync();
        await RunAsync(host);
        host.Time.SetUtcNow(Worker(host).NextDue!.Value.ToDateTimeOffset());
        (await RunAsync(host)).Should().Be(0, "the day before has nothing of ours");
        var due = Worker(host).NextDue!.Value;
        due.Should().Be(Instant.FromUtc(2026, 2, 1, 3, 30));
        host.Time.SetUtcNow(due.ToDateTimeOffset() - TimeSpan.FromSeconds(1));
        (await RunAsync(host)).Should().Be(0);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        (await RunAsync(host)).Should().Be(1);
        asked.Should().Equal(Day);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_outage_longer_than_is_made_up_for_is_said_once(bool inMemory)
    {
        await using var host = await StartAsync(inMemory, options => options.Audit.ReconcileDaysBack = 3);
        var asked = Asked(host.Rail);
        await host.SignAsync();
        host.Time.Advance(TimeSpan.FromDays(10));
        await RunAsync(host);
        asked.Should().Equal(Day.PlusDays(7), Day.PlusDays(8), Day.PlusDays(9));
        host.Time.Advance(TimeSpan.FromDays(1));
        (await RunAsync(host)).Should().Be(1);
        host.Logs.Entries.Where(entry => entry.Id.Id == 1025).Should().ContainSingle().Which.Text.Should().Contain("2026-02-06");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_statement_that_is_not_ready_or_fails_is_asked_for_again_after_a_while_and_holds_up_no_other_day(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        var broken = true;
        List<LocalDate> asked = [];
        host.Rail.OnStatement = day =>
        {
            asked.Add(day);
            return day == Day && broken ? throw new InvalidOperationException("a fault of the adapter")
                : day == Day.PlusDays(1) && broken ? new StatementAnswer.NotReady() : Statement();
        };
        await host.SignAsync();
        host.Time.Advance(TimeSpan.FromDays(3));
        (await RunAsync(host)).Should().Be(3);
        (await StatesAsync(host)).Should().Equal(
            new Dictionary<LocalDate, ReconciliationState> { [Day.PlusDays(1)] = ReconciliationState.NotReady, [Day.PlusDays(2)] = ReconciliationState.Complete });
        host.Time.Advance(TimeSpan.FromMinutes(14));
        (await RunAsync(host)).Should().Be(0);
        broken = false;
        host.Time.Advance(TimeSpan.FromMinutes(1));
        Worker(host).NextDue.Should().Be(Instant.FromDateTimeOffset(host.Time.GetUtcNow()));
        (await RunAsync(host)).Should().Be(2);
        asked.Should().Equal(Day, Day.PlusDays(1), Day.PlusDays(2), Day, Day.PlusDays(1));
        (await StatesAsync(host)).Values.Should().Equal(Enumerable.Repeat(ReconciliationState.Complete, 3));
    }

    [Fact]
    public async Task A_day_without_business_that_looks_unfinished_is_asked_for_ever_more_seldom()
    {
        await using var host = await StartAsync(inMemory: true);
        var asked = new List<Instant>();
        host.Rail.OnStatement = day =>
        {
            if (day == Day)
                asked.Add(Instant.FromDateTimeOffset(host.Time.GetUtcNow()));
            return day == Day ? new StatementAnswer.NotReady() : Statement();
        };
        await host.SignAsync();
        while (Worker(host).NextDue is var due && (due ?? Instant.MinValue) < Instant.FromUtc(2026, 2, 2, 1, 59))
        {
            if (due is { } at && at > Instant.FromDateTimeOffset(host.Time.GetUtcNow()))
                host.Time.SetUtcNow(at.ToDateTimeOffset());
            await RunAsync(host);
        }

        asked.Count.Should().BeInRange(8, 12, "a day has 96 quarters of an hour, and a rail a limit for such calls");
        var waits = asked.Zip(asked.Skip(1), (first, second) => second - first).ToList();
        waits.Should().OnlyContain(wait => wait >= Duration.FromMinutes(15) && wait <= Duration.FromHours(4)).And.BeInAscendingOrder();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_only_the_statement_knows_is_recorded_stored_counted_and_logged(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        using var counted = new Counted(host.Services);
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        host.Rail.OnQueryCharge = _ => new(new ChargeOutcome.Unknown("time-out"));
        var id = await host.SignAsync();
        var order = (await host.EventsAsync<Requested>(id)).Single();
        host.Rail.OnStatement = _ => Statement(new StatementLine(order.Order.ToString(), null, order.Amount, "T1", order.At));
        host.Time.Advance(TimeSpan.FromDays(1));
        await RunAsync(host);
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle().Which.RailTransaction.Should().Be("T1");
        (await Store(host).FindAsync(host.Rail.Account, Day, default))!.Differences.Should().ContainSingle().Which.Healed.Should().BeTrue();
        (await Store(host).DaysAsync(host.Rail.Account, Day, default))[Day].Differences.Should().Be(1);
        counted.Values.Should().Contain(("renewals.statements", host.Rail.Account.ToString(), "Complete"), 1)
            .And.Contain(("renewals.differences", host.Rail.Account.ToString(), "State"), 1);
        host.Logs.Count(1021).Should().Be(1);
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rail_that_fails_holds_up_no_other_account_and_is_counted(bool inMemory)
    {
        var time = TestHost.Clock();
        var (rail, other) = (new ScriptedRail(time), new ScriptedRail(time, Other));
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), time, rail, others: other);
        using var counted = new Counted(host.Services);
        var asked = Asked(other);
        rail.OnStatement = _ => throw new InvalidOperationException("a fault of the adapter");
        await host.SignAsync();
        host.Time.Advance(TimeSpan.FromDays(2));
        (await RunAsync(host)).Should().Be(4);
        asked.Should().Equal(Day, Day.PlusDays(1));
        counted.Values.Should().Contain(("renewals.statements", rail.Account.ToString(), "Fault"), 2)
            .And.Contain(("renewals.statements", Other.ToString(), "Complete"), 2);
        host.Logs.Count(1023).Should().Be(2);
    }

    [Fact]
    public async Task Hosts_on_one_database_read_a_day_once()
    {
        var (connection, time) = (await postgres.CreateDatabaseAsync(), TestHost.Clock());
        await using var host = await TestHost.StartAsync(connection, time);
        await using var second = await TestHost.StartAsync(connection, time, new ScriptedRail(time));
        await host.SignAsync();
        time.Advance(TimeSpan.FromDays(3));
        using var other = new ManualResetEventSlim();
        var (asked, askedOfSecond) = (Asked(host.Rail, () => other.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue()), Asked(second.Rail));
        var reading = Task.Run(() => RunAsync(host));
        SpinWait.SpinUntil(() => asked.Count > 0, TimeSpan.FromSeconds(30)).Should().BeTrue();
        (await RunAsync(second)).Should().Be(0, "the first host has the account");
        other.Set();
        (await reading).Should().Be(3);
        time.Advance(TimeSpan.FromMinutes(15));
        (await RunAsync(second)).Should().Be(0, "the first host has read the days");
        (asked.Count, askedOfSecond.Count).Should().Be((3, 0));
    }

    [Fact]
    public async Task A_host_that_dies_while_it_reads_leaves_the_day_to_another()
    {
        var (connection, time) = (await postgres.CreateDatabaseAsync(), TestHost.Clock());
        await using var host = await TestHost.StartAsync(connection, time);
        await using var second = await TestHost.StartAsync(connection, time, new ScriptedRail(time));
        await host.SignAsync();
        time.Advance(TimeSpan.FromDays(1));
        using var dying = new CancellationTokenSource();
        host.Rail.OnStatement = _ =>
        {
            dying.Cancel();
            return Statement();
        };
        var running = () => Worker(host).RunDueAsync(Now(host), dying.Token);
        await running.Should().ThrowAsync<OperationCanceledException>();
        var asked = Asked(second.Rail);
        (await RunAsync(second)).Should().Be(1);
        asked.Should().Equal(Day);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task The_hosted_worker_reads_by_itself_unless_it_is_switched_off(bool on, int days)
    {
        await using var host = await StartAsync(inMemory: true, options => (options.RunWorker, options.Audit.Reconcile) = (true, on));
        var asked = Asked(host.Rail);
        await host.Members.SignAsync(TestHost.Request(1));
        host.Time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 200 && (asked.Count < days || i < 5); i++)
        {
            host.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(10);
        }

        asked.Should().Equal(Enumerable.Range(0, days).Select(Day.PlusDays));
        Worker(host).NextDue.HasValue.Should().Be(on);
    }

    [Fact]
    public async Task An_empty_ledger_asks_no_rail()
    {
        await using var host = await StartAsync(inMemory: true);
        var asked = Asked(host.Rail);
        host.Time.Advance(TimeSpan.FromDays(40));
        (await RunAsync(host)).Should().Be(0);
        asked.Should().BeEmpty();
        (Worker(host).NextDue > Now(host)).Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_kept_long_enough_is_forgotten_also_where_no_statement_is_read(bool inMemory)
    {
        await using var host = await StartAsync(inMemory, options => options.Audit.Reconcile = false);
        var documents = host.Services.GetRequiredService<IKeptDocuments>();
        var old = await KeepAsync(host, documents, "old");
        host.Time.Advance(TimeSpan.FromDays(34));
        var young = await KeepAsync(host, documents, "young");
        await RunAsync(host);
        (await documents.FindAsync(old, default)).Should().NotBeNull();
        host.Time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        await RunAsync(host);
        (await documents.FindAsync(old, default)).Should().BeNull();
        (await documents.FindAsync(young, default)).Should().NotBeNull();
    }

    private async Task<TestHost> StartAsync(bool inMemory, Action<RenewalsOptions>? more = null) =>
        await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), more: more);

    private static ReconciliationWorker Worker(TestHost host) => host.Services.GetRequiredService<ReconciliationWorker>();

    private static IReconciliationStore Store(TestHost host) => host.Services.GetRequiredService<IReconciliationStore>();

    private static Instant Now(TestHost host) => Instant.FromDateTimeOffset(host.Time.GetUtcNow());

    private static Task<int> RunAsync(TestHost host) => Worker(host).RunDueAsync(Now(host));

    private static async Task<Dictionary<LocalDate, ReconciliationState>> StatesAsync(TestHost host) =>
        (await Store(host).DaysAsync(host.Rail.Account, Day, default)).OrderBy(day => day.Key).ToDictionary(day => day.Key, day => day.Value.State);

    private static async Task<Guid> KeepAsync(TestHost host, IKeptDocuments documents, string body)
    {
        var draft = DocumentDraft.Statement(host.Rail.Account, System.Text.Encoding.UTF8.GetBytes(body), Now(host));
        await documents.KeepAsync(draft, default);
        return draft.Id;
    }

    private static StatementAnswer.Ready Statement(params StatementLine[] lines) => new("the file"u8.ToArray(), lines);

    private static List<LocalDate> Asked(ScriptedRail rail, Action? before = null)
    {
        List<LocalDate> asked = [];
        rail.OnStatement = day =>
        {
            asked.Add(day);
            before?.Invoke();
            return Statement();
        };
        return asked;
    }

    /// <summary>Adds up what this host counts, by instrument, account and its other tag.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener listener = new();

        public Counted(IServiceProvider services)
        {
            var factory = services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, all) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                    all.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value?.ToString() ?? "");
                var key = (instrument.Name, named["account"], named.GetValueOrDefault("result") ?? named.GetValueOrDefault("kind") ?? "");
                lock (Values)
                    Values[key] = Values.GetValueOrDefault(key) + value;
            });
            listener.Start();
        }

        public Dictionary<(string Name, string Account, string Result), long> Values { get; } = [];

        public void Dispose() => listener.Dispose();
    }
}
