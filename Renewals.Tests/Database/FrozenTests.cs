using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Postgres;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>A restored or copied database charges nobody, until every rail was asked for what it lost.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class FrozenTests(PostgresFixture postgres) : IDisposable
{
    private readonly FrozenWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_copied_data_folder_that_is_started_as_a_second_server_charges_nobody()
    {
        await using (var server = await world.ServeAsync("kept"))
        await using (var host = await HostAsync(server))
            await ReadyToChargeAsync(host);
        world.Copy("kept", "copy");

        await using var second = await world.ServeAsync("copy");
        await using (var host = await HostAsync(second, "another-machine"))
            await world.ShouldBeFrozenAsync(host, "the data folder is a copy");

        await using var first = await world.ServeAsync("kept");
        await using var original = await HostAsync(first);
        await original.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        Sent().Should().OnlyHaveUniqueItems();

        Task<TestHost> HostAsync(EmbeddedPostgres server, string state = "host") =>
            world.HostAsync(server.ConnectionString("postgres"), state, filesBorn: server.FilesBorn);
    }

    /// <summary>A copy within the server is what a dump and its restore into another database of it come to.</summary>
    [Fact]
    public async Task A_dump_restored_into_another_database_charges_nobody()
    {
        var ledger = await postgres.CreateDatabaseAsync();
        await using (var host = await world.HostAsync(ledger))
            await ReadyToChargeAsync(host);

        var restored = await postgres.CopyDatabaseAsync(ledger);
        await using var copy = await world.HostAsync(restored, "another-machine");

        await world.ShouldBeFrozenAsync(copy, $"the database is another one: '{new NpgsqlConnectionStringBuilder(restored).Database}'");
        (await copy.Services.GetRequiredService<LedgerDatabase>().Identities!.HistoryAsync(default)).Should().ContainSingle("an identity is never rewritten by itself");
    }

    [Fact]
    public async Task A_snapshot_rolled_back_charges_nobody_until_it_is_adopted_and_then_every_charge_is_paid_once()
    {
        await RollBackAsync();
        await using var server = await world.ServeAsync("kept");
        await using var host = await world.HostAsync(server.ConnectionString("postgres"));
        (await host.EventsAsync<Charged>(Samples.IdOf(1))).Should().HaveCount(1, "the second charge was lost with the snapshot");
        Duty.Of(await host.FindAsync(Samples.IdOf(1))).Should().Contain(duty => duty.Kind == DutyKind.Charge, "it is due");

        await world.ShouldBeFrozenAsync(host, "the database stepped back");
        var dry = await FrozenWorld.AdoptAsync(host, dryRun: true);
        (dry.Adopted, dry.Accounts.Single().Memberships, dry.Accounts.Single().Asked).Should().Be((false, 1, 0));
        var early = await FrozenWorld.AdoptAsync(host);
        (early.Adopted, early.Accounts.Single().Found).Should().Be((false, 1), "the charge is found at the rail, and the statement of the next day is still to come");
        early.Problems.Should().OnlyContain(problem => problem.Contains("can be had from"));
        (await host.EventsAsync<Charged>(Samples.IdOf(1))).Should().HaveCount(2);
        (await host.EventsAsync<OrderFound>(Samples.IdOf(1))).Should().ContainSingle();

        world.Time.Advance(TimeSpan.FromDays(3));
        var report = await FrozenWorld.AdoptAsync(host);

        report.Problems.Should().BeEmpty();
        (report.Adopted, report.Before!.Number, report.After!.Number, report.After.By).Should().Be((true, 1, 2, "ann"));
        report.Accounts.Single().Days.Should().HaveCountGreaterThan(1).And.OnlyContain(day => day.State == ReconciliationState.Complete);
        (await host.Services.GetRequiredService<FuseBox>().ListAsync(all: true)).Should().ContainSingle().Which.End!.By.Should().Be("ann");
        await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 3);
        Sent().Should().OnlyHaveUniqueItems("every charge was sent once").And.HaveCount(3);
        (await host.EventsAsync<Overpaid>(Samples.IdOf(1))).Should().BeEmpty();
        await host.BookEqualsFoldAsync();

        // What the host had seen before counts no more, also for its next start.
        await host.StopAsync();
        await using var again = await world.HostAsync(server.ConnectionString("postgres"));
        again.Logs.Count(1040).Should().Be(0);
    }

    /// <summary>Found by a simulated world: the hosts had seen events under an identity that was gone, and froze the ledger after every adoption anew.</summary>
    [Fact]
    public async Task A_restore_that_takes_an_adoption_with_it_can_be_adopted_once_more()
    {
        await RollBackAsync();
        world.Copy("kept", "older");
        await using (var server = await world.ServeAsync("kept"))
        await using (var host = await world.HostAsync(server.ConnectionString("postgres")))
        {
            world.Time.Advance(TimeSpan.FromDays(3));
            (await FrozenWorld.AdoptAsync(host)).Adopted.Should().BeTrue();
            await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 3);
        }

        world.PutBack("older", "kept");
        await using var restored = await world.ServeAsync("kept");
        await using (var host = await world.HostAsync(restored.ConnectionString("postgres")))
        {
            await world.ShouldBeFrozenAsync(host, "the database stepped back");
            world.Time.Advance(TimeSpan.FromDays(3));
            (await FrozenWorld.AdoptAsync(host)).Adopted.Should().BeTrue();
            await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 4);
            host.Logs.Count(1040).Should().Be(1, "it is not frozen again");
        }

        Sent().Should().OnlyHaveUniqueItems("every charge was sent once");
        await using var again = await world.HostAsync(restored.ConnectionString("postgres"));
        again.Logs.Count(1040).Should().Be(0);
    }

    /// <summary>The planted defect: without the freeze the rail sees an order again that it has taken.</summary>
    [Fact]
    public async Task Without_the_freeze_a_snapshot_rolled_back_sends_an_order_twice()
    {
        await RollBackAsync();
        await using var server = await world.ServeAsync("kept");
        await using var host = await world.HostAsync(server.ConnectionString("postgres"), unguarded: true);
        await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        Sent().Should().HaveCount(3).And.Subject.Distinct().Should().HaveCount(2);
    }

    [Fact]
    public async Task A_rail_that_cannot_be_asked_or_gives_no_statement_keeps_the_ledger_frozen()
    {
        var ledger = await postgres.CreateDatabaseAsync();
        await using (var host = await world.HostAsync(ledger))
            await ReadyToChargeAsync(host);
        await using var copy = await world.HostAsync(await postgres.CopyDatabaseAsync(ledger));
        world.Time.Advance(TimeSpan.FromDays(2));

        world.Rail.OnQueryCharge = _ => new(new ChargeOutcome.Unknown("no answer"));
        var unanswered = await FrozenWorld.AdoptAsync(copy);
        unanswered.Adopted.Should().BeFalse();
        unanswered.Problems.Should().ContainSingle().Which.Should().Contain("no answer");

        (world.Rail.OnQueryCharge, world.StatementsFail) = (null, true);
        var unread = await FrozenWorld.AdoptAsync(copy);
        unread.Adopted.Should().BeFalse();
        unread.Problems.Should().OnlyContain(problem => problem.Contains("the rail's file server is away"));

        await world.ShouldBeFrozenAsync(copy, "the database is another one");
        (await copy.Services.GetRequiredService<FuseBox>().ResetAsync(1, "ann", "go on")).Should().BeOfType<StopResult.NothingMatched>("only an adoption ends it");
        world.StatementsFail = false;
        (await FrozenWorld.AdoptAsync(copy)).Adopted.Should().BeTrue();
    }

    /// <summary>Who cancelled after the restored moment is not charged: the cancel is lost, and the rail knows that the agreement was ended.</summary>
    [Fact]
    public async Task An_agreement_that_ended_since_is_asked_for_before_anybody_is_charged_and_an_answer_that_got_lost_is_asked_for_again()
    {
        world.Rail.Traits = world.Rail.Traits with { CanAskForAgreements = true };
        var ledger = await postgres.CreateDatabaseAsync();
        await using (var host = await world.HostAsync(ledger))
            await ReadyToChargeAsync(host);
        await using var copy = await world.HostAsync(await postgres.CopyDatabaseAsync(ledger));
        world.Time.Advance(TimeSpan.FromDays(2));
        var (orders, agreements) = (0, 0);
        world.Rail.OnQueryCharge = _ => orders++ == 0 ? new(new ChargeOutcome.Unknown("no answer")) : null!;
        world.Rail.OnQueryAgreement = _ => agreements++ == 0 ? new AgreementAnswer.Unknown("no answer") : new AgreementAnswer.Terminated(TerminationMode.Merchant, null);

        var report = await FrozenWorld.AdoptAsync(copy);

        report.Problems.Should().BeEmpty();
        (report.Adopted, report.Accounts.Single().Agreements, report.Accounts.Single().EndedAgreements).Should().Be((true, 1, 1));
        orders.Should().BeGreaterThan(1);
        (await copy.EventsAsync<Cancelled>(Samples.IdOf(1))).Should().ContainSingle("what the rail says is recorded before the ledger goes on");
        for (var day = 0; day < 60; day++)
        {
            world.Time.Advance(TimeSpan.FromDays(1));
            await copy.SweepAsync();
        }

        Sent().Should().ContainSingle("only the first period was charged, before the restored moment");
    }

    [Fact]
    public async Task A_second_host_that_notices_stops_the_first()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var first = await world.HostAsync(connection);
        await ReadyToChargeAsync(first);
        first.Services.GetRequiredService<IFreeze>().Known.Should().BeNull();
        world.Time.Advance(TimeSpan.FromDays(7));
        Duty.Of(await first.FindAsync(Samples.IdOf(1))).Should().Contain(
            duty => duty.Kind == DutyKind.Charge && duty.Due <= NodaTime.Instant.FromDateTimeOffset(world.Time.GetUtcNow()), "the charge is due, and both could make it");

        await using var second = await world.HostAsync(connection, environment: "staging");

        await world.ShouldBeFrozenAsync(second, "of environment 'production' and this host of 'staging'");
        await world.ShouldBeFrozenAsync(first, "of environment 'production' and this host of 'staging'");
    }

    [Fact]
    public async Task A_lost_state_file_is_said_and_freezes_nothing_and_another_account_is_only_recorded()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (var host = await world.HostAsync(connection))
            await ReadyToChargeAsync(host);
        Directory.GetFiles(world.Folder("host")).Should().ContainSingle();
        Directory.Delete(world.Folder("host"), recursive: true);
        var other = new ScriptedRail(world.Time, new MerchantAccount("alipay", "2"));

        await using (var host = await world.HostAsync(connection, others: other))
        {
            (host.Logs.Count(1040), host.Logs.Count(1042), host.Logs.Count(1044)).Should().Be((0, 1, 1));
            await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        }

        await using var less = await world.HostAsync(connection);
        (less.Logs.Count(1040), less.Logs.Count(1042), less.Logs.Count(1045)).Should().Be((0, 0, 1));
    }

    [Fact]
    public async Task While_it_is_frozen_what_became_known_is_recorded_and_questions_go_on()
    {
        world.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        world.Rail.OnQueryCharge = _ => new(new ChargeOutcome.Pending("accepted"));
        var connection = await postgres.CreateDatabaseAsync();
        await using (var host = await world.HostAsync(connection))
        {
            await host.SignAsync(1);
            await host.SignAsync(2);
        }

        await using var copy = await world.HostAsync(connection, environment: "staging");
        await copy.Members.CancelAsync(Samples.IdOf(2), "enough");
        world.Rail.OnQueryCharge = order => world.Rail.Take(order);
        await world.ShouldBeFrozenAsync(copy, "staging");
        (await copy.EventsAsync<Charged>(Samples.IdOf(1))).Should().ContainSingle("it was in flight and was asked about");
        (await copy.EventsAsync<Cancelled>(Samples.IdOf(2))).Should().ContainSingle();
        (await copy.EventsAsync<AgreementChanged>(Samples.IdOf(2))).Should().OnlyContain(e => e.Status == Core.Agreements.AgreementStatus.Active, "no agreement is ended");
    }

    [Fact]
    public async Task Events_without_an_identity_are_not_trusted()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (var host = await world.HostAsync(connection))
            await ReadyToChargeAsync(host);
        await using (var database = NpgsqlDataSource.Create(connection))
        await using (var command = database.CreateCommand("delete from renewals.ledger_identity"))
            await command.ExecuteNonQueryAsync();

        await using var again = await world.HostAsync(connection);
        await world.ShouldBeFrozenAsync(again, "has events and no identity");
    }

    [Fact]
    public async Task A_ledger_in_memory_is_never_frozen()
    {
        await using var host = await TestHost.StartAsync(more: options => options.Environment = "staging");
        (await host.Services.GetRequiredService<IFreeze>().LookAsync(default)).Should().BeNull();
        (await host.Services.GetRequiredService<Adoption>().RunAsync("ann", "test")).Freeze.Should().BeNull();
    }

    private IEnumerable<string> Sent() => world.Rail.Orders.Select(order => order.Number.ToString());

    /// <summary>The first period is paid, and the second one's charge is all but due.</summary>
    private static async Task ReadyToChargeAsync(TestHost host)
    {
        await host.SignAsync();
        await host.SweepUntilAsync<Announced>(Samples.IdOf(1));
    }

    /// <summary>After the snapshot the second charge is made; then the snapshot is put back.</summary>
    private async Task RollBackAsync()
    {
        await using (var server = await world.ServeAsync("kept"))
        await using (var host = await world.HostAsync(server.ConnectionString("postgres")))
            await ReadyToChargeAsync(host);
        world.Copy("kept", "snapshot");
        await using (var server = await world.ServeAsync("kept"))
        await using (var host = await world.HostAsync(server.ConnectionString("postgres")))
            await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        Sent().Should().HaveCount(2);
        world.PutBack("snapshot", "kept");
    }
}
