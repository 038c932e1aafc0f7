namespace Renewals.Gateways.Resilience;

/// <summary>How hard an adapter tries, and how hard it may push. One set per merchant account.</summary>
public sealed class ResilienceOptions
{
    /// <summary>The longest one call takes, repeats of it included. Default 20 s; 1 s to 2 min.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The longest one try takes. Default 8 s; at most <see cref="TotalTimeout"/>.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Repeats after the first try, for calls that may be repeated. Default 1; 0 to 5.</summary>
    public int Retries { get; set; } = 1;

    /// <summary>The wait before the first repeat; it doubles. Default 500 ms; 0 to 30 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Calls per second. Default 100; 1 to 10,000.</summary>
    public int CallsPerSecond { get; set; } = 100;

    /// <summary>Calls that may start at once after a quiet time. Default 100; 1 to 10,000.</summary>
    public int Burst { get; set; } = 100;

    /// <summary>The part of failed calls that opens the breaker. Default 0.5; above 0, at most 1.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>The time the failures are counted over. Default 30 s; 0.5 s to 10 min.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls in that time below which the breaker never opens. Default 20; 2 to 100,000.</summary>
    public int MinimumCalls { get; set; } = 20;

    /// <summary>How long an open breaker stays open before one call tries again. Default 15 s; 0.5 s to 10 min.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What is wrong with these options.</summary>
    /// <param name="path">Where they stand in the configuration; the start of every message.</param>
    public IEnumerable<string> Faults(string path)
    {
        if (TotalTimeout < TimeSpan.FromSeconds(1) || TotalTimeout > TimeSpan.FromMinutes(2))
            yield return $"{path}:{nameof(TotalTimeout)} is {TotalTimeout}; it must be 1 s to 2 min.";
        if (AttemptTimeout < TimeSpan.FromMilliseconds(10) || AttemptTimeout > TotalTimeout)
            yield return $"{path}:{nameof(AttemptTimeout)} is {AttemptTimeout}; it must be 10 ms to {nameof(TotalTimeout)} ({TotalTimeout}).";
        if (Retries is < 0 or > 5)
            yield return $"{path}:{nameof(Retries)} is {Retries}; it must be 0 to 5.";
        if (RetryDelay < TimeSpan.Zero || RetryDelay > TimeSpan.FromSeconds(30))
            yield return $"{path}:{nameof(RetryDelay)} is {RetryDelay}; it must be 0 to 30 s.";
        if (CallsPerSecond is < 1 or > 10_000)
            yield return $"{path}:{nameof(CallsPerSecond)} is {CallsPerSecond}; it must be 1 to 10,000.";
        if (Burst is < 1 or > 10_000)
            yield return $"{path}:{nameof(Burst)} is {Burst}; it must be 1 to 10,000.";
        if (FailureRatio is not (> 0 and <= 1))
            yield return $"{path}:{nameof(FailureRatio)} is {FailureRatio}; it must be above 0 and at most 1.";
        if (SamplingDuration < TimeSpan.FromMilliseconds(500) || SamplingDuration > TimeSpan.FromMinutes(10))
            yield return $"{path}:{nameof(SamplingDuration)} is {SamplingDuration}; it must be 0.5 s to 10 min.";
        if (MinimumCalls is < 2 or > 100_000)
            yield return $"{path}:{nameof(MinimumCalls)} is {MinimumCalls}; it must be 2 to 100,000.";
        if (BreakDuration < TimeSpan.FromMilliseconds(500) || BreakDuration > TimeSpan.FromMinutes(10))
            yield return $"{path}:{nameof(BreakDuration)} is {BreakDuration}; it must be 0.5 s to 10 min.";
    }
}
