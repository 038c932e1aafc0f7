using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>Memberships of another system are taken over, confirmed, compared with the statements before the cut-over, and renew.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class MovingInTests(PostgresFixture postgres)
{
    /// <summary>The tests begin on 31 January at 10:00 in Shanghai: the cut-over.</summary>
    private static readonly Instant CutOver = Samples.Now;

    private static readonly LocalDate Today = new(2026, 1, 31);

    /// <summary>Paid until 5 February.</summary>
    private static readonly ImportLine First = new("m1", "monthly", new(2025, 11, 5), new(2026, 2, 5), "C1", null, 2500);

    /// <summary>Due today, and the export was made before the other system charged this morning.</summary>
    private static readonly ImportLine Second = new("m2", "monthly", new(2025, 12, 31), Today, "C2", null, 2500);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Confirmed_and_compared_with_the_statements_both_renew_and_what_the_other_system_took_is_not_taken_again(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        (await ImportAsync(host, First, Second)).Should().AllBeOfType<ImportVerdict.Imported>();
        var (first, second) = (await IdOfAsync(host, "m1"), await IdOfAsync(host, "m2"));
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.SweepAsync();
        (await host.FindAsync(second)).Agreement.Status.Should().Be(AgreementStatus.Active);
        host.Rail.Notices.Should().BeEmpty();

        await ReadAllAsync(host, day => day == Today ? [Old("T2", "openid-C2", CutOver - Duration.FromHours(2))] : []);
        await host.SweepUntilAsync<StatementsAsked>(second);
        (await host.EventsAsync<PaidElsewhere>(second)).Should().ContainSingle().Which.Should().Match<PaidElsewhere>(e => e.Ordinal == 2 && e.RailTransaction == "T2" && !e.AfterCutOver);
        await host.SweepUntilAsync<Charged>(first);
        await host.SweepUntilAsync<Charged>(second);
        (await host.EventsAsync<Charged>(first)).Single().Order.Charge.Ordinal.Should().Be(4);
        (await host.EventsAsync<Charged>(second)).Single().Should().Match<Charged>(e => e.Order.Charge.Ordinal == 3 && e.FirstDay == new LocalDate(2026, 2, 28));
        host.Rail.Orders.Should().OnlyContain(order => order.Agreement.IsTakenOver && order.Agreement.RailAgreementId!.StartsWith('C'));
        (await OpenAsync(host)).Should().BeEmpty();
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_order_that_is_not_ours_after_the_cut_over_blows_the_fuse_of_the_account(bool inMemory)
    {
        await using var host = await MovedInAsync(inMemory);
        var first = await IdOfAsync(host, "m1");
        host.Time.Advance(TimeSpan.FromDays(3));
        host.Rail.OnStatement = _ => Statement(Old("T7", "openid-of-a-stranger", CutOver + Duration.FromDays(2)), Old("T8", "openid-C1", CutOver + Duration.FromDays(2)));
        await host.Services.GetRequiredService<Reconciler>().RunAsync(host.Rail.Account, Today.PlusDays(2));
        (await OpenAsync(host)).Should().ContainSingle().Which.Rule.Should().Be(FuseRule.ForeignOrder);
        (await host.EventsAsync<PaidElsewhere>(first)).Should().ContainSingle().Which.Should().Match<PaidElsewhere>(e => e.AfterCutOver && e.Ordinal == 4 && e.RailTransaction == "T8");

        await host.Services.GetRequiredService<FuseBox>().ResetAsync((await OpenAsync(host)).Single().Id, "ann", "the other system is stopped now");
        await host.Services.GetRequiredService<Reconciler>().RunAsync(host.Rail.Account, Today.PlusDays(2));
        (await OpenAsync(host)).Should().BeEmpty("the same payment is no news");
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_heard_of_before_the_old_statements_are_read_blows_the_fuse_at_once_and_not_again_when_its_period_is_known(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        await ImportAsync(host, First with { PaidUntil = new(2026, 1, 5) });
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.SweepAsync();
        host.Time.Advance(TimeSpan.FromDays(2));
        await host.SweepAsync();
        var (first, took) = (await IdOfAsync(host, "m1"), Old("T8", "openid-C1", CutOver + Duration.FromDays(1)));
        host.Rail.OnStatement = _ => Statement(took);
        await host.Services.GetRequiredService<Reconciler>().RunAsync(host.Rail.Account, Today.PlusDays(1));
        (await OpenAsync(host)).Should().ContainSingle().Which.Rule.Should().Be(FuseRule.ForeignOrder);
        (await host.EventsAsync<PaidElsewhere>(first)).Should().ContainSingle().Which.Should().Match<PaidElsewhere>(e => e.AwaitsStatements && e.Ordinal == 0);

        await host.Services.GetRequiredService<FuseBox>().ResetAsync((await OpenAsync(host)).Single().Id, "ann", "the other system is stopped now");
        await ReadAllAsync(host, day => day == new LocalDate(2026, 1, 5) ? [Old("T7", "openid-C1", CutOver - Duration.FromDays(26))] : []);
        await host.SweepUntilAsync<StatementsAsked>(first, 2);
        (await host.EventsAsync<PaidElsewhere>(first)).Select(e => (e.RailTransaction, e.Ordinal)).Should().Equal(("T8", 0), ("T7", 3), ("T8", 4));
        (await OpenAsync(host)).Should().BeEmpty("the same payment is no news");
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_the_payer_in_the_statement_the_number_of_the_old_order_tells_it(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        await ImportAsync(host, First, Second with { OldOrder = "OLD-77" });
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.SweepAsync();
        await ReadAllAsync(host, day => day == Today
            ? [Old("T2", null, CutOver - Duration.FromHours(2)) with { OrderNumber = "OLD-77" }, Old("T1", null, CutOver - Duration.FromHours(2))]
            : []);
        var second = await IdOfAsync(host, "m2");
        await host.SweepUntilAsync<StatementsAsked>(second);
        (await host.EventsAsync<PaidElsewhere>(second)).Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_went_back_whole_pays_for_nothing_and_what_went_back_in_part_does(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        await ImportAsync(host, Second with { Member = "m3", RailAgreementId = "C3" }, Second);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.SweepAsync();
        var (early, third) = (CutOver - Duration.FromHours(2), await IdOfAsync(host, "m3"));
        await ReadAllAsync(host, day => day != Today ? [] :
        [
            Old("T2", "openid-C2", early), Old("T2", null, early) with { RefundNumber = "R2", Amount = Money.Cny(2500) },
            Old("T3", "openid-C3", early), Old("T3", null, early) with { RefundNumber = "R3", Amount = Money.Cny(2499) },
        ]);
        var second = await IdOfAsync(host, "m2");
        await host.SweepUntilAsync<StatementsAsked>(second);
        await host.SweepUntilAsync<StatementsAsked>(third);
        (await host.EventsAsync<PaidElsewhere>(second)).Should().BeEmpty();
        (await host.EventsAsync<PaidElsewhere>(third)).Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_is_repeated_leaves_what_is_there_and_refuses_what_changed(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        await ImportAsync(host, First);
        var again = await ImportAsync(host, First, Second);
        again.Select(verdict => verdict.GetType()).Should().Equal(typeof(ImportVerdict.There), typeof(ImportVerdict.Imported));
        (await ImportAsync(host, First with { Price = 2400 })).Should().ContainSingle().Which.Should().BeOfType<ImportVerdict.Refused>().Which.Why.Should().Contain("imported before with another");
        (await host.Ledger.ReadEventsAsync(await IdOfAsync(host, "m1"), default)).Should().ContainSingle();
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_was_broken_off_after_the_vault_was_written_is_made_good(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        await ImportAsync(host, First);
        var id = await IdOfAsync(host, "m1");
        await using var other = await StartAsync(inMemory);
        await other.Services.GetRequiredService<IAgreementVault>().PutAsync((await host.FindAsync(id)).Agreement.Id, Samples.Account, new("C1", null), default);
        (await ImportAsync(other, First)).Should().ContainSingle().Which.Should().BeOfType<ImportVerdict.Imported>();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_ledger_and_vault_have_against_a_line_is_said_and_the_others_are_taken(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        await host.SignAsync(9);
        var vault = host.Services.GetRequiredService<IAgreementVault>();
        var (kept, empty) = (new AgreementId(new Guid(7, 0, 0, new byte[8])), new AgreementId(new Guid(8, 0, 0, new byte[8])));
        await vault.PutAsync(kept, Samples.Account, new("C7", null), default);
        var verdicts = await ImportAsync(
            host, First, First with { Member = "m5" }, First with { RailAgreementId = "C4" }, Second with { RailAgreementId = null, InVault = kept },
            Second with { Member = "m8", RailAgreementId = null, InVault = empty }, Second with { Member = "m9", RailAgreementId = "C9" }, Second with { Member = "m7", RailAgreementId = "C7" });
        var words = verdicts.Select(verdict => verdict is ImportVerdict.Refused refused ? refused.Why : "in").ToList();
        words.Should().SatisfyRespectively(
            own => own.Should().Be("in"), twice => twice.Should().Contain("earlier line too; one agreement"), member => member.Should().Contain("the member has an earlier line"),
            reference => reference.Should().Be("in"), nothing => nothing.Should().Contain("the vault has no rail's id under"), running => running.Should().Contain("running membership here already"),
            taken => taken.Should().Contain("in the vault already"));
        string.Join('\n', words).Should().NotContainAny("C1", "C4", "C7", "C9");
    }

    [Theory]
    [InlineData("premium", 25, 5, 2500, null, "There is no plan 'premium'")]
    [InlineData("yearly-once", 25, 5, 2500, null, "does not renew")]
    [InlineData("elsewhere", 25, 5, 2500, null, "is not sold at")]
    [InlineData("monthly", 25, 5, 0, null, "must be 1 minor unit or more")]
    [InlineData("monthly", 25, 5, 2501, null, "above the plan's CNY 2500")]
    [InlineData("monthly", 25, 5, 2500, "USD", "the price is in USD")]
    [InlineData("monthly", 25, 6, 2500, null, "the nearest are 2026-02-05 and 2026-03-05")]
    [InlineData("monthly", 27, 5, 2500, null, "before the anchor")]
    [InlineData("monthly", 14, 5, 2500, null, "not between 2000 and 2100")]
    public async Task A_line_that_cannot_be_is_refused_in_words(string plan, int year, int day, long price, string? currency, string why)
    {
        await using var host = await StartAsync(inMemory: true);
        var line = First with { PlanId = plan, Anchor = new(year == 14 ? 1914 : 2000 + year, 11, 5), PaidUntil = new(2026, 2, day), Price = price, Currency = currency };
        (await ImportAsync(host, line)).Should().ContainSingle().Which.Should().BeOfType<ImportVerdict.Refused>().Which.Why.Should().Contain(why);
    }

    [Fact]
    public async Task What_has_lapsed_and_what_is_paid_too_far_ahead_is_refused_at_the_limit()
    {
        await using var host = await StartAsync(inMemory: true);
        ImportLine Until(string member, LocalDate day) => First with { Member = member, RailAgreementId = member, Anchor = day, PaidUntil = day };
        var verdicts = await ImportAsync(host, Until("a", Today.PlusDays(-31)), Until("b", Today.PlusDays(-32)), Until("c", Today.PlusMonths(2)), Until("d", Today.PlusMonths(2).PlusDays(1)));
        verdicts.Select(verdict => verdict is ImportVerdict.Imported).Should().Equal(true, false, true, false);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_stands_twice_in_a_file_is_found_across_batches_too(bool checksOnly)
    {
        await using var host = await StartAsync(inMemory: true);
        var run = await host.Services.GetRequiredService<ImportDesk>().BeginAsync(new(Samples.Account, CutOver) { ChecksOnly = checksOnly });
        (await run.TakeAsync([First])).Should().ContainSingle().Which.Should().BeOfType<ImportVerdict.Imported>();
        (await run.TakeAsync([First with { Member = "m5" }, First with { RailAgreementId = "C5" }])).Should().AllBeOfType<ImportVerdict.Refused>();
    }

    [Fact]
    public async Task Only_checked_nothing_is_written()
    {
        await using var host = await StartAsync(inMemory: true);
        var run = await host.Services.GetRequiredService<ImportDesk>().BeginAsync(new(Samples.Account, CutOver) { ChecksOnly = true });
        (await run.TakeAsync([First])).Should().ContainSingle().Which.Should().BeOfType<ImportVerdict.Imported>();
        (await host.Ledger.FindOfMemberAsync("m1", Samples.Account, default)).Should().BeEmpty();
        (await host.Services.GetRequiredService<LedgerDatabase>().Moves.FindAsync(Samples.Account, default)).Should().BeNull();
    }

    [Fact]
    public async Task Where_the_rail_cannot_be_asked_or_the_cut_over_is_far_nothing_is_imported()
    {
        await using var host = await StartAsync(inMemory: true);
        var desk = host.Services.GetRequiredService<ImportDesk>();
        foreach (var days in (int[])[-32, 32])
            await FluentActions.Awaiting(() => desk.BeginAsync(new(Samples.Account, CutOver + Duration.FromDays(days)))).Should().ThrowAsync<CannotImportException>().WithMessage("*within 31 days*");
        await FluentActions.Awaiting(() => desk.BeginAsync(new(new("wechat", "1"), CutOver))).Should().ThrowAsync<CannotImportException>().WithMessage("No gateway*");
        host.Rail.Traits = host.Rail.Traits with { CanAskForAgreements = false };
        await FluentActions.Awaiting(() => desk.BeginAsync(new(Samples.Account, CutOver))).Should().ThrowAsync<CannotImportException>().WithMessage("*sign anew*");
    }

    [Fact]
    public async Task The_rails_keys_lie_in_the_vault_only_and_a_rebuild_finds_the_imported_streams()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await StartAsync(connection);
        await ImportAsync(host, First with { Payer = "openid-C1", OldOrder = "OLD-77" });
        await using var sql = NpgsqlDataSource.Create(connection);
        await using var command = sql.CreateCommand(
            "select string_agg(t, ' ') from (select e::text t from renewals.mt_events e union all select b::text from renewals.book b union all select k::text from renewals.move_key k) x");
        var dump = (string)(await command.ExecuteScalarAsync())!;
        dump.Should().Contain("imported").And.Contain("taken-over").And.NotContainAny("C1", "openid", "OLD-77");

        await using (var delete = sql.CreateCommand("delete from renewals.book"))
            await delete.ExecuteNonQueryAsync();
        (await host.Ledger.VerifyBookAsync(default)).Should().ContainSingle().Which.Should().Contain("the book has no row");
        (await host.Services.GetRequiredService<LedgerDatabase>().Book!.RunAsync(null, default)).Differences.Should().ContainSingle();
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_export_leaves_out_what_cannot_be_said_and_reads_as_it_was_imported(bool inMemory)
    {
        await using var host = await MovedInAsync(inMemory);
        await host.SweepUntilAsync<Charged>(await IdOfAsync(host, "m1"));
        await host.Members.CancelAsync(await IdOfAsync(host, "m2"), "enough");
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        await host.SignAsync(9);
        await host.SweepUntilAsync<Requested>(Samples.IdOf(9));
        var items = await host.Services.GetRequiredService<ExportDesk>().ReadAsync(Samples.Account).ToListAsync();
        items.Select(item => item.Line ?? (object)item.LeftOut!).Should().BeEquivalentTo(new object[]
        {
            First with { PaidUntil = new(2026, 3, 5), Currency = "CNY", Payer = "openid-C1" }, "renewal was stopped", "an order is in flight",
        });
        items.Where(item => item.IsRunning && item.Line is null).Should().ContainSingle("what is in flight would be lost");
    }

    private async Task<TestHost> StartAsync(bool inMemory) => await StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());

    private static async Task<TestHost> StartAsync(string? connection)
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        rail.Traits = rail.Traits with { CanAskForAgreements = true };
        rail.OnQueryAgreement = agreement => agreement.IsTakenOver
            ? new AgreementAnswer.Active(agreement.RailAgreementId!, $"openid-{agreement.RailAgreementId}", CutOver - Duration.FromDays(90), null)
            : new AgreementAnswer.Active($"contract-{agreement.Agreement}", $"openid-{agreement.Agreement}", CutOver, null);
        var once = TestHost.Monthly(rail) with { Id = "yearly-once", Renews = false };
        var elsewhere = TestHost.Monthly() with { Id = "elsewhere" };
        return await TestHost.StartAsync(connection, time, rail, options =>
        {
            options.Plans.Add(once);
            options.Plans.Add(elsewhere);
        });
    }

    /// <summary>Both were taken over, confirmed and compared with statements that have nothing.</summary>
    private async Task<TestHost> MovedInAsync(bool inMemory)
    {
        var host = await StartAsync(inMemory);
        await ImportAsync(host, First, Second);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.SweepAsync();
        await ReadAllAsync(host, _ => []);
        await host.SweepUntilAsync<StatementsAsked>(await IdOfAsync(host, "m1"));
        await host.SweepUntilAsync<StatementsAsked>(await IdOfAsync(host, "m2"));
        return host;
    }

    private static async Task<IReadOnlyList<ImportVerdict>> ImportAsync(TestHost host, params ImportLine[] lines) =>
        await (await host.Services.GetRequiredService<ImportDesk>().BeginAsync(new(Samples.Account, CutOver))).TakeAsync(lines);

    private static async Task<SubscriptionId> IdOfAsync(TestHost host, string member) => (await host.Ledger.FindOfMemberAsync(member, Samples.Account, default)).Single();

    /// <summary>The next morning the worker reads the statements of all days that are waited for.</summary>
    private static async Task ReadAllAsync(TestHost host, Func<LocalDate, StatementLine[]> lines)
    {
        List<LocalDate> asked = [];
        host.Rail.OnStatement = day =>
        {
            asked.Add(day);
            return Statement(lines(day));
        };
        host.Time.Advance(TimeSpan.FromHours(24.5));
        await host.Services.GetRequiredService<ReconciliationWorker>().RunDueAsync(Instant.FromDateTimeOffset(host.Time.GetUtcNow()));
        asked.Where(day => day <= Today).Should().Equal(Enumerable.Range(0, OldOrders.DaysBefore).Select(i => new LocalDate(2026, 1, 1).PlusDays(i)), "every day is read once, those before the ledger's first event too");
    }

    private static async Task<IReadOnlyList<ChargeStop>> OpenAsync(TestHost host) => await host.Services.GetRequiredService<FuseBox>().ListAsync(all: false);

    private static StatementLine Old(string transaction, string? payer, Instant at) => new($"OTHER-{transaction}", null, Money.Cny(2500), transaction, at) { Payer = payer };

    private static StatementAnswer.Ready Statement(params StatementLine[] lines) => new("the file"u8.ToArray(), lines);
}
