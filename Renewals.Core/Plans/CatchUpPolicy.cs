namespace Renewals.Core.Plans;

/// <summary>What becomes of whole periods that could not be charged in time: the scheduler was dead, the account held or frozen, the membership parked.</summary>
/// <remarks>
/// A period is missed when it is over, or no lawful day of it is left for its notice and its charge. Nothing is ever charged for several periods at
/// once, and no charge goes out without a notice of its own. What is never charged is said by <c>periods-skipped</c>.
/// <list type="table">
/// <listheader><term>policy</term><description>periods missed; the running one with a lawful day left; without one</description></listheader>
/// <item><term>current period only</term><description>never charged; charged; never charged, and the next period is charged</description></item>
/// <item><term>forgive</term><description>given; given; given, and the next period is charged</description></item>
/// <item><term>ask</term><description>a person says: forgive, current period only, or charge; until then nothing is announced or charged</description></item>
/// <item><term>oldest first</term><description>charged late, one after another; charged after them; charged late</description></item>
/// </list>
/// Where nothing is missed yet, the running period is charged whatever the policy. <em>Given</em> means that the membership runs and nobody pays: it lies
/// between what was paid before and what is paid after. <em>Never charged</em> leaves a gap. Before the first payment there is no membership to catch up
/// with, and on a rail that takes one success a period <em>oldest first</em> cannot be kept: both do as <em>current period only</em>, and say so. While an
/// order of the running period may come back to life, nothing is skipped and a person looks.
/// </remarks>
public enum CatchUpPolicy
{
    /// <summary>Missed periods are never charged. The default.</summary>
    CurrentPeriodOnly = 0,

    /// <summary>Missed periods and the running one are given.</summary>
    Forgive = 1,

    /// <summary>The membership waits until a person has decided.</summary>
    Ask = 2,

    /// <summary>Every missed period is charged late, the oldest first, never two at a time. Only where <see cref="Calendar.RailTraits.SeveralSuccessesPerPeriod"/>.</summary>
    OldestFirst = 3,
}
