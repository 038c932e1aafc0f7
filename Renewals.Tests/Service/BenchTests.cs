using System.Text.Json;
using Renewals.Host.Bench;
using Renewals.Host.Commands;

namespace Renewals.Tests.Service;

public class BenchTests
{
    [Fact]
    public async Task The_benchmark_renews_checks_itself_and_ends_with_one_line_of_JSON()
    {
        using var output = new StringWriter();

        (await BenchCommand.RunAsync(new() { Subscriptions = 400, Rounds = 1, Batch = 100, Json = true }, output, default)).Should().Be(0, output.ToString());

        using var json = JsonDocument.Parse(output.ToString().TrimEnd().Split('\n')[^1]);
        var result = json.RootElement;
        result.GetProperty("subscriptions").GetInt32().Should().Be(400);
        result.GetProperty("rounds").GetInt32().Should().Be(1);
        foreach (var rate in (string[])["engine", "scan", "bulk", "engineToScan", "engineToBulk"])
            result.GetProperty(rate).GetDouble().Should().BePositive(rate);
        var checks = result.GetProperty("checks");
        checks.GetProperty("booksVerified").GetInt32().Should().Be(1);
        checks.GetProperty("orders").GetInt64().Should().Be(400);
        checks.GetProperty("charged").GetInt64().Should().Be(400);
        checks.GetProperty("committedBeforeCharge").GetInt64().Should().Be(1);
    }

    [Fact]
    public void Every_option_has_a_default() => BenchCommand.Create().Parse([]).Errors.Should().BeEmpty();

    [Fact]
    public void An_option_out_of_range_is_named_and_nothing_is_started() =>
        BenchCommand.Create().Parse(["--subscriptions", "99"]).Errors.Should().ContainSingle()
            .Which.Message.Should().Contain("--subscriptions is 99").And.Contain("100 to 1,000,000");
}
