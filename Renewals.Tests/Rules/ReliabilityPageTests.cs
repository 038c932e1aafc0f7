using System.Reflection;
using System.Text.RegularExpressions;
using Renewals.Host.Simulation.Checks;
using Renewals.Host.Simulation.Plants;
using Renewals.Tests.Model;

namespace Renewals.Tests.Rules;

/// <summary>What the page on reliability names is there.</summary>
public partial class ReliabilityPageTests
{
    private static readonly string[] Rows = [.. File.ReadAllLines(Path.Combine(SourceRules.Root(), "docs", "reliability.md")).Where(line => Row().IsMatch(line))];

    public static TheoryData<string> Rules => [.. Rows];

    [Fact]
    public void Twelve_rules_stand_on_the_page() => Rows.Should().HaveCount(12);

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_names_a_test_and_a_defect_that_is_caught_and_all_of_them_are_there(string row)
    {
        var names = Name().Matches(row).Select(match => match.Groups[1].Value).ToList();
        names.Should().OnlyContain(name => Tests.Contains(name) || Caught.Contains(name));
        names.Should().Contain(name => Tests.Contains(name)).And.Contain(name => Caught.Contains(name));
    }

    private static HashSet<string> Tests { get; } =
    [
        .. typeof(ReliabilityPageTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttributes<FactAttribute>(true).Any()).Select(method => method.Name),
    ];

    // A promise of the simulated worlds, a defect planted there, a rule of the model: each has a planted defect by tests of their own.
    private static HashSet<string> Caught { get; } = [.. Promises.Names, .. Plant.Promises.Keys, .. Specification.Everything.Select(rule => rule.Id)];

    [GeneratedRegex(@"^\| \d+ \| ")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
