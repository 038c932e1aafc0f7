using System.Diagnostics;
using System.Globalization;

namespace Renewals.Host.Simulation;

/// <summary>Many worlds side by side, one thread each.</summary>
/// <param name="options">What they are like.</param>
internal sealed class SimRun(SimOptions options)
{
    private readonly Lock gate = new();
    private readonly Reach reach = new();
    private readonly List<SimResult> broken = [];
    private long steps;
    private int done;

    /// <summary>Seeds that broke a promise once, and live again with every run.</summary>
    public static IReadOnlyList<ulong> FailedOnce { get; } = ReadFailedOnce();

    /// <summary>Lets the worlds live; stops soon after one of them breaks a promise.</summary>
    /// <param name="seeds">Which.</param>
    /// <param name="progress">Told how many have lived.</param>
    /// <param name="cancellation">Gives up.</param>
    public SimSummary Run(IReadOnlyList<ulong> seeds, Action<int> progress, CancellationToken cancellation)
    {
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        Parallel.ForEach(
            seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            (seed, loop) =>
            {
                Take(SimWorld.Run(seed, options), progress);
                if (broken.Count > 0)
                    loop.Stop();
            });
        var first = broken.OrderBy(result => result.Seed).FirstOrDefault();
        return new()
        {
            Seeds = done, Years = options.Years, Members = options.Members, Seconds = Math.Round(watch.Elapsed.TotalSeconds, 1),
            ProcessorSeconds = Math.Round((Environment.CpuUsage.TotalTime - cpu).TotalSeconds, 1), Steps = steps, Reach = reach.ByName(),
            Missing = first is null ? Required.Missing(options, done, reach) : [], Broken = first is null ? null : Shrinker.Shrink(first, options),
        };
    }

    private void Take(SimResult result, Action<int> progress)
    {
        lock (gate)
        {
            reach.Add(result.Reach);
            steps += result.Steps;
            if (result.Breach is not null)
                broken.Add(result);
            progress(++done);
        }
    }

    private static List<ulong> ReadFailedOnce()
    {
        using var stream = typeof(SimRun).Assembly.GetManifestResourceStream("failed-seeds.txt")
            ?? throw new InvalidOperationException("The list of failed seeds is not in the assembly.");
        using var reader = new StreamReader(stream);
        return
        [
            .. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => ulong.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture)),
        ];
    }
}

/// <summary>What came of a run.</summary>
internal sealed record SimSummary
{
    public required int Seeds { get; init; }

    public required int Years { get; init; }

    public required int Members { get; init; }

    public required double Seconds { get; init; }

    /// <summary>On all processors together.</summary>
    public required double ProcessorSeconds { get; init; }

    /// <summary>Steps of all schedulers.</summary>
    public required long Steps { get; init; }

    /// <summary>How often what happened.</summary>
    public required IReadOnlyDictionary<string, long> Reach { get; init; }

    /// <summary>What happened too rarely to prove anything.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>The first world that broke a promise; null: none.</summary>
    public required BrokenWorld? Broken { get; init; }

    public bool IsClean => Broken is null && Missing.Count == 0;
}

/// <summary>How often what must have happened before a run proves anything.</summary>
internal static class Required
{
    private static readonly Mark[] Always =
    [
        Mark.Signed, Mark.FirstCharge, Mark.Renewal, Mark.Declined, Mark.Recovered, Mark.NoticeHandedOver, Mark.CancelledWithMerchant, Mark.EndedInWallet,
    ];

    /// <summary>A tenth of the seeds for every counter, from a hundred seeds on; below, only that the worlds were not empty.</summary>
    public static IReadOnlyList<string> Missing(SimOptions options, int seeds, Reach reach)
    {
        // A replay of a part of a world proves nothing and is not meant to.
        if (options.Only is not null || options.Until is not null || options.Without.Count > 0)
            return [];
        var (marks, least) = seeds >= 100 ? (Enum.GetValues<Mark>(), seeds / 10) : (Always, 1);
        return [.. marks.Where(mark => reach[mark] < least).Select(mark => $"{Reach.NameOf(mark)} happened {reach[mark]} times; at least {least} are needed")];
    }
}
