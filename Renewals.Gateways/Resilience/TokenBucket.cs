using System.Threading.RateLimiting;

namespace Renewals.Gateways.Resilience;

/// <summary>A token bucket on the injected clock: the framework's own one always runs on the machine's.</summary>
/// <remarks>It never queues. A call without a permit is not made, and the engine asks for permits before it claims work.</remarks>
internal sealed class TokenBucket(int perSecond, int burst, TimeProvider time) : RateLimiter
{
    private readonly Lock gate = new();
    private double tokens = burst;
    private long filledAt = time.GetTimestamp();
    private long taken;
    private long refused;

    /// <inheritdoc/>
    public override TimeSpan? IdleDuration => null;

    /// <summary>Whole permits that could be taken now.</summary>
    public int Available
    {
        get
        {
            lock (gate)
            {
                Fill();
                return (int)tokens;
            }
        }
    }

    /// <inheritdoc/>
    public override RateLimiterStatistics GetStatistics() => new()
    {
        CurrentAvailablePermits = Available, TotalSuccessfulLeases = Interlocked.Read(ref taken), TotalFailedLeases = Interlocked.Read(ref refused),
    };

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (gate)
        {
            Fill();
            var granted = tokens >= permitCount;
            if (granted)
                tokens -= permitCount;
            Interlocked.Increment(ref granted ? ref taken : ref refused);
            return granted ? Lease.Granted : Lease.Refused;
        }
    }

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(permitCount));

    private void Fill()
    {
        var now = time.GetTimestamp();
        tokens = Math.Min(burst, tokens + (time.GetElapsedTime(filledAt, now).TotalSeconds * perSecond));
        filledAt = now;
    }

    private sealed class Lease(bool acquired) : RateLimitLease
    {
        public static readonly Lease Granted = new(true);
        public static readonly Lease Refused = new(false);

        public override bool IsAcquired => acquired;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
