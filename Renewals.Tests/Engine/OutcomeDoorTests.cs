using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>The door for outcomes, and the calls before it: one membership's trouble stays its own.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class OutcomeDoorTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_duty_that_stays_due_after_it_was_done_is_parked_and_does_not_spin()
    {
        await using var host = await TestHost.StartAsync();
        await host.Members.SignAsync(TestHost.Request(1));
        host.Time.Advance(TimeSpan.FromMinutes(10));
        var id = Samples.IdOf(1);
        var stuck = Duty.Of(await host.FindAsync(id)).ToLookup(_ => id);
        var door = host.Services.GetRequiredService<OutcomeDoor>();

        // An outcome that has nothing to do with the duty leaves it due.
        await door.RecordAsync(Samples.Account, [new Outcome.OfSubscription(id, new SubscriptionCommand.Unpark("x", "y"))], stuck, default);
        (await host.EventsAsync<Parked>(id)).Should().ContainSingle(e => e.Reason == ParkReason.Fault);
        (await host.SweepAsync()).Should().Be(0);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        (await host.SweepAsync()).Should().Be(1, "once the claim is over it is tried again");
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task What_counts_only_at_a_version_is_judged_with_the_row_in_hand()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        var version = (await host.FindAsync(id)).Version;
        var door = host.Services.GetRequiredService<OutcomeDoor>();
        Task<bool> ParkAsync(ExpectedVersion seen) =>
            door.RecordAsync(Samples.Account, [new Outcome.OfSubscription(id, new SubscriptionCommand.Park(ParkReason.Requested, "look")) { If = seen }], null, default);

        // As if somebody else had come between the caller's look and the lock.
        var (early, exact) = (new ExpectedVersion(version - 1), new ExpectedVersion(version));
        (await ParkAsync(early)).Should().BeTrue();
        early.HasMoved.Should().BeTrue();
        (await host.FindAsync(id)).Version.Should().Be(version);
        (await ParkAsync(exact)).Should().BeTrue();
        exact.HasMoved.Should().BeFalse();
        (await host.EventsAsync<Parked>(id)).Should().ContainSingle();
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_row_that_contradicts_its_stream_is_set_right_and_takes_nobodys_outcome_along()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connectionString);
        foreach (var i in (int[])[1, 2])
            await host.Members.SignAsync(TestHost.Request(i));
        await using (var sql = NpgsqlDataSource.Create(connectionString))
        {
            await using var spoil = sql.CreateCommand(
                $"update renewals.book set version = 7, state = replace(state::text, '\"version\":1,', '\"version\":7,')::json where id = '{Samples.IdOf(2).Value}'");
            await spoil.ExecuteNonQueryAsync();
        }

        var door = host.Services.GetRequiredService<OutcomeDoor>();
        Outcome Cancel(int number) => new Outcome.OfSubscription(Samples.IdOf(number), new SubscriptionCommand.Cancel(CancelledBy.Member, "enough", true));
        (await door.RecordAsync(Samples.Account, [Cancel(1), Cancel(2)], null, default)).Should().BeTrue();
        foreach (var i in (int[])[1, 2])
            (await host.EventsAsync<Cancelled>(Samples.IdOf(i))).Should().ContainSingle();
        (await host.EventsAsync<Parked>(Samples.IdOf(2))).Should().ContainSingle();
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task An_outcome_of_a_membership_that_cannot_be_read_is_not_called_stored()
    {
        await using var host = await TestHost.StartAsync();
        await host.Members.SignAsync(TestHost.Request(1));
        var ledger = (Core.Ledger.InMemoryLedger)host.Ledger;
        ledger.Spoil(Samples.IdOf(1), row => row with { State = "{}"u8.ToArray() });
        ledger.SpoilStream(Samples.IdOf(1));
        var door = host.Services.GetRequiredService<OutcomeDoor>();
        var outcome = new Outcome.OfSubscription(Samples.IdOf(1), new SubscriptionCommand.Cancel(CancelledBy.Member, "enough", true));
        for (var i = 0; i < 3; i++)
            (await door.RecordAsync(Samples.Account, [outcome], null, default)).Should().BeFalse();
        (await host.EventsAsync<Parked>(Samples.IdOf(1))).Should().ContainSingle();
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_keep_one_member_waiting_and_nobody_else()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(connectionString);
        foreach (var i in (int[])[1, 2])
            await host.SignAsync(i);
        await using (var sql = NpgsqlDataSource.Create(connectionString))
        {
            await using var spoil = sql.CreateCommand($"update renewals.vault set key_name = 'gone' where agreement_id = '{(await host.FindAsync(Samples.IdOf(2))).Agreement.Id.Value}'");
            await spoil.ExecuteNonQueryAsync();
        }

        await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        await host.SweepUntilAsync<NotTaken>(Samples.IdOf(2));
        (await host.EventsAsync<NotTaken>(Samples.IdOf(2)))[0].Outcome.Should().BeOfType<ChargeOutcome.NotSent>();
        host.Rail.Orders.Count(order => order.Number.Charge == new Charge(Samples.IdOf(2), ChargeKind.Renewal, 2)).Should().Be(0);
    }
}
