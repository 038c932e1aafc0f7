using Renewals.Core.Engine;

namespace Renewals.Host.Bench;

/// <summary>What is measured, and how often.</summary>
internal sealed record BenchOptions
{
    /// <summary>How many memberships are renewed in each round. Default 20,000, 100 to 1,000,000.</summary>
    public int Subscriptions { get; init; } = 20_000;

    /// <summary>How many rounds are run; the figures are medians. Default 3, 1 to 99.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>How many memberships one sweep claims, 1 to 5,000. Default: the engine's.</summary>
    public int Batch { get; init; } = new EngineOptions().BatchSize;

    /// <summary>How many sweeps run side by side, 1 to 64. Default: the engine's.</summary>
    public int Sweeps { get; init; } = new EngineOptions().SweepsPerAccount;

    /// <summary>True: the last line of the output is one JSON object. Default false.</summary>
    public bool Json { get; init; }
}
