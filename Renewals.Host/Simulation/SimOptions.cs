using NodaTime;

namespace Renewals.Host.Simulation;

/// <summary>How large worlds are, and what is left out of them.</summary>
internal sealed record SimOptions
{
    /// <summary>How many years pass before the calm end.</summary>
    public int Years { get; init; } = 3;

    /// <summary>How many members there are.</summary>
    public int Members { get; init; } = 50;

    /// <summary>A planted defect; null: none.</summary>
    public string? Plant { get; init; }

    /// <summary>Faults that are left out.</summary>
    public IReadOnlySet<Fault> Without { get; init; } = new HashSet<Fault>();

    /// <summary>Only these members; null: all.</summary>
    public IReadOnlyList<int>? Only { get; init; }

    /// <summary>Stops here, to tell the story up to it; null: goes to the end.</summary>
    public Instant? Until { get; init; }

    /// <summary>Whether what happens is written down.</summary>
    public bool Tells { get; init; }
}

/// <summary>A broken promise.</summary>
/// <param name="Name">Which.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Member">About which member; null: about none.</param>
/// <param name="At">When.</param>
internal sealed record Breach(string Name, string Detail, int? Member, Instant At)
{
    /// <summary>Whose membership; null: nobody's.</summary>
    public Core.Subscriptions.SubscriptionId? About { get; init; }
}

/// <summary>What came of a world.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Breach">What it broke; null: nothing.</param>
/// <param name="Reach">What happened in it.</param>
/// <param name="Steps">How many steps it took.</param>
/// <param name="Trace">A hash over everything that was committed: the same seed gives the same.</param>
/// <param name="Story">What happened, where it was written down.</param>
internal sealed record SimResult(ulong Seed, Breach? Breach, Reach Reach, long Steps, ulong Trace, IReadOnlyList<string> Story);
