using System.Text.Json;
using Renewals.Host.Commands;

namespace Renewals.Tests.Service;

public class BenchCallbacksTests
{
    [Fact]
    public async Task In_ten_seconds_of_callbacks_none_is_lost_and_the_last_line_is_JSON()
    {
        using var output = new StringWriter();

        (await BenchCallbacksCommand.RunAsync(new() { Rate = 50, Seconds = 10, Json = true }, output, default)).Should().Be(0, output.ToString());

        using var json = JsonDocument.Parse(output.ToString().TrimEnd().Split('\n')[^1]);
        foreach (var count in (string[])["sent", "received", "recorded", "kept"])
            json.RootElement.GetProperty(count).GetInt64().Should().Be(500, count);
        var (p50, p99) = (json.RootElement.GetProperty("p50Ms").GetDouble(), json.RootElement.GetProperty("p99Ms").GetDouble());
        p50.Should().BePositive();
        p99.Should().BeGreaterThanOrEqualTo(p50).And.BeLessThan(30_000, "machines differ, but a rail gives up");
        json.RootElement.GetProperty("rate").GetDouble().Should().BeInRange(1, 51);
    }

    [Fact]
    public async Task A_callback_that_was_lost_fails_the_run()
    {
        using var output = new StringWriter();
        (await BenchCallbacksCommand.RunAsync(new() { Rate = 20, Seconds = 1, LosesOne = true }, output, default)).Should().Be(1);
        output.ToString().Should().Be("Callbacks were lost: of 20 sent 20 were received, 19 are recorded and 19 are kept.\n");
    }

    [Fact]
    public void Every_option_has_a_default_and_bounds()
    {
        BenchCallbacksCommand.Create().Parse([]).Errors.Should().BeEmpty();
        BenchCallbacksCommand.Create().Parse(["--rate", "5001"]).Errors.Should().ContainSingle().Which.Message.Should().Contain("--rate is 5001").And.Contain("1 to 5,000");
    }
}
