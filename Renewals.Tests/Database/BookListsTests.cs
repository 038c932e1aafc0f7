using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What is read of many memberships at once, in memory and on PostgreSQL alike.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class BookListsTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Memberships_declines_and_ends_are_read_alike(bool inMemory)
    {
        await using var host = await LiveAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var list = host.Services.GetRequiredService<MembershipList>();

        (await NumbersAsync(list, new())).Should().Equal(1, 2, 3, 4);
        (await NumbersAsync(list, new() { Member = "m2" })).Should().Equal(2);
        (await NumbersAsync(list, new() { Member = "m" })).Should().BeEmpty("a name is whole");
        (await NumbersAsync(list, new() { ParkedOnly = true })).Should().Equal(3);
        (await NumbersAsync(list, new() { Status = SubscriptionStatus.Ended, Account = Samples.Account })).Should().Equal(4);
        (await NumbersAsync(list, new() { Account = new("wechat", "1") })).Should().BeEmpty();

        (await CountsAsync(list, new(), new() { Account = Samples.Account }, new() { Account = new("wechat", "1") })).Should().Equal(4, 4, 0);
        (await CountsAsync(list, new() { Parked = ParkReason.Requested, Plan = "monthly" }, new() { Parked = ParkReason.CatchUpUndecided })).Should().Equal(1, 0);

        var first = await list.ReadAsync(new(), null, 3);
        (first.Entries.Count, first.Next).Should().Be((3, Samples.IdOf(3)));
        var second = await list.ReadAsync(new(), first.Next, 3);
        (second.Entries.Single().Id, second.Next).Should().Be((Samples.IdOf(4), null));
        var parked = first.Entries[2];
        (parked.Member, parked.Parked, parked.Status, parked.Version).Should().Be(("m3", ParkReason.Requested, SubscriptionStatus.Active, parked.Membership!.Version));
        LedgerJson.WriteState(parked.Membership).Should().Equal(LedgerJson.WriteState(await host.FindAsync(parked.Id)));

        await DunningIsToldAsync(host);
        await EndsAreToldAsync(host);
    }

    [Fact]
    public async Task What_would_take_long_to_count_is_not_counted()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await LiveAsync(connection);
        await using var sql = Npgsql.NpgsqlDataSource.Create(connection);
        await using var other = await sql.OpenConnectionAsync();
        await using (var transaction = await other.BeginTransactionAsync())
        {
            await using var hold = new Npgsql.NpgsqlCommand("lock table renewals.book, renewals.mt_streams in access exclusive mode", other, transaction);
            await hold.ExecuteNonQueryAsync();
            var counts = await Task.WhenAll(host.Services.GetRequiredService<MembershipList>().CountAsync(new()), new BookRebuild(sql).CountAsync(default));
            counts.Should().HaveCount(2).And.OnlyContain(count => count == null);
        }

        (await new BookRebuild(sql).CountAsync(default)).Should().Be(4);
    }

    [Fact]
    public async Task Of_many_memberships_the_few_that_do_not_renew_are_found_without_reading_the_others()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await LiveAsync(connection);
        await using var sql = Npgsql.NpgsqlDataSource.Create(connection);
        await RunAsync("""
            insert into renewals.book (id, account, version, member, agreement_id, status, state_version, state)
            select gen_random_uuid(), account, version, 'copy', gen_random_uuid(), status, state_version, state
            from renewals.book, generate_series(1, 5000) where member = 'm1'
            """);
        await RunAsync("analyze renewals.book");
        (await NumbersAsync(host.Services.GetRequiredService<MembershipList>(), new() { Status = SubscriptionStatus.Ended })).Should().Equal(4);
        var scans = 0L;
        for (var tries = 0; tries < 100 && scans == 0; tries++)
        {
            await Task.Delay(100);
            scans = await RunAsync("select idx_scan from pg_stat_user_indexes where indexrelname = 'idx_book_status'");
        }

        scans.Should().BePositive();

        async Task<long> RunAsync(string text)
        {
            await using var command = sql.CreateCommand(text);
            return await command.ExecuteScalarAsync() as long? ?? 0;
        }
    }

    private static async Task DunningIsToldAsync(TestHost host)
    {
        var now = Instant.FromDateTimeOffset(host.Time.GetUtcNow());
        var survey = host.Services.GetRequiredService<DunningSurvey>();
        var paid = (await host.EventsAsync<Charged>(Samples.IdOf(2)))[^1];
        var report = await survey.RunAsync(now - Duration.FromDays(30), now - Duration.FromDays(30), now + Duration.FromSeconds(1));
        report.Lines.Should().Equal(
            new DunningLine(Samples.Account, DeclineReason.InsufficientFunds, 1, DunningState.Recovered, 1, paid.Amount),
            new DunningLine(Samples.Account, DeclineReason.InsufficientFunds, 1, DunningState.GivenUp, 1, null));
        report.Today.Should().Equal(new DunningDay(Samples.Account, 2, 1));
        report.Steps.Should().Equal(new DunningStep(1, 2, 2, 0), new DunningStep(2, 1, 0, 1));
        (await survey.RunAsync(now + Duration.FromSeconds(1), now, now + Duration.FromSeconds(2))).Lines.Should().BeEmpty("nothing was declined since");
    }

    private static async Task EndsAreToldAsync(TestHost host)
    {
        var book = host.Services.GetRequiredService<LedgerDatabase>().Lists;
        var agreements = new List<AgreementId>();
        foreach (var number in new[] { 1, 2, 3, 4 })
            agreements.Add((await host.FindAsync(Samples.IdOf(number))).Agreement.Id);
        var ends = (await host.Ledger.FindAgreementAsync(agreements[0], default))!.ExpiresAt!.Value;
        (await book.ExpiriesAsync(agreements, ends, default)).Should().BeEquivalentTo(new Dictionary<AgreementId, Instant> { [agreements[0]] = ends });
        (await book.ExpiriesAsync(agreements, ends - Duration.FromSeconds(1), default)).Should().BeEmpty();
        (await book.ExpiriesAsync([], ends, default)).Should().BeEmpty();

        var status = (await book.CountAsync(Instant.FromDateTimeOffset(host.Time.GetUtcNow()), default)).Single();
        (status.Active, status.Ended, status.Parked[ParkReason.Requested]).Should().Be((3L, 1L, 1L));
    }

    /// <summary>Four members: one whose agreement ends, one whose decline was recovered, one who is parked, one who cancelled after a decline.</summary>
    private static async Task<TestHost> LiveAsync(string? connectionString)
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        var host = await TestHost.StartAsync(connectionString, time, rail);
        for (var number = 1; number <= 4; number++)
        {
            var end = number == 1 ? Instant.FromDateTimeOffset(time.GetUtcNow()) + Duration.FromDays(365) : (Instant?)null;
            rail.OnQueryAgreement = order => new AgreementAnswer.Active("contract-" + order.Agreement, "openid", Instant.FromDateTimeOffset(time.GetUtcNow()), end);
            await host.SignAsync(number);
        }

        await host.Members.ParkAsync(Samples.IdOf(3), "ann", "look");
        rail.OnCharge = order => Task.FromResult(
            order.Number.Attempt == 1 && order.Number.Charge.Subscription != Samples.IdOf(1)
                ? new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH"))
                : rail.Take(order));
        await host.SweepUntilAsync<Failed>(Samples.IdOf(4));
        await host.Members.CancelAsync(Samples.IdOf(4), "enough");
        await host.SweepUntilAsync<Charged>(Samples.IdOf(2), times: 2);
        return host;
    }

    private static async Task<List<long?>> CountsAsync(MembershipList list, params MembershipFilter[] filters)
    {
        List<long?> counts = [];
        foreach (var filter in filters)
            counts.Add(await list.CountAsync(filter));
        return counts;
    }

    private static async Task<IEnumerable<int>> NumbersAsync(MembershipList list, MembershipFilter filter) =>
        (await list.ReadAsync(filter, null, MembershipList.MostAtOnce)).Entries.Select(entry => int.Parse(entry.Id.ToString()[^12..]));
}
