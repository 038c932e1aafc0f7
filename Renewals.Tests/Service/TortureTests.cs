using Renewals.Host.Torture;

namespace Renewals.Tests.Service;

/// <summary>The short form of the <c>torture</c> command: processes are killed, commits are cut, the database is restarted, and the bank is asked.</summary>
public class TortureTests
{
    [Fact]
    public async Task Whatever_dies_nothing_is_taken_twice_lost_or_unannounced()
    {
        var statement = await new TortureRun(new() { Kills = 3, Cuts = 2, Restarts = 2, Hosts = 2, Members = 6, Months = 2 }, (_, _, _) => { }).RunAsync(default);

        statement.IsComplete.Should().BeTrue("what did not happen proves nothing: {0}", statement);
        statement.Deaths.Values.Sum().Should().BeGreaterThanOrEqualTo(3);
        (statement.Restarts, statement.Crashes).Should().Be((2, 1));
        statement.Figures.Charged.Should().BePositive();
        statement.IsClean.Should().BeTrue("{0}", statement);
        statement.Parked.Should().Be(0, "no death alone gives a person work");
    }
}
