using Renewals.Host.Commands;

namespace Renewals.Tests.Simulation;

/// <summary>The command line of <c>simulate</c>.</summary>
public class CommandTests
{
    [Theory]
    [InlineData("--seeds 5..1")]
    [InlineData("--seeds a..b")]
    [InlineData("--without weather")]
    [InlineData("--only x")]
    [InlineData("--until tomorrow")]
    [InlineData("--plant nothing")]
    [InlineData("--members 0")]
    public void What_cannot_be_read_is_said_before_anything_starts(string arguments) =>
        SimulateCommand.Create().Parse(arguments).Errors.Should().NotBeEmpty();

    [Theory]
    [InlineData("--seeds 1..1000 --years 3 --members 50 --json")]
    [InlineData("--seeds 7 --only 3,4 --without crash,broken-word --until 2027-03-04T08:00:00Z --plant duty-lost")]
    public void What_is_documented_can_be_read(string arguments) => SimulateCommand.Create().Parse(arguments).Errors.Should().BeEmpty();

    [Theory]
    [InlineData("--seeds 3..4 --years 1 --members 20 --json", 0)]
    [InlineData("--seeds 3..4 --years 1 --members 20 --json --plant periods-overlap", 1)]
    public async Task A_broken_promise_ends_with_another_exit_code(string arguments, int expected)
    {
        (await SimulateCommand.Create().Parse(arguments).InvokeAsync()).Should().Be(expected);
    }
}
