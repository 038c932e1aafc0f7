using System.Globalization;
using NodaTime.Text;

namespace Renewals.Host.Simulation;

/// <summary>A world that broke a promise, as small as it still does.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Promise">Which promise.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="At">When, in the world's time.</param>
/// <param name="Replay">The arguments that replay it.</param>
/// <param name="Story">What happened to the membership.</param>
internal sealed record BrokenWorld(ulong Seed, string Promise, string Detail, string At, string Replay, IReadOnlyList<string> Story);

/// <summary>Makes a failure smaller: less time, fewer members, fewer faults, as long as the same promise is broken.</summary>
internal static class Shrinker
{
    private const int MostRuns = 40;

    public static BrokenWorld Shrink(SimResult result, SimOptions options)
    {
        var (best, breach, runs) = (options, result.Breach!, 0);
        bool Try(SimOptions smaller)
        {
            if (++runs > MostRuns || SimWorld.Run(result.Seed, smaller).Breach is not { } again || again.Name != breach.Name)
                return false;
            (best, breach) = (smaller, again);
            return true;
        }

        // What is seen only at the end needs the end.
        Try(best with { Until = breach.At + NodaTime.Duration.FromSeconds(1) });
        foreach (var fault in Enum.GetValues<Fault>())
            Try(best with { Without = new HashSet<Fault>(best.Without) { fault } });
        if (breach.Member is { } member && !Try(best with { Only = [member] }))
            Halve(best.Only ?? [.. Enumerable.Range(0, best.Members)], members => Try(best with { Only = members }), member);
        var told = SimWorld.Run(result.Seed, best with { Tells = true });
        return new(result.Seed, breach.Name, breach.Detail, InstantPattern.ExtendedIso.Format(breach.At), Arguments(result.Seed, best), told.Story);
    }

    private static void Halve(IReadOnlyList<int> members, Func<IReadOnlyList<int>, bool> tries, int keep)
    {
        while (members.Count > 2)
        {
            var half = members.Count / 2;
            List<int> first = [.. members.Take(half).Append(keep).Distinct()], second = [.. members.Skip(half).Append(keep).Distinct()];
            if (tries(first))
                members = first;
            else if (tries(second))
                members = second;
            else
                return;
        }
    }

    private static string Arguments(ulong seed, SimOptions options)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"simulate --seeds {seed}..{seed} --years {options.Years} --members {options.Members}");
        if (options.Only is { } only)
            text += $" --only {string.Join(',', only)}";
        if (options.Without.Count > 0)
            text += $" --without {string.Join(',', options.Without.Order().Select(FaultPlan.NameOf))}";
        if (options.Until is { } until)
            text += $" --until {InstantPattern.ExtendedIso.Format(until)}";
        return options.Plant is { } plant ? $"{text} --plant {plant}" : text;
    }
}
