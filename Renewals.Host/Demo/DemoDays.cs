using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Demo;

/// <summary>Lets time pass: from one thing that is due to the next, and only when all is done that can be done.</summary>
/// <param name="clock">Everybody's clock.</param>
/// <param name="cast">The members, who act in their time.</param>
/// <param name="progress">Told each new day and how many have passed.</param>
internal sealed class DemoDays(MovableClock clock, DemoCast cast, Action<LocalDate, int> progress)
{
    /// <summary>A clock that stands on one instant for so many rounds means that something is due and never done.</summary>
    private const int MaxRoundsAtOneInstant = 1_000;

    private readonly Instant start = clock.Now;

    /// <summary>Moves the clock until <paramref name="end"/>.</summary>
    /// <param name="end">Until when.</param>
    /// <param name="next">When something is due next, members aside; null: never.</param>
    /// <param name="settle">Does all that can be done on the clock as it stands.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PassAsync(
        Instant end, Func<CancellationToken, Task<Instant?>> next, Func<CancellationToken, Task> settle, CancellationToken cancellation)
    {
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var (rounds, first, day) = (0, start.InZone(zone).Date, default(LocalDate));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var due = Instant.Min(await next(cancellation) ?? end, cast.Next ?? end);
            if (due >= end)
                break;
            rounds = due <= clock.Now ? rounds + 1 : 0;
            if (rounds > MaxRoundsAtOneInstant)
                throw new InvalidOperationException($"Something has been due since {due} and is not done.");
            clock.MoveTo(due);
            await cast.ActAsync(clock.Now, cancellation);
            await settle(cancellation);
            var today = clock.Now.InZone(zone).Date;
            if (today != day)
                progress(day = today, Period.DaysBetween(first, day));
        }

        clock.MoveTo(end);
        progress(end.InZone(zone).Date, Period.DaysBetween(first, end.InZone(zone).Date));
    }
}
