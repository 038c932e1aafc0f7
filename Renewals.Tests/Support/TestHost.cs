using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Support;

/// <summary>The engine as a host runs it, over a scripted rail on a clock the test moves.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost host;

    private TestHost(IHost host, FakeTimeProvider time, ScriptedRail rail, ListLogger logs) => (this.host, Time, Rail, Logs) = (host, time, rail, logs);

    public FakeTimeProvider Time { get; }

    public ScriptedRail Rail { get; }

    public ListLogger Logs { get; }

    public IServiceProvider Services => host.Services;

    public Memberships Members => Services.GetRequiredService<Memberships>();

    public RenewalWorker Worker => Services.GetRequiredService<RenewalWorker>();

    public ISubscriptionLedger Ledger => Services.GetRequiredService<ISubscriptionLedger>();

    public CallbackDesk Callbacks => Services.GetRequiredService<CallbackDesk>();

    public static FakeTimeProvider Clock() => new(Samples.Now.ToDateTimeOffset());

    /// <summary>Builds and starts a host; in memory unless a connection string is given.</summary>
    public static Task<TestHost> StartAsync(
        string? connectionString = null, FakeTimeProvider? time = null, ScriptedRail? rail = null, Action<RenewalsOptions>? more = null, params ScriptedRail[] others) =>
        StartAsync(connectionString, time, rail, more, null, others);

    /// <summary>… with a service of the engine replaced.</summary>
    public static async Task<TestHost> StartAsync(
        string? connectionString, FakeTimeProvider? time, ScriptedRail? rail, Action<RenewalsOptions>? more, Action<IServiceCollection>? planted,
        ScriptedRail[] others)
    {
        time ??= Clock();
        rail ??= new ScriptedRail(time);
        var logs = new ListLogger();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Services.AddSingleton<TimeProvider>(time).AddSingleton<INotifier>(rail).AddSingleton<IPaymentGateway>(rail);
        foreach (var other in others)
            builder.Services.AddSingleton<IPaymentGateway>(other);
        planted?.Invoke(builder.Services);
        builder.Services.AddRenewals(options =>
        {
            options.InMemory = connectionString is null;
            options.ConnectionString = connectionString ?? "";
            options.RunWorker = false;
            options.Vault.CurrentKey = "k1";
            options.Vault.Keys["k1"] = new byte[32];
            options.Plans.Add(Monthly([rail, .. others]));
            more?.Invoke(options);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new(host, time, rail, logs);
    }

    public static Plan Monthly(params ScriptedRail[] rails) => new()
    {
        Id = "monthly", Subject = "Monthly", Interval = BillingInterval.Monthly, Price = Money.Cny(2500), FirstPeriodPrice = Money.Cny(990),
        Templates = rails.ToDictionary(rail => rail.Account, _ => "12535"),
    };

    public static SignRequest Request(int number, string? member = null, MerchantAccount? account = null) => new()
    {
        Id = Samples.IdOf(number), Member = member ?? $"m{number}", PlanId = "monthly", Account = account ?? Samples.Account, Scene = SigningScene.App,
        DisplayAccount = "shown",
    };

    /// <summary>Signs a member and sweeps until the first period is paid.</summary>
    public async Task<SubscriptionId> SignAsync(int number = 1, MerchantAccount? account = null)
    {
        (await Members.SignAsync(Request(number, account: account))).Should().BeOfType<SignResult.Ready>();
        Time.Advance(TimeSpan.FromMinutes(10));
        await SweepAsync();
        return Samples.IdOf(number);
    }

    public Task<int> SweepAsync() => Worker.SweepAllAsync(default);

    /// <summary>Moves to each alarm in turn and sweeps, until the condition holds.</summary>
    public async Task SweepUntilAsync(Func<Task<bool>> condition)
    {
        for (var steps = 0; !await condition(); steps++)
        {
            steps.Should().BeLessThan(100, "the condition should come true some day");
            var next = await Ledger.NextAlarmAsync(default) ?? throw new InvalidOperationException("Nothing will ever happen again.");
            if (next.ToDateTimeOffset() > Time.GetUtcNow())
                Time.Advance(next.ToDateTimeOffset() - Time.GetUtcNow());
            await SweepAsync();
        }
    }

    /// <summary>Moves to each alarm in turn and sweeps, until such an event is there.</summary>
    public Task SweepUntilAsync<TEvent>(SubscriptionId id, int times = 1)
        where TEvent : SubscriptionEvent => SweepUntilAsync(async () => (await EventsAsync<TEvent>(id)).Count >= times);

    public async Task<IReadOnlyList<TEvent>> EventsAsync<TEvent>(SubscriptionId id)
        where TEvent : SubscriptionEvent => [.. (await Ledger.ReadEventsAsync(id, default)).OfType<TEvent>()];

    public async Task<Subscription> FindAsync(SubscriptionId id) => (await Ledger.FindAsync(id, default))!;

    public async Task BookEqualsFoldAsync() => (await Ledger.VerifyBookAsync(default)).Should().BeEmpty();

    public async Task StopAsync() => await host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        if (host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class ListLogger : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(EventId Id, string Text)> Entries { get; } = new();

    /// <summary>The exceptions that were logged, as text, in their order.</summary>
    public ConcurrentQueue<(EventId Id, string Text)> Exceptions { get; } = new();

    public int Count(int id) => Entries.Count(entry => entry.Id.Id == id);

    /// <summary>The lines of one event, in their order.</summary>
    public IReadOnlyList<string> Texts(int id) => [.. Entries.Where(entry => entry.Id.Id == id).Select(entry => entry.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Entries.Enqueue((eventId, formatter(state, exception)));
        if (exception is not null)
            Exceptions.Enqueue((eventId, $"{exception}"));
    }

    public void Dispose()
    {
    }
}
