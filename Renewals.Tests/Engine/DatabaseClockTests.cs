using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Npgsql;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Hosts agree on what is due, because all follow the database's clock.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class DatabaseClockTests(PostgresFixture postgres) : IDisposable
{
    private readonly FakeTimeProvider time = TestHost.Clock();
    private readonly ListLogger logs = new();

    public void Dispose() => logs.Dispose();

    private Instant Local => Instant.FromDateTimeOffset(time.GetUtcNow());

    [Theory]
    [InlineData(-3.0, 0, true)]
    [InlineData(5.0, 0, true)]
    [InlineData(5.5, 1009, true)]
    [InlineData(-60.0, 1009, true)]
    [InlineData(60.5, 1010, false)]
    [InlineData(-3_600.0, 1010, false)]
    public async Task The_engine_follows_the_databases_clock_and_says_when_the_two_are_apart(double seconds, int logged, bool mayClaim)
    {
        var off = Duration.FromSeconds(seconds);
        var clock = Clock(_ => Task.FromResult(Local + off));
        var engine = new EngineClock(time) { Database = clock };
        engine.Now.Should().Be(Local, "nothing was measured yet");
        await clock.MeasureAsync(default);
        engine.Now.Should().Be(Local + off);
        engine.MayClaim.Should().Be(mayClaim);
        logs.Entries.Select(entry => entry.Id.Id).Should().Equal(logged == 0 ? [] : [logged]);
    }

    [Fact]
    public async Task The_way_to_the_database_counts_half()
    {
        var clock = Clock(_ =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            var answer = Local;
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(answer);
        });
        await clock.MeasureAsync(default);
        clock.Offset.Should().Be(Duration.Zero);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_leaves_the_last_measure()
    {
        var answers = true;
        var clock = Clock(_ => answers ? Task.FromResult(Local + Duration.FromSeconds(3)) : throw new NpgsqlException("gone"));
        await clock.MeasureAsync(default);
        answers = false;
        await clock.MeasureAsync(default);
        clock.Offset.Should().Be(Duration.FromSeconds(3));
        logs.Count(1011).Should().Be(1);
    }

    [Fact]
    public async Task A_clock_that_is_moved_by_hand_is_right_by_definition()
    {
        await using var host = await TestHost.StartAsync(await postgres.CreateDatabaseAsync());
        ((EngineClock)host.Services.GetService(typeof(EngineClock))!).Now.Should().Be(Samples.Now);
    }

    [Fact]
    public async Task On_the_system_clock_the_real_database_is_measured()
    {
        await using var database = PostgresFixture.Open(await postgres.CreateDatabaseAsync());
        var clock = new DatabaseClock(TimeProvider.System, database.ReadClock, Logger());
        clock.Follows.Should().BeTrue();
        await clock.MeasureAsync(default);
        clock.Offset.Should().NotBe(Duration.Zero);
        clock.MayClaim.Should().BeTrue();
    }

    [Fact]
    public async Task While_the_clocks_are_far_apart_nothing_is_claimed_and_then_again()
    {
        await using var host = await TestHost.StartAsync();
        await host.Members.SignAsync(TestHost.Request(1));
        host.Time.Advance(TimeSpan.FromMinutes(10));
        var off = Duration.FromMinutes(2);
        var clock = new DatabaseClock(host.Time, _ => Task.FromResult(Instant.FromDateTimeOffset(host.Time.GetUtcNow()) + off), Logger()) { IsSystem = _ => true };
        var services = host.Services;
        var engine = new EngineClock(host.Time) { Database = clock };
        var sweep = new Sweep(
            host.Ledger, Get<RegisteredGateways>(), Get<ErrandRunner>(), Get<OutcomeDoor>(), engine,
            Get<Microsoft.Extensions.Options.IOptions<EngineOptions>>(), Get<EngineMetrics>(), Get<EngineTraces>(), new NeverFrozen(), Get<ILogger<Sweep>>());
        await clock.MeasureAsync(default);
        (await sweep.RunAsync(Samples.Account, default)).Should().Be(0);
        off = Duration.Zero;
        await clock.MeasureAsync(default);
        (await sweep.RunAsync(Samples.Account, default)).Should().Be(1);

        T Get<T>()
            where T : notnull => (T)services.GetService(typeof(T))!;
    }

    private DatabaseClock Clock(Func<CancellationToken, Task<Instant>> read) => new(time, read, Logger()) { IsSystem = _ => true };

    private Logger<DatabaseClock> Logger() => new(new Factory(logs));

    private sealed class Factory(ListLogger logs) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => logs;

        public void Dispose()
        {
        }
    }
}
