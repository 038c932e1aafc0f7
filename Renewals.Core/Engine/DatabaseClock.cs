using System.Data.Common;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Renewals.Core.Engine;

/// <summary>How far this machine's clock is off the database's. Every host follows the database's, so all agree on what is due.</summary>
/// <remarks>
/// Only the system clock is corrected: a clock a test or a simulation moves is right by definition. Measured at start and once a minute.
/// </remarks>
/// <param name="time">This machine's clock.</param>
/// <param name="read">Asks the database for its time; null: there is none to follow.</param>
/// <param name="logger">Told when the two are apart.</param>
internal sealed class DatabaseClock(TimeProvider time, Func<CancellationToken, Task<Instant>>? read, ILogger<DatabaseClock> logger)
{
    /// <summary>More than this between the clocks is logged.</summary>
    public static readonly Duration Notable = Duration.FromSeconds(5);

    /// <summary>More than this, and one of the clocks is broken: nothing is claimed by either.</summary>
    public static readonly Duration Bearable = Duration.FromSeconds(60);

    /// <summary>How often it is measured.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private long offset;

    /// <summary>Whether there is a database to follow.</summary>
    public bool Follows => read is not null && IsSystem(time);

    /// <summary>To be added to this machine's clock; zero until measured.</summary>
    public Duration Offset => Duration.FromTicks(Interlocked.Read(ref offset));

    /// <summary>Whether the clocks are close enough to trust them.</summary>
    public bool MayClaim => Distance(Offset) <= Bearable;

    /// <summary>What counts as the system clock; a test puts its own in its place.</summary>
    internal Func<TimeProvider, bool> IsSystem { get; init; } = static time => ReferenceEquals(time, TimeProvider.System);

    /// <summary>Measures once. A database that does not answer leaves the last measure as it is.</summary>
    public async Task MeasureAsync(CancellationToken cancellation)
    {
        if (!Follows)
            return;
        try
        {
            // The answer was given somewhere on the way: half of the way is assumed, so the error is at most the other half.
            var (asked, stamp) = (Instant.FromDateTimeOffset(time.GetUtcNow()), time.GetTimestamp());
            var database = await read!(cancellation);
            var midway = asked + (Duration.FromTimeSpan(time.GetElapsedTime(stamp)) / 2);
            Keep(database - midway);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            EngineLog.ClockUnread(logger, e);
        }
    }

    private void Keep(Duration measured)
    {
        Interlocked.Exchange(ref offset, (long)measured.TotalTicks);
        if (Distance(measured) > Bearable)
            EngineLog.ClockTooFarOff(logger, measured.TotalSeconds);
        else if (Distance(measured) > Notable)
            EngineLog.ClockOff(logger, measured.TotalSeconds);
    }

    private static Duration Distance(Duration measured) => measured < Duration.Zero ? -measured : measured;
}
