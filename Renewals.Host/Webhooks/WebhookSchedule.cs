using NodaTime;
using Renewals.Core.Ledger;

namespace Renewals.Host.Webhooks;

/// <summary>When an event is sent again: after growing waits, ten times in all over about three days.</summary>
internal static class WebhookSchedule
{
    private static readonly Duration[] Waits =
    [
        Duration.FromSeconds(5), Duration.FromMinutes(5), Duration.FromMinutes(30), Duration.FromHours(2), Duration.FromHours(5),
        Duration.FromHours(10), Duration.FromHours(14), Duration.FromHours(20), Duration.FromHours(24),
    ];

    /// <summary>How often an event is sent before it is given up.</summary>
    public static int MostTries => Waits.Length + 1;

    /// <summary>The next try after one that failed; null: it is given up.</summary>
    /// <param name="id">The event's id: it spreads the tries of many events over up to a fifth more than the wait.</param>
    /// <param name="tries">How often it was sent.</param>
    /// <param name="now">When it failed.</param>
    public static Instant? NextAfter(Guid id, int tries, Instant now) =>
        tries > Waits.Length ? null : now + Waits[tries - 1] + (Waits[tries - 1] * ShareOf(id, tries) / 5);

    // Not at random: the same event and try have the same wait, wherever it is computed.
    private static double ShareOf(Guid id, int tries) => EventIds.Named(id, $"wait/{tries}").ToByteArray()[0] / 256.0;
}
