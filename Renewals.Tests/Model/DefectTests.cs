using CsCheck;
using Xunit.Abstractions;

namespace Renewals.Tests.Model;

/// <summary>Each fault planted around the real decisions is caught, and by the rule that is meant for it.</summary>
public class DefectTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => new(Defects.All.Select(defect => defect.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_defect_breaks_its_rule(string name)
    {
        var defect = Defects.All.Single(x => x.Name == name);
        var rules = defect.Breaks == Model.Agrees.Id ? Specification.Everything : Rules.All;
        Specification.Of(defect.World with { Decisions = defect.Decisions }, rules).Exhaustive(out var violation);
        (violation?.Id).Should().Be(defect.Breaks, "{0}", violation);
        output.WriteLine($"caught by {defect.Breaks} after {violation!.Trace.Steps.Length} steps: {name}");
    }

    [Fact]
    public void Every_rule_has_a_planted_defect() =>
        Specification.Everything.Select(rule => rule.Id).Should().OnlyHaveUniqueItems().And.BeEquivalentTo(Defects.All.Select(defect => defect.Breaks).Distinct());
}
