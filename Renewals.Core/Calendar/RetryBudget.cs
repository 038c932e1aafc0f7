using NodaTime;
using Renewals.Core.Charging;

namespace Renewals.Core.Calendar;

/// <summary>How often a card network lets a declined payment be tried again, whatever the merchant's own dunning says.</summary>
/// <param name="MostRetries">The most further tries of one charge …</param>
/// <param name="WindowDays">… within this many days.</param>
/// <param name="Never">Reasons after which there is no further try at all.</param>
public sealed record RetryBudget(int MostRetries, int WindowDays, IReadOnlyList<DeclineReason> Never)
{
    /// <summary>
    /// Visa: a decline of category 1 (the issuer will never approve: closed, lost, stolen, no such account) is never tried again; the others at most
    /// 20 times within 30 days (Visa Core Rules, excessive reattempts). Mastercard allows more.
    /// </summary>
    public static RetryBudget Visa { get; } = new(20, 30, [DeclineReason.AccountAbnormal, DeclineReason.AgreementNotInForce]);

    /// <summary>Whether one more try may be made.</summary>
    /// <param name="reason">Why the last one was declined.</param>
    /// <param name="tries">When the tries of the charge were made, the first one included.</param>
    /// <param name="at">When the next one would be.</param>
    public bool Allows(DeclineReason reason, IEnumerable<Instant> tries, Instant at) =>
        !Never.Contains(reason) && tries.Count(tried => tried > at - Duration.FromDays(WindowDays)) <= MostRetries;
}
