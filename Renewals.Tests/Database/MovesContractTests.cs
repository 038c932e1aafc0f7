using System.Runtime.Versioning;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Database;

/// <summary>What is kept of another system's payments: the same in memory and in PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class MovesContractTests(PostgresFixture postgres)
{
    private static readonly LocalDate Day = new(2026, 1, 20);
    private static readonly Instant At = Samples.Now - Duration.FromDays(11);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Moves_of_one_account_lie_in_one_span_of_days_and_days_are_read_once(bool inMemory)
    {
        await using var database = await OpenAsync(inMemory);
        var moves = database?.Moves ?? new InMemoryMoves();
        (await moves.FindAsync(Samples.Account, default)).Should().BeNull();
        await moves.BeginAsync(Samples.Account, Day, Day.PlusDays(30), default);
        await moves.BeginAsync(Samples.Account, Day.PlusDays(-5), Day.PlusDays(25), default);
        (await moves.FindAsync(Samples.Account, default)).Should().Be(new MoveDays(Day.PlusDays(-5), Day.PlusDays(30)));
        foreach (var day in (LocalDate[])[Day, Day, Day.PlusDays(40)])
            await moves.SetReadAsync(Samples.Account, day, default);
        (await moves.DaysReadAsync(Samples.Account, Day.PlusDays(-5), Day.PlusDays(30), default)).Should().BeEquivalentTo([Day]);
        (await moves.DaysReadAsync(new("alipay", "1"), Day, Day, default)).Should().BeEmpty("another account's statement is another one");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payer_with_two_memberships_makes_it_uncertain_an_order_never_and_lines_are_forgotten(bool inMemory)
    {
        await using var database = await OpenAsync(inMemory);
        var moves = database?.Moves ?? new InMemoryMoves();
        var (one, two) = (Samples.IdOf(1), Samples.IdOf(2));
        await moves.AddKeysAsync(Samples.Account, [new(one, MoveKeyKind.Payer, "p", Samples.Now), new(one, MoveKeyKind.Payer, "p", Samples.Now), new(two, MoveKeyKind.Payer, "p", At)], default);
        await moves.AddKeysAsync(Samples.Account, [new(two, MoveKeyKind.Order, "o-2", At)], default);
        StatementLine[] lines = [Line("o-1", "T1"), Line("o-2", "T2"), Line("p", "T3") with { Payer = "o-2" }];
        await moves.KeepAsync(Samples.Account, Day, lines, default);
        await moves.KeepAsync(Samples.Account, Day, lines, default);
        (await PaymentsAsync(moves, one)).Should().Equal(("T1", false), ("T2", false));
        (await PaymentsAsync(moves, two)).Should().Equal(("T1", false), ("T2", true));
        (await moves.PaymentsOfAsync(new("alipay", "1"), one, default)).Should().BeEmpty();
        (await moves.AfterCutOverAsync(Samples.Account, lines, default)).Select(found => (found.Id, found.Payment.RailTransaction)).Should().BeEquivalentTo([(two, "T1"), (two, "T2")]);
        await moves.EraseBeforeAsync(Day, default);
        (await PaymentsAsync(moves, one)).Should().HaveCount(2);
        await moves.EraseBeforeAsync(Day.PlusDays(1), default);
        (await PaymentsAsync(moves, one)).Should().BeEmpty();
    }

    private async Task<LedgerDatabase?> OpenAsync(bool inMemory) => inMemory ? null : PostgresFixture.Open(await postgres.CreateDatabaseAsync());

    private static async Task<IEnumerable<(string Transaction, bool IsCertain)>> PaymentsAsync(IMoves moves, SubscriptionId id) =>
        (await moves.PaymentsOfAsync(Samples.Account, id, default)).Select(payment => (payment.RailTransaction, payment.IsCertain)).Order();

    private static StatementLine Line(string order, string transaction) => new(order, null, Money.Cny(2500), transaction, At) { Payer = order == "p" ? null : "p" };
}
