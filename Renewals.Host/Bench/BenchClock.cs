using NodaTime;

namespace Renewals.Host.Bench;

/// <summary>A calendar that stands still until it is moved, so that everything is due at once. Time is still measured by the real clock.</summary>
internal sealed class BenchClock(Instant now) : TimeProvider
{
    public Instant Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();
}
