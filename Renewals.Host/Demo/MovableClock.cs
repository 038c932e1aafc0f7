using NodaTime;

namespace Renewals.Host.Demo;

/// <summary>A wall clock that stands still until it is moved; it drives engine, rail and members alike.</summary>
/// <remarks>Monotonic time and timers are real: how long a call really takes has nothing to do with the date.</remarks>
internal sealed class MovableClock(Instant start) : TimeProvider
{
    private long ticks = start.ToUnixTimeTicks();

    public Instant Now => Instant.FromUnixTimeTicks(Interlocked.Read(ref ticks));

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();

    /// <summary>Moves the clock; it never goes back.</summary>
    public void MoveTo(Instant instant) => Interlocked.Exchange(ref ticks, Math.Max(Interlocked.Read(ref ticks), instant.ToUnixTimeTicks()));
}
