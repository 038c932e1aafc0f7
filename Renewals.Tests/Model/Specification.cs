using System.Collections.Concurrent;
using CsCheck;

namespace Renewals.Tests.Model;

/// <summary>The alphabet and the rules as a specification that CsCheck explores: exhaustively, or in random walks.</summary>
internal static class Specification
{
    /// <summary>The promises, and last the model as one more rule.</summary>
    public static IReadOnlyList<Rule> Everything => [.. Rules.All, Model.Agrees];

    /// <summary>A world with its rules. Spec freezes when it runs: each run has one of its own.</summary>
    public static Spec<Life> Of(World world, IEnumerable<Rule> rules, Cases? cases = null)
    {
        var spec = Alphabet.Of(world);
        foreach (var rule in rules)
            spec.Rule(rule.Id, rule.Says, (b, a) => rule.When(b, a) && (cases is null || cases.Met(rule)), rule.Then);
        return spec;
    }
}

/// <summary>How often the case of each rule came up: where it could have failed.</summary>
internal sealed class Cases
{
    private readonly ConcurrentDictionary<string, int> _met = new();

    public int this[Rule rule] => _met.GetValueOrDefault(rule.Id);

    public bool Met(Rule rule) => _met.AddOrUpdate(rule.Id, 1, (_, n) => n + 1) > 0;
}

/// <summary>A world of which every reachable state was visited and every transition taken.</summary>
internal sealed record ClosedWorld(World World, SpecReport<Life> Report, Cases Cases)
{
    private static readonly ConcurrentDictionary<string, Lazy<ClosedWorld>> Known = new();

    /// <summary>Every rail with every honest word, and with surprises among plain ones.</summary>
    public static readonly IReadOnlyDictionary<string, World> All =
        World.All.SelectMany(world => new[] { ($"{world}, every honest word", world.Honest), ($"{world}, a surprise among plain words", world.Surprising) }).ToDictionary(x => x.Item1, x => x.Item2);

    /// <summary>Explores a world, once.</summary>
    /// <exception cref="CsCheckException">A rule is broken; the message has its name and a shortest way there.</exception>
    public static ClosedWorld Of(string name) => Known.GetOrAdd(name, _ => new(() =>
    {
        var cases = new Cases();
        return new(All[name], Specification.Of(All[name], Specification.Everything, cases).Exhaustive(null, maxStates: 500_000, threads: 2), cases);
    })).Value;
}
