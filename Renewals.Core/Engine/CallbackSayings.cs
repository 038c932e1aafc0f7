using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Engine;

/// <summary>Says of callbacks that came to nothing, for each account and kind at most once a minute.</summary>
/// <remarks>Anybody can send one: a line for each would let a stranger fill the log. Each is counted (<see cref="EngineMetrics"/>), and a line says how many were not said before it.</remarks>
internal sealed class CallbackSayings(EngineClock clock, ILogger logger)
{
    /// <summary>How long an account is silent after a line of a kind.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    // Only accounts that are served get here, so these are few.
    private readonly ConcurrentDictionary<(MerchantAccount Account, bool Genuine), Silence> silences = new();

    /// <summary>One was not believed.</summary>
    public void Rejected(MerchantAccount account, string why)
    {
        if (Of(account, genuine: false).MaySay(clock) is { } unsaid)
            EngineLog.CallbackRejected(logger, account.ToString(), why, unsaid);
    }

    /// <summary>One was genuine and about no order or agreement of ours.</summary>
    public void NotOurs(MerchantAccount account)
    {
        if (Of(account, genuine: true).MaySay(clock) is { } unsaid)
            EngineLog.CallbackNotOurs(logger, account.ToString(), unsaid);
    }

    private Silence Of(MerchantAccount account, bool genuine) => silences.GetOrAdd((account, genuine), _ => new());

    private sealed class Silence
    {
        private readonly Lock gate = new();
        private long? said;
        private long unsaid;

        /// <summary>How many were not said since the last line; null: this one is not said either.</summary>
        public long? MaySay(EngineClock clock)
        {
            lock (gate)
            {
                if (said is { } last && clock.Since(last) < Between)
                {
                    unsaid++;
                    return null;
                }

                (var before, said, unsaid) = (unsaid, clock.Stamp(), 0);
                return before;
            }
        }
    }
}
