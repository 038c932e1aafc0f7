using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Tests.Gateways.Stripe;

public sealed class StatementTests : IDisposable
{
    private static readonly LocalDate Day = new(2026, 3, 3);
    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task Payments_and_refunds_are_lines_and_nothing_else_is()
    {
        rail.Says(Samples.List(Refund("txn_3"), Charge("txn_2"), Other("txn_1", "stripe_fee"), Other("txn_0", "payout")));
        var ready = (await ReadAsync()).Should().BeOfType<StatementAnswer.Ready>().Subject;
        ready.Lines.Should().Equal(
            new StatementLine(Samples.Number.ToString(), Samples.Refund.Number.ToString(), Money.Cny(500), "pi_1", Samples.Now + Duration.FromHours(1)),
            new StatementLine(Samples.Number.ToString(), null, Money.Cny(1500), "pi_1", Samples.Now + Duration.FromHours(1)));
        ready.Lines.Should().HaveCount(2, "lines can be read twice");
        ready.Raw.Length.Should().BePositive();
    }

    [Fact]
    public async Task The_amount_is_the_members_and_not_the_balances()
    {
        var entry = Charge("txn_1");
        (entry["amount"], entry["currency"]) = (199, "usd");
        (await LinesAsync(Samples.List(entry))).Should().ContainSingle().Which.Amount.Should().Be(Money.Cny(1500));
    }

    [Fact]
    public async Task What_was_not_made_by_us_stands_there_under_the_rails_numbers()
    {
        var (charge, refund) = (Charge("txn_1"), Refund("txn_2"));
        charge["source"]!["metadata"] = new JsonObject();
        refund["source"]!["metadata"] = null;
        (await LinesAsync(Samples.List(charge, refund))).Select(line => (line.OrderNumber, line.RefundNumber)).Should().Equal(("pi_1", null), ("pi_1", "re_1"));
    }

    [Fact]
    public async Task The_customer_is_read_of_payments_that_are_not_ours_and_of_no_others()
    {
        var (ours, strange, guest) = (Charge("txn_1"), Charge("txn_2"), Charge("txn_3"));
        (ours["source"]!["customer"], strange["source"]!["customer"]) = ("cus_1", "cus_2");
        (strange["source"]!["metadata"], guest["source"]!["metadata"]) = (new JsonObject(), new JsonObject());
        (await LinesAsync(Samples.List(ours, strange, guest))).Select(line => line.Payer).Should().Equal(null, "cus_2", null);
    }

    [Fact]
    public async Task Pages_are_read_to_the_last()
    {
        var first = Samples.List(Charge("txn_2"));
        first["has_more"] = true;
        rail.Says(first).Says(Samples.List(Refund("txn_1")));
        ((StatementAnswer.Ready)await ReadAsync()).Lines.Should().HaveCount(2);
        rail.Received[1].Query.Should().Contain("starting_after=txn_2");
        Uri.UnescapeDataString(rail.Received[0].Query).Should().Contain($"created[gte]={new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()}")
            .And.Contain($"created[lt]={new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()}");
    }

    [Fact]
    public async Task A_statement_that_breaks_off_is_no_statement()
    {
        var first = Samples.List(Charge("txn_2"));
        first["has_more"] = true;
        rail.Says(first).Says(Samples.Error("api_error"), 500);
        (await ReadAsync()).Should().BeOfType<StatementAnswer.Failed>();
    }

    [Fact]
    public async Task A_day_that_is_not_over_is_not_asked_for()
    {
        rail.Time.SetUtcNow(new(2026, 3, 4, 0, 59, 59, TimeSpan.Zero));
        (await rail.Gateway().ReadStatementAsync(Day, CancellationToken.None)).Should().BeOfType<StatementAnswer.NotReady>();
        rail.Received.Should().BeEmpty();
    }

    [Fact]
    public async Task A_day_without_business_is_an_empty_statement() => (await LinesAsync(Samples.List())).Should().BeEmpty();

    [Fact]
    public async Task What_stands_twice_or_on_another_day_or_without_its_source_fails_it()
    {
        var late = Charge("txn_1");
        late["created"] = (Samples.Now + Duration.FromDays(1)).ToUnixTimeSeconds();
        var bare = Charge("txn_1");
        bare["source"] = "ch_1";
        foreach (var bad in new[] { Samples.List(Charge("txn_1"), Charge("txn_1")), Samples.List(late), Samples.List(bare) })
        {
            rail.Says(bad);
            (await ReadAsync()).Should().BeOfType<StatementAnswer.Failed>();
        }
    }

    private async Task<IEnumerable<StatementLine>> LinesAsync(JsonObject page)
    {
        rail.Says(page);
        return (await ReadAsync()).Should().BeOfType<StatementAnswer.Ready>().Subject.Lines;
    }

    private Task<StatementAnswer> ReadAsync()
    {
        rail.Time.SetUtcNow(new(2026, 3, 4, 1, 0, 0, TimeSpan.Zero));
        return rail.Gateway().ReadStatementAsync(Day, CancellationToken.None);
    }

    private static JsonObject Charge(string id) => Entry(id, "charge", new()
    {
        ["id"] = "ch_1", ["object"] = "charge", ["amount"] = 1500, ["currency"] = "cny", ["payment_intent"] = "pi_1",
        ["metadata"] = new JsonObject { ["order"] = Samples.Number.ToString() },
    });

    private static JsonObject Refund(string id) => Entry(id, "refund", new()
    {
        ["id"] = "re_1", ["object"] = "refund", ["amount"] = 500, ["currency"] = "cny", ["payment_intent"] = "pi_1", ["charge"] = "ch_1",
        ["metadata"] = new JsonObject { ["order"] = Samples.Number.ToString(), ["refund"] = Samples.Refund.Number.ToString() },
    });

    private static JsonObject Other(string id, string type) => Entry(id, type, null);

    private static JsonObject Entry(string id, string type, JsonObject? source) => new()
    {
        ["id"] = id, ["object"] = "balance_transaction", ["type"] = type, ["created"] = (Samples.Now + Duration.FromHours(1)).ToUnixTimeSeconds(),
        ["amount"] = 1500, ["currency"] = "cny", ["source"] = source,
    };
}
