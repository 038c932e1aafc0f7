using CsCheck;
using Xunit.Abstractions;

namespace Renewals.Tests.Model;

/// <summary>The real decisions and folds, driven along every transition of closed worlds beside the model, and on long random walks outside of them.</summary>
public class ModelTests(ITestOutputHelper output)
{
    /// <summary>A world that lost most of its states would keep every rule as well.</summary>
    private const int LeastStates = 5_000;

    /// <summary>Where the case of a rule comes up less often than this it is hardly tried.</summary>
    private const int LeastCases = 10;

    private const int Walks = 600;

    public static TheoryData<string> Worlds => new(ClosedWorld.All.Keys);

    public static TheoryData<string> Rails => new(World.All.Select(world => world.Name));

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Every_reachable_state_and_transition_keeps_every_rule_and_agrees_with_the_model(string world)
    {
        var report = ClosedWorld.Of(world).Report;
        report.Closed.Should().BeTrue("{0}", report.Note);
        report.States.Should().BeGreaterThan(LeastStates);
        report.DeadlockStates.Should().Be(0, "something can happen to every membership that has not ended: {0}", report.DeadlockTrace);
        output.WriteLine($"{world}: {report.States:N0} states and {report.Transitions:N0} transitions closed, {report.Depth} steps deep");
    }

    [Fact]
    public void No_rule_passes_on_an_empty_world_and_everything_that_can_happen_happens()
    {
        var worlds = ClosedWorld.All.Keys.Select(ClosedWorld.Of).ToList();
        var met = Specification.Everything.Select(rule => (rule.Id, Cases: worlds.Sum(world => world.Cases[rule]))).ToList();
        met.Where(rule => rule.Cases < LeastCases).Should().BeEmpty("a rule that never meets its case proves nothing");
        worlds.Select(world => world.Report.NeverFired.AsEnumerable()).Aggregate((a, b) => a.Intersect(b)).Should().BeEmpty("all of the alphabet is used in some world");
        foreach (var (id, cases) in met)
            output.WriteLine($"{id,-34} {cases,9:N0} cases");
        output.WriteLine(
            $"{worlds.Sum(world => world.Report.States):N0} states and {worlds.Sum(world => world.Report.Transitions):N0} transitions closed in {worlds.Count} worlds; "
            + $"{met.Count} rules, each met {met.Min(rule => rule.Cases):N0} times or more; {Defects.All.Count} defects planted");
    }

    [Theory]
    [MemberData(nameof(Rails))]
    public void Long_walks_with_surprise_after_surprise_keep_every_rule_and_agree_with_the_model(string rail)
    {
        var report = Specification.Of(World.All.Single(world => world.Name == rail).Wild, Specification.Everything).Sample(null, minSteps: 50, maxSteps: 250, iter: Walks, threads: 2);
        report.StepsWalked.Should().BeGreaterThan(Walks * 10);
        output.WriteLine($"{rail}: {report.StepsWalked:N0} steps on {report.TracesWalked:N0} walks");
    }
}
