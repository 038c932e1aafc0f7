using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Renewals.Core;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>The hosted worker, and what the host says when it cannot start.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class RenewalWorkerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Stopping_lets_calls_under_way_finish_and_records_their_answers()
    {
        await using var host = await TestHost.StartAsync(more: options => options.RunWorker = true);
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously), released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Rail.OnCharge = async order =>
        {
            reached.TrySetResult();
            await released.Task;
            return host.Rail.Take(order);
        };
        await host.Members.SignAsync(TestHost.Request(1));
        await AdvanceUntilAsync(host, TimeSpan.FromMinutes(10), reached.Task);
        var stop = host.StopAsync();
        await Task.Delay(50);
        stop.IsCompleted.Should().BeFalse();
        released.SetResult();
        await stop;
        (await host.EventsAsync<Charged>(Samples.IdOf(1))).Should().ContainSingle();
    }

    [Fact]
    public async Task A_failing_sweep_does_not_end_the_worker()
    {
        await using var host = await TestHost.StartAsync(more: options => options.RunWorker = true);
        TaskCompletionSource charged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var failures = 0;
        host.Rail.OnPermits = wanted => Interlocked.Increment(ref failures) < 5 ? throw new InvalidOperationException("the adapter broke") : wanted;
        host.Rail.OnCharge = order =>
        {
            charged.TrySetResult();
            return Task.FromResult(host.Rail.Take(order));
        };
        await host.Members.SignAsync(TestHost.Request(1));
        await AdvanceUntilAsync(host, TimeSpan.FromMinutes(10), charged.Task);
        host.Logs.Count(1006).Should().BePositive();
    }

    [Theory]
    [InlineData("no database", "ConnectionString is missing: say where the PostgreSQL database is.")]
    [InlineData("malformed", "ConnectionString cannot be read: *")]
    [InlineData("unknown word", "ConnectionString cannot be read: *")]
    [InlineData("unreachable", "The database cannot be used: * Check ConnectionString, *")]
    [InlineData("not there", "The database cannot be used: * Check ConnectionString, *")]
    [InlineData("no plan", "Plans is empty: add at least one plan.")]
    [InlineData("free plan", "Plans: Plan 'monthly' has a price below one minor unit.*")]
    [InlineData("two plans", "Plans: Two plans are called 'monthly'.*")]
    [InlineData("no key", "Vault has no key: *")]
    [InlineData("short key", "*Keys['k1'] has 3 bytes; a vault key has 32.")]
    [InlineData("unnamed key", "*CurrentKey 'k9' is not among the vault's keys.")]
    [InlineData("batch", "*BatchSize*between 1 and 5000.")]
    [InlineData("poll", "*PollInterval*between*")]
    public async Task A_host_that_cannot_work_says_at_start_what_to_change(string fault, string sentence)
    {
        var start = () => TestHost.StartAsync("Host=/nowhere;Username=x;Database=x", more: options => Spoil(options, fault, postgres));
        (await start.Should().ThrowAsync<Exception>().WithMessage(sentence)).Which.Message.Should().NotContain("\n");
    }

    private static void Spoil(RenewalsOptions options, string fault, PostgresFixture postgres)
    {
        var plan = options.Plans[0];
        switch (fault)
        {
            case "no database": options.ConnectionString = ""; break;
            case "malformed": options.ConnectionString = "somewhere"; break;
            case "unknown word": options.ConnectionString = "Host=x;Colour=red"; break;
            case "not there": options.ConnectionString = postgres.ConnectionStringOfNoDatabase(); break;
            case "no plan": options.Plans.Clear(); break;
            case "free plan": options.Plans[0] = plan with { Price = Money.Cny(0) }; break;
            case "two plans": options.Plans.Add(plan); break;
            case "no key": options.Vault.Keys.Clear(); break;
            case "short key": options.Vault.Keys["k1"] = new byte[3]; break;
            case "unnamed key": options.Vault.CurrentKey = "k9"; break;
            case "batch": options.Engine.BatchSize = 0; break;
            case "poll": options.Engine.PollInterval = TimeSpan.Zero; break;
        }
    }

    // The worker sleeps on the movable clock: it is moved on until the worker has got there.
    private static async Task AdvanceUntilAsync(TestHost host, TimeSpan step, Task reached)
    {
        host.Time.Advance(step);
        for (var tries = 0; !reached.IsCompleted; tries++)
        {
            tries.Should().BeLessThan(500);
            await Task.Delay(10);
            host.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
