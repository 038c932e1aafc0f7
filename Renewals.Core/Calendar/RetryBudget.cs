using NodaTime;
using Renewals.Core.Charging;

namespace Renewals.Core.Calendar;

/// <summary>How often a card network lets a declined payment be tried again, whatever the merchant's own dunning says.</summary>
/// <remarks>
/// It is counted by membership, across its charges, periods and agreements: to the network they are one card. A try above the budget waits until the
/// window has moved on.
/// </remarks>
/// <param name="MostRetries">The most further tries …</param>
/// <param name="WindowDays">… within this many days.</param>
/// <param name="Never">Reasons after which there is no further try at all.</param>
public sealed record RetryBudget(int MostRetries, int WindowDays, IReadOnlyList<DeclineReason> Never)
{
    /// <summary>
    /// Visa: a decline of category 1 (the issuer will never approve: closed, lost, stolen, no such account) is never tried again; the others at most
    /// 20 times within 30 days (Visa Core Rules, excessive reattempts). Mastercard allows more.
    /// </summary>
    public static RetryBudget Visa { get; } = new(20, 30, [DeclineReason.AccountAbnormal, DeclineReason.AgreementNotInForce]);

    /// <summary>How long declines are remembered by a membership, and the longest window there may be, in days.</summary>
    public const int LongestWindowDays = 30;

    /// <summary>Whether there is no further try at all.</summary>
    /// <param name="reason">Why the last one was declined.</param>
    public bool Forbids(DeclineReason reason) => Never.Contains(reason);

    /// <summary>The first instant not before <paramref name="at"/> at which one more try may be made, as far as their number goes.</summary>
    /// <param name="declines">When tries were declined, that of the first included, in order.</param>
    /// <param name="at">When the next one would be.</param>
    public Instant NextAllowed(IReadOnlyList<Instant> declines, Instant at) =>
        declines.Count <= MostRetries ? at : Instant.Max(at, declines[^(MostRetries + 1)] + Duration.FromDays(WindowDays));

    /// <summary>What is used up of it, for an event.</summary>
    /// <param name="declines">When tries were declined, in order.</param>
    /// <param name="now">When it is looked at.</param>
    public BudgetUse UseOf(IReadOnlyList<Instant> declines, Instant now) =>
        new(MostRetries, WindowDays, declines.Count(at => at > now - Duration.FromDays(WindowDays)));
}

/// <summary>A budget as it stood when something was decided.</summary>
/// <param name="MostRetries">The most further tries …</param>
/// <param name="WindowDays">… within this many days.</param>
/// <param name="Declined">How many tries were declined within them, this one included.</param>
public sealed record BudgetUse(int MostRetries, int WindowDays, int Declined);
