using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Privacy;

/// <summary>After an erasure nothing names the member, for whoever has the key too; the ledger balances and replays, and others' data is where it was.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class ErasureTests(PostgresFixture postgres)
{
    private static readonly LocalDate FirstDay = new(2026, 1, 31);

    [Fact]
    public async Task Nothing_that_names_the_member_is_left_and_the_ledger_balances_and_replays()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var world = await ErasureWorld.StartAsync(connection);
        world.Host.Time.Advance(TimeSpan.FromDays(1));
        var matched = await world.ReconcileAsync(FirstDay);
        matched.Should().Be(3, "every member paid on the first day");
        await world.Host.SweepUntilAsync<Charged>(world.Mine[0], 2);
        await world.EndAsync();
        var (money, histories) = (await world.MoneyAsync(), await HistoriesAsync(world));

        // First that it is all there, and would be found.
        string[] mine = [ErasureWorld.PayerOf(1) + "&", $"{ErasureWorld.PayerOf(1)}\"", $"{ErasureWorld.PayerOf(1)},", ErasureWorld.PayerOf(2), "6222021234567890128", .. await ContractsAsync(world)];
        var before = await DumpAsync(connection);
        foreach (var value in mine)
            before.PlacesOf(value).Should().NotBeEmpty(value);
        before.PlacesOf(ErasureWorld.PayerOf(2)).Should().BeEquivalentTo("renewals.vault opened", "renewals.kept_document opened");

        var done = await EraseAsync(world);
        done.Erased.Should().Be(new ErasedCounts { VaultKeys = 2, Callbacks = 2 * 5, StatementLines = 2, Statements = 2 });

        var after = await DumpAsync(connection);
        foreach (var value in mine)
            after.PlacesOf(value).Should().BeEmpty(value);
        after.PlacesOf(ErasureWorld.Erased).Should().BeEquivalentTo(["renewals.book", "renewals.mt_events", "renewals.erasure"], "the opaque name stays, and the record says so");

        // Nobody else lost anything.
        after.PlacesOf(ErasureWorld.PayerOf(3)).Should().BeEquivalentTo("renewals.vault opened", "renewals.kept_document opened");
        (await CallbacksAsync(world)).Should().Be(5);
        (await StatementsAsync(world)).Should().ContainSingle(text => text.Contains($"{Samples.Order(Samples.IdOf(3), 1)},{ErasureWorld.PayerOf(3)},990\ntotal,,2\n"));

        // The ledger balances, replays, and a statement that is read again says the same and brings nothing back.
        await world.Host.BookEqualsFoldAsync();
        (await world.MoneyAsync()).Should().BeEquivalentTo(money).And.HaveCount(3);
        (await HistoriesAsync(world)).Should().Equal(histories);
        foreach (var id in world.Mine)
            Replay.AsOf(await world.Host.Ledger.ReadEventsAsync(id, default), null).State!.Agreement.Status.Should().Be(AgreementStatus.Terminated);
        (await world.ReconcileAsync(FirstDay)).Should().Be(matched);
        (await DumpAsync(connection)).PlacesOf(ErasureWorld.PayerOf(2)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_old_systems_statements_call_the_member_by_is_forgotten_and_nobody_elses_is(bool inMemory)
    {
        await using var world = await ErasureWorld.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var moves = world.Host.Services.GetRequiredService<LedgerDatabase>().Moves;
        var (mine, others) = (world.Mine[0], Samples.IdOf(3));
        StatementLine Old(string number, int payer) => new($"OLD-{number}", null, Core.Plans.Money.Cny(2500), number, Samples.Now) { Payer = ErasureWorld.PayerOf(payer) };
        await moves.AddKeysAsync(Samples.Account, [new(mine, MoveKeyKind.Payer, ErasureWorld.PayerOf(1), Samples.Now), new(others, MoveKeyKind.Payer, ErasureWorld.PayerOf(3), Samples.Now)], default);
        await moves.KeepAsync(Samples.Account, FirstDay, [Old("T1", 1), Old("T3", 3)], default);
        (await moves.PaymentsOfAsync(Samples.Account, mine, default)).Should().ContainSingle();

        await world.EndAsync();
        (await EraseAsync(world)).IsDone.Should().BeTrue();
        (await moves.PaymentsOfAsync(Samples.Account, mine, default)).Should().BeEmpty();
        (await moves.PaymentsOfAsync(Samples.Account, others, default)).Should().ContainSingle();
        await moves.AddKeysAsync(Samples.Account, [new(mine, MoveKeyKind.Payer, ErasureWorld.PayerOf(1), Samples.Now)], default);
        (await moves.PaymentsOfAsync(Samples.Account, mine, default)).Should().BeEmpty("the line itself does not say any more whose it was");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_anything_is_open_nothing_is_erased_and_what_is_open_is_said(bool inMemory)
    {
        await using var world = await ErasureWorld.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var open = await EraseAsync(world);
        open.IsDone.Should().BeFalse();
        open.Open.Should().BeEquivalentTo(world.Mine.Select(id => new ErasureObstacle(id, "it renews", "cancel it, and wait until the rail has ended the agreement")));
        await world.Host.Members.CancelAsync(world.Mine[0], "enough");
        await world.Host.Members.CancelAsync(world.Mine[1], "enough");
        (await EraseAsync(world)).Open.Should().OnlyContain(o => o.What.StartsWith("agreement ") && o.What.EndsWith(" is Active"), "the rail has not confirmed the end").And.HaveCount(2);
        (await world.Host.Services.GetRequiredService<IAgreementVault>().GetAsync(await AgreementsAsync(world), default)).Should().HaveCount(2);
        (await world.Eraser.EraseAsync("nobody", "ann", "asked")).Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_preview_changes_nothing_the_record_says_what_stays_and_again_is_safe(bool inMemory)
    {
        await using var world = await ErasureWorld.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        await world.EndAsync();
        var preview = (await world.Eraser.PreviewAsync(ErasureWorld.Erased))!;
        (preview.IsDone, preview.Erased.Callbacks, preview.Erased.VaultKeys).Should().Be((false, 10, 2));
        preview.Notes.Should().Contain(note => note.StartsWith("The statement of alipay:2 of 2026-01-31 was not read yet")).And.Contain(note => note.Contains(" is paid until "));
        (await CallbacksAsync(world)).Should().Be(15, "a preview erases nothing");

        var done = await EraseAsync(world);
        done.Should().BeEquivalentTo(preview with { By = "ann", Why = "the member asked", IsDone = true });
        done.Stays[0].Should().Match<ErasureRemainder>(stays => stays.What.Contains("'member-one'") && stays.Where.Contains("mt_events") && stays.Until == new LocalDate(2036, 12, 31));
        var erasures = world.Host.Services.GetRequiredService<LedgerDatabase>().Erasures;
        (await erasures.FindAsync(ErasureWorld.Erased, default)).Should().ContainSingle().Which.Should().BeEquivalentTo(done);

        var again = await EraseAsync(world);
        (again.IsDone, again.Erased).Should().Be((false, new ErasedCounts()));
        again.Earlier.Should().Equal(done.At);
        (await erasures.FindAsync(ErasureWorld.Erased, default)).Should().ContainSingle("nothing was left, so there is nothing to record");

        // A statement that is read later names the member again; one more erasure takes it out.
        world.Host.Time.Advance(TimeSpan.FromDays(1));
        await world.ReconcileAsync(FirstDay);
        (await EraseAsync(world)).Should().Match<ErasureReport>(report => report.IsDone && report.Erased.StatementLines == 2 && report.Earlier.Count == 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_rail_delivers_again_after_the_erasure_is_taken_and_brings_nothing_back(bool inMemory)
    {
        await using var world = await ErasureWorld.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        await world.EndAsync();
        await EraseAsync(world);
        var events = await HistoriesAsync(world);
        await world.CallBackAsync();
        (await HistoriesAsync(world)).Should().Equal(events);
        (await world.Host.Services.GetRequiredService<IAgreementVault>().GetAsync(await AgreementsAsync(world), default)).Should().BeEmpty("an old message that says signed is no reason to keep keys again");
        var kept = await world.Documents.ListAsync(null, DocumentKind.Callback, 100, default);
        kept.Count(d => d.Result == "stored").Should().Be(3, "those of the other member");
        kept.Should().NotContain(d => d.Membership != null && world.Mine.Contains(d.Membership.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payment_of_a_membership_that_a_restore_lost_at_another_account_goes_too(bool inMemory)
    {
        await using var world = await ErasureWorld.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());
        var (id, lost) = (Samples.IdOf(3), $"{Samples.Order(Samples.IdOf(9), 1)},{ErasureWorld.PayerOf(3)},990\n");
        await world.Documents.KeepAsync(
            new() { Id = Guid.CreateVersion7(), Account = world.Host.Rail.Account with { Number = "another" }, Kind = DocumentKind.Statement, Content = Encoding.UTF8.GetBytes("order,payer,fen\n" + lost), At = Samples.Now, Result = "complete" }, default);
        await world.Host.Members.CancelAsync(id, "enough");
        await world.Host.SweepUntilAsync(async () => (await world.Host.FindAsync(id)).Agreement.Status == AgreementStatus.Terminated);

        var done = (await world.Eraser.EraseAsync(ErasureWorld.Other, "ann", "the member asked"))!;
        done.Memberships.Should().Equal([id], "this is all the ledger knows of the member, and it is at the first account");
        done.Erased.StatementLines.Should().Be(1);
        (await StatementsAsync(world)).Should().NotContain(text => text.Contains(ErasureWorld.PayerOf(3)));
    }

    [Fact]
    public async Task In_a_frozen_ledger_nothing_is_erased()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (var world = await ErasureWorld.StartAsync(connection))
            await world.EndAsync();
        await using var restored = await TestHost.StartAsync(connection, more: options =>
        {
            options.Environment = "another";
            options.Plans[0] = options.Plans[0] with { Id = "of-staging" };
        });
        var erase = () => restored.Services.GetRequiredService<MemberEraser>().EraseAsync(ErasureWorld.Erased, "ann", "asked");
        await erase.Should().ThrowAsync<LedgerUnavailableException>().WithMessage("The ledger is frozen since *adopt it first.");
        var database = restored.Services.GetRequiredService<LedgerDatabase>();
        (await database.Erasures.FindAsync(ErasureWorld.Erased, default)).Should().BeEmpty();
        (await database.Plans.ListAsync(default)).Should().ContainSingle("a host that came to the wrong ledger publishes nothing there");
    }

    [Theory]
    [InlineData("update renewals.erasure set reason = 'x'")]
    [InlineData("delete from renewals.erasure")]
    [InlineData("delete from renewals.erased_membership")]
    public async Task The_database_refuses_to_change_a_record(string sql)
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var world = await ErasureWorld.StartAsync(connection);
        await world.EndAsync();
        (await EraseAsync(world)).IsDone.Should().BeTrue();
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(sql);
        await FluentActions.Awaiting(() => command.ExecuteNonQueryAsync()).Should().ThrowAsync<PostgresException>().WithMessage("*is insert-only*");
    }

    private static async Task<ErasureReport> EraseAsync(ErasureWorld world) => (await world.Eraser.EraseAsync(ErasureWorld.Erased, "ann", "the member asked"))!;

    private static Task<OpenedDump> DumpAsync(string connection)
    {
        // The key TestHost gives its vault; it opens nothing else.
        var keys = new VaultOptions { CurrentKey = "k1" };
        keys.Keys["k1"] = new byte[32];
        return OpenedDump.OfAsync(connection, keys);
    }

    private static async Task<int> CallbacksAsync(ErasureWorld world) => (await world.Documents.ListAsync(null, DocumentKind.Callback, 100, default)).Count;

    private static async Task<IReadOnlyList<string>> StatementsAsync(ErasureWorld world)
    {
        List<string> texts = [];
        foreach (var d in await world.Documents.ListAsync(null, DocumentKind.Statement, 100, default))
            texts.Add(Encoding.UTF8.GetString((await world.Documents.FindAsync(d.Id, default))!));
        return texts;
    }

    private static async Task<List<AgreementId>> AgreementsAsync(ErasureWorld world) => [.. (await Task.WhenAll(world.Mine.Select(world.Host.FindAsync))).Select(s => s.Agreement.Id)];

    private static async Task<IEnumerable<string>> ContractsAsync(ErasureWorld world) => (await AgreementsAsync(world)).Select(id => $"contract-{id}");

    private static async Task<List<string>> HistoriesAsync(ErasureWorld world)
    {
        List<string> all = [];
        foreach (var id in world.Mine)
            all.AddRange((await world.Host.Ledger.ReadEventsAsync(id, default)).Select(e => $"{id} {e.GetType().Name} {JsonSerializer.Serialize(e, e.GetType(), LedgerJson.Options)}"));
        return all;
    }
}
