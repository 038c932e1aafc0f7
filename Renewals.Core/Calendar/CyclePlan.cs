using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Calendar;

/// <summary>One renewal's lawful calendar, solved once from law, rail and plan, and kept in an event.</summary>
/// <param name="Ordinal">The period the renewal pays for.</param>
/// <param name="Revision">1, and one more each time the calendar of this period had to be solved again.</param>
/// <param name="Due">When the period begins.</param>
/// <param name="Amount">What will be taken, and the most that may be.</param>
/// <param name="AnnounceAt">When the member's notice goes out.</param>
/// <param name="AnnounceBy">After this a notice is too late for this calendar.</param>
/// <param name="RailNoticeAt">When the rail's own notice goes out; null when it requires none.</param>
/// <param name="ChargeFrom">From this instant an order may be sent to the rail.</param>
/// <param name="ChargeUntil">After this instant none may.</param>
/// <param name="ChargeDelay">How long after the order the rail takes the money.</param>
/// <param name="OpensAt">Orders are sent from this local time …</param>
/// <param name="ClosesAt">… until this one, each day.</param>
/// <param name="ZoneId">The zone of the two.</param>
public sealed record CyclePlan(
    int Ordinal, int Revision, Instant Due, Money Amount, Instant AnnounceAt, Instant AnnounceBy, Instant? RailNoticeAt, Instant ChargeFrom,
    Instant ChargeUntil, Duration ChargeDelay, LocalTime OpensAt, LocalTime ClosesAt, string ZoneId)
{
    /// <summary>The rail's own charge date this calendar relies on; where it has another, it is moved first. Null: the rail keeps none.</summary>
    public LocalDate? RailDate { get; init; }

    /// <summary>
    /// How long before the member's notice and before a charge the agreement is looked at: neither goes out on an older answer. Null: it is not,
    /// because the rail cannot be asked or the look is switched off.
    /// </summary>
    public Duration? VerifyLead { get; init; }

    /// <summary>True: the period was missed and is charged late, after its end; its charge is of the kind <see cref="Charging.ChargeKind.CatchUp"/>.</summary>
    public bool IsCatchUp { get; init; }

    /// <summary>The earliest instant the money moves, as the member is told.</summary>
    public Instant MoneyFrom => ChargeFrom + ChargeDelay;

    /// <summary>The latest instant the money moves, as the member is told.</summary>
    public Instant MoneyUntil => ChargeUntil + ChargeDelay;

    /// <summary>The first instant not before <paramref name="instant"/> at which an order may be sent.</summary>
    /// <returns>Null when the window is over by then.</returns>
    public Instant? NextOpening(Instant instant)
    {
        var at = Instant.Max(instant, ChargeFrom);
        var open = RailHours.NextOpen(at, OpensAt, ClosesAt, ZoneId);
        return open <= ChargeUntil ? open : null;
    }
}
